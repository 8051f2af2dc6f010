// SPDX-License-Identifier: Apache-2.0
// Makes the reference data and the coefficients of `heatsim resources`:
//   heatsim_fit_resources record validation/synthesis.csv   synthesizes every row again, in place;
//       with the name of a block as third argument, its rows only
//   heatsim_fit_resources fit validation/synthesis.csv      prints `blocks:` of configs/resources
//   heatsim_fit_resources errors validation/synthesis.csv   prints the fit's error on every row
#include "estimate/synthesis_table.hpp"
#include "system/process.hpp"
#include "system/synthesis.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace {

using namespace heatsim;

[[nodiscard]] std::string read_text(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    if (!file)
        throw std::runtime_error{path + ": cannot be read"};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// \param only the block whose rows are synthesized; empty: all rows
void record(const std::string& path, const std::string& only)
{
    auto table = estimate::parse_synthesis_table(path, read_text(path));
    for (auto& row : table.rows) {
        if (!only.empty() && only != row.block->name)
            continue;
        const auto before = row.counts;
        row.counts = system::synthesize(*row.block, row.parameters);
        fmt::print(stderr, "{}{}\n", row.name(), row.counts == before ? "" : ": changed");
        // after each row: a run takes minutes
        std::ofstream{path, std::ios::binary} << estimate::synthesis_table_text(table);
    }
}

void fit(const std::string& path)
{
    fmt::print("blocks:\n");
    for (const auto& block :
         estimate::fit_blocks(estimate::parse_synthesis_table(path, read_text(path)))) {
        fmt::print("  - block: {}\n    terms:\n", block.block);
        for (const auto& term : block.terms)
            fmt::print("      - {{feature: {}, luts: {}, memory_luts: {}, flip_flops: {}}}\n",
                       term.feature, term.luts, term.memory_luts, term.flip_flops);
    }
}

void errors(const std::string& path)
{
    const auto table = estimate::parse_synthesis_table(path, read_text(path));
    estimate::ResourceModel model;
    model.blocks = estimate::fit_blocks(table);
    for (const auto& row : table.rows) {
        if (model.find(row.block->name) == nullptr)
            continue;
        const auto predicted = estimate::estimate_block(model, *row.block, row.parameters);
        fmt::print("{:4} {:78} LUT {:8.1f} {:6}  FF {:8.1f} {:6}  memory {:7.1f} {:5}  DSP {} {}  "
                   "BRAM18 {} {}\n",
                   row.fit ? "fit" : "test", row.name(), predicted.luts, row.counts.luts,
                   predicted.flip_flops, row.counts.flip_flops, predicted.memory_luts,
                   row.counts.shift_luts + row.counts.memory_luts, predicted.dsps, row.counts.dsps,
                   predicted.bram18, row.counts.bram18_equivalents());
    }
}

} // namespace

int main(int argc, char** argv)
{
    constexpr int words = 3;
    constexpr int usage_error = 2;
    try {
        const std::string action = argc >= words ? argv[1] : "";
        const std::string block = argc == words + 1 ? argv[words] : "";
        if (action == "record" && (block.empty() || estimate::find_rtl_block(block) != nullptr))
            record(argv[2], block);
        else if (action == "fit")
            fit(argv[2]);
        else if (action == "errors")
            errors(argv[2]);
        else
            throw std::runtime_error{
                "usage: heatsim_fit_resources record|fit|errors TABLE, or record TABLE BLOCK"};
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "error: {}\n", error.what());
        return usage_error;
    }
}
