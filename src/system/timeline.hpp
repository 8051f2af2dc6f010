// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "stats/stats.hpp"
#include "system/result.hpp"
#include "system/simulation.hpp"
#include "workload/operators.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::system {

/// What a track of a timeline shows.
enum class TrackKind : std::uint8_t {
    Operators,   ///< the controller's
    ArrayCauses, ///< why the array does or does not work
    Unit,        ///< array, vector unit, token selector, host: pieces of work
    Transfers,   ///< tiles on their way over a port, one direction
    DataChannel, ///< beats of bursts at an AXI port, one direction
    MemoryBus,   ///< data bus of one memory channel, both directions
};

/// Something that takes time. Times are from the start of the image.
struct Slice {
    static constexpr std::uint32_t no_operator = ~std::uint32_t{0};

    std::uint64_t start_fs = 0;
    std::uint64_t end_fs = 0;
    std::uint32_t name = 0;         ///< index into `Timeline::names`
    std::uint32_t op = no_operator; ///< the operator it belongs to, likewise
    std::uint64_t bytes = 0;        ///< transfers, beats and memory; 0 elsewhere
};

/// Slices that follow each other: ascending, none begins before its predecessor ends.
///
/// A statistic is named by its path in stats.json; all tracks of the same kind that name it add up
/// to it. Empty: there is none.
struct Track {
    std::string name; ///< `dma_hp0 read data`
    TrackKind kind = TrackKind::Operators;
    std::uint64_t period_fs = 0;  ///< of the clock whose cycles it counts
    std::string cycles_statistic; ///< time of its slices in cycles of that clock
    std::string bytes_statistic;  ///< bytes of its slices
    std::string slices_statistic; ///< number of its slices
    std::vector<Slice> slices;

    [[nodiscard]] std::uint64_t busy_fs() const;
    [[nodiscard]] std::uint64_t bytes() const;
};

enum class CounterKind : std::uint8_t { Bandwidth, BufferSlots, DmaQueue, Tokens };

/// A number over time: each sample holds until the next one.
struct TimelineCounter {
    struct Sample {
        std::uint64_t time_fs = 0;
        double value = 0.0;
    };
    struct Limit {
        std::string name;
        double value = 0.0;
    };

    std::string name; ///< `input_buffer used`
    CounterKind kind = CounterKind::Tokens;
    std::string unit;
    std::optional<Limit> limit;  ///< that no sample can exceed
    std::vector<Sample> samples; ///< ascending, no two at one time
};

/// That a slice needed what another one brought.
struct Flow {
    std::size_t from_track = 0;
    std::size_t from_slice = 0;
    std::size_t to_track = 0;
    std::size_t to_slice = 0;
};

/// What every unit of the chip did over one image.
struct Timeline {
    ImageResult image;
    std::vector<stats::Sample> statistics; ///< of this image
    std::uint64_t fabric_period_fs = 0;
    std::uint64_t bandwidth_window_fs = 0; ///< bandwidths are means over windows of this length
    std::vector<std::string> names;        ///< of slices and operators
    std::vector<Track> tracks;
    std::vector<TimelineCounter> counters;
    std::vector<Flow> flows; ///< from a transfer that loaded a tile to the work it was loaded for
};

/// Most windows that an image is cut into for bandwidths.
inline constexpr std::uint64_t most_bandwidth_windows = 2000;

/// Simulates one image and writes down what happens. The cost is that of any other run.
/// \throws SimulationError as `Simulation::run`
[[nodiscard]] Timeline record_timeline(Simulation& simulation, const workload::Workload& workload);

} // namespace heatsim::system
