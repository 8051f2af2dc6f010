// SPDX-License-Identifier: Apache-2.0
// Runs the GEMM engine on programs: lists of tile descriptors, one GEMM each, behind a memory of a
// given latency and bandwidth. Reads the programs from standard input, fills the memory with random
// operands, counts the cycles from the first descriptor to the last response, and compares every
// byte that the engine wrote with the GEMM computed here.
//
// Input, a line each, numbers in decimal:
//   engine HEADS INPUT_CHANNELS OUTPUT_CHANNELS BEAT_BYTES
//   memory LATENCY_CYCLES BYTES_PER_CYCLE
//   gemm NAME BATCH M K N A_ADDRESS C_ADDRESS MEMORY_BYTES
//   input ADDRESS PLANES PLANE_STRIDE RUNS RUN_STRIDE RUN_BEATS DENSE ROWS ROW_BEATS
//   weight ADDRESS BEATS HEAD K0 DEPTH_PASSES N0 WIDTH_PASSES
//   tile ROWS DEPTH_PASSES WIDTH_PASSES DENSE FIRST LAST LOADS_INPUT LOADS_WEIGHT FREES_INPUT
//        FREES_WEIGHT INPUT_SLOT WEIGHT_SLOT ACCUMULATOR_SLOT
//   output ADDRESS PLANES PLANE_STRIDE RUNS RUN_STRIDE RUN_BEATS DENSE ROWS WIDTH_PASSES
//   run
// Output, a line for each program: NAME,CYCLES,WRONG_BYTES,CPU_SECONDS
//
// The memory: a burst's turn on the data bus that all ports share is LATENCY_CYCLES after its
// request (a write's: after its last beat) or when the bus is free, bursts in order of arrival, in
// the same cycle in the order input, weight, output. It takes ceil(bytes / BYTES_PER_CYCLE) cycles;
// its beats leave the bus evenly, and pass the port one a cycle. A write is answered at its end.
#include "Vengine.h"
#include "verilated.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string& message)
{
    std::fprintf(stderr, "engine_harness: %s\n", message.c_str());
    std::exit(1);
}

struct Shape {
    std::uint64_t heads = 1;
    std::uint64_t input_channels = 16;
    std::uint64_t output_channels = 16;
    std::uint64_t beat_bytes = 16;
};

struct MoverDescriptor {
    std::uint64_t address, planes, plane_stride, runs, run_stride, run_beats, dense, rows, width;
};
struct WeightDescriptor {
    std::uint64_t address, beats, head, k0, depth_passes, n0, width_passes;
};
struct TileDescriptor {
    std::uint64_t rows, depth_passes, width_passes, dense, first, last, loads_input, loads_weight,
        frees_input, frees_weight, input_slot, weight_slot, accumulator_slot;
};

struct Program {
    std::string name;
    std::uint64_t batch, m, k, n, a_address, c_address, memory_bytes;
    std::vector<MoverDescriptor> inputs;
    std::vector<WeightDescriptor> weights;
    std::vector<TileDescriptor> tiles;
    std::vector<MoverDescriptor> outputs;
};

constexpr int multiplier = 181; // random operands use all of the 8 bits of the result, and saturate
constexpr int shift = 17;

std::int8_t requantized(std::int32_t sum)
{
    const auto product = static_cast<std::int64_t>(sum) * multiplier;
    const auto rounded = (product + (std::int64_t{1} << (shift - 1))) >> shift;
    return static_cast<std::int8_t>(std::clamp<std::int64_t>(rounded, -128, 127));
}

/// Bursts on one data bus.
class Memory {
  public:
    enum Port : std::size_t { Input, Weight, Output };

    Memory(std::uint64_t latency, std::uint64_t bytes_per_cycle, std::uint64_t beat_bytes)
        : latency_{latency}
        , bytes_per_cycle_{bytes_per_cycle}
        , beat_bytes_{beat_bytes}
    {}

    void request(Port port, std::uint64_t cycle, std::uint64_t address, std::uint64_t beats)
    {
        arrivals_.push_back({cycle, port, address, beats});
    }

    /// Gives what has arrived before `cycle` its time on the bus.
    void arrange(std::uint64_t cycle)
    {
        std::stable_sort(arrivals_.begin(), arrivals_.end(), [](const auto& a, const auto& b) {
            return a.cycle != b.cycle ? a.cycle < b.cycle : a.port < b.port;
        });
        while (!arrivals_.empty() && arrivals_.front().cycle < cycle) {
            const auto burst = arrivals_.front();
            arrivals_.pop_front();
            const auto start = std::max(bus_free_, burst.cycle + latency_);
            bus_free_ = start + ceil_div(burst.beats * beat_bytes_, bytes_per_cycle_);
            served_[burst.port].push_back({burst.address, burst.beats, 0, start, bus_free_});
        }
    }

