// SPDX-License-Identifier: Apache-2.0
#include "sweep/accuracy_table.hpp"

#include "config/text_file.hpp"
#include "sweep/hull.hpp"
#include "system/catalog.hpp"
#include "system/embedded_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace heatsim::sweep {

namespace {

using config::Text;
using config::ViolationList;

constexpr const char* table_format = "heatsim accuracy table 1";
constexpr std::size_t most_networks = 1000; // one linear program has a column for each
constexpr std::size_t most_bytes = 1048576;
constexpr std::uint64_t most_blocks = 1000;
constexpr std::uint64_t most_size = 1000000;
constexpr const char* dense = "dense";
constexpr std::array<const char*, 6> required_keys{"format",   "model",        "blocks",
                                                   "channels", "patch_tokens", "package_token"};
constexpr std::array<const char*, 4> required_columns{"choice", "before_blocks", "keep_ratios",
                                                      "top1_percent"};
constexpr std::array<const char*, 2> other_columns{"training", "networks"};

/// Keep ratio of each block.
[[nodiscard]] std::vector<double> point_of(const std::vector<std::uint64_t>& before_blocks,
                                           const std::vector<double>& keep_ratios,
                                           std::uint64_t blocks)
{
    std::vector<double> point(blocks, 1.0);
    for (std::size_t i = 0; i < before_blocks.size(); ++i)
        for (auto block = before_blocks[i]; block <= blocks; ++block)
            point[block - 1] = keep_ratios[i];
    return point;
}

} // namespace

/// Reads a table line by line.
class AccuracyTable::Reader {
  public:
    Reader(AccuracyTable& table, ViolationList& violations)
        : table_{table}
        , violations_{violations}
    {}

    void take(const Text& line)
    {
        last_line_ = line.line;
        if (line.text.empty())
            return;
        if (line.text.front() == '#') {
            if (columns_.empty())
                take_key(line);
            else
                violations_.add(line, "", "comment among the rows", "a row of the table");
        } else if (columns_.empty()) {
            finish_header(line);
            take_columns(line);
        } else {
            take_row(line);
        }
    }

    void finish()
    {
        if (columns_.empty()) {
            violations_.add(last_line_, 0, "", "no line of column names",
                            fmt::format("{}", fmt::join(required_columns, ",")));
        } else if (!has_dense_ && violations_.empty()) {
            violations_.add(0, 0, "choice", "no row of the dense network",
                            "one row with choice dense");
        }
    }

  private:
    void take_key(const Text& line)
    {
        const auto colon = line.text.find(':');
        if (colon == std::string_view::npos)
            return; // a comment
        const auto key = config::trimmed({line.text.substr(1, colon - 1), line.line, 2});
        const auto value = config::trimmed(
            {line.text.substr(colon + 1), line.line, line.column + static_cast<int>(colon) + 1});
        const std::string name{key.text};
        if (!keys_.emplace(name, std::string{value.text}).second) {
            violations_.add(key, name, "given twice", "one line");
            return;
        }
        take_value(name, value);
    }

    void take_value(const std::string& key, const Text& value)
    {
        if (key == "format" && value.text != table_format)
            violations_.add(value, key, config::quoted(value.text),
                            fmt::format("'{}'", table_format));
        else if (key == "model")
            table_.model_ = value.text;
        else if (key == "dataset")
            table_.dataset_ = value.text;
        else if (key == "meaning")
            table_.meaning_ = value.text;
        else if (key == "blocks")
            table_.blocks_ = whole_number(key, value, most_blocks);
        else if (key == "channels")
            table_.channels_ = whole_number(key, value, most_size);
        else if (key == "patch_tokens")
            table_.patch_tokens_ = whole_number(key, value, most_size);
        else if (key == "sampling_error_points")
            table_.sampling_error_points_ = real_number(key, value, 0.0, 100.0);
        else if (key == "package_token")
            take_package_token(value);
    }

    void take_package_token(const Text& value)
    {
        std::vector<std::string> names;
        names.reserve(workload::package_token_names.size());
        for (const auto& entry : workload::package_token_names) {
            if (value.text == entry.name) {
                table_.package_token_ = entry.value;
                return;
            }
            names.emplace_back(entry.name);
        }
        violations_.add(value.line, value.column, "package_token", config::quoted(value.text),
                        fmt::format("one of {}", fmt::join(names, ", ")),
                        config::nearest_name(std::string{value.text}, names));
    }

