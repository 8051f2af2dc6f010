// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/run_page.hpp"
#include "sweep/result_store.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <stdexcept>
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

/// A store has no point of this number, or none that a run simulates by itself.
class NoSuchPoint : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The page of the run that a point of a sweep is, simulated now.
/// \param path of the store \param sweep name or number; empty: the last one
/// \pre no Simulation was made in this process
/// \throws NoSuchPoint; config::Error if no run can have the point's inputs; sweep::StoreError;
///         system::SimulationError
[[nodiscard]] nlohmann::ordered_json
make_point_page(const std::string& path, const std::string& sweep, std::uint64_t point);

/// The files that a page is made of, there or not.
[[nodiscard]] std::vector<std::string> files_of(const PageRequest& request);

/// Sets `topics` of a page, in a process of its own.
void explain_page(nlohmann::ordered_json& page);

} // namespace heatsim::report
