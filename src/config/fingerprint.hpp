// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <memory>
#include <string>

namespace heatsim::config {

/// Every key of configuration structs with its value, one `path=value` a line: the same text for
/// the same configuration. Not meant to be read back (that is `Writer`), but made much faster.
class Fingerprint {
  public:
    Fingerprint();
    ~Fingerprint();
    Fingerprint(const Fingerprint&) = delete;
    Fingerprint& operator=(const Fingerprint&) = delete;
    /// \pre reals are finite
    template <typename T>
    void add(const char* key, const T& value)
    {
        T copy = value; // a visitor takes fields by reference; this one only reads
        visitor().section(key, copy, "");
    }
    [[nodiscard]] const std::string& text() const;

  private:
    [[nodiscard]] Visitor& visitor();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace heatsim::config
