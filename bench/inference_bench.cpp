// SPDX-License-Identifier: Apache-2.0
// Products and whole images of the integer reference, in software, on one core.
#include "inference/int8_gemm.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

/// [rows of a, rows of b, k] of DeiT-T: QKᵀ, attention · V and dense layers.
void int8_products(benchmark::State& state)
{
    const auto m = static_cast<std::size_t>(state.range(0));
    const auto n = static_cast<std::size_t>(state.range(1));
    const auto k = static_cast<std::size_t>(state.range(2));
    const std::vector<std::int8_t> a(m * k, 3);
    const std::vector<std::int8_t> b(n * k, -5);
    std::vector<std::int32_t> c(m * n);
    for (auto each : state) {
        (void)each;
        heatsim::inference::multiply(a.data(), k, b.data(), k, c.data(), n, m, n, k, false);
        benchmark::DoNotOptimize(c.data());
    }
    const auto macs = static_cast<double>(m * n * k);
    state.counters["GMAC/s"] =
        benchmark::Counter(macs * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(int8_products)
    ->Args({197, 197, 64})
    ->Args({197, 64, 197})
    ->Args({197, 576, 192})
    ->Args({197, 192, 192})
    ->Args({197, 192, 768})
    ->Args({197, 384, 384})
    ->Args({32, 192, 384});

} // namespace
