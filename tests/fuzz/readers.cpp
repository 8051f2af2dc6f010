// SPDX-License-Identifier: Apache-2.0
#include "fuzz/readers.hpp"

#include "config/error.hpp"
#include "inference/idx.hpp"
#include "inference/image.hpp"
#include "inference/integer_inference.hpp"
#include "inference/integer_network_file.hpp"
#include "inference/safetensors.hpp"
#include "support/random_network.hpp"
#include "support/tensor_draft.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace heatsim::fuzz {

namespace {

using inference::Image;

void check(bool holds, const char* rule)
{
    if (!holds)
        throw std::logic_error{rule};
}

void check(const Image& image)
{
    check(image.height > 0 && image.width > 0, "an image has pixels");
    check(image.channels == 1 || image.channels == 3, "an image is gray or color");
    check(image.pixels.size() == image.height * image.width * image.channels,
          "an image has as many pixels as it says");
}

/// Applies one change. \param change what, where, and two numbers
void apply(const unsigned char* change, test::TensorDraft& draft)
{
    const std::array<const char*, 8> texts{"",      "0",       "-1",  "nan",
                                           "1e999", "0.5,0.5", "256", "99999999999999999999"};
    const auto tensor = std::next(
        draft.tensors.begin(),
        draft.tensors.empty() ? 0 : static_cast<std::ptrdiff_t>(change[1] % draft.tensors.size()));
    const auto entry = std::next(
        draft.metadata.begin(),
        draft.metadata.empty() ? 0
                               : static_cast<std::ptrdiff_t>(change[1] % draft.metadata.size()));
    const bool of_tensor = change[0] % 2 == 0;
    if (of_tensor ? tensor == draft.tensors.end() : entry == draft.metadata.end())
        return;
    switch (change[0] % 8) {
    case 0:
    case 2:
        if (!tensor->second.bytes.empty())
            tensor->second.bytes[change[2] % tensor->second.bytes.size()] =
                static_cast<char>(change[3]);
        break;
    case 4:
        tensor->second.type = inference::DataType::U8;
        tensor->second.shape = {tensor->second.bytes.size()};
        break;
    case 6:
        draft.tensors.erase(tensor);
        break;
    case 1:
        entry->second = texts.at(change[2] % texts.size());
        break;
    case 3:
    case 5: // a printable character
        if (!entry->second.empty())
            entry->second[change[2] % entry->second.size()] =
                static_cast<char>(' ' + change[3] % 95);
        break;
    default:
        draft.metadata.erase(entry);
        break;
    }
}

} // namespace

void read_integer_network(const std::string& bytes)
{
    static const auto model = test::toy_model();
    static const auto schedule =
        test::toy_schedule(workload::SelectorMlp1::Split, workload::SelectorWeights::PerHead,
                           workload::ScoredTokens::Patches, true);
    static const auto image = test::random_image(model, 1);
    static const test::TensorDraft valid{
        inference::bytes_of(test::random_network(model, schedule, 1))};
    constexpr std::size_t change_bytes = 4;
    const auto changes = bytes.empty() ? 0U : static_cast<unsigned char>(bytes.front());
    if (bytes.size() != 1 + changes * change_bytes)
        throw config::Error{{{"changes", 0, 0}, "", "another number of changes", "", ""}};
    auto draft = valid;
    for (std::size_t at = 1; at < bytes.size(); at += change_bytes) {
        std::array<unsigned char, change_bytes> change{};
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), change_bytes, change.begin());
        apply(change.data(), draft);
    }
    const auto network = inference::read_integer_network(
        inference::Safetensors::parse(draft.bytes(), "network"), model, schedule);
    const auto written = inference::bytes_of(network);
    const auto again = inference::read_integer_network(
        inference::Safetensors::parse(written, "again"), model, schedule);
    check(inference::bytes_of(again) == written, "what is written is what was read");
    const auto inference = inference::infer(network, model, schedule, image);
    check(inference.logits.size() == model.classes, "there is a logit per class");
    check(inference.tokens.back() > 0, "class tokens are kept");
}

void read_idx(const std::string& bytes)
{
    // a file of labels is a byte away from one of images, and each mutation is tried as both
    try {
        check(!inference::parse_idx_labels(bytes, "labels").empty(), "there are labels");
        return;
    } catch (const config::Error&) {
        const auto images = inference::IdxImages::parse(bytes, "images");
        check(images.size() > 0, "there are images");
        check(images.image(0));
        check(images.image(images.size() - 1));
    }
}

void read_image(const std::string& bytes)
{
    check(inference::decode_image(bytes, "image"));
}

void read_safetensors(const std::string& bytes)
{
    const auto file = inference::Safetensors::parse(bytes, "file");
    std::size_t tensor_bytes = 0;
    std::vector<config::Violation> violations;
    for (const auto& [name, tensor] : file.tensors()) {
        tensor_bytes += tensor.bytes.size();
        (void)file.get<float>(name, tensor.shape, violations);
        (void)file.get<std::int8_t>(name, tensor.shape, violations);
    }
    check(tensor_bytes < bytes.size(), "tensors lie in the file");
    file.refuse_others(violations);
    (void)file.get<float>("weight", {1}, violations);
    for (const auto& violation : violations)
        (void)violation.message();
}

} // namespace heatsim::fuzz
