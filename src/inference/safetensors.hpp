// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Tensors by name in one file: https://github.com/huggingface/safetensors#format. The length of
/// the header (8 bytes, little-endian), the header (JSON: name → dtype, shape, place in the data),
/// the data.
namespace heatsim::inference {

enum class DataType : std::uint8_t {
    Bool,
    U8,
    I8,
    U16,
    I16,
    F16,
    BF16,
    U32,
    I32,
    F32,
    U64,
    I64,
    F64
};

/// As in a file: `BOOL`, `F32`, ...
[[nodiscard]] std::string_view data_type_name(DataType type);
[[nodiscard]] std::size_t element_bytes(DataType type);

/// A tensor as it lies in its file; valid as long as a Safetensors of that file.
struct TensorView {
    DataType type = DataType::F32;
    std::vector<std::uint64_t> shape; ///< empty: one number
    std::string_view bytes;           ///< row-major, little-endian, of any alignment
};

/// A file of tensors, checked as a whole: the tensors cover the data exactly, without gaps and
/// overlaps. Copies share the bytes. Not for several threads at once: it notes who was asked for.
class Safetensors {
  public:
    /// \throws config::Error with every violation; of more than 20 the first
    [[nodiscard]] static Safetensors load(const std::string& path);
    /// \param name of the file, for messages
    /// \throws config::Error like load()
    [[nodiscard]] static Safetensors parse(std::string bytes, const std::string& name);

    [[nodiscard]] const std::string& name() const { return name_; }
    /// What `__metadata__` says.
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& metadata() const
    {
        return metadata_;
    }
    [[nodiscard]] const std::map<std::string, TensorView, std::less<>>& tensors() const
    {
        return tensors_;
    }

    /// Values of `tensor`, row-major. T is float, int8_t, uint8_t, int16_t or int32_t.
    ///
    /// Where there is no such tensor, or it has another type or shape, or a value is not finite, a
    /// violation is appended to `violations` and the result is empty.
    template <typename T>
    [[nodiscard]] std::vector<T> get(std::string_view tensor,
                                     const std::vector<std::uint64_t>& shape,
                                     std::vector<config::Violation>& violations) const;

    /// Appends a violation for each tensor that get() was not asked for; of more than 20 the first,
    /// and the number of the others.
    void refuse_others(std::vector<config::Violation>& violations) const;

  private:
    Safetensors() = default;

    std::string name_;
    std::shared_ptr<const std::string> bytes_; ///< stays where it is when this is moved
    std::map<std::string, std::string, std::less<>> metadata_;
    std::map<std::string, TensorView, std::less<>> tensors_;
    mutable std::set<std::string, std::less<>> asked_;
};

/// Makes such a file: the same tensors give the same bytes, in whatever order they were added.
/// Wider types come first, then names are in order, so that every tensor is aligned.
class SafetensorsWriter {
  public:
    /// T is float, int8_t, uint8_t, int16_t or int32_t.
    /// \throws std::logic_error where the name is taken or `values` are not as many as `shape` says
    template <typename T>
    void add(std::string name, std::vector<std::uint64_t> shape, const std::vector<T>& values);
    void set_metadata(std::string key, std::string value);
    [[nodiscard]] std::string bytes() const;

  private:
    struct Tensor {
        DataType type = DataType::F32;
        std::vector<std::uint64_t> shape;
        std::string bytes;
    };

    std::map<std::string, Tensor> tensors_;
    std::map<std::string, std::string> metadata_;
};

} // namespace heatsim::inference
