// SPDX-License-Identifier: Apache-2.0
//
// Sequential unsigned division, radix 2, restoring: quotient = floor(dividend / divisor), one quotient bit per cycle.
// The dividend has DIVISOR_BITS + QUOTIENT_BITS bits and must be below divisor * 2^QUOTIENT_BITS, so that the quotient
// has room; then its highest DIVISOR_BITS bits are the first remainder, and only QUOTIENT_BITS steps are needed.
// Operands are taken in the cycle of start; start is ignored while busy.
//
// Latency:     done is high for one cycle, QUOTIENT_BITS + 1 cycles after start; the quotient stays until the next start.
// Throughput:  one division in QUOTIENT_BITS + 1 cycles: start may come with done.
// Resources:   LUTs.
// Stands for:  the reciprocal of a softmax row (src/hw/vector_unit), the division of scores and package token
//              (src/hw/token_selector). Reference: numerics::divide.

module divider #(
  parameter int DIVISOR_BITS = 16,
  parameter int QUOTIENT_BITS = 8
) (
  input  wire                                  clock,
  input  wire                                  reset,
  input  wire                                  start,
  input  wire [DIVISOR_BITS+QUOTIENT_BITS-1:0] dividend,
  input  wire [DIVISOR_BITS-1:0]               divisor,
  output reg                                   done,
  output wire [QUOTIENT_BITS-1:0]              quotient
);

  localparam int COUNT_BITS = $clog2(QUOTIENT_BITS + 1);

  reg [DIVISOR_BITS-1:0] subtrahend;
  reg [DIVISOR_BITS-1:0] remainder;
  reg [QUOTIENT_BITS-1:0] digits; // dividend's lower bits leave at the top, the quotient's enter at the bottom
  reg [COUNT_BITS-1:0] steps_left;

  wire [DIVISOR_BITS:0] candidate = {remainder, digits[QUOTIENT_BITS-1]};
  wire [DIVISOR_BITS:0] difference = candidate - {1'b0, subtrahend};
  wire busy = steps_left != 0;
  wire fits = !difference[DIVISOR_BITS]; // no borrow

  assign quotient = digits;

  always @(posedge clock) begin
    done <= 1'b0;
    if (reset) begin
      steps_left <= 0;
    end else if (busy) begin
      remainder <= fits ? difference[DIVISOR_BITS-1:0] : candidate[DIVISOR_BITS-1:0];
      digits <= {digits[QUOTIENT_BITS-2:0], fits};
      steps_left <= steps_left - 1'b1;
      done <= steps_left == 1;
    end else if (start) begin
      subtrahend <= divisor;
      remainder <= dividend[DIVISOR_BITS+QUOTIENT_BITS-1:QUOTIENT_BITS];
      digits <= dividend[QUOTIENT_BITS-1:0];
      steps_left <= QUOTIENT_BITS[COUNT_BITS-1:0];
    end
  end

endmodule
