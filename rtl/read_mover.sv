// SPDX-License-Identifier: Apache-2.0
// Turns descriptors into read bursts: planes of runs of consecutive beats. No burst is longer than
// BURST_BEATS or crosses a 4 KiB boundary, at most OUTSTANDING are in flight.
// First request 2 cycles after its descriptor is taken, then one a cycle, across descriptors too.
// The data go past the mover to whoever asked for them. Model: read direction of src/hw/dma/axi_dma.hpp.
module read_mover #(
    parameter int unsigned BEAT_BYTES  = 16,
    parameter int unsigned BURST_BEATS = 64,
    parameter int unsigned OUTSTANDING = 8
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
    // memory port
    output logic        request_valid,
    input  logic        request_ready,
    output logic [31:0] request_address,
    output logic [ 8:0] request_beats,
    input  logic        data_valid,
    input  logic        data_last
);
  localparam int unsigned COUNT_BITS = $clog2(OUTSTANDING + 1);

  // the descriptor that waits
  logic        next_valid;
  logic [31:0] next_address;
  logic [15:0] next_planes;
  logic [31:0] next_plane_stride;
  logic [15:0] next_runs;
  logic [31:0] next_run_stride;
  logic [23:0] next_run_beats;

  logic                  active;
  logic [COUNT_BITS-1:0] in_flight;
  logic                  issue;
  logic                  ends;  // the descriptor under way, with this request
  logic                  take_next;

  run_walker #(
      .BEAT_BYTES (BEAT_BYTES),
      .BURST_BEATS(BURST_BEATS)
  ) place (
      .clock,
      .load              (take_next),
      .first_address     (next_address),
      .planes            (next_planes),
      .plane_stride_bytes(next_plane_stride),
      .runs              (next_runs),
      .run_stride_bytes  (next_run_stride),
      .run_beats         (next_run_beats),
      .advance           (issue),
      .address           (request_address),
      .burst_beats       (request_beats),
      .ends
  );

  assign request_valid = active && in_flight != COUNT_BITS'(OUTSTANDING);
  assign issue = request_valid && request_ready;
  assign take_next = next_valid && (!active || (issue && ends));
  assign descriptor_ready = !next_valid || take_next;

  always_ff @(posedge clock) begin
    if (reset) begin
      next_valid <= 1'b0;
      active <= 1'b0;
      in_flight <= '0;
    end else begin
      if (descriptor_ready) next_valid <= descriptor_valid;
      if (take_next) active <= 1'b1;
      else if (issue && ends) active <= 1'b0;
      if (issue && !(data_valid && data_last)) in_flight <= in_flight + 1'b1;
      else if (!issue && data_valid && data_last) in_flight <= in_flight - 1'b1;
    end
    if (descriptor_ready) begin
      next_address <= descriptor_address;
      next_planes <= descriptor_planes;
      next_plane_stride <= descriptor_plane_stride_bytes;
      next_runs <= descriptor_runs;
      next_run_stride <= descriptor_run_stride_bytes;
      next_run_beats <= descriptor_run_beats;
    end
  end
endmodule
