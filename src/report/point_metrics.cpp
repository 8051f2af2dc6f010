// SPDX-License-Identifier: Apache-2.0
#include "report/point_metrics.hpp"

#include "config/text_file.hpp"
#include "report/summary.hpp"
#include "system/simulation.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace heatsim::report {

namespace {

/// What is not about the point: inputs, other runs, the machine the simulation ran on.
[[nodiscard]] bool is_of_the_point(const Field& field)
{
    constexpr std::array<std::string_view, 4> inputs{"clock_mhz", "images", "batch_images",
                                                     "operators"};
    constexpr std::array<std::string_view, 8> others{"host.",          "baseline.", "composition.",
                                                     "streaming.",     "tail.",     "gemm.",
                                                     "distributions.", "operands."};
    const std::string_view name = field.name;
    const bool is_number = config::starts_with(field.type, "real") ||
                           config::starts_with(field.type, "integer") ||
                           config::starts_with(field.type, "number");
    return is_number && name.find("[]") == std::string_view::npos &&
           std::find(inputs.begin(), inputs.end(), name) == inputs.end() &&
           std::none_of(others.begin(), others.end(), [name](std::string_view start) {
               return config::starts_with(name, start);
           });
}

/// The number at a dotted path; not a number where there is none.
[[nodiscard]] double number_at(const nlohmann::ordered_json& json, const std::string& path)
{
    const auto* node = &json;
    for (const auto& part : config::split({path, 0, 0}, '.')) {
        const auto found = node->find(part.text);
        if (found == node->end())
            return std::numeric_limits<double>::quiet_NaN();
        node = &*found;
    }
    return node->is_number() ? node->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

const std::vector<Field>& point_metrics()
{
    static const std::vector<Field> metrics = [] {
        std::vector<Field> fields;
        const auto& all = summary_fields();
        std::copy_if(all.begin(), all.end(), std::back_inserter(fields), is_of_the_point);
        return fields;
    }();
    return metrics;
}

std::vector<std::string> point_metric_names()
{
    std::vector<std::string> names;
    names.reserve(point_metrics().size());
    for (const auto& field : point_metrics())
        names.push_back(field.name);
    return names;
}

std::vector<double> measure_point(const system::RunSetup& setup)
{
    system::Simulation simulation{setup.design};
    const auto run = system::run_images(simulation, setup);
    const auto json = summary_json(summarize(setup, run), nullptr);
    std::vector<double> numbers;
    numbers.reserve(point_metrics().size());
    for (const auto& field : point_metrics())
        numbers.push_back(number_at(json, field.name));
    return numbers;
}

} // namespace heatsim::report
