// SPDX-License-Identifier: Apache-2.0
//
// Requantization of accumulators to int8, LANES of them in every cycle:
//
//     value = saturate_int8((accumulator * multiplier + 2^(shift-1)) >>> shift)
//
// An accumulator is a signed number of 27 bits in a word of 32: sums of at most 4096 products of an int8 and a weight
// of -127 to 127 are below 2^26, and 27x16 bits are one multiplier of a DSP48E2. Bits 31 to 27 are ignored. shift is 1
// to 47; 0 is outside the contract. Multiplier and shift belong to the accumulators of the same cycle.
//
// Latency:     heatsim_pkg::REQUANTIZE_LATENCY cycles. Throughput: one word per cycle, no stall.
// Resources:   one DSP48E2 per lane (operands, product and rounding in its registers), shift and saturation in LUTs.
// Stands for:  requantization of the vector unit (src/hw/vector_unit). Reference: numerics::requantize.

module requantize #(
  parameter int LANES = 16
) (
  input  wire                clock,
  input  wire [LANES*32-1:0] accumulator,
  input  wire signed [15:0]  multiplier,
  input  wire [5:0]          shift,
  output wire [LANES*8-1:0]  value
);

  localparam int ACCUMULATOR_BITS = 27;
  localparam int PRODUCT_BITS = ACCUMULATOR_BITS + 16;
  localparam int SUM_BITS = 48; // of the DSP48E2's adder; the rounding constant is at most 2^46

  localparam int WINDOW_BITS = 8 + 15; // what a shift of 0 to 15 selects int8 from

  // the same for all lanes
  reg signed [15:0] multiplier_operand;
  reg [5:0] shift_operand;
  reg [5:0] shift_product;
  reg [5:0] shift_sum;
  reg [3:0] shift_window;
  reg signed [SUM_BITS-1:0] rounding;
  reg [SUM_BITS-1:0] sign_bits; // bits of the sum that equal its sign unless the value overflows int8

  always @(posedge clock) begin
    multiplier_operand <= multiplier;
    shift_operand <= shift;
    shift_product <= shift_operand;
    shift_sum <= shift_product;
    shift_window <= shift_sum[3:0];
    rounding <= 48'sd1 <<< (shift_operand - 6'd1);
    sign_bits <= {{(SUM_BITS - 7){1'b1}}, 7'd0} << shift_product;
  end

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      reg signed [ACCUMULATOR_BITS-1:0] operand;
      reg signed [PRODUCT_BITS-1:0] product;
      reg signed [SUM_BITS-1:0] sum;
      reg [WINDOW_BITS-1:0] window;
      reg overflow;
      reg negative;
      reg [7:0] saturated;

      wire sign = sum[SUM_BITS-1];

      always @(posedge clock) begin
        operand <= accumulator[lane*32 +: ACCUMULATOR_BITS];
        product <= operand * multiplier_operand;
        sum <= {{(SUM_BITS - PRODUCT_BITS){product[PRODUCT_BITS-1]}}, product} + rounding;
        // shift in two steps: by 0, 16 or 32, then by 0 to 15
        case (shift_sum[5:4])
          2'd0: window <= sum[0 +: WINDOW_BITS];
          2'd1: window <= sum[16 +: WINDOW_BITS];
          default: window <= {{(WINDOW_BITS - 16){sign}}, sum[32 +: 16]};
        endcase
        overflow <= |((sum ^ {SUM_BITS{sign}}) & sign_bits);
        negative <= sign;
        saturated <= overflow ? {negative, {7{!negative}}} : window[{1'b0, shift_window} +: 8];
      end
      assign value[lane*8 +: 8] = saturated;

      wire [31-ACCUMULATOR_BITS:0] unused = accumulator[lane*32 + ACCUMULATOR_BITS +: 32 - ACCUMULATOR_BITS];
    end
  endgenerate

endmodule
