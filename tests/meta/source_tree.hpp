// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace heatsim::meta {

/// A text file of the repository.
struct SourceFile {
    std::string path; ///< from the repository's root, `/` between folders
    std::vector<std::string> lines;
};

/// The root of the source tree these tests were built from.
[[nodiscard]] std::filesystem::path root();

/// The text of a file below the root.
[[nodiscard]] std::string read_text(const std::string& path);

/// All files below `folder` ("" is the root) with one of the endings, sorted by path; build trees
/// and folders whose name starts with a dot (`.ci` excepted) are left out.
[[nodiscard]] std::vector<std::string> files_below(const std::string& folder,
                                                   const std::vector<std::string>& endings);

/// The same with their lines.
[[nodiscard]] std::vector<SourceFile> sources_below(const std::string& folder,
                                                    const std::vector<std::string>& endings);

} // namespace heatsim::meta
