// SPDX-License-Identifier: Apache-2.0
//
// Sum of COUNT terms of TERM_BITS bits, signed or (SIGNED_TERMS = 0) unsigned, in a tree of adders with a register
// behind each level; an odd term of a level waits in a register.
// Latency clog2(COUNT) cycles (0 for one term: a wire), throughput one sum a cycle. The sum has
// TERM_BITS + clog2(COUNT) bits and cannot overflow.

module adder_tree #(
    parameter int COUNT        = 4,
    parameter int TERM_BITS    = 18,
    parameter int SIGNED_TERMS = 1
) (
    input  wire                               clock,
    input  wire [        COUNT*TERM_BITS-1:0] terms,
    output wire [TERM_BITS+$clog2(COUNT)-1:0] sum
);

  localparam int LEVELS = $clog2(COUNT);

  // Level l has ceil(COUNT / 2^l) terms of TERM_BITS + l bits.
  generate
    if (LEVELS == 0) begin : wire_through
      assign sum = terms;
      wire unused = clock;
    end else begin : tree
      for (genvar level = 1; level <= LEVELS; level++) begin : layer
        localparam int BELOW = (COUNT + (1 << (level - 1)) - 1) >> (level - 1);
        localparam int HERE = (COUNT + (1 << level) - 1) >> level;
        localparam int BITS = TERM_BITS + level;
        wire [BELOW*(BITS-1)-1:0] addends;
        reg  [     HERE*BITS-1:0] sums;
        if (level == 1) begin : first
          assign addends = terms;
        end else begin : further
          assign addends = layer[level-1].sums;
        end
        for (genvar node = 0; node < HERE; node++) begin : adder
          wire [BITS-2:0] left = addends[2*node*(BITS-1)+:BITS-1];
          wire left_sign = (SIGNED_TERMS != 0) && left[BITS-2];
          if (2 * node + 1 < BELOW) begin : pair
            wire [BITS-2:0] right = addends[(2*node+1)*(BITS-1)+:BITS-1];
            wire right_sign = (SIGNED_TERMS != 0) && right[BITS-2];
            always_ff @(posedge clock) sums[node*BITS+:BITS] <= {left_sign, left} + {right_sign, right};
          end else begin : odd
            always_ff @(posedge clock) sums[node*BITS+:BITS] <= {left_sign, left};
          end
        end
      end
      assign sum = layer[LEVELS].sums;
    end
  endgenerate

endmodule
