// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/image.hpp"
#include "inference/inference.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace heatsim::report {

/// The bytes in base64, padded.
[[nodiscard]] std::string base64(const std::string& bytes);

/// An image and what is left of it behind every selector, as an SVG file that needs nothing else:
/// one panel per stage, pruned patches dimmed and hatched, with the tokens below. Light or dark as
/// the reader wants it. \param label class of the image, where it is known
[[nodiscard]] std::string kept_picture(const workload::Model& model,
                                       const workload::Schedule& schedule,
                                       const inference::Image& image,
                                       const std::string& name,
                                       std::optional<std::uint32_t> label,
                                       const inference::Inference& inference);

} // namespace heatsim::report
