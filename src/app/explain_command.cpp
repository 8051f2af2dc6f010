// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/accuracy_report.hpp"
#include "report/explain.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"
#include "system/all_statistics.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace heatsim::app {

namespace {

using report::Topic;

void add_entry(std::string& text, const char* label, const std::string& value)
{
    constexpr std::size_t label_width = 12;
    const auto lines = report::wrapped(value, report::page_width - label_width - 2);
    for (std::size_t i = 0; i < lines.size(); ++i)
        text += "  " + report::pad_right(i == 0 ? label : "", label_width) + lines[i] + '\n';
}

[[nodiscard]] std::string topic_text(const Topic& topic, const report::Style& style)
{
    auto text = style.bold(topic.name) + style.dot() + style.dim(topic.kind) + '\n';
    add_entry(text, "meaning", topic.meaning);
    add_entry(text, "unit", topic.unit);
    add_entry(text, "type", topic.type);
    add_entry(text, "range", topic.range);
    add_entry(text, "default", topic.default_value);
    return text;
}

/// All names, by what they are.
[[nodiscard]] std::string contents(const std::vector<Topic>& topics, const report::Style& style)
{
    std::string text = "heatsim explain NAME explains one of these, with its unit, range and "
                       "default.\nThe last part of a dotted name is enough.\n";
    std::vector<std::string> kinds;
    std::map<std::string, std::string> names;
    for (const auto& topic : topics) {
        if (names[topic.kind].empty())
            kinds.push_back(topic.kind);
        // several words stay together
        names[topic.kind] += (names[topic.kind].empty() ? "" : ", ") + topic.name;
    }
    for (const auto& kind : kinds) {
        text += '\n' + style.bold(kind) + '\n';
        for (const auto& line : report::wrapped(names[kind], report::page_width - 2))
            text += "  " + line + '\n';
    }
    return text;
}

} // namespace

void explain_command(const std::string& name, Format format)
{
    const auto topics = report::all_topics(system::all_statistics());
    const auto style = report::style_of(stdout);
    if (name.empty()) {
        print(format == Format::Json ? report::json_text(report::explain_json({topics, {}}))
                                     : contents(topics, style));
        return;
    }
    const auto found = report::find_topics(topics, name);
    if (found.topics.empty()) {
        config::Violation violation;
        violation.key = "explain";
        violation.found = "nothing is called '" + name + "'";
        const auto near = report::near_names(topics, name);
        violation.expected = near.empty() ? "a name that `heatsim explain` lists"
                                          : fmt::format("a name such as {}", fmt::join(near, ", "));
        throw config::Error{violation};
    }
    if (format == Format::Json) {
        print(report::json_text(report::explain_json(found)));
        return;
    }
    std::string text;
    for (const auto& topic : found.topics)
        text += (text.empty() ? "" : "\n") + topic_text(topic, style);
    const auto function = report::fixed_point_function(found.topics);
    if (!function.empty()) {
        text += '\n';
        text += report::accuracy_text(numerics::accuracy(function), style);
    }
    if (!found.see_also.empty()) {
        std::string names;
        for (const auto& topic : found.see_also)
            names += (names.empty() ? "" : ", ") + topic.name;
        text += '\n';
        for (const auto& line : report::wrapped("See also: " + names, report::page_width))
            text += style.dim(line) + '\n';
    }
    print(text);
}

} // namespace heatsim::app