    /// Address of the beat that passes the port in `cycle`; null: none.
    const std::uint64_t* beat(Port port, std::uint64_t cycle)
    {
        auto& bursts = served_[port];
        if (bursts.empty())
            return nullptr;
        auto& burst = bursts.front();
        const auto leaves =
            burst.start + ceil_div((burst.sent + 1) * beat_bytes_, bytes_per_cycle_) - 1;
        return leaves <= cycle ? &burst.address : nullptr;
    }
    bool last_beat(Port port) const
    {
        const auto& burst = served_[port].front();
        return burst.sent + 1 == burst.beats;
    }
    void pass(Port port)
    {
        auto& burst = served_[port].front();
        burst.address += beat_bytes_;
        if (++burst.sent == burst.beats)
            served_[port].pop_front();
    }
    /// Whether a write is answered in `cycle`.
    bool response(std::uint64_t cycle)
    {
        auto& bursts = served_[Output];
        if (bursts.empty() || bursts.front().end - 1 > cycle)
            return false;
        bursts.pop_front();
        return true;
    }

  private:
    struct Arrival {
        std::uint64_t cycle;
        Port port;
        std::uint64_t address;
        std::uint64_t beats;
    };
    struct Served {
        std::uint64_t address; ///< of the next beat
        std::uint64_t beats;
        std::uint64_t sent;
        std::uint64_t start;
        std::uint64_t end;
    };
    static std::uint64_t ceil_div(std::uint64_t value, std::uint64_t step)
    {
        return (value + step - 1) / step;
    }

    std::uint64_t latency_;
    std::uint64_t bytes_per_cycle_;
    std::uint64_t beat_bytes_;
    std::uint64_t bus_free_ = 0;
    std::deque<Arrival> arrivals_;
    std::array<std::deque<Served>, 3> served_;
};

class Bench {
  public:
    Bench(const Shape& shape,
          const Program& program,
          std::uint64_t latency,
          std::uint64_t bytes_per_cycle)
        : shape_{shape}
        , program_{program}
        , memory_{latency, bytes_per_cycle, shape.beat_bytes}
        , bytes_(program.memory_bytes)
        , a_(program.batch * program.m * program.k)
        , b_(program.batch * program.k * program.n)
    {
        std::mt19937 random{20221125};
        const auto fill = [&random](std::vector<std::int8_t>& values) {
            for (auto& value : values)
                value = static_cast<std::int8_t>(random());
        };
        fill(a_);
        fill(b_);
        std::memcpy(&bytes_[program.a_address], a_.data(), a_.size());
        for (const auto& tile : program.weights)
            pack(tile);
    }

    /// \returns the cycles
    std::uint64_t run()
    {
        top_.reset = 1;
        top_.multiplier_of_all();
        for (int i = 0; i < 4; ++i)
            clock();
        top_.reset = 0;
        constexpr std::uint64_t most_cycles = 4'000'000'000;
        for (std::uint64_t cycle = 0; cycle < most_cycles; ++cycle) {
            if (top_.is_idle && all_taken() && cycle > 0)
                return cycle;
            step(cycle);
        }
        fail(program_.name + ": does not end");
    }

    std::uint64_t wrong_bytes() const
    {
        std::uint64_t wrong = 0;
        for (std::uint64_t h = 0; h < program_.batch; ++h)
            for (std::uint64_t m = 0; m < program_.m; ++m)
                for (std::uint64_t n = 0; n < program_.n; ++n) {
                    std::int32_t sum = 0;
                    for (std::uint64_t k = 0; k < program_.k; ++k)
                        sum +=
                            static_cast<std::int32_t>(a_[(h * program_.m + m) * program_.k + k]) *
                            b_[(h * program_.k + k) * program_.n + n];
                    const auto found = static_cast<std::int8_t>(
                        bytes_[program_.c_address + (h * program_.m + m) * program_.n + n]);
                    wrong += found != requantized(sum) ? 1 : 0;
                }
        return wrong;
    }

  private:
    struct Top : Vengine {
        void multiplier_of_all()
        {
            tile_multiplier = multiplier;
            tile_shift = shift;
        }
    };

