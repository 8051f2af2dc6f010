// SPDX-License-Identifier: Apache-2.0
// Streams tiles out of the output buffer in write bursts. No burst is longer than BURST_BEATS or
// crosses a 4 KiB boundary, at most OUTSTANDING are unanswered.
// The first beat leaves 2 cycles after its descriptor is taken, then one a cycle, across bursts and
// descriptors too. A tile is complete when its last burst is answered.
// Beats of a tile: planes (heads) of rows of groups (array widths) of slices (beats of a group).
// Model: write direction of src/hw/dma/axi_dma.hpp.
module write_mover #(
    parameter int unsigned BEAT_BYTES  = 16,
    parameter int unsigned BURST_BEATS = 64,
    parameter int unsigned OUTSTANDING = 8,  // a power of two
    parameter int unsigned SLOTS       = 2,  // of the output buffer
    parameter int unsigned SLOT_BITS   = (SLOTS > 1) ? $clog2(SLOTS) : 1
) (
    input  logic        clock,
    input  logic        reset,
    // descriptor
    input  logic        descriptor_valid,
    output logic        descriptor_ready,
    input  logic [31:0] descriptor_address,
    input  logic [15:0] descriptor_planes,
    input  logic [31:0] descriptor_plane_stride_bytes,
    input  logic [15:0] descriptor_runs,
    input  logic [31:0] descriptor_run_stride_bytes,
    input  logic [23:0] descriptor_run_beats,
    input  logic [15:0] descriptor_rows,    // per plane
    input  logic [15:0] descriptor_groups,  // per row
    input  logic [ 7:0] descriptor_slices,  // per group
    // output buffer: what comes one cycle later
    output logic [SLOT_BITS-1:0] read_slot,
    output logic [ 7:0] read_plane,
    output logic [15:0] read_row,
    output logic [15:0] read_group,
    output logic [ 7:0] read_slice,
    output logic        hold,               // the beat read last is still needed
    // memory port
    output logic        request_valid,
    input  logic        request_ready,
    output logic [31:0] request_address,
    output logic [ 8:0] request_beats,
    output logic        data_valid,
    input  logic        data_ready,
    output logic        data_last,
    input  logic        response_valid,
    // a tile has been stored
    output logic        tile_done
);
  localparam int unsigned COUNT_BITS = $clog2(OUTSTANDING + 1);
  localparam int unsigned INDEX_BITS = (OUTSTANDING > 1) ? $clog2(OUTSTANDING) : 1;

  // stage 1: the beat that is read from the buffer
  logic        active;
  logic [31:0] address;
  logic [15:0] rows;
  logic [15:0] groups;
  logic [ 7:0] slices;
  logic [ 8:0] burst_left;  // beats of the current burst behind this one
  logic        burst_first;

  logic [SLOT_BITS-1:0] next_slot;

  logic [8:0] burst_beats;  // of a burst that begins here
  logic       burst_ends;
  logic       ends;         // the tile, with this beat

  // stage 2: the beat on the port
  logic        sending;
  logic        first;
  logic        last;
  logic        tile_last;
  logic [31:0] burst_address;
  logic [ 8:0] burst_length;
  logic        request_sent;
  logic        data_sent;
  logic        may_start;
  logic        step;
  logic        sent;

  logic [COUNT_BITS-1:0] unanswered;
  // per unanswered burst, oldest at bit 0: whether it ends a tile
  logic [OUTSTANDING-1:0] ends_tile;
  logic [COUNT_BITS-1:0]  ends_index;

  run_walker #(
      .BEAT_BYTES  (BEAT_BYTES),
      .BURST_BEATS (BURST_BEATS),
      .BEAT_BY_BEAT(1'b1)
  ) place (
      .clock,
      .load              (descriptor_ready),
      .first_address     (descriptor_address),
      .planes            (descriptor_planes),
      .plane_stride_bytes(descriptor_plane_stride_bytes),
      .runs              (descriptor_runs),
      .run_stride_bytes  (descriptor_run_stride_bytes),
      .run_beats         (descriptor_run_beats),
      .advance           (step && active),
      .address,
      .burst_beats,
      .ends
  );

  assign burst_ends = burst_first ? burst_beats == 9'd1 : burst_left == 9'd1;

  assign may_start = !first || request_sent || data_sent || unanswered != COUNT_BITS'(OUTSTANDING);
  assign request_valid = sending && first && !request_sent && may_start;
  assign request_address = burst_address;
  assign request_beats = burst_length;
  assign data_valid = sending && !data_sent && may_start;
  assign data_last = last;
  assign sent = sending && may_start && (data_sent || data_ready) &&
      (!first || request_sent || request_ready);
  assign step = !sending || sent;  // stage 1 moves into stage 2
  assign hold = !step;
  assign descriptor_ready = !active || (step && ends);

  assign tile_done = response_valid && ends_tile[0];
  assign ends_index = response_valid ? unanswered - 1'b1 : unanswered;

  always_ff @(posedge clock) begin
    if (reset) begin
      active <= 1'b0;
      sending <= 1'b0;
      request_sent <= 1'b0;
      data_sent <= 1'b0;
      unanswered <= '0;
      ends_tile <= '0;
      read_slot <= '0;
      next_slot <= '0;
    end else begin
      if (descriptor_ready && descriptor_valid) begin
        read_slot <= next_slot;
        next_slot <= (next_slot == SLOT_BITS'(SLOTS - 1)) ? '0 : next_slot + 1'b1;
      end
      if (descriptor_ready) active <= descriptor_valid;
      if (step) sending <= active;
      request_sent <= !step && (request_sent || (request_valid && request_ready));
      data_sent <= !step && (data_sent || (data_valid && data_ready));
      unanswered <= ends_index + COUNT_BITS'(sent && last);
      ends_tile <= ends_tile >> response_valid;
      if (sent && last) ends_tile[ends_index[INDEX_BITS-1:0]] <= tile_last;
    end
    if (descriptor_ready) begin
      rows <= descriptor_rows;
      groups <= descriptor_groups;
      slices <= descriptor_slices;
      burst_first <= 1'b1;
      read_plane <= '0;
      read_row <= '0;
      read_group <= '0;
      read_slice <= '0;
    end else if (step && active) begin
      burst_first <= burst_ends;
      burst_left <= (burst_first ? burst_beats : burst_left) - 1'b1;
      // place in the buffer
      if (read_slice != slices - 1'b1) begin
        read_slice <= read_slice + 1'b1;
      end else begin
        read_slice <= '0;
        if (read_group != groups - 1'b1) begin
          read_group <= read_group + 1'b1;
        end else begin
          read_group <= '0;
          if (read_row != rows - 1'b1) begin
            read_row <= read_row + 1'b1;
          end else begin
            read_row <= '0;
            read_plane <= read_plane + 1'b1;
          end
        end
      end
    end
    if (step) begin
      first <= burst_first;
      last <= burst_ends;
      tile_last <= ends;
      if (burst_first) begin
        burst_address <= address;
        burst_length <= burst_beats;
      end
    end
  end
endmodule
