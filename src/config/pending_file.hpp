// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace heatsim::config {

/// A file beside its final place, which takes itself away unless it gets there.
class PendingFile {
  public:
    /// \param option of the command line that names the file, for messages
    /// \throws Error where there cannot be a file at `path`
    PendingFile(std::string option, std::string path);
    ~PendingFile();
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    /// As the user wrote it.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// \throws Error
    void write(std::string_view bytes);
    /// Moves the file to its final place, over a file that is there. \throws Error
    void publish();

  private:
    [[noreturn]] void refuse(const std::string& found, const std::string& expected) const;
    [[noreturn]] void refuse_to_write(int error) const;

    std::string option_;
    std::string name_;
    std::string pattern_; ///< empty when there is nothing to take away
    int file_ = -1;
};

/// The text compressed as one gzip member that says nothing about when, where and from which file
/// it was made.
[[nodiscard]] std::string gzip_of(const std::string& text);

} // namespace heatsim::config
