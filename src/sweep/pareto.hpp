// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace heatsim::sweep {

/// Points of which none is better than another in every objective. Equal points are all kept.
class ParetoFront {
  public:
    struct Member {
        std::uint64_t point = 0;
        std::vector<double> costs; ///< of the objectives, the smaller the better
    };

    /// Takes a point in, unless a member is at least as good in every objective and better in one;
    /// members that it beats so go. \returns whether it is a member now
    bool add(std::uint64_t point, std::vector<double> costs);
    [[nodiscard]] const std::vector<Member>& members() const noexcept { return members_; }

  private:
    std::vector<Member> members_;
};

/// Whether `first` is at least as good as `second` in every objective and better in one.
[[nodiscard]] bool dominates(const std::vector<double>& first, const std::vector<double>& second);

/// What the members dominate of the box below `reference`, in the product of the objectives' units.
/// Members that are not better than the reference in every objective are left out.
/// \pre two objectives or more
[[nodiscard]] double hypervolume(const ParetoFront& front, const std::vector<double>& reference);

} // namespace heatsim::sweep