    void finish_header(const Text& columns)
    {
        std::vector<std::string> given;
        given.reserve(keys_.size());
        for (const auto& [key, value] : keys_)
            given.push_back(key);
        for (const auto* key : required_keys)
            if (keys_.count(key) == 0)
                violations_.add(columns.line, 0, key, "missing in the lines above",
                                fmt::format("a line '# {}: ...'", key),
                                config::nearest_name(key, given));
    }

    void take_columns(const Text& line)
    {
        std::vector<std::string> known{required_columns.begin(), required_columns.end()};
        known.insert(known.end(), other_columns.begin(), other_columns.end());
        for (const auto& cell : config::split(line, ',')) {
            const std::string name{cell.text};
            if (std::find(known.begin(), known.end(), name) == known.end())
                violations_.add(cell.line, cell.column, "",
                                fmt::format("unknown column {}", config::quoted(name)),
                                fmt::format("{}", fmt::join(known, ", ")),
                                config::nearest_name(name, known));
            else if (std::find(columns_.begin(), columns_.end(), name) != columns_.end())
                violations_.add(cell, name, "column given twice", "one column");
            columns_.push_back(name);
        }
        for (const auto* name : required_columns)
            if (std::find(columns_.begin(), columns_.end(), name) == columns_.end())
                violations_.add(line, name, "no such column",
                                fmt::format("{}", fmt::join(required_columns, ",")));
    }

    void take_row(const Text& line)
    {
        const auto cells = config::split(line, ',');
        if (cells.size() != columns_.size()) {
            violations_.add(line, "", fmt::format("{} cells", cells.size()),
                            fmt::format("{}, one per column", columns_.size()));
            return;
        }
        if (table_.blocks_ == 0)
            return; // reported; no row can be checked without
        if (table_.networks_.size() == most_networks) {
            violations_.add(line, "", "too many rows", fmt::format("at most {}", most_networks));
            return;
        }
        Network network;
        bool right = true;
        for (std::size_t i = 0; i < cells.size(); ++i)
            right = take_cell(network, columns_[i], cells[i]) && right;
        if (!right)
            return;
        if (network.before_blocks.size() != network.keep_ratios.size()) {
            violations_.add(line, "keep_ratios",
                            fmt::format("{} keep ratios", network.keep_ratios.size()),
                            fmt::format("{}, one per selector", network.before_blocks.size()));
            return;
        }
        if (network.choice.has_value() == network.before_blocks.empty()) {
            violations_.add(line, "before_blocks",
                            network.choice ? "no selector" : "a selector of the dense network",
                            network.choice ? "at least one block" : "no block");
            return;
        }
        network.point = point_of(network.before_blocks, network.keep_ratios, table_.blocks_);
        add(line, std::move(network));
    }

    void add(const Text& line, Network network)
    {
        for (const auto& other : table_.networks_) {
            if (other.choice != network.choice || other.point != network.point)
                continue;
            violations_.add(line, "", "the same choice and keep ratios as another row",
                            "one row, with the mean accuracy");
            return;
        }
        if (!network.choice) {
            has_dense_ = true;
            table_.dense_top1_percent_ = network.top1_percent;
        }
        table_.networks_.push_back(std::move(network));
    }

    /// False: a violation was added.
    [[nodiscard]] bool take_cell(Network& network, const std::string& column, const Text& cell)
    {
        if (column == "choice")
            return take_choice(network, cell);
        if (column == "networks")
            network.networks = cell.text;
        else if (column == "before_blocks")
            return take_blocks(network, cell);
        else if (column == "keep_ratios")
            return take_ratios(network, cell);
        else if (column == "top1_percent") {
            network.top1_percent = real_number(column, cell, 0.0, 100.0);
            return network.top1_percent > 0.0;
        }
        return true;
    }

    [[nodiscard]] bool take_choice(Network& network, const Text& cell)
    {
        if (cell.text == dense)
            return true;
        std::vector<std::string> names{dense};
        for (const auto& entry : workload::choice_names) {
            if (cell.text == entry.name) {
                network.choice = entry.value;
                return true;
            }
            names.emplace_back(entry.name); // NOLINT(performance-inefficient-vector-operation)
        }
        violations_.add(cell.line, cell.column, "choice", config::quoted(cell.text),
                        fmt::format("one of {}", fmt::join(names, ", ")),
                        config::nearest_name(std::string{cell.text}, names));
        return false;
    }

    [[nodiscard]] bool take_blocks(Network& network, const Text& cell)
    {
        std::uint64_t last = 0;
        for (const auto& word : config::words(cell)) {
            const auto block = config::to_number<std::uint64_t>(word.text);
            if (!block || *block <= last || *block > table_.blocks_) {
                violations_.add(word, "before_blocks", config::quoted(word.text),
                                fmt::format("blocks in ascending order, 1 to {}", table_.blocks_));
                return false;
            }
            network.before_blocks.push_back(*block);
            last = *block;
        }
        return true;
    }

