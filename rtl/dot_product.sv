// SPDX-License-Identifier: Apache-2.0
//
// Dot product of INPUT_CHANNELS int8 activations and int8 weights, one multiplication per DSP slice: chains of at most
// four slices, then an adder tree. The activations come skewed from gemm_array, which shares that among the output
// channels; the weights are skewed here.
//
// Latency heatsim_pkg::gemm_array_latency(INPUT_CHANNELS, 0), throughput one dot product a cycle.

module dot_product #(
    parameter int INPUT_CHANNELS = 16
) (
    input  wire                        clock,
    input  wire [INPUT_CHANNELS*8-1:0] skewed_activation,
    input  wire [INPUT_CHANNELS*8-1:0] weight,
    output wire [                31:0] sum
);

  localparam int CHAINS = heatsim_pkg::gemm_chains(INPUT_CHANNELS);
  localparam int POSITIONS = heatsim_pkg::gemm_chain_positions(INPUT_CHANNELS);
  localparam int CHAIN_BITS = 18;
  localparam int SUM_BITS = CHAIN_BITS + $clog2(CHAINS);

  wire [CHAINS*CHAIN_BITS-1:0] chain_sum;

  generate
    for (genvar chain = 0; chain < CHAINS; chain++) begin : chains
      localparam int START = heatsim_pkg::gemm_chain_start(INPUT_CHANNELS, chain);
      localparam int LENGTH = heatsim_pkg::gemm_chain_length(INPUT_CHANNELS, chain);
      localparam int LEAD = POSITIONS - LENGTH;
      wire [LENGTH*8-1:0] skewed_weight;
      for (genvar element = 0; element < LENGTH; element++) begin : skew
        delay_line #(
            .WIDTH (8),
            .CYCLES((element + LEAD > 1) ? element + LEAD - 1 : 0)
        ) weight_delay (
            .clock  (clock),
            .value  (weight[(START+element)*8+:8]),
            .delayed(skewed_weight[element*8+:8])
        );
      end
      multiply_chain #(
          .LENGTH   (LENGTH),
          .LEAD     (LEAD),
          .WIDE_BITS(8),
          .SUM_BITS (CHAIN_BITS)
      ) slices (
          .clock (clock),
          .wide  (skewed_weight),
          .narrow(skewed_activation[START*8+:LENGTH*8]),
          .bias  ({CHAIN_BITS{1'b0}}),
          .sum   (chain_sum[chain*CHAIN_BITS+:CHAIN_BITS])
      );
    end
  endgenerate

  wire signed [SUM_BITS-1:0] total;
  adder_tree #(
      .COUNT    (CHAINS),
      .TERM_BITS(CHAIN_BITS)
  ) tree (
      .clock(clock),
      .terms(chain_sum),
      .sum  (total)
  );
  assign sum = 32'(total);

endmodule
