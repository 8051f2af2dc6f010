// SPDX-License-Identifier: Apache-2.0
#include "workload/trace_writer.hpp"

#include "config/error.hpp"
#include "config/pending_file.hpp"
#include "config/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace heatsim::workload {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& found, const std::string& expected)
{
    config::Violation violation;
    violation.key = "-o";
    violation.found = found;
    violation.expected = expected;
    throw config::Error{violation};
}

void check_name(const std::string& path, bool replace)
{
    if (!config::ends_with(path, ".csv") && !config::ends_with(path, ".csv.gz"))
        refuse(config::quoted(path), "a name that ends in .csv or .csv.gz");
    std::error_code ignored; // where nothing can be found, writing says why
    const auto status = fs::status(path, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        refuse(fmt::format("'{}' is not a regular file", path), "a new or regular file");
    if (fs::exists(status) && !replace)
        refuse(fmt::format("'{}' exists", path), "a new file, or --force to replace it");
}

} // namespace

std::string trace_text(const TokenTrace& trace)
{
    fmt::memory_buffer text;
    auto out = std::back_inserter(text);
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty())
            fmt::format_to(out, "# {}: {}\n", key, value);
    };
    add("format", trace_format);
    add("model", trace.model);
    add("dataset", trace.dataset);
    add("schedule", trace.schedule_name);
    // required, also where there are none
    fmt::format_to(out, "# selectors_before_blocks:{}{}\n",
                   trace.selectors_before_blocks.empty() ? "" : " ",
                   fmt::join(trace.selectors_before_blocks, " "));
    add("keep_ratio_targets", fmt::format("{:.6g}", fmt::join(trace.keep_ratio_targets, " ")));
    add("package_token", config::name_of(trace.package_token, package_token_names));
    add("class_tokens", std::to_string(trace.class_tokens));
    add("tokens", std::to_string(trace.tokens));
    auto top1_percent = trace.top1_percent;
    if (!top1_percent && !trace.correct.empty())
        top1_percent =
            100.0 *
            static_cast<double>(std::count(trace.correct.begin(), trace.correct.end(), true)) /
            static_cast<double>(trace.correct.size());
    if (top1_percent)
        add("top1_percent", fmt::format("{:.2f}", *top1_percent));
    add("convention", trace.convention);
    add("source", trace.source);
    add("command", trace.command);
    fmt::format_to(out, "image");
    for (std::size_t s = 1; s <= trace.selectors_before_blocks.size(); ++s)
        fmt::format_to(out, ",n{}", s);
    fmt::format_to(out, "{}{}\n", trace.predicted.empty() ? "" : ",predicted",
                   trace.correct.empty() ? "" : ",correct");
    for (std::size_t i = 0; i < trace.images.size(); ++i) {
        const auto& counts = trace.images[i];
        fmt::format_to(out, "{}", trace.image_ids.at(i));
        for (std::size_t s = 1; s < counts.size(); ++s)
            fmt::format_to(out, ",{}", counts[s]);
        if (!trace.predicted.empty())
            fmt::format_to(out, ",{}", trace.predicted[i]);
        if (!trace.correct.empty())
            fmt::format_to(out, ",{}", trace.correct[i] ? 1 : 0);
        fmt::format_to(out, "\n");
    }
    return fmt::to_string(text);
}

void check_trace_path(const std::string& path, bool replace)
{
    check_name(path, replace);
    const config::PendingFile tried{"-o", path};
}

void write_trace_file(const std::string& path, const std::string& text, bool replace)
{
    check_name(path, replace);
    config::PendingFile file{"-o", path};
    file.write(config::ends_with(path, ".gz") ? config::gzip_of(text) : text);
    file.publish();
}

} // namespace heatsim::workload
