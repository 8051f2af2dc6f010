// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/result_folder.hpp"
#include "report/vocabulary.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::report {

/// Images that the page of a run shows in time, by their number in images.csv.
struct ShownImages {
    std::vector<std::uint64_t> images; ///< empty: the one of median latency, and the slowest
    bool timelines = true;             ///< false: none
};

/// What a page of a run shows beside its files: simulated again from the folder's configuration
/// and token counts.
struct RunReplay {
    nlohmann::ordered_json timelines = nlohmann::ordered_json::array();
    nlohmann::ordered_json staircase; ///< null: none
    std::vector<std::string> notes;   ///< why something is missing
};

/// Simulates the shown images and the staircase of a block. What comes out otherwise than the
/// folder says (another version of heatsim) is left out, with a note.
/// \pre no Simulation was made in this process
/// \throws config::Error if an image is not in the folder
[[nodiscard]] RunReplay replay_run(const ResultFiles& files, const ShownImages& shown);

/// The page of a run, but for `topics`. \throws config::Error with what of the files cannot be read
[[nodiscard]] nlohmann::ordered_json run_page(const ResultFiles& files, const RunReplay& replay);

/// The same for people without a browser. \param page as run_page returns it
[[nodiscard]] std::string run_page_markdown(const nlohmann::ordered_json& page);
/// Every figure: section, name, quantity, value, unit.
[[nodiscard]] std::string run_page_csv(const nlohmann::ordered_json& page);
[[nodiscard]] std::vector<Field> run_page_columns();

} // namespace heatsim::report
