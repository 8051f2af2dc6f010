// SPDX-License-Identifier: Apache-2.0
#include "workload/trace.hpp"

#include "config/error.hpp"
#include "config/text_file.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace heatsim::workload {

using config::LineReader;
using config::quoted;
using config::split;
using config::Text;
using config::to_number;
using config::trimmed;
using config::words;
using Violations = config::ViolationList;

namespace {

constexpr std::size_t max_trace_images = 1000000;
constexpr config::Integers token_range{2, 65536};
constexpr config::Integers block_range{1, 1024};
const std::string trace_format = "heatsim token trace 1";

const std::vector<std::string> header_keys{
    "format",        "model",  "dataset",      "schedule",   "selectors_before_blocks",
    "package_token", "tokens", "top1_percent", "convention", "keep_ratio_targets",
    "source",        "command"};

/// The `# key: value` lines.
class Header {
  public:
    explicit Header(Violations& violations)
        : violations_{violations}
    {}

    void add_line(const Text& line)
    {
        const auto colon = line.text.find(':');
        if (colon == std::string_view::npos)
            return;
        const auto key = trimmed({line.text.substr(1, colon - 1), line.line, line.column + 1});
        const auto value = trimmed(
            {line.text.substr(colon + 1), line.line, line.column + static_cast<int>(colon) + 1});
        const std::string name{key.text};
        if (std::find(header_keys.begin(), header_keys.end(), name) == header_keys.end()) {
            const auto nearest = config::nearest_name(name, header_keys);
            if (!nearest.empty())
                violations_.add(key.line, key.column, name, "unknown key", "", nearest);
            return;
        }
        const Entry entry{std::string{value.text}, value.line, value.column};
        const auto [known, is_new] = entries_.emplace(name, entry);
        if (!is_new)
            violations_.add(key, name, "given twice",
                            "once, as in line " + std::to_string(known->second.line));
    }

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    [[nodiscard]] std::optional<Text> find(const std::string& key) const
    {
        const auto entry = entries_.find(key);
        if (entry == entries_.end())
            return std::nullopt;
        return Text{entry->second.value, entry->second.line, entry->second.column};
    }

    /// The value of a required key. \param line where the header ends
    std::optional<Text> require(const std::string& key, int line)
    {
        auto value = find(key);
        if (!value)
            violations_.add(line, 0, key, "missing", "a line '# " + key + ": ...' above");
        return value;
    }

    [[nodiscard]] std::string text(const std::string& key) const
    {
        const auto value = find(key);
        return value ? std::string{value->text} : std::string{};
    }

