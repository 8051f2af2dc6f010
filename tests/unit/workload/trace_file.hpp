// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/messages.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <string>
#include <vector>

namespace heatsim::workload {

/// A file that lives as long as the test.
class TraceFile {
  public:
    explicit TraceFile(const std::string& text, bool compressed = false)
        : path_{testing::TempDir() + "heatsim_trace_" + std::to_string(getpid()) +
                (compressed ? ".csv.gz" : ".csv")}
    {
        const gzFile file = gzopen(path_.c_str(), compressed ? "wb" : "wbT");
        EXPECT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
                  static_cast<int>(text.size()));
        EXPECT_EQ(gzclose_w(file), Z_OK);
    }
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;
    ~TraceFile() { std::filesystem::remove(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// The messages of what `action` refuses, each without the first `path` in it.
template <typename Action>
[[nodiscard]] std::vector<std::string> messages_of(const std::string& path, Action action)
{
    auto messages = test::messages_of(action);
    for (auto& message : messages) {
        const auto at = path.empty() ? std::string::npos : message.find(path);
        if (at != std::string::npos)
            message.erase(at, path.size());
    }
    return messages;
}

} // namespace heatsim::workload
