// SPDX-License-Identifier: Apache-2.0
//
// Constants and constant functions that several modules agree on.

package heatsim_pkg;

  // ---- nonlinear units --------------------------------------------------------------------------------------------
  //
  // A latency is the number of clock edges from an operand to its result. No design uses all of these constants.
  /* verilator lint_off UNUSEDPARAM */

  localparam int REQUANTIZE_LATENCY = 5;  // operands, product, rounding, shift, saturation
  localparam int GELU_LATENCY = 9;        // magnitude, distance, square (2), polynomial (2), gain, product, rounding
  localparam int SIGMOID_LATENCY = 3;     // magnitude, segment, rounding
  localparam int EXPONENTIAL_LATENCY = 9; // distance, exponent (2), mantissa, square (2), polynomial (2), shift

  // Cycles of a softmax row beside its three passes: the maximum of the last word (2); its read, distance, exponential
  // and two sums; reciprocal of 26 bits and its start and end; read, product, rounding of the last word (saturation in
  // the cycle in which the next row begins).
  localparam int SOFTMAX_ROW_CYCLES = 2 + (EXPONENTIAL_LATENCY + 3) + (26 + 2) + 3;

  // ---- token selector ---------------------------------------------------------------------------------------------

  // Cycles of a token's score beside one per head: last sum (1), division of 8 bits and its start and end.
  localparam int SCORE_TOKEN_CYCLES = 1 + (8 + 2);
  // Cycles of each step beside its words: set-up (1), three stages that drain.
  localparam int SELECTOR_STEP_CYCLES = 1 + 3;
  // Cycles of the division of one word of the package token: magnitude (1), start, division of 8 bits.
  localparam int PACKAGE_DIVIDE_CYCLES = 1 + (8 + 1);
  /* verilator lint_on UNUSEDPARAM */

endpackage
