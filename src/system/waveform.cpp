// SPDX-License-Identifier: Apache-2.0
#include "system/waveform.hpp"

#include "system/byte_archive.hpp"
#include "system/process.hpp"
#include "system/simulation.hpp"

#include <systemc>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

namespace heatsim::system {

namespace {

constexpr std::uint64_t fs_per_ps = 1000;

[[nodiscard]] std::uint64_t picoseconds(std::uint64_t time_fs)
{
    return (time_fs + fs_per_ps / 2) / fs_per_ps;
}

[[nodiscard]] unsigned bits_of(std::uint64_t most)
{
    return std::max(1U, log2_ceil(most + 1));
}

/// Values at times, the last one said for a time wins.
class SignalMaker {
  public:
    SignalMaker(std::string name, unsigned bits)
    {
        signal_.name = std::move(name);
        signal_.bits = bits;
    }
    /// \pre in order of time
    void set(std::uint64_t time_fs, std::uint64_t value)
    {
        auto& changes = signal_.changes;
        const auto time_ps = picoseconds(time_fs);
        if (!changes.empty() && changes.back().time_ps == time_ps)
            changes.pop_back();
        if ((changes.empty() ? 0 : changes.back().value) != value)
            changes.push_back({time_ps, value});
    }
    /// `value` for as long as the slice takes, 0 behind it.
    void pulse(const Slice& slice, std::uint64_t value)
    {
        if (picoseconds(slice.start_fs) == picoseconds(slice.end_fs))
            return;
        set(slice.start_fs, value);
        set(slice.end_fs, 0);
    }
    [[nodiscard]] WaveSignal take() { return std::move(signal_); }

  private:
    WaveSignal signal_;
};

/// `dma_hp0 read data` as `chip.dma_hp0.dma_hp0_read_data`: viewers show the last part only.
[[nodiscard]] std::string wire_name(const std::string& name)
{
    const auto unit = name.substr(0, name.find(' '));
    auto last = name;
    std::replace(last.begin(), last.end(), ' ', '_');
    return last == unit ? fmt::format("chip.{}", unit) : fmt::format("chip.{}.{}", unit, last);
}

class WaveformMaker {
  public:
    WaveformMaker(const Timeline& timeline, const workload::Workload& workload)
        : timeline_{timeline}
        , operator_bits_{bits_of(workload.operators.size())}
    {
        for (std::size_t i = 0; i < workload.operators.size(); ++i)
            numbers_.emplace(workload.operators[i].name, i);
    }

    std::vector<WaveSignal> make()
    {
        for (const auto& track : timeline_.tracks)
            add(track);
        for (const auto& counter : timeline_.counters)
            add(counter);
        return std::move(signals_);
    }

  private:
    void add(const Track& track)
    {
        const auto& name = track.name;
        switch (track.kind) {
        case TrackKind::Operators:
            add_operators("controller", track);
            break;
        case TrackKind::ArrayCauses:
            add_causes(track);
            break;
        case TrackKind::Unit:
            add_pulses(name + " busy", track, any_name);
            add_operators(name, track);
            break;
        case TrackKind::Transfers:
            add_pulses(name + " transfer", track, any_name);
            break;
        case TrackKind::DataChannel:
            add_pulses(name, track, any_name);
            break;
        case TrackKind::MemoryBus:
            for (const std::string direction : {"read", "write"})
                add_pulses(fmt::format("{} {}", name, direction), track,
                           [&direction](const std::string& slice) { return slice == direction; });
            break;
        }
    }

    void add_causes(const Track& track)
    {
        const std::string busy = channel::array_cause_names.front().name;
        const std::string fill_drain = channel::array_cause_names[1].name;
        add_pulses("gemm_array stall", track,
                   [&](const std::string& cause) { return cause != busy && cause != fill_drain; });
        for (const auto& cause : channel::array_cause_names)
            add_pulses(fmt::format("gemm_array cause {}", cause.name), track,
                       [&cause](const std::string& name) { return name == cause.name; });
    }

    static bool any_name(const std::string& /*slice*/) { return true; }

    /// A wire that is 1 while a slice of such a name lasts.
    template <typename Matches>
    void add_pulses(const std::string& name, const Track& track, Matches matches)
    {
        SignalMaker signal{wire_name(name), 1};
        for (const auto& slice : track.slices)
            if (matches(timeline_.names[slice.name]))
                signal.pulse(slice, 1);
        signals_.push_back(signal.take());
    }

    void add_operators(const std::string& unit, const Track& track)
    {
        SignalMaker signal{wire_name(fmt::format("{} operator", unit)), operator_bits_};
        for (const auto& slice : track.slices)
            signal.set(slice.start_fs, numbers_.at(timeline_.names[slice.op]));
        signals_.push_back(signal.take());
    }

    void add(const TimelineCounter& counter)
    {
        if (counter.kind == CounterKind::Bandwidth) // the bus is there itself
            return;
        double most = counter.limit ? counter.limit->value : 0.0;
        for (const auto& sample : counter.samples)
            most = std::max(most, sample.value);
        SignalMaker signal{wire_name(counter.name), bits_of(static_cast<std::uint64_t>(most))};
        for (const auto& sample : counter.samples)
            signal.set(sample.time_fs, static_cast<std::uint64_t>(sample.value));
        signals_.push_back(signal.take());
    }

