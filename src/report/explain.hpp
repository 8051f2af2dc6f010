// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/vocabulary.hpp"
#include "stats/stats.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace heatsim::report {

/// Something `heatsim explain` knows.
struct Topic {
    std::string name;
    std::string kind; ///< what it is: `key of summary.json`, `accelerator key`, …
    std::string unit;
    std::string type;
    std::string range;
    std::string default_value;
    std::string meaning;
};

/// Everything that is read, written or said by the program.
/// \param statistics every counter a chip can have, as in stats.json; values do not matter
[[nodiscard]] std::vector<Topic> all_topics(const std::vector<stats::Sample>& statistics);

/// What a name stands for.
struct Found {
    std::vector<Topic> topics;   ///< of that name, else with it as their last parts
    std::vector<Topic> see_also; ///< with the name as their last parts, beside those of that name
};
/// `heads` finds `array.heads`. List indices count as `[]`, names of DMA ports as `<port>`; upper
/// and lower case are the same.
[[nodiscard]] Found find_topics(const std::vector<Topic>& topics, const std::string& name);
/// What a name stands for, as JSON; of a fixed-point function with what is measured of it.
[[nodiscard]] nlohmann::ordered_json explain_json(const Found& found);
/// The fixed-point function among the topics: its name; empty if there is none.
[[nodiscard]] std::string fixed_point_function(const std::vector<Topic>& topics);
/// The nearest names, best first, at most five.
[[nodiscard]] std::vector<std::string> near_names(const std::vector<Topic>& topics,
                                                  const std::string& name);

} // namespace heatsim::report
