// SPDX-License-Identifier: Apache-2.0
//
// What a chain of packed multipliers adds to its first product: 2^17 - 128 * (sum of the chain's LENGTH activations).
// The packed low weight is w0 + 128, which is never negative, so that it needs no borrow from the high weight; the
// second term takes those 128 * x away again. The first keeps the low half of the sum positive (heatsim_pkg.sv).
// One per chain and head, shared by all output channels.
//
// Latency 1 cycle (one more is inside multiply_chain), throughput one a cycle. bias is in units of 128: 11 bits.

module chain_bias #(
    parameter int LENGTH = 4
) (
    input  wire                clock,
    input  wire [LENGTH*8-1:0] activation,
    output wire [        10:0] bias
);

  // Two halves, so that no cycle adds more than two numbers and the constant.
  localparam int LEFT = (LENGTH + 1) / 2;
  localparam int RIGHT = LENGTH - LEFT;

  reg signed [8:0] left;
  wire signed [7:0] left_first = activation[0+:8];
  generate
    if (LEFT == 2) begin : left_pair
      wire signed [7:0] left_second = activation[8+:8];
      always_ff @(posedge clock) left <= 9'(left_first) + 9'(left_second);
    end else begin : left_single
      always_ff @(posedge clock) left <= 9'(left_first);
    end

    if (RIGHT == 0) begin : right_none
      assign bias = 11'd1024 - 11'(left);
    end else begin : right_some
      reg signed [8:0] right;
      wire signed [7:0] right_first = activation[LEFT*8+:8];
      if (RIGHT == 2) begin : right_pair
        wire signed [7:0] right_second = activation[LEFT*8+8+:8];
        always_ff @(posedge clock) right <= 9'(right_first) + 9'(right_second);
      end else begin : right_single
        always_ff @(posedge clock) right <= 9'(right_first);
      end
      wire signed [9:0] both = 10'(left) + 10'(right);
      assign bias = 11'd1024 - 11'(both);
    end
  endgenerate

endmodule
