// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/explain.hpp"
#include "report/result_folder.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

/// Reports as pages: one JSON document holds everything that a page shows, `web/src/page.ts` says
/// how, and draws it.
namespace heatsim::report {

/// What every page begins with. \param kind `run`, `comparison` or `sweep`
/// \param source folder or store as the user named it \param command that makes the page again
[[nodiscard]] nlohmann::ordered_json page_frame(const std::string& kind,
                                                const std::string& title,
                                                const std::string& source,
                                                const std::string& command);

/// A number with its name. \param explain what `heatsim explain` knows it by
/// \param text the number as it is shown, with its unit
[[nodiscard]] nlohmann::ordered_json figure_json(const std::string& label,
                                                 const std::string& explain,
                                                 std::optional<double> value,
                                                 const std::string& unit,
                                                 const std::string& text);
/// A name or a word with its name.
[[nodiscard]] nlohmann::ordered_json
fact_json(const std::string& label, const std::string& explain, const std::string& text);

/// What was simulated, part by part: a list of facts.
[[nodiscard]] nlohmann::ordered_json facts_json(const RunFigures& run);

/// What `words` are called by, as `causes` and `energy parts` are: {name, explain, meaning}.
[[nodiscard]] nlohmann::ordered_json
word_json(const std::string& name, const std::string& explain, const std::string& meaning);
[[nodiscard]] nlohmann::ordered_json causes_json();

/// A number with seven digits: charts show no more, and a page of many thousands stays small. Null
/// if it is not a number.
[[nodiscard]] nlohmann::ordered_json short_number(double value);
[[nodiscard]] nlohmann::ordered_json short_numbers(const std::vector<double>& values);

/// `1.23 ms`, `12 %`, `3` without a unit.
[[nodiscard]] std::string number_with_unit(const std::string& number, const std::string& unit);

/// Sets `topics`: what `heatsim explain` says of every name in the page's `explain` entries.
void add_topics(nlohmann::ordered_json& page, const std::vector<Topic>& topics);

/// The page as JSON in one line. Bytes that are no UTF-8 (of a path) are replaced.
[[nodiscard]] std::string page_text(const nlohmann::ordered_json& page);

/// The page as one HTML file that needs nothing else.
[[nodiscard]] std::string page_html(const nlohmann::ordered_json& page);
/// \param title of the page \param json of `page_text`
[[nodiscard]] std::string page_html(const std::string& title, const std::string& json);

} // namespace heatsim::report
