// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/calibration.hpp"
#include "inference/float_network.hpp"
#include "inference/functions.hpp"
#include "inference/images.hpp"
#include "system/catalog.hpp"
#include "system/simulation.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace heatsim::system {

/// Trained weights in 32-bit floats and what they are the weights of.
struct WeightsRequest {
    std::string weights; ///< path of a safetensors file
    std::string model = "vit_fmnist";
    std::string schedule;            ///< empty: the model's default
    std::vector<Override> overrides; ///< with the prefix `model.` or `schedule.`
};

/// \throws config::Error with all violations: model, schedule, overrides of other files, tensors as
/// inference::float_network() has them, selectors in the file but not in the schedule and the other
/// way round
[[nodiscard]] inference::FloatNetwork load_float_network(const WeightsRequest& request);

/// Some images of a set.
struct ImageSample {
    inference::ImageSet images;
    std::vector<std::size_t> indices; ///< ascending
};

/// `count` images spread evenly over a set: the i-th of the sample is number i·size/count.
/// \param set as inference::ImageSet::open() takes it
/// \param count_option the command line's option, for messages
/// \throws config::Error if there are not so many, or one is not of the model's size
[[nodiscard]] ImageSample sample_images(const std::string& set,
                                        std::size_t count,
                                        const std::string& count_option,
                                        const workload::Model& model);

/// Infers images with `functions` and counts what is computed. The same for any number of workers.
/// \pre nothing was inferred in floats in this process: workers are its copies, and the library
/// that multiplies keeps threads
[[nodiscard]] inference::Calibration calibrate(const inference::FloatNetwork& network,
                                               const inference::Functions& functions,
                                               const ImageSample& sample,
                                               std::size_t workers,
                                               const Progress& progress = {});

} // namespace heatsim::system
