// SPDX-License-Identifier: Apache-2.0
//
// Delays a word by CYCLES cycles (0 = a wire).
// Latency CYCLES, throughput one word a cycle. No reset: the contents are data, never control.

module delay_line #(
    parameter int WIDTH  = 8,
    parameter int CYCLES = 1
) (
    input  wire             clock,
    input  wire [WIDTH-1:0] value,
    output wire [WIDTH-1:0] delayed
);

  generate
    if (CYCLES == 0) begin : wire_through
      assign delayed = value;
      wire unused = clock;
    end else begin : registers
      reg [CYCLES*WIDTH-1:0] stage;
      if (CYCLES == 1) begin : one
        always_ff @(posedge clock) stage <= value;
      end else begin : many
        always_ff @(posedge clock) stage <= {stage[(CYCLES-1)*WIDTH-1:0], value};
      end
      assign delayed = stage[(CYCLES-1)*WIDTH+:WIDTH];
    end
  endgenerate

endmodule
