// SPDX-License-Identifier: Apache-2.0
// Lands the beats of one operand in the slots of its buffer, tile after tile, and says when a tile
// is complete. A tile is planes of rows of beats; GROUP_BEATS of them are the operand of one array
// pass. Where planes are not heads (`dense`, or the only plane), consecutive groups fill the lanes of
// a word; else each plane has the lane of its head.
// A descriptor is taken when a slot is free, which its read mover has to take too.
module tile_loader #(
    parameter int unsigned HEADS       = 1,
    parameter int unsigned GROUP_BEATS = 1,
    parameter int unsigned ROW_WORDS   = 64,  // words between two groups of a row
    parameter int unsigned SLOTS       = 2,
    parameter int unsigned SLOT_BITS   = (SLOTS > 1) ? $clog2(SLOTS) : 1,
    parameter int unsigned WORD_BITS   = 16,
    parameter int unsigned SLICE_BITS  = (HEADS * GROUP_BEATS > 1) ? $clog2(HEADS * GROUP_BEATS) : 1
) (
    input  logic                  clock,
    input  logic                  reset,
    // descriptor
    input  logic                  descriptor_valid,
    output logic                  descriptor_ready,
    input  logic                  mover_ready,
    input  logic                  descriptor_dense,
    input  logic [          15:0] descriptor_planes,
    input  logic [          15:0] descriptor_rows,
    input  logic [          15:0] descriptor_row_beats,
    // memory port
    input  logic                  data_valid,
    // buffer
    input  logic                  free_slot,
    output logic [ SLOT_BITS-1:0] write_slot,
    output logic [ WORD_BITS-1:0] write_word,
    output logic [SLICE_BITS-1:0] write_slice,
    output logic                  filled,
    output logic                  is_empty
);
  localparam int unsigned SHAPE_BITS = 1 + 3 * 16;

  logic                 has_free;
  logic                 reserve;
  logic [SLOT_BITS-1:0] reserve_slot;
  /* verilator lint_off UNUSEDSIGNAL */  // the consumer names the slot that it reads
  logic [SLOT_BITS-1:0] oldest_slot;
  /* verilator lint_on UNUSEDSIGNAL */

  // shape of the tile in each slot
  logic [SLOTS*SHAPE_BITS-1:0] shapes;
  logic                        dense;
  logic [                15:0] planes;
  logic [                15:0] rows;
  logic [                15:0] row_beats;

  // the beat that comes next
  logic [          15:0] plane;
  logic [          15:0] row;
  logic [          15:0] beat;
  logic [SLICE_BITS-1:0] slice;  // within the lanes that a row fills
  logic [ WORD_BITS-1:0] group_word;
  logic                  slice_ends;
  logic                  row_ends;
  logic                  plane_ends;

  assign reserve = descriptor_valid && descriptor_ready;
  assign descriptor_ready = has_free && mover_ready;
  // compared slot by slot: a multiplied index would be a shifter
  always_comb begin
    {dense, planes, rows, row_beats} = shapes[0+:SHAPE_BITS];
    for (int slot = 1; slot < SLOTS; slot++)
      if (write_slot == SLOT_BITS'(slot))
        {dense, planes, rows, row_beats} = shapes[slot*SHAPE_BITS+:SHAPE_BITS];
  end
  assign slice_ends = slice == (dense ? SLICE_BITS'(HEADS * GROUP_BEATS - 1) : SLICE_BITS'(GROUP_BEATS - 1));
  assign row_ends = beat == row_beats - 1'b1;
  assign plane_ends = row_ends && row == rows - 1'b1;
  assign filled = data_valid && plane_ends && plane == planes - 1'b1;
  assign write_word = group_word + WORD_BITS'(row);
  assign write_slice = slice + (dense ? '0 : SLICE_BITS'(32'(plane) * GROUP_BEATS));

  slot_tracker #(
      .SLOTS(SLOTS)
  ) slots (
      .clock,
      .reset,
      .reserve,
      .fill     (filled),
      .free     (free_slot),
      .has_free,
      .is_empty,
      .reserve_slot,
      .fill_slot(write_slot),
      .free_slot(oldest_slot)
  );

  always_ff @(posedge clock) begin
    for (int slot = 0; slot < SLOTS; slot++)
      if (reserve && reserve_slot == SLOT_BITS'(slot))
        shapes[slot*SHAPE_BITS+:SHAPE_BITS] <=
            {descriptor_dense, descriptor_planes, descriptor_rows, descriptor_row_beats};
    if (reset) begin
      plane <= '0;
      row <= '0;
      beat <= '0;
      slice <= '0;
      group_word <= '0;
    end else if (data_valid) begin
      beat <= row_ends ? '0 : beat + 1'b1;
      slice <= (slice_ends || row_ends) ? '0 : slice + 1'b1;
      if (row_ends) group_word <= '0;
      else if (slice_ends) group_word <= group_word + WORD_BITS'(ROW_WORDS);
      if (row_ends) row <= plane_ends ? '0 : row + 1'b1;
      if (plane_ends) plane <= filled ? '0 : plane + 1'b1;
    end
  end
endmodule
