// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::workload {

/// What a trace may say about pruned tokens. The token counts of the other policies do not tell how
/// many patches are left.
inline constexpr std::array<config::EnumName<PackageToken>, 3> traced_package_token_names{{
    {PackageToken::One, "one"},
    {PackageToken::OnePerSelector, "one_per_selector"},
    {PackageToken::None, "none"},
}};
/// Whether a trace can be of this schedule: such a policy, and selectors in front of blocks only.
[[nodiscard]] bool can_be_traced(const Schedule& schedule);

/// Token counts of many images, recorded from a trained model or generated.
struct TokenTrace {
    std::string path;
    std::string model;
    std::string dataset;
    std::string schedule_name; ///< key `schedule`
    std::string convention;
    std::string source;
    std::string command;                                ///< what made the file
    std::vector<std::uint64_t> selectors_before_blocks; ///< 1-based; empty for a dense model
    std::vector<double> keep_ratio_targets;             ///< per selector, or empty
    std::optional<double> top1_percent;
    PackageToken package_token = PackageToken::One;
    std::uint64_t class_tokens = 1;       ///< of the tokens, those that are never pruned
    std::uint64_t tokens = 0;             ///< of an unpruned image
    std::vector<TokenCounts> images;      ///< images[i][0] = tokens, then n1 to nS
    std::vector<std::uint64_t> image_ids; ///< column `image`, one per image, no two equal
    /// Whether the network classified the image rightly, one per image; empty where the file has
    /// neither a column `correct` nor both `label` and `predicted`.
    std::vector<bool> correct;
    /// Class that the network gives each image, as column `predicted` has it; empty where the file
    /// has no such column.
    std::vector<std::string> predicted;
    std::map<std::string, config::Location> header_locations; ///< of each key's value

    /// Patch tokens of an unpruned image.
    [[nodiscard]] std::uint64_t patches() const { return tokens - class_tokens; }
    /// Where the value of a header key stands, or the file.
    [[nodiscard]] config::Location locate(const std::string& key) const;
};

/// Patch tokens that one image keeps behind each selector, from its token counts. A count equal to
/// that of the unpruned image stands for nothing pruned: with a package token it could be one patch
/// less, too.
[[nodiscard]] std::vector<std::uint64_t> kept_patches(const TokenTrace& trace,
                                                      const TokenCounts& counts);
/// The reverse: token counts, the unpruned count first, of an image that keeps so many patches.
/// From the first selector that prunes on there are package tokens, as the policy says. \pre `kept`
/// does not rise and is at most trace.patches()
[[nodiscard]] TokenCounts token_counts(const TokenTrace& trace,
                                       const std::vector<std::uint64_t>& kept);

/// What n counts under a package-token policy, as key `convention` of a trace says it.
[[nodiscard]] std::string convention_text(PackageToken policy);

/// A trace without images: what its header says of a network and its schedule. Keep ratios only
/// where every selector has one of the original patches.
[[nodiscard]] TokenTrace trace_without_images(const Model& model, const Schedule& schedule);

/// The schedule a trace was recorded with, as far as its header tells: default form of the
/// selector, keep ratio 1 where there are no targets.
[[nodiscard]] Schedule schedule_of(const TokenTrace& trace);

/// Value of the header key `format`.
inline constexpr const char* trace_format = "heatsim token trace 1";
inline constexpr std::size_t all_images = std::numeric_limits<std::size_t>::max();

/// Reads the first `max_images` images of a token trace, plain or gzip; the rest of the file is not
/// looked at.
///
/// Format: lines `# key: value`, then a CSV header and one row per image. Required keys are
/// `format` (`heatsim token trace 1`), `selectors_before_blocks` (`4 7 10`), `package_token` (one,
/// one_per_selector, none) and `tokens`; optional are model, dataset, schedule, keep_ratio_targets,
/// class_tokens (1), top1_percent, convention, source and command; other keys are comments unless
/// they look like a misspelt one. Required columns are `image` and one `n<s>` for each selector s,
/// the tokens behind it (class, patch and package tokens); `correct` (0 or 1), or else `label` and
/// `predicted`, say whether the image was classified rightly; `predicted` also stands alone; other
/// columns are ignored.
/// Limits: 64 KiB a line, 256 MiB of text, 1,000,000 images.
/// \throws config::Error with the first 20 violations and the number of the others: rules of the
///         format, an image given twice, and counts above `tokens`, below class and package token,
///         or rising from stage to stage (by more than 1 with one package token per selector)
[[nodiscard]] TokenTrace read_trace(const std::string& path, std::size_t max_images = all_images);

} // namespace heatsim::workload
