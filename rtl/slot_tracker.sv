// SPDX-License-Identifier: Apache-2.0
// Slots of a buffer that is filled and emptied in one order (two slots are a ping-pong buffer).
// A slot is reserved when its load is issued, filled when the load is complete, released after its
// last use. Effects show in the next cycle. Model: src/hw/buffer/tile_buffer.hpp.
module slot_tracker #(
    parameter int unsigned SLOTS = 2,
    parameter int unsigned SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1
) (
    input  logic                 clock,
    input  logic                 reset,
    input  logic                 reserve,
    input  logic                 fill,
    input  logic                 free,
    output logic                 has_free,
    output logic                 is_empty,
    output logic [SLOT_BITS-1:0] reserve_slot,
    output logic [SLOT_BITS-1:0] fill_slot,
    output logic [SLOT_BITS-1:0] free_slot
);
  localparam int unsigned COUNT_BITS = $clog2(SLOTS + 1);
  localparam logic [SLOT_BITS-1:0] LAST_SLOT = SLOT_BITS'(SLOTS - 1);

  logic [COUNT_BITS-1:0] used;

  assign has_free = used != COUNT_BITS'(SLOTS);
  assign is_empty = used == '0;

  always_ff @(posedge clock) begin
    if (reset) begin
      used <= '0;
      reserve_slot <= '0;
      fill_slot <= '0;
      free_slot <= '0;
    end else begin
      if (reserve && !free) used <= used + 1'b1;
      else if (free && !reserve) used <= used - 1'b1;
      if (reserve) reserve_slot <= (reserve_slot == LAST_SLOT) ? '0 : reserve_slot + 1'b1;
      if (fill) fill_slot <= (fill_slot == LAST_SLOT) ? '0 : fill_slot + 1'b1;
      if (free) free_slot <= (free_slot == LAST_SLOT) ? '0 : free_slot + 1'b1;
    end
  end
endmodule