    [[nodiscard]] bool take_ratios(Network& network, const Text& cell)
    {
        double last = 1.0;
        for (const auto& word : config::words(cell)) {
            const auto ratio = config::to_number<double>(word.text);
            if (!ratio || !(*ratio > 0.0) || !(*ratio <= last)) {
                violations_.add(word, "keep_ratios", config::quoted(word.text),
                                "cumulative keep ratios that do not rise, above 0, at most 1");
                return false;
            }
            network.keep_ratios.push_back(*ratio);
            last = *ratio;
        }
        return true;
    }

    /// 0 with a violation where it is none.
    [[nodiscard]] std::uint64_t
    whole_number(const std::string& key, const Text& value, std::uint64_t most)
    {
        const auto number = config::to_number<std::uint64_t>(value.text);
        if (number && *number >= 1 && *number <= most)
            return *number;
        violations_.add(value, key, config::quoted(value.text),
                        fmt::format("an integer from 1 to {}", most));
        return 0;
    }

    /// 0 with a violation where it is none.
    [[nodiscard]] double
    real_number(const std::string& key, const Text& value, double above, double most)
    {
        const auto number = config::to_number<double>(value.text);
        if (number && *number > above && *number <= most)
            return *number;
        violations_.add(value, key, config::quoted(value.text),
                        fmt::format("a number above {} and at most {}", above, most));
        return 0.0;
    }

    AccuracyTable& table_;
    ViolationList& violations_;
    std::map<std::string, std::string> keys_;
    std::vector<std::string> columns_;
    bool has_dense_ = false;
    int last_line_ = 0;
};

AccuracyTable AccuracyTable::load(const std::string& name, const config::Location& named_at)
{
    AccuracyTable table;
    table.name_ = name;
    const bool is_path = name.find('/') != std::string::npos || config::ends_with(name, ".csv") ||
                         config::ends_with(name, ".csv.gz");
    const auto path = is_path ? name : fmt::format("configs/accuracy/{}.csv", name);
    ViolationList violations{path};
    Reader reader{table, violations};
    if (is_path) {
        config::LineReader lines{path, violations, most_bytes};
        while (lines.next())
            reader.take(config::trimmed(lines.line()));
        if (lines.failed())
            violations.throw_if_any();
    } else {
        const auto* const file = system::find_embedded_file(path);
        if (file == nullptr)
            throw config::Error{system::unknown_name(system::ConfigKind::Accuracy, name, named_at)};
        config::for_each_line(file->text, [&reader](const Text& line) { reader.take(line); });
    }
    reader.finish();
    violations.throw_if_any();
    return table;
}

bool AccuracyTable::is_of(const workload::Model& model) const
{
    return model.name == model_ && model.depth == blocks_ && model.embed_dim == channels_ &&
           model.patch_tokens() == patch_tokens_;
}

std::optional<double> AccuracyTable::top1_percent(const workload::Model& model,
                                                  const workload::Schedule& schedule) const
{
    if (!is_of(model) || schedule.head_keep_ratio < 1.0 || schedule.channel_keep_ratio < 1.0)
        return std::nullopt;
    if (schedule.selectors.empty())
        return dense_top1_percent_;
    if (schedule.scoring != workload::Scoring::Selector ||
        schedule.package_token != package_token_ ||
        schedule.keep_ratio_of != workload::KeepRatioOf::Original)
        return std::nullopt;
    std::vector<std::uint64_t> before_blocks;
    std::vector<double> keep_ratios;
    before_blocks.reserve(schedule.selectors.size());
    keep_ratios.reserve(schedule.selectors.size());
    for (const auto& selector : schedule.selectors) {
        if (selector.before_block == 0 || !(selector.keep_ratio > 0.0))
            return std::nullopt;
        before_blocks.push_back(selector.before_block);
        keep_ratios.push_back(selector.keep_ratio);
    }
    return interpolated(point_of(before_blocks, keep_ratios, blocks_), schedule.choice);
}

std::optional<double> AccuracyTable::interpolated(const std::vector<double>& point,
                                                  workload::Choice choice) const
{
    std::vector<Sample> samples;
    samples.reserve(networks_.size());
    bool has_choice = false;
    for (const auto& network : networks_) {
        if (network.choice && *network.choice != choice)
            continue;
        has_choice = has_choice || network.choice.has_value();
        samples.push_back({&network.point, network.top1_percent});
    }
    if (!has_choice)
        return std::nullopt;
    return interpolate_in_hull(samples, point);
}

} // namespace heatsim::sweep
