// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/image.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Files of MNIST and its relatives, plain or gzip: http://yann.lecun.com/exdb/mnist/. Big-endian
/// numbers in front (kind, sizes), bytes behind.
namespace heatsim::inference {

/// Gray images of one size.
class IdxImages {
  public:
    /// \param name of the file, for messages
    /// \throws config::Error where the bytes are not exactly such a file, of 1 image or more
    [[nodiscard]] static IdxImages parse(std::string bytes, const std::string& name);

    [[nodiscard]] std::size_t size() const { return count_; }
    /// \throws std::out_of_range
    [[nodiscard]] Image image(std::size_t index) const;

  private:
    IdxImages() = default;

    std::string bytes_; ///< the whole file
    std::size_t count_ = 0;
    std::size_t height_ = 0;
    std::size_t width_ = 0;
};

/// Labels of images.
/// \throws config::Error where the bytes are not exactly such a file
[[nodiscard]] std::vector<std::uint8_t> parse_idx_labels(std::string bytes,
                                                         const std::string& name);

} // namespace heatsim::inference
