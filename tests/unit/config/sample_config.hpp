// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/document.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

// A configuration with every kind of field.
namespace heatsim::config::sample {

enum class Style : std::uint8_t { Chain, Tree };
inline constexpr std::array<EnumName<Style>, 2> style_names{
    {{Style::Chain, "chain"}, {Style::Tree, "tree"}}};

struct Port {
    std::string name = "p";
    std::uint64_t width_bits = 64;
};

inline void describe(Visitor& visitor, Port& port)
{
    visitor.text("name", port.name, "what it serves", Presence::Required);
    visitor.integer("width_bits", port.width_bits, {8, 512}, "width");
    visitor.check(port.width_bits % 8 == 0, "width_bits", "a multiple of 8");
}

struct Array {
    std::uint64_t rows = 4;
    std::uint64_t cols = 4;
    Style style = Style::Chain;
};

inline void describe(Visitor& visitor, Array& array)
{
    visitor.integer("rows", array.rows, {1, 64}, "rows of the array", Presence::Required);
    visitor.integer("cols", array.cols, {1, 64}, "columns of the array");
    visitor.choice("style", array.style, style_names, "adder");
    visitor.check(array.rows % 2 == 0, "rows", "an even number");
    visitor.check(array.rows * array.cols <= 256, "", "rows * cols of at most 256");
    visitor.check(array.rows >= array.cols, "cols", "at most rows");
}

struct Dma {
    std::vector<Port> ports;
    std::uint64_t depth = 2;
};

inline void describe(Visitor& visitor, Dma& dma)
{
    visitor.list("ports", dma.ports, "ports");
    visitor.integer("depth", dma.depth, {}, "queue depth");
}

struct Machine {
    std::string name = "none";
    Array array;
    Dma dma;
    double clock_mhz = 100.0;
    double scale = 1.0;
    bool trace = false;
    std::vector<std::uint64_t> levels{1, 2};
    Sourced<std::uint64_t> luts{1000, "datasheet", "memory"};
    bool has_luts = false; ///< not a key: selects whether `luts` is one
};

inline void describe(Visitor& visitor, Machine& machine)
{
    visitor.text("name", machine.name, "its name");
    visitor.section("array", machine.array, "the array", Presence::Required);
    visitor.section("dma", machine.dma, "the DMA");
    visitor.real("clock_mhz", machine.clock_mhz, {1.0, 1000.0}, "clock");
    visitor.real("scale", machine.scale, {}, "factor");
    visitor.boolean("trace", machine.trace, "record events");
    visitor.integers("levels", machine.levels, {0, 99}, "levels");
    if (machine.has_luts)
        visitor.sourced("luts", machine.luts, {1, 5000}, "look-up tables");
    visitor.check(machine.dma.depth <= 16, "dma.depth", "at most 16");
    visitor.check(machine.levels.size() <= 3, "levels", "at most 3 levels");
    visitor.check(machine.clock_mhz <= 500.0 || !machine.trace, "clock_mhz", "at most 500");
    visitor.check(machine.name != "forbidden", "name", "another name");
    visitor.check(machine.name != "strict" || machine.trace, "trace", "true");
}

/// A list of numbers and words.
struct Words {
    std::vector<std::string> values{"x", "1"};
    std::vector<std::string> needed;
};

inline void describe(Visitor& visitor, Words& words)
{
    visitor.scalars("values", words.values, "what they are");
    visitor.scalars("needed", words.needed, "has to be there", Presence::Required);
    visitor.check(words.values.size() <= 8, "values", "at most 8");
}

} // namespace heatsim::config::sample
