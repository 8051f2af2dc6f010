// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "system/chip.hpp"
#include "workload/memory_traffic.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace heatsim::report {

/// A trace of column accesses that `heatsim ddr --trace` reads, written line by line. Stands under
/// another name beside its final place until it is complete, and takes itself away if it never is.
class DdrTraceFile {
  public:
    /// \throws config::Error where there cannot be a file at `path`
    explicit DdrTraceFile(std::string path);
    ~DdrTraceFile();
    DdrTraceFile(const DdrTraceFile&) = delete;
    DdrTraceFile& operator=(const DdrTraceFile&) = delete;

    /// A comment that says what the lines mean. \throws config::Error
    void write_header(const system::Design& design);
    /// \throws config::Error
    void write(const workload::MemoryRequest& request);
    /// Moves the file to its final place. \throws config::Error
    void publish();
    [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }

  private:
    void make();
    [[noreturn]] void refuse(const std::string& found) const;
    void check_stream() const;

    const std::string name_; ///< as the user wrote it
    const std::filesystem::path target_;
    std::filesystem::path path_; ///< on the way; empty when there is nothing to take away
    std::ofstream stream_;
    std::uint64_t requests_ = 0;
};

} // namespace heatsim::report