    const Timeline& timeline_;
    const unsigned operator_bits_;
    std::map<std::string, std::uint64_t> numbers_; ///< of operators
    std::vector<WaveSignal> signals_;
};

// The player's process --------------------------------------------------------------------------

/// Drives signals at the times it is given.
class Player final : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Player);
    Player(const sc_core::sc_module_name& name, const std::vector<WaveSignal>& signals)
        : sc_module{name}
    {
        for (std::size_t i = 0; i < signals.size(); ++i) {
            wires_.push_back(std::make_unique<Wire>(sc_core::sc_gen_unique_name("wire")));
            for (const auto& change : signals[i].changes)
                changes_.push_back({change.time_ps, i, change.value});
        }
        std::stable_sort(changes_.begin(), changes_.end(),
                         [](const auto& a, const auto& b) { return a.time_ps < b.time_ps; });
        SC_METHOD(play);
    }

    void record(sc_core::sc_trace_file* file, const std::vector<WaveSignal>& signals) const
    {
        for (std::size_t i = 0; i < signals.size(); ++i)
            sc_core::sc_trace(file, *wires_[i], signals[i].name, static_cast<int>(signals[i].bits));
    }

  private:
    using Wire = sc_core::sc_signal<std::uint64_t>;
    struct Change {
        std::uint64_t time_ps = 0;
        std::size_t signal = 0;
        std::uint64_t value = 0;
    };

    void play()
    {
        const auto now_ps = sc_core::sc_time_stamp().value();
        while (next_ < changes_.size() && changes_[next_].time_ps <= now_ps) {
            wires_[changes_[next_].signal]->write(changes_[next_].value);
            ++next_;
        }
        if (next_ < changes_.size())
            next_trigger(sc_core::sc_time::from_value(changes_[next_].time_ps - now_ps));
    }

    std::vector<std::unique_ptr<Wire>> wires_;
    std::vector<Change> changes_;
    std::size_t next_ = 0;
};

/// Without the time at which it was made: the same signals give the same bytes.
[[nodiscard]] std::string without_date(std::string vcd)
{
    const std::string begin = "$date";
    const std::string end = "$end";
    const auto first = vcd.find(begin);
    const auto last = vcd.find(end, first);
    if (first == std::string::npos || last == std::string::npos)
        return vcd;
    const auto behind = vcd.find_first_not_of(" \n", last + end.size());
    return vcd.erase(first, behind - first);
}

[[nodiscard]] std::string dump(const std::vector<WaveSignal>& signals)
{
    // it says on standard output which time scale a file has
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    const TemporaryFolder folder;
    const auto path = folder.path() / "waveform";
    Player player{"player", signals};
    auto* const file = sc_core::sc_create_vcd_trace_file(path.c_str()); // adds .vcd
    file->set_time_unit(1, sc_core::SC_PS);
    player.record(file, signals);
    sc_core::sc_start();                  // until nothing changes any more
    sc_core::sc_start(1, sc_core::SC_PS); // the last changes are written when time goes on
    sc_core::sc_close_vcd_trace_file(file);
    return without_date(read_file(path.string() + ".vcd"));
}

void append_text(std::string& bytes, const std::string& text)
{
    append_bytes(bytes, text.size());
    bytes += text;
}

[[nodiscard]] std::string get_text(ByteReader& reader)
{
    const auto size = reader.get<std::size_t>();
    return std::string{reader.get_bytes(size)};
}

[[nodiscard]] std::string order_of(const std::vector<WaveSignal>& signals)
{
    std::string bytes;
    for (const auto& signal : signals) {
        append_text(bytes, signal.name);
        append_bytes(bytes, signal.bits);
        append_bytes(bytes, signal.changes.size());
        for (const auto& change : signal.changes)
            append_bytes(bytes, change);
    }
    return bytes;
}

/// Everything until the other end is closed.
[[nodiscard]] std::string read_all(int file)
{
    constexpr std::size_t chunk_bytes = 65536;
    std::array<char, chunk_bytes> chunk{};
    std::string text;
    while (true) {
        const auto count = read(file, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return text;
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

/// The process's whole life: waits for signals, plays them, hands the dump back.
[[nodiscard]] int play(int orders, int answer)
{
    try {
        const auto bytes = read_all(orders);
        if (bytes.empty()) // nobody wants anything any more
            return EXIT_SUCCESS;
        ByteReader reader{bytes};
        std::vector<WaveSignal> signals;
        while (reader.left() > 0) {
            auto& signal = signals.emplace_back();
            signal.name = get_text(reader);
            signal.bits = reader.get<unsigned>();
            signal.changes.resize(reader.get<std::size_t>());
            for (auto& change : signal.changes)
                change = reader.get<WaveSignal::Change>();
        }
        return write_all(answer, dump(signals)) ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::exception&) {
        return EXIT_FAILURE;
    }
}

} // namespace

std::vector<WaveSignal> waveform(const Timeline& timeline, const workload::Workload& workload)
{
    return WaveformMaker{timeline, workload}.make();
}

WaveformPlayer::Pipe::Pipe()
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw SimulationError{fmt::format("no pipe to a process: {}", std::strerror(errno))};
    read_end = ends[0];
    write_end = ends[1];
}

WaveformPlayer::Pipe::~Pipe()
{
    for (const auto end : {read_end, write_end})
        if (end >= 0)
            close(end);
}

WaveformPlayer::WaveformPlayer()
    : process_{[this](int answer) {
        close(std::exchange(orders_.write_end, -1)); // or its end would never come
        return play(orders_.read_end, answer);
    }}
{
    close(std::exchange(orders_.read_end, -1));
}

WaveformPlayer::~WaveformPlayer() = default;

std::string WaveformPlayer::vcd(const std::vector<WaveSignal>& signals)
{
    const bool sent = write_all(orders_.write_end, order_of(signals));
    close(std::exchange(orders_.write_end, -1));
    auto text = read_all(process_.file());
    const auto status = process_.wait();
    if (!sent || status != 0 || text.empty())
        throw SimulationError{
            fmt::format("the process that writes signals {}", ending_text(status))};
    return text;
}

} // namespace heatsim::system
