// SPDX-License-Identifier: Apache-2.0
//
// Sum of LENGTH products, wide * narrow, in a chain of DSP slices: every slice adds its product to its neighbour's sum
// (PCIN cascade), the first one to `bias` (C port). Element e must be presented max(e + LEAD - 1, 0) cycles late, the
// bias one cycle late. LEAD > 0 is for a chain that starts later than its neighbours, to end when they do.
//
// Latency 3 + LEAD + LENGTH - 1 cycles after element 0 would be presented with LEAD = 0; throughput one sum a cycle.
// DSP slices: LENGTH. Everything is a register inside a slice but the bias' delay of LEAD cycles.

module multiply_chain #(
    parameter int LENGTH    = 4,
    parameter int LEAD      = 0,
    parameter int WIDE_BITS = 8,
    parameter int SUM_BITS  = 18
) (
    input  wire                        clock,
    input  wire [LENGTH*WIDE_BITS-1:0] wide,
    input  wire [        LENGTH*8-1:0] narrow,
    input  wire [        SUM_BITS-1:0] bias,
    output wire [        SUM_BITS-1:0] sum
);

  wire [(LENGTH+1)*SUM_BITS-1:0] cascade;

  delay_line #(
      .WIDTH (SUM_BITS),
      .CYCLES(LEAD + 1)
  ) bias_delay (
      .clock  (clock),
      .value  (bias),
      .delayed(cascade[0+:SUM_BITS])
  );

  generate
    for (genvar element = 0; element < LENGTH; element++) begin : slice
      // The slice's operand registers: two, or one where there is nothing to wait for.
      wire signed [WIDE_BITS-1:0] wide_operand;
      wire signed [7:0] narrow_operand;
      delay_line #(
          .WIDTH (WIDE_BITS),
          .CYCLES((element + LEAD == 0) ? 1 : 2)
      ) wide_registers (
          .clock  (clock),
          .value  (wide[element*WIDE_BITS+:WIDE_BITS]),
          .delayed(wide_operand)
      );
      delay_line #(
          .WIDTH (8),
          .CYCLES((element + LEAD == 0) ? 1 : 2)
      ) narrow_registers (
          .clock  (clock),
          .value  (narrow[element*8+:8]),
          .delayed(narrow_operand)
      );

      reg signed [WIDE_BITS+7:0] product;
      reg signed [SUM_BITS-1:0] chained;
      wire signed [SUM_BITS-1:0] neighbour = cascade[element*SUM_BITS+:SUM_BITS];
      always_ff @(posedge clock) begin
        product <= wide_operand * narrow_operand;
        chained <= SUM_BITS'(product) + neighbour;
      end
      assign cascade[(element+1)*SUM_BITS+:SUM_BITS] = chained;
    end
  endgenerate

  assign sum = cascade[LENGTH*SUM_BITS+:SUM_BITS];

endmodule
