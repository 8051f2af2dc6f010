// SPDX-License-Identifier: Apache-2.0
//
// e^-distance for softmax, LANES of them in every cycle:
//
//     e^-d = (0.3585 * (p + 1.353)^2 + 0.344) >> z,  z = floor(d / ln 2),  p = z * ln 2 - d
//
// computed to base 2: with f = d / ln 2 - z, which is the fraction of one product, the bracket is
// 0.3585 * ln^2(2) * (1.353 / ln 2 - f)^2 + 0.344, so that no multiplication by ln 2 is needed. Distances are unsigned,
// 16 bits, 10 of them behind the point; results are unsigned, 17 bits, 16 of them behind the point.
//
// Latency:     heatsim_pkg::EXPONENTIAL_LATENCY cycles. Throughput: one word per cycle, no stall.
// Resources:   three DSP48E2 per lane: exponent, square, polynomial.
// Stands for:  the second pass of softmax (src/hw/vector_unit). Reference: numerics::exponential.

module exponential #(
  parameter int LANES = 1
) (
  input  wire                clock,
  input  wire [LANES*16-1:0] distance,
  output wire [LANES*17-1:0] result
);

  localparam int SCALED_BITS = 34;
  localparam int SCALED_FRACTION = 25;
  localparam int SQUARE_SHIFT = 16;
  localparam int SQUARE_BITS = 36;
  localparam int POLYNOMIAL_BITS = 36;
  localparam int RESULT_SHIFT = 17;

  localparam signed [16:0] SCALE = 17'sd47274;                        // 1 / ln 2, 15 fraction bits
  localparam [17:0] CENTRE = 18'd127924;                              // 1.353 / ln 2, 16 fraction bits
  localparam signed [15:0] CURVATURE = 16'sd22576;                    // 0.3585 * ln^2(2), 17 fraction bits
  localparam signed [POLYNOMIAL_BITS-1:0] OFFSET = 36'sd2954937500    // 0.344, 33 fraction bits
                                                   + 36'sd65536;      // and half a step of the result

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      reg signed [16:0] operand;
      reg signed [SCALED_BITS-1:0] scaled_product;
      reg signed [SCALED_BITS-1:0] scaled;
      reg signed [17:0] mantissa;
      reg signed [SQUARE_BITS-1:0] square_product;
      reg signed [SQUARE_BITS-1:0] square;
      reg signed [POLYNOMIAL_BITS-1:0] polynomial_product;
      reg signed [POLYNOMIAL_BITS-1:0] polynomial;
      reg [16:0] shifted;

      // the shift beside the polynomial: it is known four cycles before
      reg [5*5-1:0] z_delay;
      wire [4:0] z = z_delay[4*5 +: 5];
      wire [6:0] exponent = scaled[SCALED_FRACTION +: 7];
      wire signed [SQUARE_BITS-SQUARE_SHIFT-1:0] square_operand = square[SQUARE_BITS-1:SQUARE_SHIFT];

      always @(posedge clock) begin
        operand <= {1'b0, distance[lane*16 +: 16]};
        scaled_product <= operand * SCALE;
        scaled <= scaled_product;
        // a shift by 17 or more leaves nothing
        z_delay <= {z_delay[4*5-1:0], exponent > 7'd31 ? 5'd31 : exponent[4:0]};
        mantissa <= CENTRE - {2'd0, scaled[SCALED_FRACTION-16 +: 16]};
        square_product <= mantissa * mantissa;
        square <= square_product;
        polynomial_product <= square_operand * CURVATURE;
        polynomial <= polynomial_product + OFFSET;
        shifted <= polynomial[RESULT_SHIFT +: 17] >> z;
      end
      assign result[lane*17 +: 17] = shifted;

      wire unused = &{1'b0, scaled[SCALED_BITS-1:SCALED_FRACTION+7], scaled[SCALED_FRACTION-17:0], square[SQUARE_SHIFT-1:0],
                      polynomial[POLYNOMIAL_BITS-1:RESULT_SHIFT+17], polynomial[RESULT_SHIFT-1:0]};
    end
  endgenerate

endmodule
