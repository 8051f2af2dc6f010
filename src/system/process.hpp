// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::system {

/// A program that heatsim runs is missing or failed; its message says which, and what it printed.
class ToolError : public std::runtime_error {
  public:
    using runtime_error::runtime_error;
};

/// A folder that goes when its owner goes.
class TemporaryFolder {
  public:
    /// Beside the system's other temporary files. \throws ToolError
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

/// The whole of a file; empty where it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// Folders on the way are made. \throws ToolError
void write_file(const std::filesystem::path& path, std::string_view text);

/// Whether PATH has a program of this name.
[[nodiscard]] bool has_tool(const std::string& name);

/// Runs a program, found in PATH, without a shell, and waits for it.
/// \param words the program and its arguments
/// \param input what it reads from standard input
/// \param folder where it runs
/// \returns what it wrote to standard output
/// \throws ToolError: it is not there (with the Debian package of that name), it ended with another
///         exit code than 0 (with the last lines it wrote)
[[nodiscard]] std::string run_tool(const std::vector<std::string>& words,
                                   const std::string& input,
                                   const std::filesystem::path& folder);

} // namespace heatsim::system