    /// Weights of a tile: words [head][output][input], input channels' passes first.
    void pack(const WeightDescriptor& tile)
    {
        auto* byte = &bytes_[tile.address];
        const bool dense = program_.batch == 1;
        for (std::uint64_t width = 0; width < tile.width_passes; ++width)
            for (std::uint64_t depth = 0; depth < tile.depth_passes; ++depth)
                for (std::uint64_t h = 0; h < shape_.heads; ++h)
                    for (std::uint64_t o = 0; o < shape_.output_channels; ++o)
                        for (std::uint64_t i = 0; i < shape_.input_channels; ++i) {
                            const auto k = tile.k0 + depth * shape_.input_channels + i;
                            const auto lane = dense ? width * shape_.heads + h : width;
                            const auto n = tile.n0 + lane * shape_.output_channels + o;
                            const auto head = dense ? 0 : tile.head + h;
                            *byte++ = static_cast<std::uint8_t>(
                                b_[(head * program_.k + k) * program_.n + n]);
                        }
    }

    bool all_taken() const
    {
        return input_ == program_.inputs.size() && weight_ == program_.weights.size() &&
               tile_ == program_.tiles.size() && output_ == program_.outputs.size();
    }

    void clock()
    {
        top_.clock = 0;
        top_.eval();
        top_.clock = 1;
        top_.eval();
    }

    void present()
    {
        top_.input_valid = input_ < program_.inputs.size();
        if (top_.input_valid) {
            const auto& d = program_.inputs[input_];
            top_.input_address = static_cast<std::uint32_t>(d.address);
            top_.input_planes = static_cast<std::uint16_t>(d.planes);
            top_.input_plane_stride_bytes = static_cast<std::uint32_t>(d.plane_stride);
            top_.input_runs = static_cast<std::uint16_t>(d.runs);
            top_.input_run_stride_bytes = static_cast<std::uint32_t>(d.run_stride);
            top_.input_run_beats = static_cast<std::uint32_t>(d.run_beats);
            top_.input_dense = d.dense != 0;
            top_.input_rows = static_cast<std::uint16_t>(d.rows);
            top_.input_row_beats = static_cast<std::uint16_t>(d.width);
        }
        top_.weight_valid = weight_ < program_.weights.size();
        if (top_.weight_valid) {
            const auto& d = program_.weights[weight_];
            top_.weight_address = static_cast<std::uint32_t>(d.address);
            top_.weight_beats = static_cast<std::uint16_t>(d.beats);
        }
        top_.tile_valid = tile_ < program_.tiles.size();
        if (top_.tile_valid) {
            const auto& d = program_.tiles[tile_];
            top_.tile_rows = static_cast<std::uint16_t>(d.rows);
            top_.tile_depth_passes = static_cast<std::uint16_t>(d.depth_passes);
            top_.tile_width_passes = static_cast<std::uint16_t>(d.width_passes);
            top_.tile_dense = d.dense != 0;
            top_.tile_first = d.first != 0;
            top_.tile_last = d.last != 0;
            top_.tile_loads_input = d.loads_input != 0;
            top_.tile_loads_weight = d.loads_weight != 0;
            top_.tile_frees_input = d.frees_input != 0;
            top_.tile_frees_weight = d.frees_weight != 0;
            top_.tile_input_slot = static_cast<std::uint8_t>(d.input_slot);
            top_.tile_weight_slot = static_cast<std::uint8_t>(d.weight_slot);
            top_.tile_accumulator_slot = static_cast<std::uint8_t>(d.accumulator_slot);
        }
        top_.output_valid = output_ < program_.outputs.size();
        if (top_.output_valid) {
            const auto& d = program_.outputs[output_];
            top_.output_address = static_cast<std::uint32_t>(d.address);
            top_.output_planes = static_cast<std::uint16_t>(d.planes);
            top_.output_plane_stride_bytes = static_cast<std::uint32_t>(d.plane_stride);
            top_.output_runs = static_cast<std::uint16_t>(d.runs);
            top_.output_run_stride_bytes = static_cast<std::uint32_t>(d.run_stride);
            top_.output_run_beats = static_cast<std::uint32_t>(d.run_beats);
            top_.output_dense = d.dense != 0;
            top_.output_rows = static_cast<std::uint16_t>(d.rows);
            top_.output_width_passes = static_cast<std::uint16_t>(d.width);
        }
    }

