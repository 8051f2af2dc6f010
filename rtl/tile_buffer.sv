// SPDX-License-Identifier: Apache-2.0
//
// Tile buffer of SLOTS slots of WORDS words: the DMA engine writes slices of a word into one slot while the array reads
// whole words of another. One memory bank per slice, so a slice can be written on its own and a word be read at once.
//
// Latency of a read 1 cycle, one read and one write a cycle. A slot must not be read in the cycle it is written in at
// the same word (the controller gives a slot to one side at a time). MEMORY_STYLE is the synthesis attribute
// ram_style: "block" or "ultra". Stands for src/hw/buffer.

module tile_buffer #(
    parameter int WORD_BITS  = 128,
    parameter int SLICE_BITS = 64,
    parameter int WORDS      = 512,
    parameter int SLOTS      = 2,
    // For synthesis only: Verilator does not know the attribute.
    /* verilator lint_off UNUSEDPARAM */
    parameter MEMORY_STYLE = "block",
    /* verilator lint_on UNUSEDPARAM */
    // Derived; not to be set.
    parameter int SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1,
    parameter int ADDRESS_BITS = (WORDS > 1) ? $clog2(WORDS) : 1,
    parameter int SLICES = WORD_BITS / SLICE_BITS,
    parameter int SELECT_BITS = (SLICES > 1) ? $clog2(SLICES) : 1
) (
    input  wire                    clock,
    input  wire                    write_valid,
    input  wire [   SLOT_BITS-1:0] write_slot,
    input  wire [ADDRESS_BITS-1:0] write_word,
    input  wire [ SELECT_BITS-1:0] write_slice,
    input  wire [  SLICE_BITS-1:0] write_data,
    input  wire [   SLOT_BITS-1:0] read_slot,
    input  wire [ADDRESS_BITS-1:0] read_word,
    output wire [   WORD_BITS-1:0] read_data
);

  localparam int DEPTH = SLOTS * WORDS;
  localparam int DEPTH_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1;

  // Slots lie one behind the other in a bank; without a gap, so that odd sizes waste no memory.
  wire [DEPTH_BITS-1:0] write_address;
  wire [DEPTH_BITS-1:0] read_address;
  generate
    if (SLOTS == 1) begin : one_slot
      assign write_address = write_word;
      assign read_address  = read_word;
      wire unused = &{write_slot, read_slot};
    end else if (WORDS == 1) begin : one_word
      assign write_address = write_slot;
      assign read_address  = read_slot;
      wire unused = &{write_word, read_word};
    end else if ((1 << ADDRESS_BITS) == WORDS) begin : concatenated
      assign write_address = {write_slot, write_word};
      assign read_address  = {read_slot, read_word};
    end else begin : added
      assign write_address = DEPTH_BITS'(write_slot) * DEPTH_BITS'(WORDS) + DEPTH_BITS'(write_word);
      assign read_address  = DEPTH_BITS'(read_slot) * DEPTH_BITS'(WORDS) + DEPTH_BITS'(read_word);
    end

    for (genvar slice = 0; slice < SLICES; slice++) begin : banks
      wire selected;
      if (SLICES == 1) begin : only
        assign selected = write_valid;
        wire unused = write_slice[0];
      end else begin : one_of_many
        assign selected = write_valid && write_slice == SELECT_BITS'(slice);
      end
      (* ram_style = MEMORY_STYLE *)
      reg [SLICE_BITS-1:0] memory[0:DEPTH-1];
      reg [SLICE_BITS-1:0] word;
      always_ff @(posedge clock) begin
        if (selected) memory[write_address] <= write_data;
        word <= memory[read_address];
      end
      assign read_data[slice*SLICE_BITS+:SLICE_BITS] = word;
    end
  endgenerate

endmodule
