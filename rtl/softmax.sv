// SPDX-License-Identifier: Apache-2.0
//
// Softmax of one row after the other, in three passes of LANES elements per cycle:
//
//     1. the row is stored while it arrives, and its maximum found;
//     2. exponentials of the distances to it are stored, and their sum found;
//     3. every exponential is multiplied by d2 * 2^42 / sum, d2 = DELTA / 256.
//
// The first element of a row is in the lowest lane; lanes behind the last one of the last word are ignored and 0 in the
// result. Elements are signed, with INPUT_FRACTION of INPUT_BITS behind the point (at most 10, within +-32); results are
// signed, with OUTPUT_FRACTION of OUTPUT_BITS, and saturate. `columns` (1 to MAX_COLUMNS) must not change while a row
// is in work. A word is taken where value_valid and value_ready; results come without handshake.
//
// Latency:     a row of W words takes 3 * W + heatsim_pkg::SOFTMAX_ROW_CYCLES cycles, from its first word to the cycle
//              in which its last result is there and the next row may begin.
// Resources:   four DSP48E2 per lane, three of them in `exponential`; two memories of a row.
// Stands for:  one softmax engine of the vector unit (src/hw/vector_unit). Reference: numerics::softmax.

module softmax #(
  parameter int LANES = 1,
  parameter int MAX_COLUMNS = 256,
  parameter int DELTA = 128,
  parameter int INPUT_BITS = 16,
  parameter int INPUT_FRACTION = 10,
  parameter int OUTPUT_BITS = 8,
  parameter int OUTPUT_FRACTION = 7
) (
  input  wire                             clock,
  input  wire                             reset,
  input  wire [$clog2(MAX_COLUMNS+1)-1:0] columns,
  input  wire                             value_valid,
  output wire                             value_ready,
  input  wire [LANES*INPUT_BITS-1:0]      value,
  output reg                              result_valid,
  output reg  [LANES*OUTPUT_BITS-1:0]     result
);

  localparam int COLUMN_BITS = $clog2(MAX_COLUMNS + 1);
  localparam int WORDS = (MAX_COLUMNS + LANES - 1) / LANES;
  localparam int WORD_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam int LEFT_BITS = COLUMN_BITS + $clog2(LANES + 1); // columns left, and LANES, without overflow
  localparam int DISTANCE_BITS = 16;
  localparam int EXPONENTIAL_BITS = 17;
  localparam int SUM_BITS = EXPONENTIAL_BITS + $clog2(MAX_COLUMNS);
  localparam int RECIPROCAL_BITS = 26;
  localparam int RECIPROCAL_FRACTION = 42;
  localparam int PRODUCT_BITS = 1 + EXPONENTIAL_BITS + RECIPROCAL_BITS;
  localparam int RESULT_SHIFT = RECIPROCAL_FRACTION - OUTPUT_FRACTION;
  localparam int DIVIDEND_BITS = SUM_BITS + RECIPROCAL_BITS;

  localparam [PRODUCT_BITS-1:0] HALF_STEP = {{(PRODUCT_BITS - 1){1'b0}}, 1'b1} << (RESULT_SHIFT - 1);
  localparam [PRODUCT_BITS-1:0] LARGEST = ({{(PRODUCT_BITS - 1){1'b0}}, 1'b1} << (OUTPUT_BITS - 1)) - 1'b1;
  localparam [DIVIDEND_BITS-1:0] DIVIDEND = {{(DIVIDEND_BITS - 9){1'b0}}, DELTA[8:0]};
  localparam [LEFT_BITS-1:0] LANE_COUNT = LANES[LEFT_BITS-1:0];

  localparam [1:0] LOAD = 2'd0;
  localparam [1:0] EXPONENTIALS = 2'd1;
  localparam [1:0] DIVIDE = 2'd2;
  localparam [1:0] SCALE = 2'd3;

  reg [1:0] state;
  reg issuing;               // a pass still reads words
  reg in_row;                // the first word of the row has come
  reg row_full;              // and the last
  reg [WORD_BITS-1:0] index; // of the word that is stored or read
  reg [LEFT_BITS-1:0] left;  // columns behind the words before it

  wire [LEFT_BITS-1:0] all_columns = {{(LEFT_BITS - COLUMN_BITS){1'b0}}, columns};
  wire [LEFT_BITS-1:0] left_now = state == LOAD && !in_row ? all_columns : left;
  wire last_now = left_now <= LANE_COUNT;
  assign value_ready = state == LOAD && !row_full;
  wire take = value_ready && value_valid;

  // ---- pass 1: store, maximum of the word, maximum of the row -----------------------------------------------------
  (* ram_style = (WORDS > 64) ? "block" : "distributed" *)
  reg [LANES*INPUT_BITS-1:0] row_memory [0:WORDS-1];
  reg [LANES*INPUT_BITS-1:0] loaded;
  reg loaded_valid;
  reg loaded_first;
  reg loaded_last;
  reg signed [INPUT_BITS-1:0] word_maximum;
  reg word_valid;
  reg word_first;
  reg word_last;
  reg signed [INPUT_BITS-1:0] maximum;
  reg signed [INPUT_BITS-1:0] loaded_maximum;

  integer i;
  always @* begin
    loaded_maximum = loaded[0 +: INPUT_BITS];
    for (i = 1; i < LANES; i = i + 1)
      if ($signed(loaded[i*INPUT_BITS +: INPUT_BITS]) > loaded_maximum)
        loaded_maximum = loaded[i*INPUT_BITS +: INPUT_BITS];
  end

  integer k;
  always @(posedge clock) begin
    if (take)
      row_memory[index] <= value;
    // lanes behind the end of the row cannot be the maximum
    for (k = 0; k < LANES; k = k + 1)
      loaded[k*INPUT_BITS +: INPUT_BITS] <= k[LEFT_BITS-1:0] < left_now ? value[k*INPUT_BITS +: INPUT_BITS]
                                                                      : {1'b1, {(INPUT_BITS - 1){1'b0}}};
    loaded_valid <= take && !reset;
    loaded_first <= !in_row;
    loaded_last <= last_now;
    word_maximum <= loaded_maximum;
    word_valid <= loaded_valid && !reset;
    word_first <= loaded_first;
    word_last <= loaded_last;
    if (word_valid && (word_first || word_maximum > maximum))
      maximum <= word_maximum;
  end

  // ---- pass 2: read, distance, exponential, sum of the word, sum of the row ---------------------------------------
  // where the word is: read, distance, the stages of `exponential`, sum of the word
  localparam int SECOND_DEPTH = heatsim_pkg::EXPONENTIAL_LATENCY + 3;
  reg [LANES*INPUT_BITS-1:0] row_word;
  reg [LANES*DISTANCE_BITS-1:0] distance;
  wire [LANES*EXPONENTIAL_BITS-1:0] exponentials;
  (* ram_style = (WORDS > 64) ? "block" : "distributed" *)
  reg [LANES*EXPONENTIAL_BITS-1:0] exponential_memory [0:WORDS-1];
  reg [LANES*EXPONENTIAL_BITS-1:0] kept;  // exponentials of the row's own lanes
  reg [SUM_BITS-1:0] kept_sum;
  reg [SUM_BITS-1:0] word_sum;
  reg [SUM_BITS-1:0] sum;
  reg [SECOND_DEPTH-1:0] second_valid;
  reg [SECOND_DEPTH-1:0] second_last;
  reg [WORD_BITS-1:0] write_index;
  reg [LEFT_BITS-1:0] write_left;
  wire exponentials_valid = second_valid[SECOND_DEPTH-2];

  exponential #(
    .LANES(LANES)
  ) exponential_lanes (
    .clock(clock),
    .distance(distance),
    .result(exponentials)
  );

  integer e;
  always @* begin
    kept_sum = 0;
    for (e = 0; e < LANES; e = e + 1) begin
      kept[e*EXPONENTIAL_BITS +: EXPONENTIAL_BITS] =
        e[LEFT_BITS-1:0] < write_left ? exponentials[e*EXPONENTIAL_BITS +: EXPONENTIAL_BITS] : {EXPONENTIAL_BITS{1'b0}};
      kept_sum = kept_sum + {{(SUM_BITS - EXPONENTIAL_BITS){1'b0}}, kept[e*EXPONENTIAL_BITS +: EXPONENTIAL_BITS]};
    end
  end

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : distances
      // in [0, 2^INPUT_BITS) for the row's own lanes; others are not used
      wire signed [INPUT_BITS-1:0] x = row_word[lane*INPUT_BITS +: INPUT_BITS];
      wire [INPUT_BITS-1:0] difference = maximum - x;
      wire [DISTANCE_BITS-1:0] wide = {{(DISTANCE_BITS - INPUT_BITS){1'b0}}, difference};
      always @(posedge clock) distance[lane*DISTANCE_BITS +: DISTANCE_BITS] <= wide << (10 - INPUT_FRACTION);
    end
  endgenerate

  always @(posedge clock) begin
    row_word <= row_memory[index];
    second_valid <= reset ? 0 : {second_valid[SECOND_DEPTH-2:0], state == EXPONENTIALS && issuing};
    second_last <= {second_last[SECOND_DEPTH-2:0], last_now};
    word_sum <= kept_sum;
    if (exponentials_valid) begin
      exponential_memory[write_index] <= kept;
      write_index <= write_index + 1'b1;
      write_left <= write_left - LANE_COUNT;
    end
    if (second_valid[SECOND_DEPTH-1])
      sum <= sum + word_sum;
    if (state == LOAD) begin
      write_index <= 0;
      write_left <= all_columns;
      sum <= 0;
    end
  end

  // ---- reciprocal -------------------------------------------------------------------------------------------------
  reg divide_start;
  wire divide_done;
  wire [RECIPROCAL_BITS-1:0] reciprocal;

  divider #(
    .DIVISOR_BITS(SUM_BITS),
    .QUOTIENT_BITS(RECIPROCAL_BITS)
  ) reciprocal_divider (
    .clock(clock),
    .reset(reset),
    .start(divide_start),
    .dividend(DIVIDEND << (RECIPROCAL_FRACTION - 8)),
    .divisor(sum),
    .done(divide_done),
    .quotient(reciprocal)
  );

  // ---- pass 3: read, product, rounding, saturation ----------------------------------------------------------------
  reg [LANES*EXPONENTIAL_BITS-1:0] exponential_word;
  reg [2:0] third_valid;
  reg [2:0] third_last;
  wire third_ends = third_valid[2] && third_last[2];

  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : products
      wire signed [EXPONENTIAL_BITS:0] factor = {1'b0, exponential_word[lane*EXPONENTIAL_BITS +: EXPONENTIAL_BITS]};
      wire signed [RECIPROCAL_BITS:0] reciprocal_factor = {1'b0, reciprocal};
      reg signed [PRODUCT_BITS:0] product;
      reg [PRODUCT_BITS-1:0] rounded;
      wire [PRODUCT_BITS-1:0] shifted = rounded >> RESULT_SHIFT;
      always @(posedge clock) begin
        product <= factor * reciprocal_factor;
        rounded <= product[PRODUCT_BITS-1:0] + HALF_STEP;
        result[lane*OUTPUT_BITS +: OUTPUT_BITS] <= shifted > LARGEST ? LARGEST[OUTPUT_BITS-1:0] : shifted[OUTPUT_BITS-1:0];
      end
      wire unused = product[PRODUCT_BITS]; // the sign, 0
    end
  endgenerate

  always @(posedge clock) begin
    exponential_word <= exponential_memory[index];
    third_valid <= reset ? 3'd0 : {third_valid[1:0], state == SCALE && issuing};
    third_last <= {third_last[1:0], last_now};
    result_valid <= third_valid[2] && !reset;
  end

  // ---- control ----------------------------------------------------------------------------------------------------
  always @(posedge clock) begin
    divide_start <= 1'b0;
    if (take || issuing) begin
      in_row <= 1'b1;
      index <= index + 1'b1;
      left <= left_now - LANE_COUNT;
      if (last_now) begin
        issuing <= 1'b0;
        row_full <= 1'b1;
      end
    end
    case (state)
      LOAD:
        if (word_valid && word_last) begin
          state <= EXPONENTIALS;
          issuing <= 1'b1;
          index <= 0;
          left <= all_columns;
        end
      EXPONENTIALS:
        if (second_valid[SECOND_DEPTH-1] && second_last[SECOND_DEPTH-1]) begin
          state <= DIVIDE;
          divide_start <= 1'b1;
        end
      DIVIDE:
        if (divide_done) begin
          state <= SCALE;
          issuing <= 1'b1;
          index <= 0;
          left <= all_columns;
        end
      SCALE:
        if (third_ends) begin
          state <= LOAD;
          in_row <= 1'b0;
          row_full <= 1'b0;
          index <= 0;
        end
    endcase
    if (reset) begin
      state <= LOAD;
      issuing <= 1'b0;
      in_row <= 1'b0;
      row_full <= 1'b0;
      index <= 0;
    end
  end

endmodule
