// SPDX-License-Identifier: Apache-2.0
#include "system/timeline.hpp"

#include "tlm/activity.hpp"
#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <numeric>
#include <utility>

namespace heatsim::system {

namespace {

using channel::ArrayCause;
using channel::Buffer;
using channel::Stream;
using channel::Worker;

constexpr double fs_per_ns = 1e6;

constexpr std::array<const char*, channel::streams> stream_names{"input", "weight", "residual",
                                                                 "output"};
constexpr std::array<const char*, channel::buffers> buffer_names{"input_buffer", "weight_buffer",
                                                                 "accumulators", "output_buffer"};

/// `chip.dma_hp0` is `dma_hp0`: there is one chip.
[[nodiscard]] std::string short_name(const std::string& path)
{
    const auto dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
}

/// Length of the windows of bandwidths: 1, 2 or 5 times a power of ten of nanoseconds.
[[nodiscard]] std::uint64_t window_of(std::uint64_t image_fs)
{
    constexpr std::uint64_t shortest_fs = 100000000; // 100 ns: a burst of 64 beats
    const auto least = std::max(ceil_div(image_fs, most_bandwidth_windows), shortest_fs);
    for (std::uint64_t decade = shortest_fs;; decade *= 10)
        for (const std::uint64_t step : {1U, 2U, 5U})
            if (decade * step >= least)
                return decade * step;
}

/// Adds a sample; one at the same time, or of the same value, needs no other.
void add_sample(TimelineCounter& counter, std::uint64_t time_fs, double value)
{
    auto& samples = counter.samples;
    if (!samples.empty() && samples.back().time_fs == time_fs)
        samples.pop_back();
    if (samples.empty() || samples.back().value != value)
        samples.push_back({time_fs, value});
}

/// Bytes of slices in windows that follow each other from time 0.
class Windows {
  public:
    explicit Windows(std::uint64_t window_fs)
        : window_fs_{window_fs}
    {}

    void add(const Slice& slice)
    {
        const auto last = slice.end_fs > slice.start_fs ? slice.end_fs - 1 : slice.end_fs;
        if (bytes_.size() <= last / window_fs_)
            bytes_.resize(last / window_fs_ + 1, 0.0);
        const auto duration = static_cast<double>(slice.end_fs - slice.start_fs);
        for (auto start = slice.start_fs; start < slice.end_fs;) {
            const auto window = start / window_fs_;
            const auto end = std::min((window + 1) * window_fs_, slice.end_fs);
            bytes_[window] +=
                static_cast<double>(slice.bytes) * static_cast<double>(end - start) / duration;
            start = end;
        }
    }

    /// Into a counter, in GB/s: bytes per nanosecond.
    void put_into(TimelineCounter& counter) const
    {
        const auto window_ns = static_cast<double>(window_fs_) / fs_per_ns;
        for (std::size_t i = 0; i < bytes_.size(); ++i)
            add_sample(counter, i * window_fs_, bytes_[i] / window_ns);
        add_sample(counter, bytes_.size() * window_fs_, 0.0);
    }

  private:
    const std::uint64_t window_fs_;
    std::vector<double> bytes_;
};

/// Writes a timeline while an image is simulated.
class Recorder final : public channel::ActivityObserver {
  public:
    Recorder(const Simulation& simulation, const workload::Workload& workload)
        : design_{simulation.design()}
        , workload_{workload}
        , start_fs_{channel::now_fs()}
        , fabric_fs_{Clock{design_.accelerator.clock_mhz}.period_fs()}
    {
        timeline_.fabric_period_fs = fabric_fs_;
        operators_ = add_track({"operators", TrackKind::Operators, fabric_fs_, {}, {}, {}, {}});
        causes_ = add_track({"array causes", TrackKind::ArrayCauses, fabric_fs_, {}, {}, {}, {}});
        for (const auto& [worker, name] : channel::worker_names)
            workers_[static_cast<std::size_t>(worker)] =
                add_track({name,
                           TrackKind::Unit,
                           fabric_fs_,
                           fmt::format("chip.{}.busy_cycles", name),
                           {},
                           fmt::format("chip.{}.pieces", name),
                           {}});
        for (const auto& port : simulation.ports())
            add_port(port);
        add_memory();
        add_counters();
    }

