// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/energy.hpp"
#include "hw/controller/controller.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace heatsim::system {

/// What one operator of a simulated image cost.
struct PartCost {
    hw::OperatorRecord record;
    estimate::Energy energy; ///< without the part `Static`
};

/// An image that parts are taken from: tokens behind the first selector, and behind all others.
struct PartImage {
    std::uint64_t first = 0;
    std::uint64_t others = 0;
    friend bool operator<(const PartImage& a, const PartImage& b)
    {
        return std::tie(a.first, a.others) < std::tie(b.first, b.others);
    }
};

/// Costs of all operators of such images.
using PartTable = std::map<PartImage, std::vector<PartCost>>;

/// Where parts are kept from one run to the next: one file per program and configuration, in the
/// cache folder.
class PartStore {
  public:
    /// \param configuration everything the costs depend on, as text
    explicit PartStore(const std::string& configuration);

    /// What is kept; empty if nothing is. \param operators of an image
    /// \param note gets why a file that is there is not used
    [[nodiscard]] PartTable load(std::size_t operators, std::string& note) const;
    /// Replaces what is kept, at once. \param note gets why that was not possible
    void save(const PartTable& parts, std::string& note) const;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace heatsim::system
