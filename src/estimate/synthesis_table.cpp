// SPDX-License-Identifier: Apache-2.0
#include "estimate/synthesis_table.hpp"

#include "config/text_file.hpp"
#include "estimate/least_squares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace heatsim::estimate {

namespace {

using config::quoted;
using config::Text;

constexpr const char* header = "use,block,parameters,dsps,luts,flip_flops,carries,shift_luts,"
                               "memory_luts,bram18,bram36,urams";
constexpr std::size_t columns = 12;
constexpr std::size_t first_count = 3;

/// The counts in the order of their columns.
template <typename Counts, typename Action>
void for_each_count(Counts& counts, Action action)
{
    action(counts.dsps);
    action(counts.luts);
    action(counts.flip_flops);
    action(counts.carries);
    action(counts.shift_luts);
    action(counts.memory_luts);
    action(counts.bram18);
    action(counts.bram36);
    action(counts.urams);
}

class Parser {
  public:
    explicit Parser(const std::string& name)
        : violations_{name}
    {}

    SynthesisTable parse(std::string_view text)
    {
        const auto number =
            config::for_each_line(text, [this](const Text& line) { add_line(line); });
        if (table_.rows.empty() && violations_.empty())
            violations_.add(number, 0, "", "empty table", "a CSV header and a line per synthesis");
        violations_.throw_if_any();
        return std::move(table_);
    }

  private:
    void add_line(const Text& line)
    {
        if (line.text.empty())
            return;
        if (line.text.front() == '#') {
            table_.description += fmt::format("{}\n", line.text);
        } else if (!has_header_) {
            has_header_ = true;
            if (line.text != header)
                violations_.add(line, "", quoted(line.text), fmt::format("the header {}", header));
            violations_.throw_if_any(); // no row can be read
        } else {
            add_row(line);
        }
    }

    void add_row(const Text& line)
    {
        const auto fields = config::split(line, ',');
        if (fields.size() != columns) {
            violations_.add(line, "", fmt::format("{} fields", fields.size()),
                            fmt::format("{}, as in the header", columns));
            return;
        }
        SynthesisRow row;
        row.fit = fields[0].text == "fit";
        row.quick = fields[0].text == "quick";
        if (!row.fit && !row.quick && fields[0].text != "test")
            violations_.add(fields[0], "use", quoted(fields[0].text), "fit, test or quick");
        row.block = find_rtl_block(std::string{fields[1].text});
        if (row.block == nullptr) {
            violations_.add(fields[1], "block", quoted(fields[1].text), "a block of the RTL");
            return;
        }
        read_parameters(fields[2], row);
        std::size_t column = first_count;
        for_each_count(row.counts, [&](std::uint64_t& count) {
            const auto& field = fields[column++];
            const auto value = config::to_number<std::uint64_t>(field.text);
            if (!value)
                violations_.add(field, "", quoted(field.text), "a count");
            count = value.value_or(0);
        });
        if (!names_.insert(row.name()).second)
            violations_.add(line, "", "a second row of " + row.name(), "each once");
        table_.rows.push_back(std::move(row));
    }

    void read_parameters(const Text& field, SynthesisRow& row)
    {
        for (const auto& word : config::words(field)) {
            const auto equals = word.text.find('=');
            const std::string name{word.text.substr(0, equals)};
            const auto value = equals == std::string_view::npos
                                   ? std::nullopt
                                   : config::to_number<std::uint64_t>(word.text.substr(equals + 1));
            if (!value || row.block->defaults.count(name) == 0)
                violations_.add(
                    word, "parameters", quoted(word.text),
                    fmt::format("NAME=VALUE, of {}", parameters_text(row.block->defaults)));
            row.parameters[name] = value.value_or(0);
        }
    }

    config::ViolationList violations_;
    SynthesisTable table_;
    std::set<std::string> names_;
    bool has_header_ = false;
};

[[nodiscard]] double rounded(double value)
{
    constexpr double scale = 10000.0;
    return std::round(value * scale) / scale + 0.0; // no -0
}

void set(Term& term, Quantity quantity, double value)
{
    (quantity == Quantity::Luts         ? term.luts
     : quantity == Quantity::MemoryLuts ? term.memory_luts
                                        : term.flip_flops) = value;
}

[[nodiscard]] BlockModel fit_block(const RtlBlock& block,
                                   const std::vector<const SynthesisRow*>& rows)
{
    BlockModel model;
    model.block = block.name;
    for (const auto& feature : block.features(block.defaults)) {
        Term term;
        term.feature = feature.name;
        model.terms.push_back(std::move(term));
    }
    for (const auto quantity : quantities) {
        std::vector<Observation> observations;
        std::vector<std::size_t> used;
        observations.reserve(rows.size());
        for (const auto* row : rows) {
            const auto features = block.features(completed(block, row->parameters));
            Observation observation;
            used.clear();
            for (std::size_t i = 0; i < features.size(); ++i) {
                if (!features[i].matters_to(quantity))
                    continue;
                used.push_back(i);
                observation.features.push_back(features[i].value);
            }
            observation.value = row->counts.value(quantity);
            observation.weight = 1.0 / std::max(observation.value, 1.0);
            observations.push_back(std::move(observation));
        }
        if (used.empty())
            continue;
        try {
            const auto coefficients = least_squares(observations);
            for (std::size_t i = 0; i < used.size(); ++i)
                set(model.terms[used[i]], quantity, rounded(coefficients[i]));
        } catch (const SingularFit& error) {
            throw SingularFit{fmt::format("{}: {}", block.name, error.what())};
        }
    }
    return model;
}

} // namespace

double SynthesisCounts::value(Quantity quantity) const
{
    return static_cast<double>(quantity == Quantity::Luts         ? luts
                               : quantity == Quantity::MemoryLuts ? shift_luts + memory_luts
                                                                  : flip_flops);
}

bool SynthesisCounts::operator==(const SynthesisCounts& other) const
{
    std::array<std::uint64_t, columns - first_count> theirs{};
    std::size_t column = 0;
    for_each_count(other, [&](std::uint64_t count) { theirs.at(column++) = count; });
    bool equal = true;
    column = 0;
    for_each_count(*this,
                   [&](std::uint64_t count) { equal = equal && count == theirs.at(column++); });
    return equal;
}

std::string SynthesisRow::name() const
{
    return fmt::format("{} {}", block->name, parameters_text(parameters));
}

SynthesisTable parse_synthesis_table(const std::string& name, std::string_view text)
{
    return Parser{name}.parse(text);
}

std::string synthesis_table_text(const SynthesisTable& table)
{
    auto text = fmt::format("{}{}\n", table.description, header);
    for (const auto& row : table.rows) {
        text += fmt::format("{},{},{}",
                            row.fit     ? "fit"
                            : row.quick ? "quick"
                                        : "test",
                            row.block->name, parameters_text(row.parameters));
        for_each_count(row.counts,
                       [&text](std::uint64_t count) { text += fmt::format(",{}", count); });
        text += '\n';
    }
    return text;
}

std::vector<BlockModel> fit_blocks(const SynthesisTable& table)
{
    std::vector<BlockModel> models;
    for (const auto& block : rtl_blocks()) {
        std::vector<const SynthesisRow*> rows;
        for (const auto& row : table.rows)
            if (row.fit && row.block == &block)
                rows.push_back(&row);
        if (!rows.empty())
            models.push_back(fit_block(block, rows));
    }
    return models;
}

} // namespace heatsim::estimate
