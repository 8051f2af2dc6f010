// SPDX-License-Identifier: Apache-2.0
//
// Control logic of the token selector: takes the score of every token, copies the kept tokens to consecutive addresses
// and appends one package token, the score-weighted mean of the pruned ones. A token is kept where its score is not
// below `threshold`, and always where it is one of the first `class_tokens`. Steps:
//
//     scores    one per cycle: kept and pruned tokens become two lists of addresses in one memory;
//     package   words of the pruned tokens, times their scores (at least 1), are added up, LANES channels per cycle;
//     compact   words of the kept tokens are copied;
//     append    sums divided by the sum of the scores, to nearest, halves away from zero, LANES channels at a time.
//
// Package and append are skipped where no token is pruned, compact where none is kept. Pruned tokens are read before the
// first kept one is written, and a kept one never moves to a higher address, so that source and destination may be the
// same. A token is `words` words of LANES int8 channels at consecutive addresses. The memory gives read_data one cycle
// after read_address. Operands (tokens, words, ...) must not change from start to done.
//
// Latency:     start to done: the sum of the steps, each heatsim_pkg::SELECTOR_STEP_CYCLES + one cycle per score, per
//              word read, and per word appended heatsim_pkg::PACKAGE_DIVIDE_CYCLES + 1. kept is valid with done.
// Resources:   LANES multipliers (DSP48E2) and dividers; memories of one entry per token and one sum per channel.
// Stands for:  src/hw/token_selector. Reference: numerics::select_tokens.