    /// What was recorded. \pre the image is done
    [[nodiscard]] Timeline take(Simulation& simulation, ImageResult image)
    {
        timeline_.image = std::move(image);
        timeline_.statistics = simulation.statistics();
        record_operators(simulation.records());
        const auto image_fs = timeline_.image.cycles * fabric_fs_;
        timeline_.bandwidth_window_fs = window_of(image_fs);
        record_bandwidths();
        for (auto& counter : buffers_)
            timeline_.counters.push_back(std::move(counter));
        for (auto& port : ports_)
            for (auto& direction : port.directions)
                if (!direction.queue.samples.empty())
                    timeline_.counters.push_back(std::move(direction.queue));
        leave_out_unused_tracks();
        return std::move(timeline_);
    }

    void operator_starts(std::uint32_t op) override
    {
        op_ = op;
        const auto stage = workload_.operators[op].stage;
        if (stage < workload_.tokens.size())
            add_sample(tokens_, now(), static_cast<double>(workload_.tokens[stage]));
    }

    void array_cause(ArrayCause cause, std::uint64_t begin_cycle, std::uint64_t end_cycle) override
    {
        auto& slices = timeline_.tracks[causes_].slices;
        const Slice slice{begin_cycle * fabric_fs_, end_cycle * fabric_fs_, cause_name(cause),
                          operator_name(op_), 0};
        if (!slices.empty() && slices.back().name == slice.name && slices.back().op == slice.op)
            slices.back().end_fs = slice.end_fs;
        else
            slices.push_back(slice);
    }

    void work_starts(const channel::WorkStart& start) override { next_work_ = start; }

    void works(Worker worker, std::uint64_t start_fs, std::uint64_t end_fs) override
    {
        HEATSIM_CHECK(next_work_.worker == worker, "work that was not said to start");
        const auto track = workers_[static_cast<std::size_t>(worker)];
        auto& slices = timeline_.tracks[track].slices;
        const auto name = operator_name(next_work_.op);
        slices.push_back({start_fs - start_fs_, end_fs - start_fs_, name, name, 0});
        const auto add_flow = [&](Stream stream, std::uint64_t tile) {
            if (tile == 0)
                return;
            const auto& done = streams_[static_cast<std::size_t>(stream)].done;
            HEATSIM_CHECK(tile <= done.size(), "work on a tile that is not loaded");
            const auto [from_track, from_slice] = done[tile - 1];
            timeline_.flows.push_back({from_track, from_slice, track, slices.size() - 1});
        };
        add_flow(Stream::Input, next_work_.input_tile);
        add_flow(Stream::Weight, next_work_.weight_tile);
    }

    void buffer_holds(Buffer buffer, std::uint64_t used, std::uint64_t filled) override
    {
        const auto index = 2 * static_cast<std::size_t>(buffer);
        add_sample(buffers_[index], now(), static_cast<double>(used));
        add_sample(buffers_[index + 1], now(), static_cast<double>(filled));
    }

    void transfer_of(std::uint32_t op) override { transfer_op_ = op; }

    void transfer_submitted(std::size_t port, const channel::Transfer& transfer) override
    {
        auto& direction = direction_of(port, transfer.is_write());
        if (!direction.is_open) {
            const auto op = operator_name(transfer_op_);
            const auto name =
                name_of(fmt::format("{} {}", timeline_.names[op],
                                    stream_names[static_cast<std::size_t>(transfer.stream)]));
            direction.tiles.push_back({name, op, now(), 0});
            add_sample(direction.queue, now(), static_cast<double>(direction.waiting()));
        }
        direction.tiles.back().bytes += transfer.bytes();
        direction.is_open = !transfer.completes;
    }

