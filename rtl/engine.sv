// SPDX-License-Identifier: Apache-2.0
// GEMM engine: executes lists of tile descriptors. Input and weight tiles are loaded into
// double-buffered memories, multiplied, accumulated over tiles of input channels, requantized to 8
// bit and stored, all at the same time on different tiles; one memory port for each of the three.
//
// Descriptors come on four ports, one for each unit, in the order of execution:
//   input   where an input tile lies: planes (heads) of runs of beats; rows and beats of a row
//   weight  the same of a weight tile, packed: a word [head][output][input] after the other, passes
//           over input channels within those over output channels
//   tile    one step through the array: its shape, what it waits for and frees, its slots
//   output  where an output tile goes
// Tensors are padded to whole beats, input channels to INPUT_CHANNELS, output channels to
// HEADS * OUTPUT_CHANNELS (dense) or OUTPUT_CHANNELS (per head). Biases are one more input channel.
// Model: src/hw, bound by src/system/chip.cpp; configs/accelerators/rtl_engine_*.yaml.
module engine #(
    parameter int unsigned HEADS                = 1,    // T_h
    parameter int unsigned INPUT_CHANNELS       = 16,   // T_i, a multiple of BEAT_BYTES
    parameter int unsigned OUTPUT_CHANNELS      = 16,   // T_o, a multiple of BEAT_BYTES
    parameter int          PACKED               = 1,    // 1: two multiplications per DSP slice, 0: one
    parameter int unsigned BEAT_BYTES           = 16,   // of a memory port, a power of two
    parameter int unsigned TILE_TOKENS          = 64,   // a power of two
    parameter int unsigned TILE_INPUT_CHANNELS  = 192,
    parameter int unsigned TILE_OUTPUT_CHANNELS = 64,
    parameter int unsigned INPUT_SLOTS          = 2,
    parameter int unsigned WEIGHT_SLOTS         = 2,
    parameter int unsigned ACCUMULATOR_SLOTS    = 2,
    parameter int unsigned OUTPUT_SLOTS         = 2,
    parameter int unsigned BURST_BEATS          = 64,
    parameter int unsigned OUTSTANDING          = 8,    // bursts of a port, a power of two
    parameter int unsigned INPUT_SLOT_BITS       = (INPUT_SLOTS > 1) ? $clog2(INPUT_SLOTS) : 1,
    parameter int unsigned WEIGHT_SLOT_BITS      = (WEIGHT_SLOTS > 1) ? $clog2(WEIGHT_SLOTS) : 1,
    parameter int unsigned ACCUMULATOR_SLOT_BITS = (ACCUMULATOR_SLOTS > 1) ? $clog2(ACCUMULATOR_SLOTS) : 1
) (
    input  logic        clock,
    input  logic        reset,
    output logic        is_idle,  // nothing is under way
    // input tiles
    input  logic        input_valid,
    output logic        input_ready,
    input  logic [31:0] input_address,
    input  logic [15:0] input_planes,
    input  logic [31:0] input_plane_stride_bytes,
    input  logic [15:0] input_runs,
    input  logic [31:0] input_run_stride_bytes,
    input  logic [23:0] input_run_beats,
    input  logic        input_dense,
    input  logic [15:0] input_rows,
    input  logic [15:0] input_row_beats,
    // weight tiles
    input  logic        weight_valid,
    output logic        weight_ready,
    input  logic [31:0] weight_address,
    input  logic [15:0] weight_beats,
    // tiles
    input  logic                             tile_valid,
    output logic                             tile_ready,
    input  logic [                     15:0] tile_rows,
    input  logic [                     15:0] tile_depth_passes,
    input  logic [                     15:0] tile_width_passes,
    input  logic                             tile_dense,
    input  logic                             tile_first,
    input  logic                             tile_last,
    input  logic                             tile_loads_input,
    input  logic                             tile_loads_weight,
    input  logic                             tile_frees_input,
    input  logic                             tile_frees_weight,
    input  logic [      INPUT_SLOT_BITS-1:0] tile_input_slot,
    input  logic [     WEIGHT_SLOT_BITS-1:0] tile_weight_slot,
    input  logic [ACCUMULATOR_SLOT_BITS-1:0] tile_accumulator_slot,
    input  logic [                     15:0] tile_multiplier,
    input  logic [                      5:0] tile_shift,
    // output tiles
    input  logic        output_valid,
    output logic        output_ready,
    input  logic [31:0] output_address,
    input  logic [15:0] output_planes,
    input  logic [31:0] output_plane_stride_bytes,
    input  logic [15:0] output_runs,
    input  logic [31:0] output_run_stride_bytes,
    input  logic [23:0] output_run_beats,
    input  logic        output_dense,
    input  logic [15:0] output_rows,
    input  logic [15:0] output_width_passes,
    // memory: input tiles
    output logic                    input_request_valid,
    input  logic                    input_request_ready,
    output logic [            31:0] input_request_address,
    output logic [             8:0] input_request_beats,
    input  logic                    input_data_valid,
    input  logic                    input_data_last,
    input  logic [BEAT_BYTES*8-1:0] input_data,
    // memory: weight tiles
    output logic                    weight_request_valid,
    input  logic                    weight_request_ready,
    output logic [            31:0] weight_request_address,
    output logic [             8:0] weight_request_beats,
    input  logic                    weight_data_valid,
    input  logic                    weight_data_last,
    input  logic [BEAT_BYTES*8-1:0] weight_data,
    // memory: output tiles
    output logic                    output_request_valid,
    input  logic                    output_request_ready,
    output logic [            31:0] output_request_address,
    output logic [             8:0] output_request_beats,
    output logic                    output_data_valid,
    input  logic                    output_data_ready,
    output logic                    output_data_last,
    output logic [BEAT_BYTES*8-1:0] output_data,
    input  logic                    output_response_valid
);
  localparam int unsigned LANES = HEADS * OUTPUT_CHANNELS;
  localparam int unsigned ARRAY_LATENCY = heatsim_pkg::gemm_array_latency(INPUT_CHANNELS, PACKED);
  localparam int unsigned INPUT_GROUP_BEATS = INPUT_CHANNELS / BEAT_BYTES;
  localparam int unsigned OUTPUT_GROUP_BEATS = OUTPUT_CHANNELS / BEAT_BYTES;
  localparam int unsigned INPUT_SLICES = HEADS * INPUT_GROUP_BEATS;
  localparam int unsigned WEIGHT_SLICES = LANES * INPUT_GROUP_BEATS;
  localparam int unsigned OUTPUT_SLICES = HEADS * OUTPUT_GROUP_BEATS;
  localparam int unsigned DEPTH_PASSES = TILE_INPUT_CHANNELS / INPUT_CHANNELS;
  localparam int unsigned WIDTH_PASSES = TILE_OUTPUT_CHANNELS / LANES;
  localparam int unsigned INPUT_WORDS = (DEPTH_PASSES + HEADS - 1) / HEADS * TILE_TOKENS;
  localparam int unsigned WEIGHT_WORDS = DEPTH_PASSES * WIDTH_PASSES;
  localparam int unsigned OUTPUT_WORDS = WIDTH_PASSES * TILE_TOKENS;
  localparam int unsigned INPUT_WORD_BITS = (INPUT_WORDS > 1) ? $clog2(INPUT_WORDS) : 1;
  localparam int unsigned WEIGHT_WORD_BITS = (WEIGHT_WORDS > 1) ? $clog2(WEIGHT_WORDS) : 1;
  localparam int unsigned OUTPUT_WORD_BITS = (OUTPUT_WORDS > 1) ? $clog2(OUTPUT_WORDS) : 1;
  localparam int unsigned INPUT_SLICE_BITS = (INPUT_SLICES > 1) ? $clog2(INPUT_SLICES) : 1;
  localparam int unsigned WEIGHT_SLICE_BITS = (WEIGHT_SLICES > 1) ? $clog2(WEIGHT_SLICES) : 1;
  localparam int unsigned OUTPUT_SLICE_BITS = (OUTPUT_SLICES > 1) ? $clog2(OUTPUT_SLICES) : 1;
  localparam int unsigned OUTPUT_SLOT_BITS = (OUTPUT_SLOTS > 1) ? $clog2(OUTPUT_SLOTS) : 1;
  localparam int unsigned HEAD_BITS = (HEADS > 1) ? $clog2(HEADS) : 1;
  localparam int unsigned WAITING_BITS = 8;

  // Input tiles ---------------------------------------------------------------------------------
  logic                            input_mover_ready;
  logic                            input_filled;
  logic                            input_free;
  logic                            input_empty;
  logic [     INPUT_SLOT_BITS-1:0] input_write_slot;
  logic [     INPUT_WORD_BITS-1:0] input_write_word;
  logic [    INPUT_SLICE_BITS-1:0] input_write_slice;
  logic [     INPUT_SLOT_BITS-1:0] input_read_slot;
  logic [     INPUT_WORD_BITS-1:0] input_read_word;
  logic [HEADS*INPUT_CHANNELS*8-1:0] input_word;

  tile_loader #(
      .HEADS      (HEADS),
      .GROUP_BEATS(INPUT_GROUP_BEATS),
      .ROW_WORDS  (TILE_TOKENS),
      .SLOTS      (INPUT_SLOTS),
      .WORD_BITS  (INPUT_WORD_BITS)
  ) input_loader (
      .clock,
      .reset,
      .descriptor_valid    (input_valid),
      .descriptor_ready    (input_ready),
      .mover_ready         (input_mover_ready),
      .descriptor_dense    (input_dense),
      .descriptor_planes   (input_planes),
      .descriptor_rows     (input_rows),
      .descriptor_row_beats(input_row_beats),
      .data_valid          (input_data_valid),
      .free_slot           (input_free),
      .write_slot          (input_write_slot),
      .write_word          (input_write_word),
      .write_slice         (input_write_slice),
      .filled              (input_filled),
      .is_empty            (input_empty)
  );

  read_mover #(
      .BEAT_BYTES (BEAT_BYTES),
      .BURST_BEATS(BURST_BEATS),
      .OUTSTANDING(OUTSTANDING)
  ) input_mover (
      .clock,
      .reset,
      .descriptor_valid             (input_valid && input_ready),
      .descriptor_ready             (input_mover_ready),
      .descriptor_address           (input_address),
      .descriptor_planes            (input_planes),
      .descriptor_plane_stride_bytes(input_plane_stride_bytes),
      .descriptor_runs              (input_runs),
      .descriptor_run_stride_bytes  (input_run_stride_bytes),
      .descriptor_run_beats         (input_run_beats),
      .request_valid                (input_request_valid),
      .request_ready                (input_request_ready),
      .request_address              (input_request_address),
      .request_beats                (input_request_beats),
      .data_valid                   (input_data_valid),
      .data_last                    (input_data_last)
  );

  tile_buffer #(
      .WORD_BITS (HEADS * INPUT_CHANNELS * 8),
      .SLICE_BITS(BEAT_BYTES * 8),
      .WORDS     (INPUT_WORDS),
      .SLOTS     (INPUT_SLOTS)
  ) input_buffer (
      .clock,
      .write_valid(input_data_valid),
      .write_slot (input_write_slot),
      .write_word (input_write_word),
      .write_slice(input_write_slice),
      .write_data (input_data),
      .read_slot  (input_read_slot),
      .read_word  (input_read_word),
      .read_data  (input_word)
  );

  // Weight tiles --------------------------------------------------------------------------------
  logic                              weight_mover_ready;
  logic                              weight_filled;
  logic                              weight_free;
  logic                              weight_empty;
  logic [      WEIGHT_SLOT_BITS-1:0] weight_write_slot;
  logic [      WEIGHT_WORD_BITS-1:0] weight_write_word;
  logic [     WEIGHT_SLICE_BITS-1:0] weight_write_slice;
  logic [      WEIGHT_SLOT_BITS-1:0] weight_read_slot;
  logic [      WEIGHT_WORD_BITS-1:0] weight_read_word;
  logic [LANES*INPUT_CHANNELS*8-1:0] weight_word;

  tile_loader #(
      .HEADS      (1),
      .GROUP_BEATS(WEIGHT_SLICES),
      .ROW_WORDS  (1),
      .SLOTS      (WEIGHT_SLOTS),
      .WORD_BITS  (WEIGHT_WORD_BITS)
  ) weight_loader (
      .clock,
      .reset,
      .descriptor_valid    (weight_valid),
      .descriptor_ready    (weight_ready),
      .mover_ready         (weight_mover_ready),
      .descriptor_dense    (1'b1),
      .descriptor_planes   (16'd1),
      .descriptor_rows     (16'd1),
      .descriptor_row_beats(weight_beats),
      .data_valid          (weight_data_valid),
      .free_slot           (weight_free),
      .write_slot          (weight_write_slot),
      .write_word          (weight_write_word),
      .write_slice         (weight_write_slice),
      .filled              (weight_filled),
      .is_empty            (weight_empty)
  );

  read_mover #(
      .BEAT_BYTES (BEAT_BYTES),
      .BURST_BEATS(BURST_BEATS),
      .OUTSTANDING(OUTSTANDING)
  ) weight_mover (
      .clock,
      .reset,
      .descriptor_valid             (weight_valid && weight_ready),
      .descriptor_ready             (weight_mover_ready),
      .descriptor_address           (weight_address),
      .descriptor_planes            (16'd1),
      .descriptor_plane_stride_bytes(32'd0),
      .descriptor_runs              (16'd1),
      .descriptor_run_stride_bytes  (32'd0),
      .descriptor_run_beats         ({8'd0, weight_beats}),
      .request_valid                (weight_request_valid),
      .request_ready                (weight_request_ready),
      .request_address              (weight_request_address),
      .request_beats                (weight_request_beats),
      .data_valid                   (weight_data_valid),
      .data_last                    (weight_data_last)
  );

  tile_buffer #(
      .WORD_BITS (LANES * INPUT_CHANNELS * 8),
      .SLICE_BITS(BEAT_BYTES * 8),
      .WORDS     (WEIGHT_WORDS),
      .SLOTS     (WEIGHT_SLOTS)
  ) weight_buffer (
      .clock,
      .write_valid(weight_data_valid),
      .write_slot (weight_write_slot),
      .write_word (weight_write_word),
      .write_slice(weight_write_slice),
      .write_data (weight_data),
      .read_slot  (weight_read_slot),
      .read_word  (weight_read_word),
      .read_data  (weight_word)
  );

  // Array ---------------------------------------------------------------------------------------
  logic                             accumulator_has_free;
  logic                             accumulator_empty;
  logic                             accumulator_filled;
  logic                             accumulator_free;
  logic                             start_first;
  logic                             sequencer_idle;
  logic                             row_valid;
  logic [                     15:0] row;
  logic [                     15:0] input_group;
  logic [            HEAD_BITS-1:0] input_head;
  logic                             dense;
  logic [                     15:0] width_pass;
  logic                             row_first;
  logic                             row_last;
  logic [ACCUMULATOR_SLOT_BITS-1:0] row_slot;

  tile_sequencer #(
      .HEADS                (HEADS),
      .INPUT_SLOT_BITS      (INPUT_SLOT_BITS),
      .WEIGHT_SLOT_BITS     (WEIGHT_SLOT_BITS),
      .ACCUMULATOR_SLOT_BITS(ACCUMULATOR_SLOT_BITS),
      .WEIGHT_WORD_BITS     (WEIGHT_WORD_BITS)
  ) sequencer (
      .clock,
      .reset,
      .tile_valid,
      .tile_ready,
      .tile_rows,
      .tile_depth_passes,
      .tile_width_passes,
      .tile_dense,
      .tile_first,
      .tile_last,
      .tile_loads_input,
      .tile_loads_weight,
      .tile_frees_input,
      .tile_frees_weight,
      .tile_input_slot,
      .tile_weight_slot,
      .tile_accumulator_slot,
      .input_filled,
      .weight_filled,
      .accumulator_free(accumulator_has_free),
      .start_first,
      .free_input      (input_free),
      .free_weight     (weight_free),
      .is_idle         (sequencer_idle),
      .row_valid,
      .row,
      .input_group,
      .input_head,
      .dense,
      .weight_word     (weight_read_word),
      .width_pass,
      .row_first,
      .row_last,
      .input_slot      (input_read_slot),
      .weight_slot     (weight_read_slot),
      .accumulator_slot(row_slot)
  );

  assign input_read_word = INPUT_WORD_BITS'(32'(input_group) * TILE_TOKENS + 32'(row));

  // operands, one cycle behind their addresses: dense, all heads see the same input channels
  logic                              dense_q;
  logic [             HEAD_BITS-1:0] input_head_q;
  logic [HEADS*INPUT_CHANNELS*8-1:0] activation;
  logic [              LANES*32-1:0] sum;

  always_ff @(posedge clock) begin
    dense_q <= dense;
    input_head_q <= input_head;
  end

  for (genvar head = 0; head < HEADS; head++) begin : g_head
    assign activation[head*INPUT_CHANNELS*8+:INPUT_CHANNELS*8] =
        input_word[(dense_q ? 32'(input_head_q) : head)*INPUT_CHANNELS*8+:INPUT_CHANNELS*8];
  end

  gemm_array #(
      .HEADS          (HEADS),
      .INPUT_CHANNELS (INPUT_CHANNELS),
      .OUTPUT_CHANNELS(OUTPUT_CHANNELS),
      .PACKED         (PACKED)
  ) array (
      .clock,
      .activation,
      .weight(weight_word),
      .sum
  );

  // where a row's sums go, on its way beside the array; stage ARRAY_LATENCY - 1 fetches
  localparam int unsigned ROW_BITS = ACCUMULATOR_SLOT_BITS + OUTPUT_WORD_BITS + 1;
  logic [          ARRAY_LATENCY-1:0] valid_in;
  logic [            ARRAY_LATENCY:0] last_in;
  logic [ARRAY_LATENCY*ROW_BITS-1:0] row_in;
  logic [      OUTPUT_WORD_BITS-1:0] row_word;
  logic                              fetch_first;
  logic [ACCUMULATOR_SLOT_BITS-1:0]  fetch_slot;
  logic [      OUTPUT_WORD_BITS-1:0] fetch_word;

  assign row_word = OUTPUT_WORD_BITS'(32'(width_pass) * TILE_TOKENS + 32'(row));
  assign {fetch_slot, fetch_word, fetch_first} = row_in[(ARRAY_LATENCY-1)*ROW_BITS+:ROW_BITS];
  assign accumulator_filled = last_in[ARRAY_LATENCY];

  always_ff @(posedge clock) begin
    valid_in <= reset ? '0 : {valid_in[ARRAY_LATENCY-2:0], row_valid};
    last_in <= reset ? '0 : {last_in[ARRAY_LATENCY-1:0], row_valid && row_last};
    row_in <= {row_in[(ARRAY_LATENCY-1)*ROW_BITS-1:0], row_slot, row_word, row_first};
  end

  // Accumulators --------------------------------------------------------------------------------
  logic [ACCUMULATOR_SLOT_BITS-1:0] accumulator_read_slot;
  logic [                     15:0] accumulator_read_row;
  logic [                     15:0] accumulator_read_pass;
  logic [             LANES*32-1:0] accumulator_word;
  /* verilator lint_off UNUSEDSIGNAL */  // tiles name their slots, the requantizer counts its own
  logic [ACCUMULATOR_SLOT_BITS-1:0] accumulator_reserve_slot;
  logic [ACCUMULATOR_SLOT_BITS-1:0] accumulator_fill_slot;
  logic [ACCUMULATOR_SLOT_BITS-1:0] accumulator_free_slot;
  /* verilator lint_on UNUSEDSIGNAL */

  slot_tracker #(
      .SLOTS(ACCUMULATOR_SLOTS)
  ) accumulator_slots (
      .clock,
      .reset,
      .reserve     (start_first),
      .fill        (accumulator_filled),
      .free        (accumulator_free),
      .has_free    (accumulator_has_free),
      .is_empty    (accumulator_empty),
      .reserve_slot(accumulator_reserve_slot),
      .fill_slot   (accumulator_fill_slot),
      .free_slot   (accumulator_free_slot)
  );

  accumulator #(
      .LANES(LANES),
      .WORDS(OUTPUT_WORDS),
      .SLOTS(ACCUMULATOR_SLOTS)
  ) accumulators (
      .clock,
      .fetch_valid(valid_in[ARRAY_LATENCY-1]),
      .fetch_slot,
      .fetch_word,
      .fetch_first,
      .addend     (sum),
      .read_slot  (accumulator_read_slot),
      .read_word  (OUTPUT_WORD_BITS'(32'(accumulator_read_pass) * TILE_TOKENS + 32'(accumulator_read_row))),
      .read_data  (accumulator_word)
  );

  // Requantization ------------------------------------------------------------------------------
  logic                        output_has_free;
  logic                        output_empty;
  logic                        output_start;
  logic                        output_filled;
  logic                        output_stored;
  logic                        requantizer_idle;
  logic                        output_write_valid;
  logic [OUTPUT_SLOT_BITS-1:0] output_reserve_slot;
  logic [OUTPUT_SLOT_BITS-1:0] output_write_slot;
  logic [                15:0] output_write_row;
  logic [                15:0] output_write_pass;
  logic [         LANES*8-1:0] output_write_word;

  requantizer #(
      .LANES            (LANES),
      .ACCUMULATOR_SLOTS(ACCUMULATOR_SLOTS),
      .OUTPUT_SLOT_BITS (OUTPUT_SLOT_BITS)
  ) output_requantizer (
      .clock,
      .reset,
      .tile_valid      (start_first),
      .tile_slot       (tile_accumulator_slot),
      .tile_rows,
      .tile_width_passes,
      .tile_multiplier,
      .tile_shift,
      .accumulator_filled,
      .free_accumulator(accumulator_free),
      .read_slot       (accumulator_read_slot),
      .read_row        (accumulator_read_row),
      .read_width_pass (accumulator_read_pass),
      .read_data       (accumulator_word),
      .output_free     (output_has_free),
      .output_slot     (output_reserve_slot),
      .start           (output_start),
      .write_valid     (output_write_valid),
      .write_slot      (output_write_slot),
      .write_row       (output_write_row),
      .write_width_pass(output_write_pass),
      .write_data      (output_write_word),
      .output_filled,
      .is_idle         (requantizer_idle)
  );

  // Output tiles --------------------------------------------------------------------------------
  logic [    WAITING_BITS-1:0] stores_waiting;
  logic                        output_mover_ready;
  logic                        hold;
  logic [OUTPUT_SLOT_BITS-1:0] store_slot;
  logic [                 7:0] store_plane;
  logic [                15:0] store_row;
  logic [                15:0] store_pass;
  logic [                 7:0] store_slice;
  logic [OUTPUT_WORD_BITS-1:0] store_word;
  logic [OUTPUT_SLICE_BITS-1:0] store_lane;
  logic [OUTPUT_SLOT_BITS-1:0] held_slot;
  logic [OUTPUT_WORD_BITS-1:0] held_word;
  logic [OUTPUT_SLICE_BITS-1:0] held_lane;
  logic [         LANES*8-1:0] output_word;
  /* verilator lint_off UNUSEDSIGNAL */  // written and stored in the order of the tracker
  logic [OUTPUT_SLOT_BITS-1:0] output_fill_slot;
  logic [OUTPUT_SLOT_BITS-1:0] output_free_slot;
  /* verilator lint_on UNUSEDSIGNAL */

  slot_tracker #(
      .SLOTS(OUTPUT_SLOTS)
  ) output_slots (
      .clock,
      .reset,
      .reserve     (output_start),
      .fill        (output_filled),
      .free        (output_stored),
      .has_free    (output_has_free),
      .is_empty    (output_empty),
      .reserve_slot(output_reserve_slot),
      .fill_slot   (output_fill_slot),
      .free_slot   (output_free_slot)
  );

  tile_buffer #(
      .WORD_BITS (LANES * 8),
      .SLICE_BITS(LANES * 8),
      .WORDS     (OUTPUT_WORDS),
      .SLOTS     (OUTPUT_SLOTS)
  ) output_buffer (
      .clock,
      .write_valid(output_write_valid),
      .write_slot (output_write_slot),
      .write_word (OUTPUT_WORD_BITS'(32'(output_write_pass) * TILE_TOKENS + 32'(output_write_row))),
      .write_slice(1'b0),
      .write_data (output_write_word),
      .read_slot  (hold ? held_slot : store_slot),
      .read_word  (hold ? held_word : store_word),
      .read_data  (output_word)
  );

  assign output_ready = output_mover_ready && stores_waiting != '0;
  assign store_word = OUTPUT_WORD_BITS'(32'(store_pass) * TILE_TOKENS + 32'(store_row));
  assign store_lane = OUTPUT_SLICE_BITS'(32'(store_plane) * OUTPUT_GROUP_BEATS + 32'(store_slice));
  assign output_data = output_word[32'(held_lane)*BEAT_BYTES*8+:BEAT_BYTES*8];

  always_ff @(posedge clock) begin
    if (reset) stores_waiting <= '0;
    else
      stores_waiting <= stores_waiting + WAITING_BITS'(output_filled) -
          WAITING_BITS'(output_valid && output_ready);
    if (!hold) begin
      held_slot <= store_slot;
      held_word <= store_word;
      held_lane <= store_lane;
    end
  end

  write_mover #(
      .BEAT_BYTES (BEAT_BYTES),
      .BURST_BEATS(BURST_BEATS),
      .OUTSTANDING(OUTSTANDING),
      .SLOTS      (OUTPUT_SLOTS)
  ) output_mover (
      .clock,
      .reset,
      .descriptor_valid             (output_valid && stores_waiting != '0),
      .descriptor_ready             (output_mover_ready),
      .descriptor_address           (output_address),
      .descriptor_planes            (output_planes),
      .descriptor_plane_stride_bytes(output_plane_stride_bytes),
      .descriptor_runs              (output_runs),
      .descriptor_run_stride_bytes  (output_run_stride_bytes),
      .descriptor_run_beats         (output_run_beats),
      .descriptor_rows              (output_rows),
      .descriptor_groups            (output_width_passes),
      .descriptor_slices            (output_dense ? 8'(OUTPUT_SLICES) : 8'(OUTPUT_GROUP_BEATS)),
      .read_slot                    (store_slot),
      .read_plane                   (store_plane),
      .read_row                     (store_row),
      .read_group                   (store_pass),
      .read_slice                   (store_slice),
      .hold,
      .request_valid                (output_request_valid),
      .request_ready                (output_request_ready),
      .request_address              (output_request_address),
      .request_beats                (output_request_beats),
      .data_valid                   (output_data_valid),
      .data_ready                   (output_data_ready),
      .data_last                    (output_data_last),
      .response_valid               (output_response_valid),
      .tile_done                    (output_stored)
  );

  assign is_idle = input_empty && weight_empty && accumulator_empty && output_empty &&
      sequencer_idle && requantizer_idle;
endmodule