module token_selector #(
  parameter int LANES = 16,
  parameter int MAX_TOKENS = 256, // a power of two
  parameter int MAX_WORDS = 64,
  parameter int ADDRESS_BITS = 16
) (
  input  wire                          clock,
  input  wire                          reset,
  input  wire                          start,
  input  wire [$clog2(MAX_TOKENS):0]   tokens,
  input  wire [$clog2(MAX_TOKENS):0]   class_tokens,
  input  wire [$clog2(MAX_WORDS):0]    words,
  input  wire [7:0]                    threshold,
  input  wire [ADDRESS_BITS-1:0]       source,
  input  wire [ADDRESS_BITS-1:0]       destination,
  input  wire                          score_valid,
  output wire                          score_ready,
  input  wire [7:0]                    score,
  output reg  [ADDRESS_BITS-1:0]       read_address,
  input  wire [LANES*8-1:0]            read_data,
  output reg                           write_valid,
  output reg  [ADDRESS_BITS-1:0]       write_address,
  output reg  [LANES*8-1:0]            write_data,
  output reg  [$clog2(MAX_TOKENS):0]   kept,
  output reg                           done
);

  localparam int TOKEN_BITS = $clog2(MAX_TOKENS);
  localparam int WORD_BITS = $clog2(MAX_WORDS);
  localparam int WEIGHT_BITS = 8 + TOKEN_BITS;
  localparam int SUM_BITS = WEIGHT_BITS + 8; // signed

  localparam [2:0] IDLE = 3'd0;
  localparam [2:0] SCORES = 3'd1;
  localparam [2:0] PACKAGE = 3'd2;
  localparam [2:0] COMPACT = 3'd3;
  localparam [2:0] APPEND = 3'd4;

  reg [2:0] state;
  reg set_up;       // first cycle of a step
  reg issuing;      // the step still takes scores, reads words or divides
  reg [2:0] flight; // stages in work behind what was taken, read or divided
  reg [2:0] flight_last;
  wire step_ends = flight[2] && flight_last[2];

  reg [TOKEN_BITS:0] token; // of the step
  reg [WORD_BITS:0] word;   // of the token
  reg [TOKEN_BITS:0] pruned;
  wire last_word = word + 1'b1 == words;
  wire reading = (state == PACKAGE || state == COMPACT) && issuing && !set_up;
  wire last_token = token + 1'b1 == (state == SCORES ? tokens : state == PACKAGE ? pruned : kept);

  // ---- scores -----------------------------------------------------------------------------------------------------
  // one memory, two lists: kept tokens from its first entry upwards, pruned ones from its last downwards
  (* ram_style = "block" *)
  reg [ADDRESS_BITS+7:0] list [0:MAX_TOKENS-1];
  reg [ADDRESS_BITS-1:0] token_address;
  reg [7:0] scored;
  reg [ADDRESS_BITS-1:0] scored_address;
  reg scored_class;
  reg keep;
  reg [ADDRESS_BITS+7:0] entry;
  reg [WEIGHT_BITS-1:0] weight;

  assign score_ready = state == SCORES && issuing && !set_up;
  wire take = score_ready && score_valid;
  wire [TOKEN_BITS-1:0] pruned_index = ~pruned[TOKEN_BITS-1:0];

  always @(posedge clock) begin
    scored <= score;
    scored_address <= token_address;
    scored_class <= token < class_tokens;
    keep <= scored_class || scored >= threshold;
    entry <= {scored == 0 ? 8'd1 : scored, scored_address};
    if (take)
      token_address <= token_address + {{(ADDRESS_BITS - WORD_BITS - 1){1'b0}}, words};
    if (state == SCORES && flight[1]) begin
      list[keep ? kept[TOKEN_BITS-1:0] : pruned_index] <= entry;
      if (keep) begin
        kept <= kept + 1'b1;
      end else begin
        pruned <= pruned + 1'b1;
        weight <= weight + {{(WEIGHT_BITS - 8){1'b0}}, entry[ADDRESS_BITS +: 8]};
      end
    end
    if (state == IDLE && start) begin
      token_address <= source;
      kept <= 0;
      pruned <= 0;
      weight <= 0;
    end
  end

  // ---- package and compact: read ----------------------------------------------------------------------------------
  // the entry of the token in work; the next one is read with the last word
  reg [ADDRESS_BITS+7:0] listed;
  wire [TOKEN_BITS-1:0] next_token = set_up ? {TOKEN_BITS{1'b0}} : token[TOKEN_BITS-1:0] + {{(TOKEN_BITS - 1){1'b0}}, last_word};
  reg [7:0] address_weight;
  reg [7:0] data_weight;
  reg [2*(WORD_BITS+1)-1:0] word_delay;
  reg [1:0] first_delay;

  always @(posedge clock) begin
    listed <= list[state == PACKAGE ? ~next_token : next_token];
    read_address <= listed[ADDRESS_BITS-1:0] + {{(ADDRESS_BITS - WORD_BITS - 1){1'b0}}, word};
    address_weight <= listed[ADDRESS_BITS +: 8];
    data_weight <= address_weight;
    word_delay <= {word_delay[WORD_BITS:0], word};
    first_delay <= {first_delay[0], token == 0};
  end

  // ---- package: products, sums ------------------------------------------------------------------------------------
  reg [LANES*SUM_BITS-1:0] sums [0:MAX_WORDS-1];
  reg [WORD_BITS-1:0] sum_word;
  reg sum_first;
  wire [LANES*SUM_BITS-1:0] sums_read = sums[state == APPEND ? word[WORD_BITS-1:0] : sum_word];
  wire [LANES*SUM_BITS-1:0] sums_next;

  always @(posedge clock) begin
    sum_word <= word_delay[WORD_BITS+1 +: WORD_BITS];
    sum_first <= first_delay[1];
    if (state == PACKAGE && flight[2])
      sums[sum_word] <= sums_next;
  end

  // ---- append: division -------------------------------------------------------------------------------------------
  reg [1:0] divide_phase;
  wire [LANES-1:0] divide_done;
  wire [LANES*8-1:0] means;
  localparam [1:0] MAGNITUDE = 2'd0;
  localparam [1:0] DIVIDE = 2'd1;
  localparam [1:0] WAIT = 2'd2;

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      wire signed [7:0] channel = read_data[lane*8 +: 8];
      wire signed [8:0] factor = {1'b0, data_weight};
      reg signed [16:0] product;
      wire signed [SUM_BITS-1:0] sum = sums_read[lane*SUM_BITS +: SUM_BITS];
      wire signed [SUM_BITS-1:0] addend = {{(SUM_BITS - 17){product[16]}}, product};
      assign sums_next[lane*SUM_BITS +: SUM_BITS] = sum_first ? addend : sum + addend;

      reg negative;
      reg [SUM_BITS-1:0] magnitude; // and half the divisor
      wire [7:0] quotient;
      assign means[lane*8 +: 8] = negative ? -quotient : quotient;

      always @(posedge clock) begin
        product <= channel * factor;
        negative <= divide_phase == MAGNITUDE ? sum[SUM_BITS-1] : negative;
        magnitude <= (sum[SUM_BITS-1] ? -sum : sum) + {{(SUM_BITS - WEIGHT_BITS + 1){1'b0}}, weight[WEIGHT_BITS-1:1]};
      end

      divider #(
        .DIVISOR_BITS(WEIGHT_BITS),
        .QUOTIENT_BITS(8)
      ) mean_divider (
        .clock(clock),
        .reset(reset),
        .start(divide_phase == DIVIDE),
        .dividend(magnitude),
        .divisor(weight),
        .done(divide_done[lane]),
        .quotient(quotient)
      );
    end
  endgenerate

  wire appended = state == APPEND && divide_phase == WAIT && divide_done[0];

  always @(posedge clock) begin
    write_valid <= (state == COMPACT && flight[1]) || appended;
    write_data <= state == COMPACT ? read_data : means;
    if (write_valid)
      write_address <= write_address + 1'b1;
    if (state == IDLE)
      write_address <= destination;
    if (reset)
      write_valid <= 1'b0;
  end

  // ---- control ----------------------------------------------------------------------------------------------------
  wire issued = take || reading || appended;
  wire issued_last = state == SCORES ? last_token : state == APPEND ? last_word : last_token && last_word;
  reg [2:0] next_state;

  always @* begin
    case (state)
      SCORES: next_state = pruned != 0 ? PACKAGE : COMPACT;
      PACKAGE: next_state = kept != 0 ? COMPACT : APPEND;
      COMPACT: next_state = pruned != 0 ? APPEND : IDLE;
      default: next_state = IDLE;
    endcase
  end

  always @(posedge clock) begin
    done <= 1'b0;
    set_up <= 1'b0;
    flight <= {flight[1:0], issued};
    flight_last <= {flight_last[1:0], issued_last};
    if (issued) begin
      if (issued_last)
        issuing <= 1'b0;
      if (state == SCORES || last_word) begin
        token <= token + 1'b1;
        word <= 0;
      end else begin
        word <= word + 1'b1;
      end
    end
    case (divide_phase)
      MAGNITUDE: divide_phase <= DIVIDE;
      DIVIDE: divide_phase <= WAIT;
      default:
        if (appended)
          divide_phase <= MAGNITUDE;
    endcase
    // the divisions begin behind the set-up
    if (state != APPEND || set_up || !issuing)
      divide_phase <= MAGNITUDE;
    if (step_ends) begin
      state <= next_state;
      done <= next_state == IDLE;
      set_up <= 1'b1;
      issuing <= next_state != IDLE;
      token <= 0;
      word <= 0;
    end
    if (state == IDLE && start) begin
      state <= SCORES;
      set_up <= 1'b0; // the cycle of start
      issuing <= 1'b1;
      token <= 0;
      word <= 0;
    end
    if (reset) begin
      state <= IDLE;
      set_up <= 1'b0;
      issuing <= 1'b0;
      flight <= 3'd0;
    end
  end

  wire unused = &{1'b0, divide_done, word_delay[2*WORD_BITS+1]};

endmodule
