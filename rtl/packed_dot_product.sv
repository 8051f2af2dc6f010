// SPDX-License-Identifier: Apache-2.0
//
// Two dot products of the same INPUT_CHANNELS int8 activations, one multiplication of each in one DSP48E2:
// ((w1 << 18) + w0 + 128) * x, so that the packed weight is put together without an adder. Chains of at most four
// slices add up in the packed domain; the bias of chain_bias takes the 128 * x away again and keeps the low half
// positive, so that the halves come apart without a borrow (range proof in heatsim_pkg.sv). Then one adder tree each.
//
// Latency heatsim_pkg::gemm_array_latency(INPUT_CHANNELS, 1), throughput one pair a cycle.

module packed_dot_product #(
    parameter int INPUT_CHANNELS = 16,
    parameter int CHAINS         = heatsim_pkg::gemm_chains(INPUT_CHANNELS)
) (
    input  wire                        clock,
    input  wire [INPUT_CHANNELS*8-1:0] skewed_activation,
    input  wire [       CHAINS*11-1:0] chain_bias,
    input  wire [INPUT_CHANNELS*8-1:0] low_weight,
    input  wire [INPUT_CHANNELS*8-1:0] high_weight,
    output wire [                31:0] low_sum,
    output wire [                31:0] high_sum
);

  localparam int POSITIONS = heatsim_pkg::gemm_chain_positions(INPUT_CHANNELS);
  localparam int HALF_BITS = 18;
  localparam int CHAIN_BITS = 2 * HALF_BITS;
  localparam int WIDE_BITS = 26;
  localparam int SUM_BITS = HALF_BITS + $clog2(CHAINS);

  wire [CHAINS*HALF_BITS-1:0] low_half;
  wire [CHAINS*HALF_BITS-1:0] high_half;

  generate
    for (genvar chain = 0; chain < CHAINS; chain++) begin : chains
      localparam int START = heatsim_pkg::gemm_chain_start(INPUT_CHANNELS, chain);
      localparam int LENGTH = heatsim_pkg::gemm_chain_length(INPUT_CHANNELS, chain);
      localparam int LEAD = POSITIONS - LENGTH;
      wire [LENGTH*WIDE_BITS-1:0] packed_weight;
      for (genvar element = 0; element < LENGTH; element++) begin : skew
        wire [7:0] low = low_weight[(START+element)*8+:8];
        wire [15:0] delayed;
        delay_line #(
            .WIDTH (16),
            .CYCLES((element + LEAD > 1) ? element + LEAD - 1 : 0)
        ) weight_delay (
            .clock  (clock),
            .value  ({high_weight[(START+element)*8+:8], ~low[7], low[6:0]}),
            .delayed(delayed)
        );
        assign packed_weight[element*WIDE_BITS+:WIDE_BITS] = {delayed[15:8], 10'b0, delayed[7:0]};
      end
      wire [CHAIN_BITS-1:0] sum;
      multiply_chain #(
          .LENGTH   (LENGTH),
          .LEAD     (LEAD),
          .WIDE_BITS(WIDE_BITS),
          .SUM_BITS (CHAIN_BITS)
      ) slices (
          .clock (clock),
          .wide  (packed_weight),
          .narrow(skewed_activation[START*8+:LENGTH*8]),
          .bias  ({18'b0, chain_bias[chain*11+:11], 7'b0}),
          .sum   (sum)
      );
      assign low_half[chain*HALF_BITS+:HALF_BITS]  = sum[HALF_BITS-1:0];
      assign high_half[chain*HALF_BITS+:HALF_BITS] = sum[CHAIN_BITS-1:HALF_BITS];
    end
  endgenerate

  wire [SUM_BITS-1:0] biased_low;
  wire signed [SUM_BITS-1:0] high_total;
  adder_tree #(
      .COUNT       (CHAINS),
      .TERM_BITS   (HALF_BITS),
      .SIGNED_TERMS(0)
  ) low_tree (
      .clock(clock),
      .terms(low_half),
      .sum  (biased_low)
  );
  adder_tree #(
      .COUNT    (CHAINS),
      .TERM_BITS(HALF_BITS)
  ) high_tree (
      .clock(clock),
      .terms(high_half),
      .sum  (high_total)
  );

  // The chains' biases, CHAINS * 2^17, are taken away from the upper bits.
  wire [SUM_BITS-HALF_BITS:0] upper = biased_low[SUM_BITS-1:HALF_BITS-1] - (SUM_BITS - HALF_BITS + 1)'(CHAINS);
  wire signed [SUM_BITS-1:0] low_total = {upper, biased_low[HALF_BITS-2:0]};
  assign low_sum  = 32'(low_total);
  assign high_sum = 32'(high_total);

endmodule
