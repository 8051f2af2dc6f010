// SPDX-License-Identifier: Apache-2.0
//
// Sigmoid 1 / (1 + e^-x) by the piecewise linear PLAN (Amin, Curtis, Hayes-Gill 1997), LANES elements in every cycle:
// slopes 1/4, 1/8, 1/32 and 0 for |x| from 0, 1, 2.375 and 5; shifts and additions only. Elements are signed, with
// INPUT_FRACTION of INPUT_BITS behind the point (at most 10, within +-32); results are unsigned, with OUTPUT_FRACTION of
// OUTPUT_BITS (at most 15, with which they are exact), and saturate.
//
// Latency:     heatsim_pkg::SIGMOID_LATENCY cycles. Throughput: one word per cycle, no stall.
// Resources:   LUTs.
// Stands for:  sigmoid of the vector unit (src/hw/vector_unit). Reference: numerics::sigmoid.

module sigmoid #(
  parameter int LANES = 16,
  parameter int INPUT_BITS = 16,
  parameter int INPUT_FRACTION = 10,
  parameter int OUTPUT_BITS = 16,
  parameter int OUTPUT_FRACTION = 15
) (
  input  wire                         clock,
  input  wire [LANES*INPUT_BITS-1:0]  value,
  output wire [LANES*OUTPUT_BITS-1:0] result
);

  localparam int X_BITS = 16;
  localparam int X_FRACTION = 10;
  localparam int Y_BITS = 17; // unsigned, room for 1 and its rounding
  localparam int RESULT_SHIFT = 15 - OUTPUT_FRACTION;
  localparam int HALF_STEP = (1 << RESULT_SHIFT) / 2;
  localparam int LARGEST = (1 << OUTPUT_BITS) - 1;

  // 10 fraction bits
  localparam [15:0] END_1 = 16'd1024; // 1
  localparam [15:0] END_2 = 16'd2432; // 2.375
  localparam [15:0] END_3 = 16'd5120; // 5
  // 15 fraction bits
  localparam [Y_BITS-1:0] ONE = 17'd32768;
  localparam [Y_BITS-1:0] OFFSET_1 = 17'd16384; // 0.5
  localparam [Y_BITS-1:0] OFFSET_2 = 17'd20480; // 0.625
  localparam [Y_BITS-1:0] OFFSET_3 = 17'd27648; // 0.84375

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      wire signed [INPUT_BITS-1:0] narrow = value[lane*INPUT_BITS +: INPUT_BITS];
      wire signed [X_BITS-1:0] wide = {{(X_BITS - INPUT_BITS){narrow[INPUT_BITS-1]}}, narrow} <<< (X_FRACTION - INPUT_FRACTION);

      reg negative;
      reg negative_segment;
      reg [15:0] magnitude;
      reg [Y_BITS-1:0] segment;
      reg [OUTPUT_BITS-1:0] rounded;

      wire [Y_BITS-1:0] y = negative_segment ? ONE - segment : segment;
      wire [31:0] shifted = ({15'd0, y} + HALF_STEP) >> RESULT_SHIFT;

      always @(posedge clock) begin
        negative <= wide[X_BITS-1];
        negative_segment <= negative;
        magnitude <= wide[X_BITS-1] ? -wide : wide;
        if (magnitude < END_1)
          segment <= {magnitude[13:0], 3'd0} + OFFSET_1;
        else if (magnitude < END_2)
          segment <= {magnitude[14:0], 2'd0} + OFFSET_2;
        else if (magnitude < END_3)
          segment <= {1'b0, magnitude} + OFFSET_3;
        else
          segment <= ONE;
        rounded <= shifted > LARGEST ? LARGEST[OUTPUT_BITS-1:0] : shifted[OUTPUT_BITS-1:0];
      end
      assign result[lane*OUTPUT_BITS +: OUTPUT_BITS] = rounded;
    end
  endgenerate

endmodule
