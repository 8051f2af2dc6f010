// SPDX-License-Identifier: Apache-2.0
//
// Constants and constant functions that several modules agree on.

package heatsim_pkg;

  // ---- nonlinear units --------------------------------------------------------------------------------------------
  //
  // A latency is the number of clock edges from an operand to its result.

  localparam int REQUANTIZE_LATENCY = 5;  // operands, product, rounding, shift, saturation
  localparam int GELU_LATENCY = 9;        // magnitude, distance, square (2), polynomial (2), gain, product, rounding
  localparam int SIGMOID_LATENCY = 3;     // magnitude, segment, rounding
  localparam int EXPONENTIAL_LATENCY = 9; // distance, exponent (2), mantissa, square (2), polynomial (2), shift

endpackage