  private:
    struct Entry {
        std::string value;
        int line;
        int column;
    };
    Violations& violations_;
    std::map<std::string, Entry> entries_;
};

/// What the rows are checked against; absent where the header does not say it.
struct Rules {
    std::optional<std::size_t> selectors;
    std::optional<std::uint64_t> tokens;
    std::optional<PackageToken> package_token;
};

std::string range_text(const config::Integers& range)
{
    return "an integer from " + std::to_string(range.min) + " to " + std::to_string(range.max);
}

std::optional<std::uint64_t> read_integer(const Text& text,
                                          const std::string& key,
                                          const config::Integers& range,
                                          Violations& violations)
{
    const auto value = to_number<std::uint64_t>(text.text);
    if (value && *value >= range.min && *value <= range.max)
        return value;
    violations.add(text, key, quoted(text.text), range_text(range));
    return std::nullopt;
}

std::optional<double>
read_real(const Text& text, const std::string& key, double min, double max, Violations& violations)
{
    const auto value = to_number<double>(text.text);
    if (value && *value >= min && *value <= max)
        return value;
    violations.add(text, key, quoted(text.text),
                   "a number from " + std::to_string(static_cast<int>(min)) + " to " +
                       std::to_string(static_cast<int>(max)));
    return std::nullopt;
}

void read_selectors(const Text& value, TokenTrace& trace, Rules& rules, Violations& violations)
{
    const std::string key = "selectors_before_blocks";
    const auto items = words(value);
    for (const auto& item : items) {
        const auto block = read_integer(item, key, block_range, violations);
        if (!block)
            continue;
        if (!trace.selectors_before_blocks.empty() &&
            *block <= trace.selectors_before_blocks.back())
            violations.add(item, key, quoted(item.text), "a later block than the one before it");
        trace.selectors_before_blocks.push_back(*block);
    }
    rules.selectors = items.size();
}

void read_keep_ratios(const Text& value,
                      TokenTrace& trace,
                      const Rules& rules,
                      Violations& violations)
{
    const std::string key = "keep_ratio_targets";
    const auto items = words(value);
    if (rules.selectors && !items.empty() && items.size() != *rules.selectors)
        violations.add(value, key, std::to_string(items.size()) + " keep ratios",
                       std::to_string(*rules.selectors) + ", one per selector");
    for (const auto& item : items) {
        const auto ratio = read_real(item, key, 0.0, 1.0, violations);
        if (!ratio)
            continue;
        if (!trace.keep_ratio_targets.empty() && *ratio > trace.keep_ratio_targets.back())
            violations.add(item, key, quoted(item.text), "cumulative keep ratios, which fall");
        trace.keep_ratio_targets.push_back(*ratio);
    }
}

void read_package_token(const Text& value, TokenTrace& trace, Rules& rules, Violations& violations)
{
    std::vector<std::string> names;
    for (const auto& entry : package_token_names) {
        names.emplace_back(entry.name);
        if (value.text == entry.name)
            rules.package_token = entry.value;
    }
    if (rules.package_token)
        trace.package_token = *rules.package_token;
    else
        violations.add(value.line, value.column, "package_token", quoted(value.text),
                       "one, one_per_selector or none",
                       config::nearest_name(std::string{value.text}, names));
}

/// Reads the header's keys into `trace`. \param line where the header ends
/// \returns false where the file is no token trace of this version
bool read_header(Header& header, int line, TokenTrace& trace, Rules& rules, Violations& violations)
{
    if (header.empty()) {
        violations.add(line, 0, "", "no token trace",
                       "a first line '# format: heatsim token trace 1'");
        return false;
    }
    const auto format = header.require("format", line);
    if (format && format->text != trace_format) {
        violations.add(*format, "format", quoted(format->text), quoted(trace_format));
        return false;
    }
    trace.model = header.text("model");
    trace.dataset = header.text("dataset");
    trace.schedule_name = header.text("schedule");
    trace.convention = header.text("convention");
    trace.source = header.text("source");
    trace.command = header.text("command");
    if (const auto value = header.require("selectors_before_blocks", line))
        read_selectors(*value, trace, rules, violations);
    if (const auto value = header.find("keep_ratio_targets"))
        read_keep_ratios(*value, trace, rules, violations);
    if (const auto value = header.require("package_token", line))
        read_package_token(*value, trace, rules, violations);
    if (const auto value = header.require("tokens", line))
        rules.tokens = read_integer(*value, "tokens", token_range, violations);
    trace.tokens = rules.tokens.value_or(0);
    if (const auto value = header.find("top1_percent"); value && !value->text.empty())
        trace.top1_percent = read_real(*value, "top1_percent", 0.0, 100.0, violations);
    return true;
}

/// Where the columns stand that are read.
struct Columns {
    std::size_t count = 0;
    std::optional<std::size_t> image;
    /// per selector; absent where the file has no such column
    std::vector<std::optional<std::size_t>> stages;
};

/// The s of a column `n<s>`, 1-based.
std::optional<std::size_t> stage_of(std::string_view name)
{
    if (name.size() < 2 || name[0] != 'n' || name[1] == '0')
        return std::nullopt;
    return to_number<std::size_t>(name.substr(1));
}

Columns read_columns(const Text& line, const Rules& rules, Violations& violations)
{
    const auto names = split(line, ',');
    Columns columns;
    columns.count = names.size();
    std::map<std::size_t, std::size_t> stages;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& name = names[i];
        const auto stage = stage_of(name.text);
        const auto twice = stage ? stages.count(*stage) > 0 : name.text == "image" && columns.image;
        if (twice)
            violations.add(name, std::string{name.text}, "column given twice", "once");
        else if (stage)
            stages.emplace(*stage, i);
        else if (name.text == "image")
            columns.image = i;
    }
    if (!columns.image)
        violations.add(line, "image", "column missing", "a column 'image' (row number)");
    // without selectors_before_blocks the columns say how many stages there are
    columns.stages.resize(rules.selectors.value_or(stages.size()));
    const auto selectors_text = std::to_string(columns.stages.size()) + " selectors";
    for (std::size_t i = 0; i < columns.stages.size(); ++i) {
        const auto stage = stages.find(i + 1);
        if (stage != stages.end())
            columns.stages[i] = stage->second;
        else
            violations.add(line, "n" + std::to_string(i + 1), "column missing",
                           "one column n<s> for each of the " + selectors_text);
    }
    for (const auto& [stage, index] : stages)
        if (stage > columns.stages.size() && rules.selectors)
            violations.add(names[index], "n" + std::to_string(stage), "column without a selector",
                           "as many columns n<s> as selectors_before_blocks names, " +
                               std::to_string(*rules.selectors));
    return columns;
}

