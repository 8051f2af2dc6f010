// SPDX-License-Identifier: Apache-2.0
// Partial sums of output tiles: one tile accumulates in its slot while another is read out. Each word
// holds LANES sums of 32 bits.
// Accumulate: address LATENCY = 1 cycle before its addends; a word may be hit again in the very next
// cycle. Read: data one cycle after the address.
// Shallow slots lie in one memory that is there twice, once for the accumulation and once for the
// read-out, both written together; slots that fill blocks by themselves in a memory each (COPIED).
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
  // Not more block RAMs, which are 512 words deep where they are widest, and no multiplexers.
  localparam int unsigned BLOCK_WORDS = 512;
  localparam bit COPIED =
      2 * ((SLOTS * WORDS + BLOCK_WORDS - 1) / BLOCK_WORDS) <= SLOTS * ((WORDS + BLOCK_WORDS - 1) / BLOCK_WORDS);

  logic                add_valid;
  logic                add_first;
  logic                again;  // the word that was written while it was fetched
  logic [LANES*32-1:0] written;
  logic [LANES*32-1:0] fetched_data;
  logic [LANES*32-1:0] old;
  logic [LANES*32-1:0] sum;

  assign old = add_first ? '0 : again ? written : fetched_data;

  for (genvar lane = 0; lane < LANES; lane++) begin : g_lane
    assign sum[lane*32+:32] = old[lane*32+:32] + addend[lane*32+:32];
  end

  always_ff @(posedge clock) begin
    add_valid <= fetch_valid;
    add_first <= fetch_first;
    written <= sum;
  end

  if (COPIED) begin : g_copies
    localparam int unsigned DEPTH = SLOTS * WORDS;
    localparam int unsigned DEPTH_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1;
    logic [DEPTH_BITS-1:0] fetch_address;
    logic [DEPTH_BITS-1:0] read_address;
    logic [DEPTH_BITS-1:0] add_address;

    if (SLOTS == 1) begin : g_one_slot
      assign fetch_address = fetch_word;
      assign read_address  = read_word;
      wire unused = &{fetch_slot, read_slot};
    end else if (WORDS == 1) begin : g_one_word
      assign fetch_address = fetch_slot;
      assign read_address  = read_slot;
      wire unused = &{fetch_word, read_word};
    end else if ((1 << WORD_BITS) == WORDS) begin : g_concatenated
      assign fetch_address = {fetch_slot, fetch_word};
      assign read_address  = {read_slot, read_word};
    end else begin : g_added
      assign fetch_address = DEPTH_BITS'(fetch_slot) * DEPTH_BITS'(WORDS) + DEPTH_BITS'(fetch_word);
      assign read_address  = DEPTH_BITS'(read_slot) * DEPTH_BITS'(WORDS) + DEPTH_BITS'(read_word);
    end

    always_ff @(posedge clock) begin
      add_address <= fetch_address;
      again <= add_valid && add_address == fetch_address;
    end

    (* ram_style = "block" *)
    logic [LANES*32-1:0] sums[DEPTH];
    (* ram_style = "block" *)
    logic [LANES*32-1:0] copy[DEPTH];
    always_ff @(posedge clock) begin
      if (add_valid) sums[add_address] <= sum;
      fetched_data <= sums[fetch_address];
    end
    always_ff @(posedge clock) begin
      if (add_valid) copy[add_address] <= sum;
      read_data <= copy[read_address];
    end
  end else begin : g_memory_per_slot
    logic [      SLOT_BITS-1:0] add_slot;
    logic [      WORD_BITS-1:0] add_word;
    logic [      SLOT_BITS-1:0] read_slot_q;
    logic [SLOTS*LANES*32-1:0] slot_data;

    assign fetched_data = slot_data[32'(add_slot)*LANES*32+:LANES*32];
    assign read_data = slot_data[32'(read_slot_q)*LANES*32+:LANES*32];

    always_ff @(posedge clock) begin
      add_slot <= fetch_slot;
      add_word <= fetch_word;
      again <= add_valid && add_slot == fetch_slot && add_word == fetch_word;
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
  end
endmodule
