// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace heatsim::test {

/// A safetensors file of integers whose tensors and metadata can be changed.
struct TensorDraft {
    struct Tensor {
        inference::DataType type = inference::DataType::I8;
        std::vector<std::uint64_t> shape;
        std::string bytes;
    };
    std::map<std::string, Tensor> tensors;
    std::map<std::string, std::string> metadata;

    explicit TensorDraft(const std::string& bytes);
    template <typename T>
    void set(const std::string& name, std::size_t index, T value)
    {
        std::memcpy(tensors.at(name).bytes.data() + index * sizeof(T), &value, sizeof(T));
    }
    /// \throws std::logic_error where a tensor's bytes are not those of its type and shape
    [[nodiscard]] std::string bytes() const;
};

} // namespace heatsim::test
