// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace heatsim::system {

/// XXH3 over texts, 128 bits: what has the same hash is taken for the same.
class ContentHash {
  public:
    ContentHash();
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;
    ContentHash(const ContentHash&) = delete;
    ContentHash& operator=(const ContentHash&) = delete;
    ~ContentHash();

    /// Adds a text and its length, so that two texts differ from their concatenation.
    void add(std::string_view text);
    /// Adds every byte of a file; nothing where it cannot be read.
    void add_file(const std::string& path);
    /// 32 hexadecimal digits.
    [[nodiscard]] std::string text() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Hash of the running program, every byte: another one may have other timing under the same
/// version. 32 hexadecimal digits.
[[nodiscard]] const std::string& program_hash();

} // namespace heatsim::system
