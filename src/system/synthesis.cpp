// SPDX-License-Identifier: Apache-2.0
#include "system/synthesis.hpp"

#include "config/text_file.hpp"
#include "system/embedded_files.hpp"
#include "system/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::system {

namespace {

namespace fs = std::filesystem;
using config::starts_with;
using estimate::SynthesisCounts;

constexpr std::string_view rtl_folder = "rtl/";
constexpr std::string_view harness_folder = "rtl/harness/"; ///< C++
constexpr const char* script_name = "synthesize.ys";
constexpr const char* counts_name = "cells.json";

/// LUTs of the distributed memories of UltraScale+ (UG574, SLICEM).
struct DistributedMemory {
    const char* cell;
    std::uint64_t luts;
};
constexpr std::array<DistributedMemory, 13> distributed_memories{{
    {"RAM32X1S", 1},
    {"RAM32X1D", 2},
    {"RAM32M", 4},
    {"RAM32M16", 8},
    {"RAM64X1S", 1},
    {"RAM64X1D", 2},
    {"RAM64M", 4},
    {"RAM64M8", 8},
    {"RAM128X1S", 2},
    {"RAM128X1D", 4},
    {"RAM256X1S", 4},
    {"RAM256X1D", 8},
    {"RAM512X1S", 8},
}};

void replace_all(std::string& text, std::string_view word, std::string_view replacement)
{
    for (auto at = text.find(word); at != std::string::npos;
         at = text.find(word, at + replacement.size()))
        text.replace(at, word.size(), replacement);
}

/// Writes the RTL and the files of the flow. \returns the script
[[nodiscard]] std::string lay_out(const fs::path& folder)
{
    std::string script;
    for (const auto& file : embedded_files()) {
        const std::string_view path{file.path};
        if (!starts_with(path, rtl_folder) || starts_with(path, harness_folder))
            continue;
        const auto name = path.substr(path.rfind('/') + 1);
        if (name == script_name)
            script = file.text;
        else
            write_file(folder / name, file.text);
    }
    return script;
}

void count(SynthesisCounts& counts, std::string_view cell, std::uint64_t number)
{
    const auto is_any = [cell](const auto&... names) { return ((cell == names) || ...); };
    if (is_any("DSP48E1", "DSP48E2"))
        counts.dsps += number;
    else if (is_any("LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "INV"))
        counts.luts += number;
    else if (is_any("FDRE", "FDSE", "FDCE", "FDPE"))
        counts.flip_flops += number;
    else if (cell == "CARRY4")
        counts.carries += number;
    else if (is_any("SRL16E", "SRLC32E"))
        counts.shift_luts += number;
    else if (cell == "RAMB18E2")
        counts.bram18 += number;
    else if (cell == "RAMB36E2")
        counts.bram36 += number;
    else if (cell == "URAM288")
        counts.urams += number;
    else {
        const auto* const memory =
            std::find_if(distributed_memories.begin(), distributed_memories.end(),
                         [cell](const DistributedMemory& known) { return cell == known.cell; });
        if (memory == distributed_memories.end())
            throw ToolError{fmt::format("yosys: a cell that is not known, {}", cell)};
        counts.memory_luts += memory->luts * number;
    }
}

} // namespace

SynthesisCounts count_cells(std::string_view json)
{
    // {"modules": {...}, "design": {..., "num_cells_by_type": {"LUT2": 3, ...}}}: only the object
    // of the whole design is read
    constexpr std::string_view list_name = "\"num_cells_by_type\"";
    const auto design = json.find("\"design\"");
    const auto list = design == std::string_view::npos ? design : json.find(list_name, design);
    if (list == std::string_view::npos)
        throw ToolError{"yosys: no statistics of the design"};
    const auto begin = json.find('{', list);
    const auto end = json.find('}', list);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
        throw ToolError{"yosys: its statistics end early"};
    SynthesisCounts counts;
    std::string body{json.substr(begin + 1, end - begin - 1)};
    std::replace(body.begin(), body.end(), '\n', ' ');
    for (const auto& entry : config::split({body, 1, 1}, ',')) {
        if (config::words(entry).empty()) // a block without cells
            continue;
        const auto open = entry.text.find('"');
        const auto close = entry.text.find('"', open + 1);
        const auto colon = entry.text.find(':', close);
        const auto number =
            close == std::string_view::npos || colon == std::string_view::npos
                ? std::nullopt
                : config::to_number<std::uint64_t>(
                      config::words({entry.text.substr(colon + 1), 1, 1}).front().text);
        if (!number)
            throw ToolError{fmt::format("yosys: statistics that do not parse, {}", entry.text)};
        count(counts, entry.text.substr(open + 1, close - open - 1), *number);
    }
    return counts;
}

SynthesisCounts synthesize(const estimate::RtlBlock& block, const estimate::Parameters& parameters)
{
    const TemporaryFolder folder;
    std::string script = lay_out(folder.path());
    std::string settings = block.settings;
    for (const auto& [name, value] : estimate::completed(block, parameters))
        settings += fmt::format(" -set {} {}", name, value);
    replace_all(script, "@PARAMETERS@", settings);
    replace_all(script, "@TOP@", block.module);
    replace_all(script, "@OPTIONS@", block.options);
    write_file(folder.path() / script_name, script);
    static_cast<void>(run_tool({"yosys", "-q", script_name}, "", folder.path()));
    return count_cells(read_file(folder.path() / counts_name));
}

} // namespace heatsim::system
