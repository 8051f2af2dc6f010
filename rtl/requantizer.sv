// SPDX-License-Identifier: Apache-2.0
// Empties complete accumulator tiles through the requantization lanes into the output buffer, one
// word (all lanes) a cycle, one tile at a time. A tile of w words takes
// w + REQUANTIZE_LATENCY + 2 cycles. Model: requantization in src/hw/vector_unit/vector_unit.cpp.
module requantizer #(
    parameter int unsigned LANES                 = 16,
    parameter int unsigned ACCUMULATOR_SLOTS     = 2,
    parameter int unsigned ACCUMULATOR_SLOT_BITS = (ACCUMULATOR_SLOTS > 1) ? $clog2(ACCUMULATOR_SLOTS) : 1,
    parameter int unsigned OUTPUT_SLOT_BITS      = 1
) (
    input  logic                             clock,
    input  logic                             reset,
    // what an output tile is, told when its sums start
    input  logic                             tile_valid,
    input  logic [ACCUMULATOR_SLOT_BITS-1:0] tile_slot,
    input  logic [                     15:0] tile_rows,
    input  logic [                     15:0] tile_width_passes,
    input  logic [                     15:0] tile_multiplier,
    input  logic [                      5:0] tile_shift,
    // accumulators
    input  logic                             accumulator_filled,  // one more tile
    output logic                             free_accumulator,
    output logic [ACCUMULATOR_SLOT_BITS-1:0] read_slot,
    output logic [                     15:0] read_row,
    output logic [                     15:0] read_width_pass,
    input  logic [             LANES*32-1:0] read_data,
    // output buffer
    input  logic                             output_free,
    input  logic [     OUTPUT_SLOT_BITS-1:0] output_slot,
    output logic                             start,               // takes an output slot
    output logic                             write_valid,
    output logic [     OUTPUT_SLOT_BITS-1:0] write_slot,
    output logic [                     15:0] write_row,
    output logic [                     15:0] write_width_pass,
    output logic [              LANES*8-1:0] write_data,
    output logic                             output_filled,
    output logic                             is_idle
);
  localparam int unsigned DEPTH = heatsim_pkg::REQUANTIZE_LATENCY + 1;  // read, then the lanes
  localparam int unsigned WAITING_BITS = 8;
  localparam int unsigned SLOTS = ACCUMULATOR_SLOTS;

  // per accumulator slot
  logic [SLOTS*16-1:0] rows_of;
  logic [SLOTS*16-1:0] width_passes_of;
  logic [SLOTS*16-1:0] multiplier_of;
  logic [ SLOTS*6-1:0] shift_of;

  logic [WAITING_BITS-1:0] waiting;  // complete tiles
  logic                    busy;
  logic                    reading;
  logic [            15:0] rows;
  logic [            15:0] width_passes;
  logic [            15:0] multiplier;
  logic [             5:0] shift;
  logic                    pass_ends;
  logic                    ends;

  // on their way through the lanes, newest at 0
  logic [   DEPTH-1:0] valid_in;
  logic [DEPTH*16-1:0] row_in;
  logic [DEPTH*16-1:0] pass_in;
  logic [   DEPTH-1:0] ends_in;

  assign start = waiting != '0 && output_free && !busy;
  // compared slot by slot: a multiplied index would be a shifter
  always_comb begin
    rows = rows_of[0+:16];
    width_passes = width_passes_of[0+:16];
    multiplier = multiplier_of[0+:16];
    shift = shift_of[0+:6];
    for (int slot = 1; slot < SLOTS; slot++)
      if (read_slot == ACCUMULATOR_SLOT_BITS'(slot)) begin
        rows = rows_of[slot*16+:16];
        width_passes = width_passes_of[slot*16+:16];
        multiplier = multiplier_of[slot*16+:16];
        shift = shift_of[slot*6+:6];
      end
  end
  assign pass_ends = read_row == rows - 1'b1;
  assign ends = pass_ends && read_width_pass == width_passes - 1'b1;

  assign write_valid = valid_in[DEPTH-1];
  assign write_row = row_in[(DEPTH-1)*16+:16];
  assign write_width_pass = pass_in[(DEPTH-1)*16+:16];
  assign output_filled = write_valid && ends_in[DEPTH-1];
  assign free_accumulator = output_filled;
  assign is_idle = !busy && waiting == '0;

  requantize #(
      .LANES(LANES)
  ) lanes (
      .clock,
      .accumulator(read_data),
      .multiplier,
      .shift,
      .value      (write_data)
  );

  always_ff @(posedge clock) begin
    if (reset) begin
      waiting <= '0;
      busy <= 1'b0;
      reading <= 1'b0;
      read_slot <= '0;
      valid_in <= '0;
    end else begin
      waiting <= waiting + WAITING_BITS'(accumulator_filled) - WAITING_BITS'(start);
      if (start) begin
        busy <= 1'b1;
        reading <= 1'b1;
      end else begin
        if (reading && ends) reading <= 1'b0;
        if (output_filled) begin
          busy <= 1'b0;
          read_slot <= (read_slot == ACCUMULATOR_SLOT_BITS'(SLOTS - 1)) ? '0 : read_slot + 1'b1;
        end
      end
      valid_in <= {valid_in[DEPTH-2:0], reading};
    end
    for (int slot = 0; slot < SLOTS; slot++)
      if (tile_valid && tile_slot == ACCUMULATOR_SLOT_BITS'(slot)) begin
        rows_of[slot*16+:16] <= tile_rows;
        width_passes_of[slot*16+:16] <= tile_width_passes;
        multiplier_of[slot*16+:16] <= tile_multiplier;
        shift_of[slot*6+:6] <= tile_shift;
      end
    if (start) begin
      write_slot <= output_slot;
      read_row <= '0;
      read_width_pass <= '0;
    end else if (reading) begin
      read_row <= pass_ends ? '0 : read_row + 1'b1;
      if (pass_ends) read_width_pass <= read_width_pass + 1'b1;
    end
    row_in <= {row_in[(DEPTH-1)*16-1:0], read_row};
    pass_in <= {pass_in[(DEPTH-1)*16-1:0], read_width_pass};
    ends_in <= {ends_in[DEPTH-2:0], ends};
  end
endmodule
