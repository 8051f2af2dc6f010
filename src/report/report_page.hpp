// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/run_page.hpp"
#include "sweep/result_store.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace heatsim::report {

/// What a page is of.
struct PageRequest {
    std::vector<std::string> paths; ///< one result folder, several of them, or one result store
    std::string sweep;              ///< of a store: name or number; empty: the last one
    ShownImages shown;              ///< of one folder
    std::string point_url; ///< of a store: address of a point's own page, but for its number
};

/// Whether the path is meant as a result store: it is no folder.
[[nodiscard]] bool is_store(const std::string& path);

/// The page, whole. \pre no Simulation was made in this process
/// \throws config::Error or sweep::StoreError if something cannot be read
[[nodiscard]] nlohmann::ordered_json make_page(const PageRequest& request);

/// Sets `topics` of a page, in a process of its own.
void explain_page(nlohmann::ordered_json& page);

} // namespace heatsim::report
