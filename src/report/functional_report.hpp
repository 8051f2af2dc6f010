// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/output_folder.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "system/functional.hpp"
#include "workload/trace.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What a functional run tells beside the timing of its images.
namespace heatsim::report {

/// A functional run and what it was made of.
struct FunctionalRun {
    const system::RunSetup* setup = nullptr;
    const system::FunctionalSetup* functional = nullptr;
    const std::vector<inference::Inference>* inferences = nullptr; ///< one per image
    std::string weights;                                           ///< path of the network's file
    std::string weights_hash; ///< of its bytes, 32 hexadecimal digits

    /// Number of an image of the run in its set.
    [[nodiscard]] std::size_t number(std::size_t index) const
    {
        return functional->first_image + index;
    }
};

/// Patches that a selector keeps.
struct KeptPatches {
    std::uint64_t block = 0; ///< that the selector stands in front of
    Mean patches;
    double percent = 0.0; ///< of the patches of the unpruned image, mean
};

/// The key figures of a functional run.
struct FunctionalSummary {
    std::string image_set;
    std::uint64_t set_images = 0; ///< of the whole set
    std::uint64_t first_image = 0;
    std::uint64_t images = 0;
    std::uint64_t labelled = 0; ///< images whose label is known
    std::uint64_t correct = 0;  ///< of those
    std::string weights;
    std::string weights_hash;
    std::vector<Mean> stage_tokens;
    std::vector<KeptPatches> selectors;
    std::vector<std::uint64_t> pictures; ///< numbers of the images that have one

    /// \pre labelled > 0
    [[nodiscard]] double top1_percent() const
    {
        return 100.0 * static_cast<double>(correct) / static_cast<double>(labelled);
    }
};
/// \pre at least one image
[[nodiscard]] FunctionalSummary summarize(const FunctionalRun& run);

/// Says in a run's summary where its token counts and its accuracy come from.
void set_functional(Summary& summary, const FunctionalSummary& functional);

/// Key `functional` of summary.json.
[[nodiscard]] nlohmann::ordered_json functional_json(const FunctionalSummary& summary);
[[nodiscard]] const std::vector<Field>& functional_fields();

/// A section of the terminal summary.
[[nodiscard]] std::string functional_text(const FunctionalSummary& summary, const Style& style);

/// predictions.csv: one row per image.
[[nodiscard]] std::string predictions_csv(const FunctionalRun& run);
/// The columns of each selector stand here as `n<stage>` and `kept<selector>`.
[[nodiscard]] std::vector<Field> predictions_columns();

/// logits.npy: 32-bit floats, [images][classes].
[[nodiscard]] std::string logits_npy(const FunctionalRun& run);
/// kept_patches.npy: 1 where a patch is kept, else 0, [images][selectors][patch rows][patch
/// columns].
[[nodiscard]] std::string kept_patches_npy(const FunctionalRun& run);

/// The token counts as a trace: its images are those of the run, `correct` is known where every
/// image has a label. \param command what made it \pre workload::can_be_traced(schedule)
[[nodiscard]] workload::TokenTrace recorded_trace(const FunctionalRun& run, std::string command);

/// Names that --dump takes: `image` and the operators of a workload whose result is a tensor.
[[nodiscard]] std::vector<std::string> tensor_names(const system::RunSetup& setup);
/// Those of `names` that a pattern, in which `*` stands for any characters, means, in their order.
[[nodiscard]] std::vector<std::string> matching_names(const std::vector<std::string>& names,
                                                      const std::string& pattern);
/// tensors/<image>/<operator>.npy: int8, [rows][columns], as the network's integer reference
/// computes them. \param names of tensor_names()
[[nodiscard]] std::vector<NamedText> tensor_files(const FunctionalRun& run,
                                                  const std::vector<std::string>& names);

/// Name of an image's picture in the folder.
[[nodiscard]] std::string picture_file(std::uint64_t image);
/// pictures/<image>.svg of the first `count` images.
[[nodiscard]] std::vector<NamedText> picture_files(const FunctionalRun& run, std::size_t count);

} // namespace heatsim::report
