// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

namespace heatsim::system {

/// A file of the repository that the executable carries.
struct EmbeddedFile {
    const char* path;      ///< from the repository's root, e.g. `configs/boards/zcu102.yaml`
    std::string_view text; ///< valid until the program ends
};

/// Every configs/*/*.yaml, docs/*.md.in, models/*.yaml and validation/*.csv, sorted by path. Made
/// at build time by cmake/embed.cmake.
[[nodiscard]] const std::vector<EmbeddedFile>& embedded_files();

} // namespace heatsim::system
