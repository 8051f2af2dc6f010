// SPDX-License-Identifier: Apache-2.0
//
// The GEMM array: HEADS x OUTPUT_CHANNELS dot products of INPUT_CHANNELS int8 products, every cycle. The activations
// of a head are broadcast to its output channels. PACKED = 1: two output channels share a DSP48E2 (an odd last one has
// its slices alone); PACKED = 0: one slice per multiplication.
//
// activation: channel i of head h at byte h * INPUT_CHANNELS + i.
// weight: input i of output o of head h at byte (h * OUTPUT_CHANNELS + o) * INPUT_CHANNELS + i.
// sum: output o of head h at 32-bit word h * OUTPUT_CHANNELS + o, sign-extended.
//
// Latency heatsim_pkg::gemm_array_latency(INPUT_CHANNELS, PACKED), one set of operands a cycle, no stall, no reset.
// DSP slices: HEADS * INPUT_CHANNELS * (PACKED ? ceil(OUTPUT_CHANNELS / 2) : OUTPUT_CHANNELS).
// Stands for src/hw/gemm_array with the broadcast adder-tree structure.

module gemm_array #(
    parameter int HEADS           = 1,
    parameter int INPUT_CHANNELS  = 16,
    parameter int OUTPUT_CHANNELS = 16,
    parameter int PACKED          = 1
) (
    input  wire                                              clock,
    input  wire [                HEADS*INPUT_CHANNELS*8-1:0] activation,
    input  wire [HEADS*OUTPUT_CHANNELS*INPUT_CHANNELS*8-1:0] weight,
    output wire [              HEADS*OUTPUT_CHANNELS*32-1:0] sum
);

  localparam int CHAINS = heatsim_pkg::gemm_chains(INPUT_CHANNELS);
  localparam int POSITIONS = heatsim_pkg::gemm_chain_positions(INPUT_CHANNELS);
  localparam int ROW_BITS = INPUT_CHANNELS * 8;

  generate
    for (genvar head = 0; head < HEADS; head++) begin : heads
      wire [ROW_BITS-1:0] row = activation[head*ROW_BITS+:ROW_BITS];
      wire [ROW_BITS-1:0] skewed;

      for (genvar chain = 0; chain < CHAINS; chain++) begin : skew
        localparam int START = heatsim_pkg::gemm_chain_start(INPUT_CHANNELS, chain);
        localparam int LENGTH = heatsim_pkg::gemm_chain_length(INPUT_CHANNELS, chain);
        localparam int LEAD = POSITIONS - LENGTH;
        for (genvar element = 0; element < LENGTH; element++) begin : channel
          delay_line #(
              .WIDTH (8),
              .CYCLES((element + LEAD > 1) ? element + LEAD - 1 : 0)
          ) activation_delay (
              .clock  (clock),
              .value  (row[(START+element)*8+:8]),
              .delayed(skewed[(START+element)*8+:8])
          );
        end
      end

      if (PACKED != 0 && OUTPUT_CHANNELS > 1) begin : two_per_slice
        wire [CHAINS*11-1:0] bias;
        for (genvar chain = 0; chain < CHAINS; chain++) begin : chains
          localparam int START = heatsim_pkg::gemm_chain_start(INPUT_CHANNELS, chain);
          localparam int LENGTH = heatsim_pkg::gemm_chain_length(INPUT_CHANNELS, chain);
          chain_bias #(
              .LENGTH(LENGTH)
          ) bias_of_chain (
              .clock     (clock),
              .activation(row[START*8+:LENGTH*8]),
              .bias      (bias[chain*11+:11])
          );
        end
        for (genvar pair = 0; pair < OUTPUT_CHANNELS; pair += 2) begin : pairs
          localparam int FIRST = head * OUTPUT_CHANNELS + pair;
          if (pair + 1 < OUTPUT_CHANNELS) begin : both
            packed_dot_product #(
                .INPUT_CHANNELS(INPUT_CHANNELS)
            ) dot_products (
                .clock            (clock),
                .skewed_activation(skewed),
                .chain_bias       (bias),
                .low_weight       (weight[FIRST*ROW_BITS+:ROW_BITS]),
                .high_weight      (weight[(FIRST+1)*ROW_BITS+:ROW_BITS]),
                .low_sum          (sum[FIRST*32+:32]),
                .high_sum         (sum[(FIRST+1)*32+:32])
            );
          end else begin : alone
            dot_product #(
                .INPUT_CHANNELS(INPUT_CHANNELS)
            ) dot_products (
                .clock            (clock),
                .skewed_activation(skewed),
                .weight           (weight[FIRST*ROW_BITS+:ROW_BITS]),
                .sum              (sum[FIRST*32+:32])
            );
          end
        end
      end else begin : one_per_slice
        for (genvar output_channel = 0; output_channel < OUTPUT_CHANNELS; output_channel++) begin : outputs
          localparam int INDEX = head * OUTPUT_CHANNELS + output_channel;
          dot_product #(
              .INPUT_CHANNELS(INPUT_CHANNELS)
          ) dot_products (
              .clock            (clock),
              .skewed_activation(skewed),
              .weight           (weight[INDEX*ROW_BITS+:ROW_BITS]),
              .sum              (sum[INDEX*32+:32])
          );
        end
      end
    end
  endgenerate

endmodule
