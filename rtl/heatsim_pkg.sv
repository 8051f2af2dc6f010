// SPDX-License-Identifier: Apache-2.0
//
// Constants and constant functions that several modules agree on.

package heatsim_pkg;
  // no top uses all of them
  /* verilator lint_off UNUSEDPARAM */

  // ---- GEMM array -------------------------------------------------------------------------------------------------
  //
  // The products of one dot product are added in chains of at most GEMM_CHAIN multipliers, each DSP slice adding its
  // product to the sum of its neighbour (PCIN cascade), and the sums of the chains in a pipelined adder tree.
  //
  // Why chains of four are safe when two weights share a multiplier, (w1 << 18) + w0 + 128: the low half of a chain's
  // sum is the sum of four products of two int8, which lies in [-4 * 128 * 127, 4 * 128 * 128] = [-65024, 65536]; with
  // the bias of 2^17 it lies in [66048, 196608], inside the 18 unsigned bits of the low half. So it never borrows from
  // the high half. (Seven products would be safe, eight not: 8 * 128 * 128 + 2^17 = 2^18.) A chain of four also needs
  // few registers to delay its operands.
  localparam int GEMM_CHAIN = 4;

  // Chains that `channels` products are added in.
  function automatic int gemm_chains(input int channels);
    gemm_chains = (channels + GEMM_CHAIN - 1) / GEMM_CHAIN;
  endfunction

  // First channel of chain `chain`; the chains' lengths differ by one at most.
  function automatic int gemm_chain_start(input int channels, input int chain);
    gemm_chain_start = (chain * channels) / gemm_chains(channels);
  endfunction

  // Products in chain `chain`.
  function automatic int gemm_chain_length(input int channels, input int chain);
    gemm_chain_length = gemm_chain_start(channels, chain + 1) - gemm_chain_start(channels, chain);
  endfunction

  // Products in the longest chain. A shorter chain starts later, so that all end in the same cycle.
  function automatic int gemm_chain_positions(input int channels);
    gemm_chain_positions = (channels + gemm_chains(channels) - 1) / gemm_chains(channels);
  endfunction

  // Cycles from the operands to the sums of gemm_array: operand, product and sum register of the first DSP slice, one
  // cycle per further slice of the chain, one per level of the adder tree. The same packed and not, which is this
  // function's business and not its callers'.
  /* verilator lint_off UNUSEDSIGNAL */
  function automatic int gemm_array_latency(input int input_channels, input int packed_weights);
    gemm_array_latency = 3 + gemm_chain_positions(input_channels) - 1 + $clog2(gemm_chains(input_channels));
  endfunction
  /* verilator lint_on UNUSEDSIGNAL */

  // ---- nonlinear units --------------------------------------------------------------------------------------------
  //
  // A latency is the number of clock edges from an operand to its result.

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
