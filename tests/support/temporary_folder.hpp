// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace heatsim::test {

/// A folder of its own for files of a test, removed again.
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
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const
    {
        return (folder_ / name).string();
    }
    /// \returns its path
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

  private:
    std::filesystem::path folder_;
};

} // namespace heatsim::test
