// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace heatsim::report {

/// Name and text of a file; the name may be below a folder: `pictures/7.svg`.
using NamedText = std::pair<std::string, std::string>;

/// Why `files`, or folders like `pictures/`, cannot be written into folder `path`; empty if they
/// can. Tries it and leaves nothing
/// behind.
[[nodiscard]] std::vector<config::Violation>
output_folder_violations(const std::string& path, const std::vector<std::string>& files);

/// Writes `files` into folder `path`, which is made with its parents where missing. A new folder
/// appears with all its files at once; in an existing one each file is replaced at once and other
/// files are left alone. \throws config::Error; nothing half-written is left then
void write_output_folder(const std::string& path, const std::vector<NamedText>& files);

} // namespace heatsim::report