/// The token counts of one image; empty where the row has not all of them.
TokenCounts
read_row(const Text& line, const Columns& columns, const Rules& rules, Violations& violations)
{
    const auto fields = split(line, ',');
    if (fields.size() != columns.count) {
        violations.add(line, "", std::to_string(fields.size()) + " fields",
                       std::to_string(columns.count) + ", as in the CSV header");
        return {};
    }
    constexpr config::Integers any{};
    if (columns.image) {
        const auto& field = fields[*columns.image];
        if (!to_number<std::uint64_t>(field.text))
            violations.add(field, "image", quoted(field.text), "an integer");
    }
    const std::uint64_t most = rules.tokens.value_or(any.max);
    const std::uint64_t least =
        !rules.package_token ? 0 : (*rules.package_token == PackageToken::None ? 1 : 2);
    const std::uint64_t rise = rules.package_token == PackageToken::OnePerSelector ? 1 : 0;

    TokenCounts counts{rules.tokens.value_or(0)};
    std::optional<std::uint64_t> before; // a missing or bad count is compared with nothing
    for (std::size_t i = 0; i < columns.stages.size(); ++i) {
        const auto previous = std::exchange(before, std::nullopt);
        if (!columns.stages[i])
            continue;
        const auto& field = fields[*columns.stages[i]];
        const auto key = "n" + std::to_string(i + 1);
        const auto count = to_number<std::uint64_t>(field.text);
        if (!count) {
            violations.add(field, key, quoted(field.text), "an integer");
            continue;
        }
        if (*count > most)
            violations.add(field, key, std::to_string(*count) + " tokens",
                           "at most the " + std::to_string(most) + " tokens of an unpruned image");
        else if (*count < least)
            violations.add(field, key, std::to_string(*count) + " tokens",
                           "at least " + std::to_string(least) +
                               (least == 1 ? " (class token)" : " (class and package token)"));
        else if (previous && *count > *previous && *count - *previous > rise)
            violations.add(field, key, std::to_string(*count) + " tokens",
                           "at most " + std::to_string(*previous + rise) + ": n" +
                               std::to_string(i) + " is " + std::to_string(*previous));
        before = count;
        counts.push_back(*count);
    }
    return counts;
}

} // namespace

TokenTrace read_trace(const std::string& path, std::size_t max_images)
{
    Violations violations{path};
    LineReader reader{path, violations};
    TokenTrace trace;
    trace.path = path;
    Rules rules;
    Header header{violations};

    bool has_columns = false;
    while (reader.next()) {
        const auto line = trimmed(reader.line());
        if (line.text.empty())
            continue;
        if (line.text.front() != '#') {
            has_columns = true;
            break;
        }
        header.add_line(line);
    }
    if (reader.failed() || !read_header(header, reader.number(), trace, rules, violations))
        violations.throw_if_any();
    if (!has_columns) {
        violations.add(reader.number(), 0, "", "empty trace", "a CSV header and a row per image");
        violations.throw_if_any();
    }

    const auto columns = read_columns(trimmed(reader.line()), rules, violations);
    std::size_t images = 0;
    while (images < max_images && reader.next()) {
        const auto line = trimmed(reader.line());
        if (line.text.empty())
            continue;
        ++images;
        if (images > max_trace_images) {
            violations.add(line, "", "too many images",
                           "at most " + std::to_string(max_trace_images));
            break;
        }
        auto counts = read_row(line, columns, rules, violations);
        if (violations.empty())
            trace.images.push_back(std::move(counts));
    }
    if (images == 0 && max_images > 0 && !reader.failed())
        violations.add(reader.number(), 0, "", "empty trace", "a row per image");
    violations.throw_if_any();
    return trace;
}

} // namespace heatsim::workload
