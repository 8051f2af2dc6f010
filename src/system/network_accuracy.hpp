// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/float_network.hpp"
#include "inference/functions.hpp"
#include "system/quantization.hpp"
#include "system/simulation.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::system {

/// Nonlinear functions that a network is measured with.
struct FunctionSet {
    const char* name = nullptr;     ///< `gelu_0.5`
    const char* title = nullptr;    ///< `polynomial GELU, δ1 = 0.5`
    const char* recorded = nullptr; ///< what validation/quantization.csv calls it
    inference::Functions functions;
};
/// The first one is exact.
[[nodiscard]] const std::vector<FunctionSet>& function_sets();

/// A row of validation/quantization.csv.
struct RecordedAccuracy {
    double top1_percent = 0.0;
    std::vector<double> tokens; ///< mean, behind each selector; empty where not recorded
};
/// Networks that validation/quantization.csv has, sorted.
[[nodiscard]] std::vector<std::string> recorded_networks();

enum class Arithmetic : std::uint8_t {
    Float,  ///< 32 bits
    Integer ///< int8 as inference::quantize() makes it with its default options
};

/// What a network says of one image.
struct Answer {
    std::uint64_t predicted = 0;  ///< class
    workload::TokenCounts tokens; ///< of every stage
};

/// What a network says with one set of functions in one arithmetic.
struct AccuracyRow {
    FunctionSet functions;
    Arithmetic arithmetic = Arithmetic::Float;
    std::vector<Answer> answers;        ///< one per image
    std::uint64_t correct = 0;          ///< images
    std::vector<std::uint64_t> tokens;  ///< behind each selector, summed over the images
    std::uint64_t same_predictions = 0; ///< images whose class is that of exact floats
    std::uint64_t same_counts = 0;      ///< images with as many tokens in every stage as those
    std::optional<RecordedAccuracy> recorded;
};
struct NetworkAccuracy {
    std::uint64_t images = 0;
    bool labelled = false; ///< whether all images have labels; otherwise `correct` says nothing
    std::vector<AccuracyRow> rows; ///< of each set of functions: floats, then integers
};

struct AccuracyStudy {
    std::vector<FunctionSet> functions; ///< to measure; exact floats are inferred in any case
    std::string recorded;               ///< one of recorded_networks(); empty: none
};

/// Infers `sample` with each set of functions, in floats and in integers quantized for them on
/// `calibration`. Integers with exact functions have units that compute those, rounded to the
/// units' formats. Nothing depends on the number of workers.
/// \pre like calibrate()
[[nodiscard]] NetworkAccuracy measure_accuracy(const inference::FloatNetwork& network,
                                               const AccuracyStudy& study,
                                               const ImageSample& sample,
                                               const ImageSample& calibration,
                                               std::size_t workers,
                                               const Progress& progress = {});

} // namespace heatsim::system