    void transfer_done(std::size_t port, Stream stream) override
    {
        const bool write = stream == Stream::Output;
        auto& direction = direction_of(port, write);
        const auto& tile = direction.tiles[direction.done++];
        auto& free_fs =
            ports_[port].directions[ports_[port].is_shared ? 0 : (write ? 1 : 0)].free_fs;
        auto& slices = timeline_.tracks[direction.transfers].slices;
        slices.push_back(
            {std::max(tile.submitted_fs, free_fs), now(), tile.name, tile.op, tile.bytes});
        free_fs = now();
        streams_[static_cast<std::size_t>(stream)].done.emplace_back(direction.transfers,
                                                                     slices.size() - 1);
        add_sample(direction.queue, now(), static_cast<double>(direction.waiting()));
    }

    void port_beats(std::size_t port, const channel::DataBeats& beats) override
    {
        auto& direction = direction_of(port, beats.write);
        const auto& tile = direction.tiles[direction.moved];
        timeline_.tracks[direction.data].slices.push_back({beats.start_fs - start_fs_,
                                                           beats.end_fs - start_fs_, tile.name,
                                                           tile.op, beats.bytes});
        direction.moved += beats.last ? 1 : 0;
    }

    void memory_beats(std::size_t channel, const channel::DataBeats& beats) override
    {
        auto& slices = timeline_.tracks[memory_ + channel].slices;
        const Slice slice{beats.start_fs - start_fs_, beats.end_fs - start_fs_,
                          direction_names_[beats.write ? 1 : 0], Slice::no_operator, beats.bytes};
        if (!slices.empty() && slices.back().end_fs == slice.start_fs &&
            slices.back().name == slice.name) {
            slices.back().end_fs = slice.end_fs;
            slices.back().bytes += slice.bytes;
        } else {
            slices.push_back(slice);
        }
    }

  private:
    /// A tile on its way; its parts, if it is moved in several, are one.
    struct Tile {
        std::uint32_t name = 0;
        std::uint32_t op = 0;
        std::uint64_t submitted_fs = 0;
        std::uint64_t bytes = 0;
    };
    struct Direction {
        std::size_t transfers = 0; ///< track
        std::size_t data = 0;      ///< track; AXI only
        std::vector<Tile> tiles;   ///< in order of submission, which is that of completion
        std::size_t done = 0;      ///< of them, complete ones
        std::size_t moved = 0;     ///< of them, those whose beats are all known
        bool is_open = false;      ///< more parts of the last tile follow
        std::uint64_t free_fs = 0; ///< end of the last transfer
        TimelineCounter queue;

        [[nodiscard]] std::size_t waiting() const { return tiles.size() - done; }
    };
    struct Port {
        bool is_shared = false; ///< reads and writes take turns
        std::array<Direction, 2> directions;
    };
    struct StreamTiles {
        std::vector<std::pair<std::size_t, std::size_t>> done; ///< track and slice of each tile
    };

    [[nodiscard]] std::uint64_t now() const { return channel::now_fs() - start_fs_; }

    std::size_t add_track(Track track)
    {
        timeline_.tracks.push_back(std::move(track));
        return timeline_.tracks.size() - 1;
    }

    void add_port(const Chip::Port& port)
    {
        const auto short_path = short_name(port.path);
        auto& added = ports_.emplace_back();
        added.is_shared = !port.has_beats;
        const bool counts_cycles =
            !port.has_beats && design_.accelerator.memory != MemoryModel::Ideal;
        for (std::size_t i = 0; i < added.directions.size(); ++i) {
            const char* const way = i == 0 ? "read" : "write";
            auto& direction = added.directions[i];
            direction.transfers = add_track(
                {fmt::format("{} {}", short_path, way),
                 TrackKind::Transfers,
                 port.clock.period_fs(),
                 counts_cycles ? fmt::format("{}.busy_cycles", port.path) : std::string{},
                 fmt::format("{}.{}_bytes", port.path, way),
                 port.has_beats ? fmt::format("{}.{}_transfers", port.path, way) : std::string{},
                 {}});
            if (port.has_beats)
                direction.data = add_track({fmt::format("{} {} data", short_path, way),
                                            TrackKind::DataChannel,
                                            port.clock.period_fs(),
                                            fmt::format("{}.{}_busy_cycles", port.path, way),
                                            fmt::format("{}.{}_bytes", port.path, way),
                                            fmt::format("{}.{}_bursts", port.path, way),
                                            {}});
            direction.queue.name = fmt::format("{} {} queue", short_path, way);
            direction.queue.kind = CounterKind::DmaQueue;
            direction.queue.unit = "tiles";
        }
    }

