// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string_view>
#include <vector>

namespace heatsim::system {

/// A file of the repository that the executable carries.
struct EmbeddedFile {
    const char* path;      ///< from the repository's root, e.g. `configs/boards/zcu102.yaml`
    std::string_view text; ///< valid until the program ends
};

/// Every configs/*/*.csv and *.yaml, docs/*.md.in, models/*.yaml, validation/*.csv and what is in
/// rtl/, sorted by path. Made at build time by cmake/embed.cmake.
[[nodiscard]] const std::vector<EmbeddedFile>& embedded_files();

/// Null: the executable carries no file of this path.
[[nodiscard]] inline const EmbeddedFile* find_embedded_file(std::string_view path)
{
    const auto& files = embedded_files();
    const auto file = std::find_if(files.begin(), files.end(),
                                   [path](const EmbeddedFile& one) { return one.path == path; });
    return file == files.end() ? nullptr : &*file;
}

} // namespace heatsim::system
