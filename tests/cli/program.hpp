// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace heatsim::cli {

/// An empty folder, removed with what is in it.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string path(const std::string& name) const
    {
        return (path_ / name).string();
    }
    /// Writes a file and returns its path.
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;
    /// Paths of everything in it, sorted, from the folder on.
    [[nodiscard]] std::vector<std::string> entries() const;

  private:
    std::filesystem::path path_;
};

/// How the program ended and what it printed.
struct Outcome {
    int exit_code = -1; ///< 128 + signal if a signal ended it
    std::string out;
    std::string err;
};

/// Runs the heatsim executable with these arguments, without a terminal.
/// \param out_path where standard output goes instead of into the outcome; `-` closes it
[[nodiscard]] Outcome heatsim(const std::vector<std::string>& arguments,
                              const std::string& out_path = "");

[[nodiscard]] std::string content(const std::string& path);

} // namespace heatsim::cli