    void add_memory()
    {
        const auto& accelerator = design_.accelerator;
        memory_ = timeline_.tracks.size();
        direction_names_ = {name_of("read"), name_of("write")};
        if (accelerator.has_ddr()) {
            const Clock clock{design_.memory.clock_mhz};
            for (std::uint64_t channel = 0; channel < design_.memory.channels; ++channel)
                add_track({design_.memory.channels == 1
                               ? std::string{"ddr data"}
                               : fmt::format("ddr channel{} data", channel),
                           TrackKind::MemoryBus,
                           clock.period_fs(),
                           "chip.ddr.data_cycles",
                           {},
                           {},
                           {}});
            bandwidth_limit_ = {"pins", design_.memory.peak_bandwidth_bytes_per_s() / 1e9};
        } else if (accelerator.memory == MemoryModel::Throttled) {
            add_track({"memory data",
                       TrackKind::MemoryBus,
                       fabric_fs_,
                       "chip.memory.busy_cycles",
                       {},
                       {},
                       {}});
            bandwidth_limit_ = {"bus",
                                static_cast<double>(accelerator.throttled_memory.bytes_per_cycle) *
                                    accelerator.clock_mhz / 1e3};
        }
    }

    void add_counters()
    {
        tokens_.name = "tokens";
        tokens_.kind = CounterKind::Tokens;
        tokens_.unit = "tokens";
        const auto settings = controller_settings(design_.accelerator);
        const std::array<std::uint64_t, channel::buffers> slots{
            settings.input_slots(), settings.weight_slots(), settings.accumulator_slots(),
            settings.output_slots()};
        for (std::size_t i = 0; i < buffers_.size(); ++i) {
            auto& counter = buffers_[i];
            counter.name =
                fmt::format("{} {}", buffer_names[i / 2], i % 2 == 0 ? "used" : "filled");
            counter.kind = CounterKind::BufferSlots;
            counter.unit = "tiles";
            counter.limit = {"slots", static_cast<double>(slots[i / 2])};
            add_sample(counter, 0, 0.0);
        }
    }

    void record_operators(const std::vector<hw::OperatorRecord>& records)
    {
        auto& slices = timeline_.tracks[operators_].slices;
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto& cost = records[i].cost;
            if (cost.cycles() == 0) // fused, or without rows
                continue;
            const auto name = operator_name(static_cast<std::uint32_t>(i));
            slices.push_back(
                {cost.start_cycle * fabric_fs_, cost.end_cycle * fabric_fs_, name, name, 0});
        }
    }

    /// Of the memory's buses; of a loader without them, of its transfers.
    void record_bandwidths()
    {
        std::array<Windows, 2> windows{Windows{timeline_.bandwidth_window_fs},
                                       Windows{timeline_.bandwidth_window_fs}};
        bool any = false;
        const auto add = [&](const Slice& slice, bool write) {
            if (slice.end_fs == slice.start_fs) // an ideal memory has no bandwidth
                return;
            windows[write ? 1 : 0].add(slice);
            any = true;
        };
        for (auto i = memory_; i < timeline_.tracks.size(); ++i)
            for (const auto& slice : timeline_.tracks[i].slices)
                add(slice, slice.name == direction_names_[1]);
        if (memory_ == timeline_.tracks.size())
            for (const auto& port : ports_)
                for (std::size_t i = 0; i < port.directions.size(); ++i)
                    for (const auto& slice : timeline_.tracks[port.directions[i].transfers].slices)
                        add(slice, i == 1);
        timeline_.counters.push_back(tokens_);
        if (!any)
            return;
        for (std::size_t i = 0; i < windows.size(); ++i) {
            auto& counter = timeline_.counters.emplace_back();
            counter.name = i == 0 ? "memory read" : "memory write";
            counter.kind = CounterKind::Bandwidth;
            counter.unit = "GB/s";
            counter.limit = bandwidth_limit_;
            windows[i].put_into(counter);
        }
    }

