// SPDX-License-Identifier: Apache-2.0
#include "workload/trace.hpp"

#include "config/error.hpp"
#include "config/text_file.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
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
constexpr config::Integers class_token_range{0, 16};
constexpr config::Integers block_range{1, 1024};

const std::vector<std::string> header_keys{
    "format",        "model",   "dataset",      "schedule",   "selectors_before_blocks",
    "package_token", "tokens",  "top1_percent", "convention", "keep_ratio_targets",
    "source",        "command", "class_tokens"};

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

    [[nodiscard]] std::map<std::string, config::Location> locations(const std::string& path) const
    {
        std::map<std::string, config::Location> found;
        for (const auto& [key, entry] : entries_)
            found.emplace(key, config::Location{path, entry.line, entry.column});
        return found;
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
    std::uint64_t class_tokens = 1;
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
    for (const auto& entry : traced_package_token_names) {
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

void read_class_tokens(const Text& value, TokenTrace& trace, Rules& rules, Violations& violations)
{
    const std::string key = "class_tokens";
    const auto count = read_integer(value, key, class_token_range, violations);
    if (!count)
        return;
    rules.class_tokens = *count;
    trace.class_tokens = *count;
    if (rules.tokens && *count >= *rules.tokens)
        violations.add(value, key, quoted(value.text),
                       "fewer than the " + std::to_string(*rules.tokens) + " tokens");
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
    if (const auto value = header.find("class_tokens"))
        read_class_tokens(*value, trace, rules, violations);
    trace.header_locations = header.locations(trace.path);
    if (const auto value = header.find("top1_percent"); value && !value->text.empty())
        trace.top1_percent = read_real(*value, "top1_percent", 0.0, 100.0, violations);
    return true;
}

/// Where the columns stand that are read.
struct Columns {
    std::size_t count = 0;
    std::optional<std::size_t> image;
    std::optional<std::size_t> correct;
    std::optional<std::size_t> label;
    std::optional<std::size_t> predicted;
    /// per selector; absent where the file has no such column
    std::vector<std::optional<std::size_t>> stages;
};

/// Where the column of this name is noted; null for a name that is not read.
std::optional<std::size_t>* column_of(Columns& columns, std::string_view name)
{
    if (name == "image")
        return &columns.image;
    if (name == "correct")
        return &columns.correct;
    if (name == "label")
        return &columns.label;
    return name == "predicted" ? &columns.predicted : nullptr;
}

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
        auto* const column = column_of(columns, name.text);
        if (stage ? stages.count(*stage) > 0 : column != nullptr && column->has_value())
            violations.add(name, std::string{name.text}, "column given twice", "once");
        else if (stage)
            stages.emplace(*stage, i);
        else if (column != nullptr)
            *column = i;
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

/// The rows of a trace, one after the other.
class Rows {
  public:
    Rows(const Columns& columns, const Rules& rules, TokenTrace& trace, Violations& violations)
        : columns_{columns}
        , rules_{rules}
        , trace_{trace}
        , violations_{violations}
    {}

    /// Adds an image to the trace, unless anything was wrong so far.
    void add(const Text& line)
    {
        const auto fields = split(line, ',');
        if (fields.size() != columns_.count) {
            violations_.add(line, "", std::to_string(fields.size()) + " fields",
                            std::to_string(columns_.count) + ", as in the CSV header");
            return;
        }
        const auto id = image_of(fields);
        const auto correct = correct_of(fields);
        auto counts = counts_of(fields);
        if (!violations_.empty())
            return;
        trace_.images.push_back(std::move(counts));
        if (id)
            trace_.image_ids.push_back(*id);
        if (correct)
            trace_.correct.push_back(*correct);
        if (columns_.predicted)
            trace_.predicted.emplace_back(fields[*columns_.predicted].text);
    }

  private:
    std::optional<std::uint64_t> image_of(const std::vector<Text>& fields)
    {
        if (!columns_.image)
            return std::nullopt;
        const auto& field = fields[*columns_.image];
        const auto id = to_number<std::uint64_t>(field.text);
        if (!id) {
            violations_.add(field, "image", quoted(field.text), "an integer");
            return std::nullopt;
        }
        const auto [known, is_new] = line_of_.emplace(*id, field.line);
        if (!is_new)
            violations_.add(field, "image", std::to_string(*id) + " given twice",
                            "once, as in line " + std::to_string(known->second));
        return id;
    }

    /// Whether the image was classified rightly; nothing where the file does not say it.
    std::optional<bool> correct_of(const std::vector<Text>& fields)
    {
        std::optional<bool> by_class;
        if (columns_.label && columns_.predicted)
            by_class = fields[*columns_.label].text == fields[*columns_.predicted].text;
        if (!columns_.correct)
            return by_class;
        const auto& field = fields[*columns_.correct];
        const bool correct = field.text == "1";
        if (!correct && field.text != "0")
            violations_.add(field, "correct", quoted(field.text), "0 or 1");
        else if (by_class && *by_class != correct)
            violations_.add(field, "correct", quoted(field.text),
                            *by_class ? "1: label and predicted are equal"
                                      : "0: label and predicted differ");
        return correct;
    }

    TokenCounts counts_of(const std::vector<Text>& fields)
    {
        constexpr config::Integers any{};
        const std::uint64_t most = rules_.tokens.value_or(any.max);
        const bool has_package =
            rules_.package_token && *rules_.package_token != PackageToken::None;
        const std::uint64_t least =
            rules_.package_token ? rules_.class_tokens + (has_package ? 1 : 0) : 0;
        const std::uint64_t rise = rules_.package_token == PackageToken::OnePerSelector ? 1 : 0;

        TokenCounts counts{rules_.tokens.value_or(0)};
        std::optional<std::uint64_t> before; // a missing or bad count is compared with nothing
        for (std::size_t i = 0; i < columns_.stages.size(); ++i) {
            const auto previous = std::exchange(before, std::nullopt);
            if (!columns_.stages[i])
                continue;
            const auto& field = fields[*columns_.stages[i]];
            const auto key = "n" + std::to_string(i + 1);
            const auto count = to_number<std::uint64_t>(field.text);
            if (!count) {
                violations_.add(field, key, quoted(field.text), "an integer");
                continue;
            }
            if (*count > most)
                violations_.add(field, key, std::to_string(*count) + " tokens",
                                "at most the " + std::to_string(most) +
                                    " tokens of an unpruned image");
            else if (*count < least)
                violations_.add(
                    field, key, std::to_string(*count) + " tokens",
                    "at least " + std::to_string(least) +
                        (has_package ? " (class and package token)" : " (class token)"));
            else if (previous && *count > *previous && *count - *previous > rise)
                violations_.add(field, key, std::to_string(*count) + " tokens",
                                "at most " + std::to_string(*previous + rise) + ": n" +
                                    std::to_string(i) + " is " + std::to_string(*previous));
            before = count;
            counts.push_back(*count);
        }
        return counts;
    }

    const Columns& columns_;
    const Rules& rules_;
    TokenTrace& trace_;
    Violations& violations_;
    std::unordered_map<std::uint64_t, int> line_of_; ///< of each image
};

/// Package tokens behind a selector. \param selectors up to it, from the first one that pruned on
std::uint64_t package_tokens_of(PackageToken policy, std::uint64_t selectors)
{
    if (policy == PackageToken::None)
        return 0;
    return policy == PackageToken::One ? std::min<std::uint64_t>(selectors, 1) : selectors;
}

} // namespace

bool can_be_traced(const Schedule& schedule)
{
    return std::any_of(
               traced_package_token_names.begin(), traced_package_token_names.end(),
               [&schedule](const auto& entry) { return entry.value == schedule.package_token; }) &&
           std::none_of(schedule.selectors.begin(), schedule.selectors.end(),
                        [](const Selector& selector) { return selector.is_inside(); });
}

config::Location TokenTrace::locate(const std::string& key) const
{
    const auto known = header_locations.find(key);
    return known == header_locations.end() ? config::Location{path, 0, 0} : known->second;
}

std::vector<std::uint64_t> kept_patches(const TokenTrace& trace, const TokenCounts& counts)
{
    std::vector<std::uint64_t> kept;
    std::uint64_t selectors = 0; // from the first one that pruned on
    for (std::size_t i = 1; i < counts.size(); ++i) {
        const auto before = kept.empty() ? trace.patches() : kept.back();
        if (selectors == 0 && counts[i] == trace.tokens) {
            kept.push_back(before);
            continue;
        }
        const auto others =
            trace.class_tokens + package_tokens_of(trace.package_token, ++selectors);
        kept.push_back(std::min(counts[i] > others ? counts[i] - others : 0, before));
    }
    return kept;
}

TokenCounts token_counts(const TokenTrace& trace, const std::vector<std::uint64_t>& kept)
{
    TokenCounts counts{trace.tokens};
    std::uint64_t selectors = 0; // from the first one that pruned on
    for (const auto patches : kept) {
        if (selectors > 0 || patches < trace.patches())
            ++selectors;
        counts.push_back(trace.class_tokens + patches +
                         package_tokens_of(trace.package_token, selectors));
    }
    return counts;
}

Schedule schedule_of(const TokenTrace& trace)
{
    Schedule schedule;
    schedule.name = trace.schedule_name.empty() ? "trace" : trace.schedule_name;
    schedule.description = "selectors of the token trace " + trace.path;
    schedule.source = trace.source;
    schedule.package_token = trace.package_token;
    for (std::size_t i = 0; i < trace.selectors_before_blocks.size(); ++i) {
        Selector selector;
        selector.before_block = trace.selectors_before_blocks[i];
        selector.keep_ratio =
            i < trace.keep_ratio_targets.size() ? trace.keep_ratio_targets[i] : 1.0;
        schedule.selectors.push_back(selector);
    }
    return schedule;
}

std::string convention_text(PackageToken policy)
{
    std::string patches =
        "n_s = tokens in every block behind selector s = class tokens + kept patches";
    if (policy == PackageToken::None)
        return patches;
    const std::string absent = " (no package token while no patch of the image is pruned)";
    return patches +
           (policy == PackageToken::One ? " + one package token"
                                        : " + one package token per selector so far") +
           absent;
}

TokenTrace trace_without_images(const Model& model, const Schedule& schedule)
{
    TokenTrace trace;
    trace.model = model.name;
    trace.schedule_name = schedule.name;
    trace.package_token = schedule.package_token;
    trace.class_tokens = model.class_tokens;
    trace.tokens = model.tokens();
    trace.convention = convention_text(schedule.package_token);
    trace.selectors_before_blocks.reserve(schedule.selectors.size());
    trace.keep_ratio_targets.reserve(schedule.selectors.size());
    bool has_ratios = schedule.keep_ratio_of == KeepRatioOf::Original;
    for (const auto& selector : schedule.selectors) {
        trace.selectors_before_blocks.push_back(selector.before_block);
        trace.keep_ratio_targets.push_back(selector.keep_ratio);
        has_ratios = has_ratios && selector.keep_ratio > 0.0;
    }
    if (!has_ratios)
        trace.keep_ratio_targets.clear();
    return trace;
}

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
    Rows rows{columns, rules, trace, violations};
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
        rows.add(line);
    }
    if (images == 0 && max_images > 0 && !reader.failed())
        violations.add(reader.number(), 0, "", "empty trace", "a row per image");
    violations.throw_if_any();
    return trace;
}

} // namespace heatsim::workload
