// SPDX-License-Identifier: Apache-2.0
#include "system/part_store.hpp"

#include "config/text_file.hpp"
#include "system/cache.hpp"
#include "system/content_hash.hpp"
#include "system/process.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace heatsim::system {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view format_line = "# format: heatsim composition parts 2\n";
constexpr std::string_view checksum_key = "# checksum: ";

/// Calls `visit` with every number of a part, in the order of the file's columns.
template <typename Part, typename Visit>
void for_each_number(Part& part, Visit visit)
{
    auto& cost = part.record.cost;
    visit(part.record.fused_into);
    visit(cost.start_cycle);
    visit(cost.end_cycle);
    for (auto& cycles : cost.cycles_by_cause)
        visit(cycles);
    visit(cost.unit_cycles);
    visit(cost.input_bytes);
    visit(cost.weight_bytes);
    visit(cost.output_bytes);
}

[[nodiscard]] std::string header_text()
{
    std::string text = "first_tokens,other_tokens,operator,unit,fused_into,start_cycle,end_cycle";
    for (const auto& cause : channel::array_cause_names)
        text += fmt::format(",{}_cycles", cause.name);
    text += ",unit_cycles,input_bytes,weight_bytes,output_bytes";
    for (const auto& part : estimate::energy_part_names)
        text += fmt::format(",{}_pj", part.name);
    return text + '\n';
}

[[nodiscard]] std::string table_text(const PartTable& table)
{
    auto text = header_text();
    auto out = std::back_inserter(text);
    for (const auto& [image, parts] : table) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto& part = parts[i];
            fmt::format_to(out, "{},{},{},{}", image.first, image.others, i,
                           static_cast<int>(part.record.unit));
            for_each_number(part, [&out](const auto& value) { fmt::format_to(out, ",{}", value); });
            for (const auto& name : estimate::energy_part_names)
                fmt::format_to(out, ",{}", part.energy.picojoules(name.value)); // reads back equal
            text += '\n';
        }
    }
    return text;
}

/// Numbers of a line, one after the other.
class Numbers {
  public:
    explicit Numbers(std::string_view line)
        : line_{line}
    {}
    template <typename Number>
    [[nodiscard]] Number next()
    {
        const auto end = line_.find(',');
        const auto value = config::to_number<Number>(line_.substr(0, end));
        line_.remove_prefix(end == std::string_view::npos ? line_.size() : end + 1);
        complete_ = complete_ && value.has_value();
        return value.value_or(Number{});
    }
    /// Whether every number was there, and no more.
    [[nodiscard]] bool complete() const { return complete_ && line_.empty(); }

  private:
    std::string_view line_;
    bool complete_ = true;
};

/// Nothing if the text is no table. \param operators of an image
[[nodiscard]] std::optional<PartTable> parsed(std::string_view text, std::size_t operators)
{
    const auto header = header_text();
    if (text.substr(0, header.size()) != header)
        return std::nullopt;
    PartTable table;
    bool good = true;
    config::for_each_line(text.substr(header.size()), [&](const config::Text& line) {
        Numbers numbers{line.text};
        PartImage image;
        image.first = numbers.next<std::uint64_t>();
        image.others = numbers.next<std::uint64_t>();
        auto& parts = table[image];
        const auto index = numbers.next<std::size_t>();
        PartCost part;
        part.record.unit = static_cast<channel::Worker>(numbers.next<std::uint8_t>());
        for_each_number(part, [&numbers](auto& value) {
            value = numbers.next<std::remove_reference_t<decltype(value)>>();
        });
        for (const auto& name : estimate::energy_part_names)
            part.energy.add(name.value, numbers.next<double>());
        good = good && numbers.complete() && index == parts.size() &&
               part.record.unit <= channel::Worker::Host;
        parts.push_back(part);
    });
    for (const auto& [image, parts] : table)
        good = good && parts.size() == operators;
    return good ? std::optional{std::move(table)} : std::nullopt;
}

[[nodiscard]] std::string checksum_line(std::string_view text)
{
    ContentHash hash;
    hash.add(text);
    return fmt::format("{}{}\n", checksum_key, hash.text());
}

} // namespace

PartStore::PartStore(const std::string& configuration)
{
    ContentHash hash;
    hash.add(program_hash());
    hash.add(configuration);
    path_ = cache_root() / fmt::format("composition-{}.csv", hash.text());
}

PartTable PartStore::load(std::size_t operators, std::string& note) const
{
    std::error_code error;
    if (!fs::exists(path_, error))
        return {};
    const auto file = read_file(path_);
    std::string_view text{file};
    const auto take = [&text](std::string_view start) {
        const bool found = config::starts_with(text, start);
        text.remove_prefix(found ? start.size() : text.size());
        return found;
    };
    // a file cut short or changed has another sum than it says
    const auto body_at = format_line.size() + checksum_line("").size();
    const bool intact = take(format_line) && file.size() >= body_at &&
                        take(checksum_line(std::string_view{file}.substr(body_at)));
    auto table = intact ? parsed(text, operators) : std::nullopt;
    if (table)
        return std::move(*table);
    note = fmt::format("{} is damaged; its parts are simulated again", path_.string());
    return {};
}

void PartStore::save(const PartTable& parts, std::string& note) const
{
    const auto body = table_text(parts);
    auto draft = path_; // beside its place, so that what stands there is complete
    draft += fmt::format(".{}", getpid());
    std::error_code error;
    try {
        write_file(draft, fmt::format("{}{}{}", format_line, checksum_line(body), body));
        fs::rename(draft, path_, error);
        if (error)
            note = fmt::format("{}: {}; the parts are not kept", path_.string(), error.message());
    } catch (const ToolError& refused) {
        note = fmt::format("{}; the parts are not kept", refused.what());
    }
    fs::remove(draft, error);
}

} // namespace heatsim::system
