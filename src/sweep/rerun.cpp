// SPDX-License-Identifier: Apache-2.0
#include "sweep/rerun.hpp"

#include "config/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace heatsim::sweep {

namespace {

/// Keys that choose files and images of a run instead of a number in a file.
struct RequestKey {
    const char* key;
    const char* option; ///< of `heatsim run`
    void (*set)(system::RunRequest&, const std::string&);
};

[[nodiscard]] std::size_t count_of(const std::string& text)
{
    return config::to_number<std::size_t>(text).value_or(0);
}

constexpr std::array<RequestKey, 7> request_keys{{
    {"model", "-m ", [](auto& request, const auto& value) { request.model = value; }},
    {"schedule", "-s ", [](auto& request, const auto& value) { request.schedule = value; }},
    {"accelerator", "-a ", [](auto& request, const auto& value) { request.accelerator = value; }},
    {"energy", "--energy ", [](auto& request, const auto& value) { request.energy = value; }},
    {"trace", "-t ", [](auto& request, const auto& value) { request.trace = value; }},
    {"images", "-n ", [](auto& request, const auto& value) { request.images = count_of(value); }},
    {"batch", "--batch ",
     [](auto& request, const auto& value) { request.batch_images = count_of(value); }},
}};

[[nodiscard]] const RequestKey* request_key(const std::string& key)
{
    const auto* const found =
        std::find_if(request_keys.begin(), request_keys.end(),
                     [&key](const RequestKey& known) { return key == known.key; });
    return found == request_keys.end() ? nullptr : found;
}

/// Hands the keys of the inputs that have one to `take`, with their values. A derived number that
/// there is not has none.
template <typename Take>
void for_each_input(const SweepRecord& sweep, const std::vector<std::string>& inputs, Take take)
{
    for (std::size_t i = 0; i < inputs.size() && i < sweep.keys.size(); ++i)
        if (!sweep.keys[i].empty() && !inputs[i].empty())
            take(sweep.keys[i], inputs[i]);
}

[[nodiscard]] std::string argument(const std::string& key, const std::string& value)
{
    return fmt::format(" {}{}", run_option(key), config::shell_quoted(value));
}

} // namespace

void set_run_key(system::RunRequest& request,
                 const std::string& key,
                 const std::string& value,
                 const std::string& origin)
{
    if (const auto* const known = request_key(key))
        known->set(request, value);
    else
        request.overrides.emplace_back(key, value, origin);
}

std::string run_option(const std::string& key)
{
    const auto* const known = request_key(key);
    return known != nullptr ? known->option : fmt::format("--set {}=", key);
}

std::string base_command(const SweepRecord& sweep)
{
    if (sweep.settings.empty())
        return "";
    std::string text = "heatsim run";
    for (const auto& [key, value] : sweep.settings)
        text += key == allow_oversize_key ? " --allow-oversize" : argument(key, value);
    return text;
}

std::string rerun_command(const SweepRecord& sweep, const std::vector<std::string>& inputs)
{
    auto command = base_command(sweep);
    if (!command.empty())
        for_each_input(sweep, inputs, [&command](const auto& key, const auto& value) {
            command += argument(key, value);
        });
    return command;
}

std::optional<system::RunRequest> rerun_request(const SweepRecord& sweep,
                                                const std::vector<std::string>& inputs)
{
    if (sweep.settings.empty())
        return std::nullopt;
    system::RunRequest request;
    for (const auto& [key, value] : sweep.settings) {
        if (key == allow_oversize_key)
            request.allow_oversize = true;
        else
            set_run_key(request, key, value, "");
    }
    for_each_input(sweep, inputs, [&request](const auto& key, const auto& value) {
        set_run_key(request, key, value, "");
    });
    return request;
}

} // namespace heatsim::sweep
