// SPDX-License-Identifier: Apache-2.0
//
// Maps a 27 x 18 signed multiplication to a DSP slice that yosys can pack registers, the adder and the cascade into.
// yosys packs the cell DSP48E1 only (`xilinx_dsp -family xc7`; under xcup a DSP48E2 stays a bare multiplier), so the
// cell is named so and each one counts as one DSP48E2. For counting: the netlist is never written.
(* techmap_celltype = "$__MUL27X18" *)
module heatsim_dsp48e2 (
    input  [26:0] A,
    input  [17:0] B,
    output [44:0] Y
);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 0;
  parameter B_WIDTH = 0;
  parameter Y_WIDTH = 0;
  wire [47:0] product;
  DSP48E1 #(
      .A_INPUT("DIRECT"),
      .B_INPUT("DIRECT"),
      .ACASCREG(0),
      .ADREG(0),
      .ALUMODEREG(0),
      .AREG(0),
      .BCASCREG(0),
      .BREG(0),
      .CARRYINREG(0),
      .CARRYINSELREG(0),
      .CREG(0),
      .DREG(0),
      .INMODEREG(0),
      .MREG(0),
      .OPMODEREG(0),
      .PREG(0),
      .USE_DPORT("FALSE"),
      .USE_MULT("MULTIPLY"),
      .USE_SIMD("ONE48")
  ) _TECHMAP_REPLACE_ (
      .A({{3{A[26]}}, A}),
      .B(B),
      .C(48'b0),
      .D(25'b0),
      .CARRYIN(1'b0),
      .CARRYINSEL(3'b000),
      .INMODE(5'b00000),
      .ALUMODE(4'b0000),
      .OPMODE(7'b0000101),
      .P(product)
  );
  assign Y = product[44:0];
endmodule
