// SPDX-License-Identifier: Apache-2.0
// Place in memory of a transfer: planes of runs of consecutive beats. `load` sets it to the first
// beat of a descriptor, each `advance` moves it on by a burst or by a beat. No burst is longer than
// BURST_BEATS or crosses a 4 KiB boundary.
module run_walker #(
    parameter int unsigned BEAT_BYTES   = 16,
    parameter int unsigned BURST_BEATS  = 64,
    parameter bit          BEAT_BY_BEAT = 1'b0
) (
    input  logic        clock,
    input  logic        load,
    input  logic [31:0] first_address,
    input  logic [15:0] planes,
    input  logic [31:0] plane_stride_bytes,
    input  logic [15:0] runs,
    input  logic [31:0] run_stride_bytes,
    input  logic [23:0] run_beats,
    input  logic        advance,
    output logic [31:0] address,
    output logic [ 8:0] burst_beats,  // of a burst that begins here
    output logic        ends          // the transfer, with this step
);
  localparam int unsigned BEAT_SHIFT = $clog2(BEAT_BYTES);

  logic [31:0] run_address;
  logic [31:0] plane_address;
  logic [15:0] planes_left;
  logic [15:0] runs_of_plane;
  logic [15:0] runs_left;
  logic [23:0] beats_of_run;
  logic [23:0] beats_left;
  logic [31:0] plane_stride;
  logic [31:0] run_stride;

  logic [12-BEAT_SHIFT:0] to_boundary;
  logic [            8:0] longest_burst;
  logic [            8:0] step_beats;
  logic                   run_ends;  // with this step
  logic                   plane_ends;

  assign to_boundary = {1'b1, {(12 - BEAT_SHIFT) {1'b0}}} - {1'b0, address[11:BEAT_SHIFT]};
  assign longest_burst = (32'(to_boundary) < BURST_BEATS) ? 9'(to_boundary) : 9'(BURST_BEATS);
  assign step_beats = BEAT_BY_BEAT ? 9'd1 : longest_burst;
  assign run_ends = beats_left <= 24'(step_beats);
  assign burst_beats = (beats_left <= 24'(longest_burst)) ? beats_left[8:0] : longest_burst;
  assign plane_ends = run_ends && runs_left == 16'd1;
  assign ends = plane_ends && planes_left == 16'd1;

  always_ff @(posedge clock) begin
    if (load) begin
      address <= first_address;
      run_address <= first_address;
      plane_address <= first_address;
      planes_left <= planes;
      plane_stride <= plane_stride_bytes;
      runs_of_plane <= runs;
      runs_left <= runs;
      run_stride <= run_stride_bytes;
      beats_of_run <= run_beats;
      beats_left <= run_beats;
    end else if (advance) begin
      if (!run_ends) begin
        address <= address + (32'(step_beats) << BEAT_SHIFT);
        beats_left <= beats_left - 24'(step_beats);
      end else begin
        beats_left <= beats_of_run;
        if (!plane_ends) begin
          address <= run_address + run_stride;
          run_address <= run_address + run_stride;
          runs_left <= runs_left - 1'b1;
        end else begin
          address <= plane_address + plane_stride;
          run_address <= plane_address + plane_stride;
          plane_address <= plane_address + plane_stride;
          planes_left <= planes_left - 1'b1;
          runs_left <= runs_of_plane;
        end
      end
    end
  end
endmodule
