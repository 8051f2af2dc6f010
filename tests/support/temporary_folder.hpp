// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace heatsim::test {

/// An empty folder for files of a test, removed with what is in it.
class TemporaryFolder {
  public:
    TemporaryFolder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "heatsim_test_XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error{"no temporary folder"};
        folder_ = pattern;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored; // a leftover in /tmp is no reason to fail
        std::filesystem::remove_all(folder_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }
    [[nodiscard]] std::string path(const std::string& name) const
    {
        return (folder_ / name).string();
    }
    /// Writes a file. \returns its path
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const
    {
        std::ofstream{folder_ / name, std::ios::binary} << text;
        return path(name);
    }
    [[nodiscard]] std::string read(const std::string& name) const
    {
        std::ifstream file{folder_ / name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    /// Paths of everything in it, sorted, from the folder on.
    [[nodiscard]] std::vector<std::string> entries() const
    {
        std::vector<std::string> paths;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{folder_})
            paths.push_back(entry.path().lexically_relative(folder_).string());
        std::sort(paths.begin(), paths.end());
        return paths;
    }

  private:
    std::filesystem::path folder_;
};

} // namespace heatsim::test
