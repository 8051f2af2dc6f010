// SPDX-License-Identifier: Apache-2.0
#include "report/page.hpp"

#include "config/text_file.hpp"
#include "report/text.hpp"
#include "report/version.hpp"
#include "report/vocabulary.hpp"
#include "report/web_assets.hpp"
#include "tlm/check.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <string_view>
#include <utility>

namespace heatsim::report {

using nlohmann::ordered_json;

namespace {

constexpr int page_format = 1;
constexpr const char* explain_key = "explain";

/// Every text of the page's `explain` entries.
void collect_names(const ordered_json& node, std::set<std::string>& names)
{
    if (node.is_array() && !node.empty() && !node.front().is_structured())
        return; // a column of numbers or texts
    if (!node.is_structured())
        return;
    for (const auto& [key, value] : node.items()) {
        if (key == explain_key && value.is_string())
            names.insert(value.get<std::string>());
        else
            collect_names(value, names);
    }
}

[[nodiscard]] ordered_json topic_json(const Found& found)
{
    ordered_json see_also = ordered_json::array();
    const auto& topic = found.topics.front();
    for (std::size_t i = 1; i < found.topics.size(); ++i)
        see_also.push_back(fmt::format("{}: {}", found.topics[i].kind, found.topics[i].name));
    for (const auto& other : found.see_also)
        see_also.push_back(other.name);
    return {{"name", topic.name},       {"kind", topic.kind},
            {"unit", topic.unit},       {"type", topic.type},
            {"range", topic.range},     {"default", topic.default_value},
            {"meaning", topic.meaning}, {"see_also", std::move(see_also)}};
}

[[nodiscard]] std::string html_text(const std::string& text)
{
    std::string html;
    for (const char letter : text) {
        switch (letter) {
        case '<':
            html += "&lt;";
            break;
        case '>':
            html += "&gt;";
            break;
        case '&':
            html += "&amp;";
            break;
        default:
            html += letter;
        }
    }
    return html;
}

/// JSON inside a script element: nothing in it can end the element or begin a comment.
[[nodiscard]] std::string script_text(const std::string& json)
{
    std::string text;
    text.reserve(json.size());
    for (const char letter : json) {
        switch (letter) {
        case '<':
            text += "\\u003c";
            break;
        case '>':
            text += "\\u003e";
            break;
        case '&':
            text += "\\u0026";
            break;
        default:
            text += letter;
        }
    }
    return text;
}

} // namespace

ordered_json page_frame(const std::string& kind,
                        const std::string& title,
                        const std::string& source,
                        const std::string& command)
{
    return {{"format", page_format},
            {"kind", kind},
            {"version", version},
            {"title", title},
            {"source", source},
            {"command", command},
            {"topics", ordered_json::object()},
            {"live", nullptr}};
}

ordered_json figure_json(const std::string& label,
                         const std::string& explain,
                         std::optional<double> value,
                         const std::string& unit,
                         const std::string& text)
{
    return {{"label", label},
            {explain_key, explain},
            {"value", value ? ordered_json(*value) : ordered_json{}},
            {"unit", unit},
            {"text", text}};
}

ordered_json
fact_json(const std::string& label, const std::string& explain, const std::string& text)
{
    return {{"label", label}, {explain_key, explain}, {"text", text}};
}

ordered_json facts_json(const RunFigures& run)
{
    return ordered_json::array({
        fact_json("Model", "model", run.model),
        fact_json("Schedule", "schedule", run.schedule),
        !run.image_set.empty()
            ? fact_json("Token counts", "functional run", "computed")
            : fact_json("Token counts", "trace",
                        run.trace.empty() ? "targets of the schedule" : run.trace),
        fact_json("Accelerator", "accelerator", run.accelerator),
        fact_json("Board", "board", run.board),
        fact_json("Memory", "memory", run.memory),
        fact_json("Fabric clock", "clock_mhz", fmt::format("{} MHz", run.clock_mhz)),
        fact_json("Images", "images", grouped(run.images)),
    });
}

ordered_json
word_json(const std::string& name, const std::string& explain, const std::string& meaning)
{
    return {{"name", name}, {explain_key, explain}, {"meaning", meaning}};
}

ordered_json causes_json()
{
    auto causes = ordered_json::array();
    for (const auto& cause : channel::array_cause_names)
        causes.push_back(word_json(cause.name, cause.name, cause_meaning(cause.value)));
    return causes;
}

ordered_json short_number(double value)
{
    if (std::isnan(value) || std::isinf(value))
        return nullptr;
    if (value == std::round(value) && std::abs(value) < 1e15)
        return static_cast<std::int64_t>(value);
    return config::to_number<double>(fmt::format("{:.7g}", value)).value_or(value);
}

ordered_json short_numbers(const std::vector<double>& values)
{
    auto numbers = ordered_json::array();
    for (const double value : values)
        numbers.push_back(short_number(value));
    return numbers;
}

std::string number_with_unit(const std::string& number, const std::string& unit)
{
    return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

void add_topics(ordered_json& page, const std::vector<Topic>& topics)
{
    std::set<std::string> names;
    collect_names(page, names);
    names.insert(web_words.begin(), web_words.end());
    auto& known = page["topics"];
    for (const auto& name : names) {
        const auto found = find_topics(topics, name);
        if (!found.topics.empty())
            known[name] = topic_json(found);
    }
}

std::string page_text(const ordered_json& page)
{
    return page.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string page_html(const ordered_json& page)
{
    return page_html(page.at("title").get<std::string>(), page_text(page));
}

std::string page_html(const std::string& title, const std::string& json)
{
    const std::string_view page_template = web_asset("page.html");
    const std::vector<std::pair<std::string_view, std::string>> parts{
        {"{{title}}", html_text(fmt::format("{} – heatsim", title))},
        {"{{style}}", std::string{web_asset("report.css")}},
        {"{{data}}", script_text(json)},
        {"{{script}}", std::string{web_asset("report.js")}},
    };
    std::string html;
    std::size_t done = 0;
    for (const auto& [placeholder, text] : parts) { // in the order of the template
        const auto at = page_template.find(placeholder, done);
        HEATSIM_CHECK(at != std::string_view::npos, "a template without a placeholder");
        html.append(page_template.substr(done, at - done)).append(text);
        done = at + placeholder.size();
    }
    return html.append(page_template.substr(done));
}

} // namespace heatsim::report
