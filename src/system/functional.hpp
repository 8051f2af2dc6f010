// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/images.hpp"
#include "inference/inference.hpp"
#include "inference/integer_network.hpp"
#include "system/simulation.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace heatsim::system {

/// What a functional run is asked for beside a RunRequest.
struct FunctionalRequest {
    std::string weights; ///< path of a quantized network
    std::string images;  ///< an image set, as inference::ImageSet::open takes it
    std::size_t first_image = 0;
    std::size_t image_count = 0; ///< 0: all from the first on
};

/// A network and the images it is given, read and checked against the setup of a run.
struct FunctionalSetup {
    inference::IntegerNetwork network;
    inference::ImageSet images;
    std::size_t first_image = 0;
    std::size_t image_count = 0;
};
/// \throws config::Error with all violations: files, what no functional run knows of model,
/// schedule and design, images of the wrong size, images that are not there
[[nodiscard]] FunctionalSetup load_functional(const FunctionalRequest& request,
                                              const RunSetup& setup);

/// What a functional run gives.
struct FunctionalResult {
    std::vector<inference::Inference> inferences; ///< one per image
    RunResult run;
};

/// Computes the images on the simulated chip. What decides how many tokens a stage has is the
/// selector on the chip; the controller however plans a whole image ahead (loop orders, weights
/// fetched early), as it does with a token trace, and is told the counts by the network's integer
/// reference. \throws SimulationError where the chip's logits, or what its selectors keep, are not
/// the reference's
[[nodiscard]] FunctionalResult run_functional(Simulation& simulation,
                                              RunSetup& setup,
                                              const FunctionalSetup& functional,
                                              std::size_t workers,
                                              const Progress& progress = {});

} // namespace heatsim::system
