// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::sweep {

/// Top-1 accuracies measured on trained networks, by what their selectors keep.
///
/// A network is the point whose coordinates are the cumulative keep ratios of its blocks, kept /
/// original patches. Between the points the accuracy is interpolated linearly on their Delaunay
/// triangulation; outside their hull nothing is known.
class AccuracyTable {
  public:
    /// One measured network, or the mean of several equal ones.
    struct Network {
        std::string networks;                     ///< their names in the recording
        std::vector<std::uint64_t> before_blocks; ///< 1-based; empty: the dense network
        std::vector<double> keep_ratios;          ///< cumulative, one per selector
        std::optional<workload::Choice> choice;   ///< nothing: dense, a point of every choice
        double top1_percent = 0.0;
        std::vector<double> point; ///< keep ratio of each block
    };

    /// \param name of a shipped table (configs/accuracy/NAME.csv), or path of a CSV file
    /// \param named_at where the name stands
    /// \throws config::Error
    [[nodiscard]] static AccuracyTable load(const std::string& name,
                                            const config::Location& named_at = {});

    /// As it was given to `load`.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& model() const noexcept { return model_; }
    [[nodiscard]] const std::string& dataset() const noexcept { return dataset_; }
    [[nodiscard]] const std::string& meaning() const noexcept { return meaning_; }
    /// Standard error of one accuracy, percentage points; 0: not stated.
    [[nodiscard]] double sampling_error_points() const noexcept { return sampling_error_points_; }
    [[nodiscard]] double dense_top1_percent() const noexcept { return dense_top1_percent_; }
    [[nodiscard]] const std::vector<Network>& networks() const noexcept { return networks_; }
    /// Whether the networks are of this model: its name, blocks, channels and patches.
    [[nodiscard]] bool is_of(const workload::Model& model) const;

    /// Interpolated between measured networks; nothing outside their hull, for another model, or
    /// for a kind of choice the table has no rows of. Also nothing for what no row speaks of:
    /// selectors inside a block or with a number of tokens, keep ratios of the current tokens,
    /// another treatment of pruned tokens, other scores than those of HeatViT's selector, pruned
    /// heads or channels.
    [[nodiscard]] std::optional<double> top1_percent(const workload::Model& model,
                                                     const workload::Schedule& schedule) const;

  private:
    class Reader;
    /// \param point keep ratio of each block
    [[nodiscard]] std::optional<double> interpolated(const std::vector<double>& point,
                                                     workload::Choice choice) const;

    std::string name_;
    std::string model_;
    std::string dataset_;
    std::string meaning_;
    std::uint64_t blocks_ = 0;
    std::uint64_t channels_ = 0;
    std::uint64_t patch_tokens_ = 0;
    workload::PackageToken package_token_ = workload::PackageToken::One;
    double sampling_error_points_ = 0.0;
    double dense_top1_percent_ = 0.0;
    std::vector<Network> networks_;
};

} // namespace heatsim::sweep