    /// Ports that carry one direction only have no tracks for the other one.
    void leave_out_unused_tracks()
    {
        std::vector<std::size_t> new_index(timeline_.tracks.size());
        std::vector<Track> used;
        used.reserve(timeline_.tracks.size());
        for (std::size_t i = 0; i < timeline_.tracks.size(); ++i) {
            auto& track = timeline_.tracks[i];
            new_index[i] = used.size();
            const bool may_go =
                track.kind == TrackKind::Transfers || track.kind == TrackKind::DataChannel;
            if (!may_go || !track.slices.empty())
                used.push_back(std::move(track));
        }
        timeline_.tracks = std::move(used);
        for (auto& flow : timeline_.flows) {
            flow.from_track = new_index[flow.from_track];
            flow.to_track = new_index[flow.to_track];
        }
    }

    [[nodiscard]] Direction& direction_of(std::size_t port, bool write)
    {
        return ports_[port].directions[write ? 1 : 0];
    }

    std::uint32_t name_of(const std::string& name)
    {
        const auto next = static_cast<std::uint32_t>(timeline_.names.size());
        const auto [known, added] = name_index_.emplace(name, next);
        if (added)
            timeline_.names.push_back(name);
        return known->second;
    }
    std::uint32_t operator_name(std::uint32_t op) { return name_of(workload_.operators[op].name); }
    std::uint32_t cause_name(ArrayCause cause)
    {
        return name_of(channel::array_cause_names[static_cast<std::size_t>(cause)].name);
    }

    const Design& design_;
    const workload::Workload& workload_;
    const std::uint64_t start_fs_;
    const std::uint64_t fabric_fs_;
    Timeline timeline_;
    std::map<std::string, std::uint32_t> name_index_;
    std::size_t operators_ = 0; ///< tracks
    std::size_t causes_ = 0;
    std::array<std::size_t, channel::worker_names.size()> workers_{};
    std::size_t memory_ = 0; ///< track of its first channel
    std::array<std::uint32_t, 2> direction_names_{};
    std::optional<TimelineCounter::Limit> bandwidth_limit_;
    std::vector<Port> ports_;
    std::array<StreamTiles, channel::streams> streams_;
    std::array<TimelineCounter, 2 * channel::buffers> buffers_; ///< of each buffer, used and filled
    TimelineCounter tokens_;
    channel::WorkStart next_work_;
    std::uint32_t op_ = 0;
    std::uint32_t transfer_op_ = 0;
};

/// Tells a simulation's blocks of an observer as long as it lives.
class Observation {
  public:
    Observation(Simulation& simulation, channel::ActivityObserver& observer)
        : simulation_{simulation}
    {
        simulation_.observe(&observer);
    }
    ~Observation() { simulation_.observe(nullptr); }
    Observation(const Observation&) = delete;
    Observation& operator=(const Observation&) = delete;

  private:
    Simulation& simulation_;
};

} // namespace

std::uint64_t Track::busy_fs() const
{
    return std::accumulate(slices.begin(), slices.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const Slice& slice) {
                               return sum + (slice.end_fs - slice.start_fs);
                           });
}

std::uint64_t Track::bytes() const
{
    return std::accumulate(slices.begin(), slices.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const Slice& slice) { return sum + slice.bytes; });
}

Timeline record_timeline(Simulation& simulation, const workload::Workload& workload)
{
    Recorder recorder{simulation, workload};
    const Observation observation{simulation, recorder};
    auto image = simulation.run(workload);
    return recorder.take(simulation, std::move(image));
}

} // namespace heatsim::system
