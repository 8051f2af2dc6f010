// SPDX-License-Identifier: Apache-2.0
// Memory requests per CPU-second: controllers by themselves, without ports and without SystemC.
//   build/release/bin/heatsim_bench --benchmark_filter=^ddr
#include "ddr_bench.hpp"

#include "system/catalog.hpp"
#include "system/ddr_run.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::bench {

namespace {

constexpr std::uint64_t request_bytes = 64;

struct Pattern {
    std::string name;
    workload::TrafficConfig traffic;
};

[[nodiscard]] std::vector<Pattern> patterns()
{
    workload::TrafficConfig traffic;
    traffic.request_bytes = request_bytes;
    traffic.count = 200000;
    std::vector<Pattern> found{{"sequential", traffic}};
    // a request of 64 bytes each, consecutive ones up to the burst's size
    traffic.pattern = workload::TrafficPattern::Random;
    for (const std::uint64_t bytes : {64U, 256U, 1024U, 4096U}) {
        traffic.burst_bytes = bytes;
        found.push_back({"random_" + std::to_string(bytes), traffic});
    }
    traffic.pattern = workload::TrafficPattern::Sequential;
    traffic.burst_bytes = 0;
    traffic.read_block_bytes = 128 * request_bytes;
    traffic.write_block_bytes = 64 * request_bytes;
    found.push_back({"read_128_write_64", traffic});
    return found;
}

void requests(benchmark::State& state,
              const hw::DdrConfig& memory,
              const workload::TrafficConfig& traffic,
              std::uint64_t outstanding)
{
    double cycles = 0.0;
    while (state.KeepRunning()) {
        const auto generated = workload::generate_traffic(traffic);
        cycles += static_cast<double>(system::run_ddr(memory, *generated, outstanding).cycles);
    }
    const auto sent = state.iterations() * static_cast<std::int64_t>(traffic.count);
    state.SetItemsProcessed(sent);
    state.counters["cycles_per_request"] = cycles / static_cast<double>(sent);
}

} // namespace

void register_ddr_benchmarks()
{
    for (const auto mapping :
         {hw::AddressMapping::BankGroupInterleaved, hw::AddressMapping::RowBankColumn}) {
        auto memory = system::load_memory("ddr4_2400_x64", {});
        memory.mapping = mapping;
        for (const auto& pattern : patterns()) {
            for (const std::uint64_t outstanding : {8U, 32U}) {
                std::string name = "ddr/";
                name.append(config::name_of(mapping, hw::address_mapping_names));
                name.append("/").append(pattern.name);
                name.append("/").append(std::to_string(outstanding));
                benchmark::RegisterBenchmark(name.c_str(), requests, memory, pattern.traffic,
                                             outstanding)
                    ->Unit(benchmark::kMillisecond);
            }
        }
    }
}

} // namespace heatsim::bench
