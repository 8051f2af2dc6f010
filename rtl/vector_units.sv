// SPDX-License-Identifier: Apache-2.0
//
// The nonlinear units and the token selector side by side, each with ports of its own: what the vector unit and the
// token selector of the model stand for, to be measured by harness/vector_units_harness.cpp. Numbers are int8 in and
// out: GELU and the inputs of softmax and sigmoid have 4 fraction bits, softmax results 7, sigmoid results 8 (unsigned).
// The selector gets the scores of its tokens from `token_score`.
//
// Latency, throughput, resources: those of the units.
// Stands for:  src/hw/vector_unit, src/hw/token_selector; system::rtl_vector_unit and system::rtl_token_selector say
//              the same parameters in the words of the model.

module vector_units #(
  parameter int LANES = 16,          // of GELU, sigmoid and token selector
  parameter int SOFTMAX_ENGINES = 2, // rows in parallel
  parameter int SOFTMAX_LANES = 8,   // of one engine
  parameter int MAX_COLUMNS = 256,
  parameter int MAX_TOKENS = 256,
  parameter int MAX_WORDS = 64,
  parameter int MAX_HEADS = 16,
  parameter int ADDRESS_BITS = 16
) (
  input  wire                                     clock,
  input  wire                                     reset,

  input  wire                                     gelu_valid,
  input  wire [LANES*8-1:0]                       gelu_value,
  output wire                                     gelu_result_valid,
  output wire [LANES*8-1:0]                       gelu_result,

  input  wire                                     sigmoid_valid,
  input  wire [LANES*8-1:0]                       sigmoid_value,
  output wire                                     sigmoid_result_valid,
  output wire [LANES*8-1:0]                       sigmoid_result,

  input  wire [$clog2(MAX_COLUMNS+1)-1:0]         softmax_columns,
  input  wire [SOFTMAX_ENGINES-1:0]               softmax_valid,
  output wire [SOFTMAX_ENGINES-1:0]               softmax_ready,
  input  wire [SOFTMAX_ENGINES*SOFTMAX_LANES*8-1:0] softmax_value,
  output wire [SOFTMAX_ENGINES-1:0]               softmax_result_valid,
  output wire [SOFTMAX_ENGINES*SOFTMAX_LANES*8-1:0] softmax_result,

  input  wire                                     selector_start,
  input  wire [$clog2(MAX_TOKENS):0]              selector_tokens,
  input  wire [$clog2(MAX_TOKENS):0]              selector_class_tokens,
  input  wire [$clog2(MAX_WORDS):0]               selector_words,
  input  wire [7:0]                               selector_threshold,
  input  wire [ADDRESS_BITS-1:0]                  selector_source,
  input  wire [ADDRESS_BITS-1:0]                  selector_destination,
  input  wire [$clog2(MAX_HEADS+1)-1:0]           selector_heads,
  input  wire                                     head_valid,
  output wire                                     head_ready,
  input  wire [7:0]                               head_keep_score,
  input  wire [7:0]                               head_weight,
  output wire [ADDRESS_BITS-1:0]                  read_address,
  input  wire [LANES*8-1:0]                       read_data,
  output wire                                     write_valid,
  output wire [ADDRESS_BITS-1:0]                  write_address,
  output wire [LANES*8-1:0]                       write_data,
  output wire [$clog2(MAX_TOKENS):0]              selector_kept,
  output wire                                     selector_done
);

  // ---- GELU, sigmoid ----------------------------------------------------------------------------------------------
  reg [heatsim_pkg::GELU_LATENCY-1:0] gelu_flight;
  reg [heatsim_pkg::SIGMOID_LATENCY-1:0] sigmoid_flight;
  assign gelu_result_valid = gelu_flight[heatsim_pkg::GELU_LATENCY-1];
  assign sigmoid_result_valid = sigmoid_flight[heatsim_pkg::SIGMOID_LATENCY-1];

  always @(posedge clock) begin
    gelu_flight <= reset ? 0 : {gelu_flight[heatsim_pkg::GELU_LATENCY-2:0], gelu_valid};
    sigmoid_flight <= reset ? 0 : {sigmoid_flight[heatsim_pkg::SIGMOID_LATENCY-2:0], sigmoid_valid};
  end

  gelu #(
    .LANES(LANES),
    .INPUT_BITS(8),
    .INPUT_FRACTION(4),
    .OUTPUT_BITS(8),
    .OUTPUT_FRACTION(4)
  ) gelu_lanes (
    .clock(clock),
    .value(gelu_value),
    .result(gelu_result)
  );

  sigmoid #(
    .LANES(LANES),
    .INPUT_BITS(8),
    .INPUT_FRACTION(4),
    .OUTPUT_BITS(8),
    .OUTPUT_FRACTION(8)
  ) sigmoid_lanes (
    .clock(clock),
    .value(sigmoid_value),
    .result(sigmoid_result)
  );

  // ---- softmax ----------------------------------------------------------------------------------------------------
  genvar engine;
  generate
    for (engine = 0; engine < SOFTMAX_ENGINES; engine = engine + 1) begin : engines
      softmax #(
        .LANES(SOFTMAX_LANES),
        .MAX_COLUMNS(MAX_COLUMNS),
        .INPUT_BITS(8),
        .INPUT_FRACTION(4)
      ) row_engine (
        .clock(clock),
        .reset(reset),
        .columns(softmax_columns),
        .value_valid(softmax_valid[engine]),
        .value_ready(softmax_ready[engine]),
        .value(softmax_value[engine*SOFTMAX_LANES*8 +: SOFTMAX_LANES*8]),
        .result_valid(softmax_result_valid[engine]),
        .result(softmax_result[engine*SOFTMAX_LANES*8 +: SOFTMAX_LANES*8])
      );
    end
  endgenerate

  // ---- token selector ---------------------------------------------------------------------------------------------
  wire score_valid;
  wire score_ready;
  wire [7:0] score;

  token_score #(
    .MAX_HEADS(MAX_HEADS)
  ) score_unit (
    .clock(clock),
    .reset(reset),
    .heads(selector_heads),
    .head_valid(head_valid),
    .head_ready(head_ready),
    .keep_score(head_keep_score),
    .head_weight(head_weight),
    .score_valid(score_valid),
    .score(score)
  );

  token_selector #(
    .LANES(LANES),
    .MAX_TOKENS(MAX_TOKENS),
    .MAX_WORDS(MAX_WORDS),
    .ADDRESS_BITS(ADDRESS_BITS)
  ) selector (
    .clock(clock),
    .reset(reset),
    .start(selector_start),
    .tokens(selector_tokens),
    .class_tokens(selector_class_tokens),
    .words(selector_words),
    .threshold(selector_threshold),
    .source(selector_source),
    .destination(selector_destination),
    .score_valid(score_valid),
    .score_ready(score_ready),
    .score(score),
    .read_address(read_address),
    .read_data(read_data),
    .write_valid(write_valid),
    .write_address(write_address),
    .write_data(write_data),
    .kept(selector_kept),
    .done(selector_done)
  );

  // the selector takes a score in every cycle of its first step, and none is offered outside
  wire unused = score_ready;

endmodule
