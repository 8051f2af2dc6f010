// SPDX-License-Identifier: Apache-2.0
// Partial sums of output tiles: one memory per slot, so that one tile accumulates while another is
// read out. Each word holds LANES sums of 32 bits.
// Accumulate: address LATENCY = 1 cycle before its addends; a word may be hit again in the very next
// cycle. Read: data one cycle after the address.
module accumulator #(
    parameter int unsigned LANES     = 16,
    parameter int unsigned WORDS     = 128,  // per slot
    parameter int unsigned SLOTS     = 2,
    parameter int unsigned SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1,
    parameter int unsigned WORD_BITS = (WORDS > 1) ? $clog2(WORDS) : 1
) (
    input  logic                 clock,
    // one cycle ahead of the addends
    input  logic                 fetch_valid,
    input  logic [SLOT_BITS-1:0] fetch_slot,
    input  logic [WORD_BITS-1:0] fetch_word,
    input  logic                 fetch_first,  // starts from 0
    input  logic [ LANES*32-1:0] addend,
    // read-out, of another slot
    input  logic [SLOT_BITS-1:0] read_slot,
    input  logic [WORD_BITS-1:0] read_word,
    output logic [ LANES*32-1:0] read_data
);
  logic                    add_valid;
  logic [   SLOT_BITS-1:0] add_slot;
  logic [   WORD_BITS-1:0] add_word;
  logic                    add_first;
  logic                    again;  // the word that was written while it was fetched
  logic [    LANES*32-1:0] written;
  logic [    LANES*32-1:0] old;
  logic [    LANES*32-1:0] sum;
  logic [SLOTS*LANES*32-1:0] slot_data;
  logic [   SLOT_BITS-1:0] read_slot_q;

  assign old = add_first ? '0 : again ? written : slot_data[32'(add_slot)*LANES*32+:LANES*32];
  assign read_data = slot_data[32'(read_slot_q)*LANES*32+:LANES*32];

  for (genvar lane = 0; lane < LANES; lane++) begin : g_lane
    assign sum[lane*32+:32] = old[lane*32+:32] + addend[lane*32+:32];
  end

  always_ff @(posedge clock) begin
    add_valid <= fetch_valid;
    add_slot <= fetch_slot;
    add_word <= fetch_word;
    add_first <= fetch_first;
    again <= add_valid && add_slot == fetch_slot && add_word == fetch_word;
    written <= sum;
    read_slot_q <= read_slot;
  end

  for (genvar slot = 0; slot < SLOTS; slot++) begin : g_slot
    (* ram_style = "block" *)
    logic [LANES*32-1:0] memory[WORDS];
    logic [LANES*32-1:0] data;
    logic                fetched;
    assign fetched = fetch_valid && fetch_slot == SLOT_BITS'(slot);
    always_ff @(posedge clock) begin
      if (add_valid && add_slot == SLOT_BITS'(slot)) memory[add_word] <= sum;
      data <= memory[fetched ? fetch_word : read_word];
    end
    assign slot_data[slot*LANES*32+:LANES*32] = data;
  end
endmodule