    void step(std::uint64_t cycle)
    {
        memory_.arrange(cycle);
        present();
        const auto* input_beat = memory_.beat(Memory::Input, cycle);
        top_.input_data_valid = input_beat != nullptr;
        if (input_beat != nullptr) {
            std::memcpy(&top_.input_data, &bytes_[*input_beat], shape_.beat_bytes);
            top_.input_data_last = memory_.last_beat(Memory::Input);
            memory_.pass(Memory::Input);
        }
        const auto* weight_beat = memory_.beat(Memory::Weight, cycle);
        top_.weight_data_valid = weight_beat != nullptr;
        if (weight_beat != nullptr) {
            std::memcpy(&top_.weight_data, &bytes_[*weight_beat], shape_.beat_bytes);
            top_.weight_data_last = memory_.last_beat(Memory::Weight);
            memory_.pass(Memory::Weight);
        }
        top_.output_response_valid = memory_.response(cycle);
        top_.input_request_ready = top_.weight_request_ready = 1;
        top_.output_request_ready = top_.output_data_ready = 1;
        top_.clock = 0;
        top_.eval();
        // what is taken at the end of this cycle
        if (top_.input_request_valid)
            memory_.request(Memory::Input, cycle, top_.input_request_address,
                            top_.input_request_beats);
        if (top_.weight_request_valid)
            memory_.request(Memory::Weight, cycle, top_.weight_request_address,
                            top_.weight_request_beats);
        if (top_.output_request_valid) {
            write_address_ = top_.output_request_address;
            write_beats_ = top_.output_request_beats;
            write_start_ = write_address_;
        }
        if (top_.output_data_valid) {
            std::memcpy(&bytes_.at(write_address_), &top_.output_data, shape_.beat_bytes);
            write_address_ += shape_.beat_bytes;
            if (top_.output_data_last) {
                if (write_address_ != write_start_ + write_beats_ * shape_.beat_bytes)
                    fail(program_.name + ": a write burst of another length than it asked for");
                memory_.request(Memory::Output, cycle + 1, write_start_, write_beats_);
            }
        }
        input_ += top_.input_valid && top_.input_ready ? 1 : 0;
        weight_ += top_.weight_valid && top_.weight_ready ? 1 : 0;
        tile_ += top_.tile_valid && top_.tile_ready ? 1 : 0;
        output_ += top_.output_valid && top_.output_ready ? 1 : 0;
        top_.clock = 1;
        top_.eval();
    }

    const Shape shape_;
    const Program& program_;
    Memory memory_;
    Top top_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::int8_t> a_;
    std::vector<std::int8_t> b_;
    std::size_t input_ = 0;
    std::size_t weight_ = 0;
    std::size_t tile_ = 0;
    std::size_t output_ = 0;
    std::uint64_t write_start_ = 0;
    std::uint64_t write_address_ = 0;
    std::uint64_t write_beats_ = 0;
};

void read_mover(std::istream& in, std::vector<MoverDescriptor>& list)
{
    MoverDescriptor d{};
    in >> d.address >> d.planes >> d.plane_stride >> d.runs >> d.run_stride >> d.run_beats >>
        d.dense >> d.rows >> d.width;
    list.push_back(d);
}

} // namespace

int main(int argc, char** argv)
{
    Verilated::commandArgs(argc, argv);
    Shape shape;
    Program program{};
    std::uint64_t latency = 1;
    std::uint64_t bytes_per_cycle = 1;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream in{line};
        std::string word;
        in >> word;
        if (word == "engine") {
            in >> shape.heads >> shape.input_channels >> shape.output_channels >> shape.beat_bytes;
        } else if (word == "memory") {
            in >> latency >> bytes_per_cycle;
        } else if (word == "gemm") {
            program = {};
            in >> program.name >> program.batch >> program.m >> program.k >> program.n >>
                program.a_address >> program.c_address >> program.memory_bytes;
        } else if (word == "input") {
            read_mover(in, program.inputs);
        } else if (word == "weight") {
            WeightDescriptor d{};
            in >> d.address >> d.beats >> d.head >> d.k0 >> d.depth_passes >> d.n0 >>
                d.width_passes;
            program.weights.push_back(d);
        } else if (word == "tile") {
            TileDescriptor d{};
            in >> d.rows >> d.depth_passes >> d.width_passes >> d.dense >> d.first >> d.last >>
                d.loads_input >> d.loads_weight >> d.frees_input >> d.frees_weight >>
                d.input_slot >> d.weight_slot >> d.accumulator_slot;
            program.tiles.push_back(d);
        } else if (word == "output") {
            read_mover(in, program.outputs);
        } else if (word == "run") {
            Bench bench{shape, program, latency, bytes_per_cycle};
            const auto start = std::clock();
            const auto cycles = bench.run();
            const auto seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            std::printf("%s,%llu,%llu,%.6f\n", program.name.c_str(),
                        static_cast<unsigned long long>(cycles),
                        static_cast<unsigned long long>(bench.wrong_bytes()), seconds);
            std::fflush(stdout);
        } else if (!word.empty()) {
            fail("unknown word '" + word + "'");
        }
        if (in.fail())
            fail("bad line: " + line);
    }
    return 0;
}
