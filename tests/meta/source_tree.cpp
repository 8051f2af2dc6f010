// SPDX-License-Identifier: Apache-2.0
#include "meta/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace heatsim::meta {

namespace fs = std::filesystem;

namespace {

bool ends_with(const std::string& text, const std::string& ending)
{
    return text.size() >= ending.size() &&
           text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_skipped(const fs::path& folder)
{
    const auto name = folder.filename().string();
    return (name.front() == '.' && name != ".ci") || name == "__pycache__" ||
           name == "node_modules" || folder == root() / "build";
}

} // namespace

fs::path root()
{
    return HEATSIM_SOURCE_DIR;
}

std::string read_text(const std::string& path)
{
    std::ifstream stream{root() / path, std::ios::binary};
    if (!stream)
        throw fs::filesystem_error{"cannot read", path, std::make_error_code(std::errc::io_error)};
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::vector<std::string> files_below(const std::string& folder,
                                     const std::vector<std::string>& endings)
{
    std::vector<std::string> files;
    const auto start = folder.empty() ? root() : root() / folder;
    if (!fs::exists(start))
        return files;
    for (auto entry = fs::recursive_directory_iterator{start}; entry != fs::end(entry); ++entry) {
        if (entry->is_directory()) {
            if (is_skipped(entry->path()))
                entry.disable_recursion_pending();
            continue;
        }
        const auto path = entry->path().lexically_relative(root()).generic_string();
        if (entry->is_regular_file() &&
            std::any_of(endings.begin(), endings.end(),
                        [&path](const std::string& ending) { return ends_with(path, ending); }))
            files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<SourceFile> sources_below(const std::string& folder,
                                      const std::vector<std::string>& endings)
{
    std::vector<SourceFile> sources;
    for (const auto& path : files_below(folder, endings)) {
        SourceFile source;
        source.path = path;
        std::istringstream text{read_text(path)};
        for (std::string line; std::getline(text, line);)
            source.lines.push_back(line);
        sources.push_back(std::move(source));
    }
    return sources;
}

} // namespace heatsim::meta
