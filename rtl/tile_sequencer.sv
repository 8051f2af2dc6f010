// SPDX-License-Identifier: Apache-2.0
// Runs tiles through the GEMM array: starts one when its operands are in their buffers and its
// accumulators are free, then sends a row every cycle, pass after pass (array widths of output
// channels, in each the array depths of input channels). A tile of p passes over r rows takes
// p * r + 1 cycles. Model: src/hw/gemm_array/array_timing.cpp, style broadcast_tree.
module tile_sequencer #(
    parameter int unsigned HEADS             = 1,
    parameter int unsigned INPUT_SLOT_BITS   = 1,
    parameter int unsigned WEIGHT_SLOT_BITS  = 1,
    parameter int unsigned ACCUMULATOR_SLOT_BITS = 1,
    parameter int unsigned WEIGHT_WORD_BITS  = 16,
    parameter int unsigned HEAD_BITS         = (HEADS > 1) ? $clog2(HEADS) : 1
) (
    input  logic                             clock,
    input  logic                             reset,
    // descriptor of a tile
    input  logic                             tile_valid,
    output logic                             tile_ready,
    input  logic [                     15:0] tile_rows,
    input  logic [                     15:0] tile_depth_passes,  // array depths of input channels
    input  logic [                     15:0] tile_width_passes,  // array widths of output channels
    input  logic                             tile_dense,          // heads share the input channels
    input  logic                             tile_first,          // sums start
    input  logic                             tile_last,           // sums are complete
    input  logic                             tile_loads_input,    // waits for one more input tile
    input  logic                             tile_loads_weight,
    input  logic                             tile_frees_input,    // last use of its input tile
    input  logic                             tile_frees_weight,
    input  logic [      INPUT_SLOT_BITS-1:0] tile_input_slot,
    input  logic [     WEIGHT_SLOT_BITS-1:0] tile_weight_slot,
    input  logic [ACCUMULATOR_SLOT_BITS-1:0] tile_accumulator_slot,
    // buffers
    input  logic                             input_filled,        // one more tile
    input  logic                             weight_filled,
    input  logic                             accumulator_free,
    output logic                             start_first,         // takes an accumulator slot
    output logic                             free_input,
    output logic                             free_weight,
    output logic                             is_idle,
    // one row of a pass
    output logic                             row_valid,
    output logic [                     15:0] row,
    output logic [                     15:0] input_group,         // pass, in words of all heads
    output logic [            HEAD_BITS-1:0] input_head,          // dense: lane of the word
    output logic                             dense,
    output logic [     WEIGHT_WORD_BITS-1:0] weight_word,
    output logic [                     15:0] width_pass,
    output logic                             row_first,           // sums start
    output logic                             row_last,            // last row of a complete output tile
    output logic [      INPUT_SLOT_BITS-1:0] input_slot,
    output logic [     WEIGHT_SLOT_BITS-1:0] weight_slot,
    output logic [ACCUMULATOR_SLOT_BITS-1:0] accumulator_slot
);
  localparam int unsigned WAITING_BITS = 8;

  logic                    running;
  logic [WAITING_BITS-1:0] inputs_waiting;   // tiles filled that no tile has asked for yet
  logic [WAITING_BITS-1:0] weights_waiting;
  logic [            15:0] rows;
  logic [            15:0] depth_passes;
  logic [            15:0] width_passes;
  logic [            15:0] depth_pass;
  logic                    first;
  logic                    last;
  logic                    frees_input;
  logic                    frees_weight;
  logic                    start;
  logic                    pass_ends;
  logic                    depth_ends;
  logic                    ends;

  assign tile_ready = !running && (!tile_loads_input || inputs_waiting != '0) &&
      (!tile_loads_weight || weights_waiting != '0) && (!tile_first || accumulator_free);
  assign start = tile_valid && tile_ready;
  assign start_first = start && tile_first;
  assign pass_ends = row == rows - 1'b1;
  assign depth_ends = pass_ends && depth_pass == depth_passes - 1'b1;
  assign ends = depth_ends && width_pass == width_passes - 1'b1;
  assign free_input = running && ends && frees_input;
  assign free_weight = running && ends && frees_weight;
  assign is_idle = !running;

  assign row_valid = running;
  assign row_first = first && depth_pass == '0;
  assign row_last = last && ends;

  always_ff @(posedge clock) begin
    if (reset) begin
      running <= 1'b0;
      inputs_waiting <= '0;
      weights_waiting <= '0;
    end else begin
      if (start) running <= 1'b1;
      else if (ends) running <= 1'b0;
      inputs_waiting <= inputs_waiting + WAITING_BITS'(input_filled) -
          WAITING_BITS'(start && tile_loads_input);
      weights_waiting <= weights_waiting + WAITING_BITS'(weight_filled) -
          WAITING_BITS'(start && tile_loads_weight);
    end
    if (start) begin
      rows <= tile_rows;
      depth_passes <= tile_depth_passes;
      width_passes <= tile_width_passes;
      dense <= tile_dense;
      first <= tile_first;
      last <= tile_last;
      frees_input <= tile_frees_input;
      frees_weight <= tile_frees_weight;
      input_slot <= tile_input_slot;
      weight_slot <= tile_weight_slot;
      accumulator_slot <= tile_accumulator_slot;
      row <= '0;
      depth_pass <= '0;
      input_group <= '0;
      input_head <= '0;
      width_pass <= '0;
      weight_word <= '0;
    end else if (running) begin
      row <= pass_ends ? '0 : row + 1'b1;
      if (pass_ends) begin
        weight_word <= weight_word + 1'b1;
        depth_pass <= depth_ends ? '0 : depth_pass + 1'b1;
        if (depth_ends) begin
          width_pass <= width_pass + 1'b1;
          input_group <= '0;
          input_head <= '0;
        end else if (dense && input_head != HEAD_BITS'(HEADS - 1)) begin
          input_head <= input_head + 1'b1;
        end else begin
          input_head <= '0;
          input_group <= input_group + 1'b1;
        end
      end
    end
  end
endmodule
