// SPDX-License-Identifier: Apache-2.0
//
// GELU, LANES elements in every cycle:
//
//     GELU(x) = x/2 * (1 + sgn(x) * d1 * (1 - 0.1444 * (min(|x|, 2.502) - 2.502)^2)),  d1 = DELTA / 256
//
// which is the polynomial of HeatViT (HPCA 2023) in terms of x itself. Elements are signed, with INPUT_FRACTION of
// INPUT_BITS behind the point (at most 10, within +-32), and OUTPUT_FRACTION of OUTPUT_BITS; a result saturates.
//
// Latency:     heatsim_pkg::GELU_LATENCY cycles. Throughput: one word per cycle, no stall.
// Resources:   three DSP48E2 per lane: square, polynomial, product with x.
// Stands for:  GELU of the vector unit (src/hw/vector_unit). Reference: numerics::gelu.

module gelu #(
  parameter int LANES = 16,
  parameter int DELTA = 128,
  parameter int INPUT_BITS = 16,
  parameter int INPUT_FRACTION = 10,
  parameter int OUTPUT_BITS = 16,
  parameter int OUTPUT_FRACTION = 10
) (
  input  wire                         clock,
  input  wire [LANES*INPUT_BITS-1:0]  value,
  output wire [LANES*OUTPUT_BITS-1:0] result
);

  localparam int X_BITS = 16;
  localparam int X_FRACTION = 10;
  localparam int DISTANCE_BITS = 13; // signed, 0 to KNEE
  localparam int SQUARE_BITS = 2 * DISTANCE_BITS;
  localparam int SQUARE_SHIFT = 8;
  localparam int POLYNOMIAL_BITS = 33;
  localparam int GAIN_FRACTION = 14;
  localparam int GAIN_SHIFT = 13;
  localparam int GAIN_BITS = 17; // signed, 0 to 2
  localparam int PRODUCT_BITS = X_BITS + GAIN_BITS;
  localparam int RESULT_SHIFT = X_FRACTION + GAIN_FRACTION + 1 - OUTPUT_FRACTION;

  localparam [15:0] KNEE = 16'd2562; // 1.769 * sqrt(2), 10 fraction bits
  localparam int CURVATURE = (4732 * DELTA + 128) / 256; // 0.2888/2 * d1, 15 fraction bits
  // d1 with 27 fraction bits, and half a step of the gain
  localparam signed [POLYNOMIAL_BITS-1:0] OFFSET = DELTA * 524288 + 4096;
  localparam [PRODUCT_BITS-1:0] ROUNDING = 1 << (RESULT_SHIFT - 1);
  localparam signed [PRODUCT_BITS-1:0] LARGEST = (1 << (OUTPUT_BITS - 1)) - 1;
  localparam [GAIN_BITS-1:0] ONE = 17'd16384;

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      wire signed [INPUT_BITS-1:0] narrow = value[lane*INPUT_BITS +: INPUT_BITS];
      wire signed [X_BITS-1:0] wide = {{(X_BITS - INPUT_BITS){narrow[INPUT_BITS-1]}}, narrow} <<< (X_FRACTION - INPUT_FRACTION);

      // x and its sign beside the polynomial: x waits 7 cycles for its gain
      reg [7*X_BITS-1:0] x_delay;
      wire signed [X_BITS-1:0] x = x_delay[6*X_BITS +: X_BITS];

      reg [15:0] magnitude;
      reg signed [DISTANCE_BITS-1:0] distance;
      reg signed [SQUARE_BITS-1:0] square_product;
      reg signed [SQUARE_BITS-1:0] square;
      reg signed [POLYNOMIAL_BITS-1:0] polynomial_product;
      reg signed [POLYNOMIAL_BITS-1:0] polynomial;
      reg signed [GAIN_BITS-1:0] gain;
      reg signed [PRODUCT_BITS-1:0] product;
      reg [OUTPUT_BITS-1:0] rounded;

      wire [15:0] distance_wide = KNEE - (magnitude > KNEE ? KNEE : magnitude);
      wire signed [SQUARE_BITS-SQUARE_SHIFT-1:0] square_operand = square[SQUARE_BITS-1:SQUARE_SHIFT];
      wire signed [13:0] curvature = CURVATURE[13:0];
      wire [GAIN_BITS-1:0] l = polynomial[GAIN_SHIFT +: GAIN_BITS];
      wire signed [PRODUCT_BITS-1:0] sum = product + ROUNDING;
      wire signed [PRODUCT_BITS-1:0] shifted = sum >>> RESULT_SHIFT;

      always @(posedge clock) begin
        x_delay <= {x_delay[6*X_BITS-1:0], wide};
        magnitude <= wide[X_BITS-1] ? -wide : wide;
        distance <= distance_wide[DISTANCE_BITS-1:0];
        square_product <= distance * distance;
        square <= square_product;
        polynomial_product <= square_operand * curvature;
        polynomial <= OFFSET - polynomial_product;
        // the sign of x one cycle before x meets its gain
        gain <= x_delay[6*X_BITS-1] ? ONE - l : ONE + l;
        product <= x * gain;
        if (shifted > LARGEST)
          rounded <= LARGEST[OUTPUT_BITS-1:0];
        else if (shifted < -LARGEST - 1)
          rounded <= ~LARGEST[OUTPUT_BITS-1:0];
        else
          rounded <= shifted[OUTPUT_BITS-1:0];
      end
      assign result[lane*OUTPUT_BITS +: OUTPUT_BITS] = rounded;

      wire unused = &{1'b0, distance_wide[15:DISTANCE_BITS], square[SQUARE_SHIFT-1:0], polynomial[POLYNOMIAL_BITS-1:GAIN_SHIFT+GAIN_BITS],
                      polynomial[GAIN_SHIFT-1:0]};
    end
  endgenerate

endmodule
