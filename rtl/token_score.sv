// SPDX-License-Identifier: Apache-2.0
//
// Keep score of one token after the other from those of its heads: sum of t_i * a_i divided by the sum of a_i, bits
// behind the last dropped, so that comparing with a threshold is exact; 0 where all a_i are 0. All are unsigned with 8
// fraction bits. A head's t_i and a_i are taken where head_valid and head_ready; `heads` (1 to MAX_HEADS, at most 16)
// must not change while a token is in work. A score is there for one cycle.
//
// Latency:     a token takes heads + heatsim_pkg::SCORE_TOKEN_CYCLES cycles; its score is there in the last of them.
// Resources:   one 8x8 multiplier, LUTs.
// Stands for:  the score step of the token selector (src/hw/token_selector). Reference: numerics::token_score.

module token_score #(
  parameter int MAX_HEADS = 16
) (
  input  wire                           clock,
  input  wire                           reset,
  input  wire [$clog2(MAX_HEADS+1)-1:0] heads,
  input  wire                           head_valid,
  output wire                           head_ready,
  input  wire [7:0]                     keep_score,
  input  wire [7:0]                     head_weight,
  output wire                           score_valid,
  output wire [7:0]                     score
);

  localparam int HEAD_BITS = $clog2(MAX_HEADS + 1);
  localparam int WEIGHT_BITS = 8 + $clog2(MAX_HEADS);
  localparam int SUM_BITS = WEIGHT_BITS + 8;

  localparam [1:0] ACCUMULATE = 2'd0;
  localparam [1:0] LAST_SUM = 2'd1;
  localparam [1:0] DIVIDE = 2'd2;

  reg [1:0] state;
  reg [HEAD_BITS-1:0] taken;
  reg [15:0] product;
  reg [7:0] product_weight;
  reg product_valid;
  reg [SUM_BITS-1:0] sum;
  reg [WEIGHT_BITS-1:0] weight;
  reg divide_start;
  wire [7:0] quotient;

  assign head_ready = state == ACCUMULATE;
  assign score = weight == 0 ? 8'd0 : quotient;
  wire take = head_ready && head_valid;

  divider #(
    .DIVISOR_BITS(WEIGHT_BITS),
    .QUOTIENT_BITS(8)
  ) score_divider (
    .clock(clock),
    .reset(reset),
    .start(divide_start),
    .dividend(sum),
    .divisor(weight),
    .done(score_valid),
    .quotient(quotient)
  );

  always @(posedge clock) begin
    product <= keep_score * head_weight;
    product_weight <= head_weight;
    product_valid <= take;
    if (product_valid) begin
      sum <= sum + {{(SUM_BITS - 16){1'b0}}, product};
      weight <= weight + {{(WEIGHT_BITS - 8){1'b0}}, product_weight};
    end
    divide_start <= 1'b0;
    case (state)
      ACCUMULATE:
        if (take) begin
          taken <= taken + 1'b1;
          if (taken + 1'b1 == heads)
            state <= LAST_SUM;
        end
      LAST_SUM: begin
        state <= DIVIDE;
        divide_start <= 1'b1;
      end
      default:
        if (score_valid) begin
          state <= ACCUMULATE;
          taken <= 0;
          sum <= 0;
          weight <= 0;
        end
    endcase
    if (reset) begin
      state <= ACCUMULATE;
      taken <= 0;
      product_valid <= 1'b0;
      sum <= 0;
      weight <= 0;
    end
  end

endmodule
