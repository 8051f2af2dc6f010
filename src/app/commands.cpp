// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"

#include "config/text_file.hpp"
#include "system/child_process.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

namespace heatsim::app {

OutputError::OutputError(int error)
    : std::runtime_error{"standard output: " + std::generic_category().message(error)}
    , broken_pipe_{error == EPIPE}
{}

void print(const std::string& text)
{
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw OutputError{errno};
}

void refuse_name(const std::string& command,
                 const std::string& name,
                 const std::vector<std::string>& names)
{
    config::Violation violation;
    violation.key = command;
    violation.found =
        name.empty() ? fmt::format("nothing to {}", command) : fmt::format("'{}'", name);
    violation.expected =
        fmt::format("{}{}", names.size() > 1 ? "one of " : "", fmt::join(names, ", "));
    violation.nearest = config::nearest_name(name, names);
    throw config::Error{violation};
}

void throw_if_any(std::vector<config::Violation> violations)
{
    std::set<std::string> seen;
    std::vector<config::Violation> different;
    for (auto& violation : violations)
        if (seen.insert(violation.message()).second)
            different.push_back(std::move(violation));
    if (!different.empty())
        throw config::Error{std::move(different)};
}

void refuse_option(std::vector<config::Violation>& violations,
                   std::string option,
                   std::string found,
                   std::string expected,
                   std::string nearest)
{
    config::Violation violation;
    violation.key = std::move(option);
    violation.found = std::move(found);
    violation.expected = std::move(expected);
    violation.nearest = std::move(nearest);
    violations.push_back(std::move(violation));
}

std::uint64_t integer_option(const std::string& option,
                             const std::string& text,
                             std::uint64_t min,
                             std::uint64_t max,
                             std::vector<config::Violation>& violations)
{
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec == std::errc{} && parsed.ptr == end && value >= min && value <= max)
        return value;
    const bool is_integer = parsed.ptr == end && parsed.ec != std::errc::invalid_argument;
    refuse_option(violations, option,
                  is_integer ? fmt::format("{} is out of range", text)
                             : fmt::format("'{}' is not a positive integer", text),
                  fmt::format("an integer from {} to {}", min, max));
    return min;
}

double real_option(const std::string& option,
                   const std::string& text,
                   double min,
                   double max,
                   std::vector<config::Violation>& violations)
{
    const auto value = config::to_number<double>(text);
    if (value && *value >= min && *value <= max)
        return *value;
    refuse_option(violations, option, fmt::format("'{}'", text),
                  fmt::format("a number from {} to {}", min, max));
    return min;
}

std::uint64_t jobs_option(const std::optional<std::string>& jobs,
                          std::vector<config::Violation>& violations)
{
    constexpr std::uint64_t most_jobs = 1024;
    return jobs ? integer_option("-j", *jobs, 1, most_jobs, violations) : system::available_cores();
}

std::vector<system::Override> overrides_of(const std::vector<std::string>& settings,
                                           std::vector<config::Violation>& violations)
{
    std::vector<system::Override> overrides;
    for (const auto& setting : settings) {
        const auto equals = setting.find('=');
        if (equals != std::string::npos && equals > 0) {
            overrides.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
            continue;
        }
        refuse_option(violations, "--set", fmt::format("'{}'", setting),
                      "key=value, e.g. --set array.heads=6");
    }
    return overrides;
}

} // namespace heatsim::app
