// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/engine_program.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace heatsim::system {

/// RTL of rtl/ with one of its harnesses, compiled by Verilator.
class RtlBuild {
  public:
    /// Compiles unless a build of the same sources and parameters is in the cache:
    /// $HEATSIM_CACHE, $XDG_CACHE_HOME/heatsim or ~/.cache/heatsim, else the system's temporary
    /// folder. Nothing is left behind by a build that fails.
    /// \param top module; its harness is rtl/harness/<top>_harness.cpp
    /// \param announce is told that a build begins
    /// \throws ToolError: no Verilator, no compiler, a folder that cannot be written
    RtlBuild(const std::string& top,
             const std::vector<RtlParameter>& parameters,
             const std::function<void(const std::string&)>& announce);

    /// \returns what the harness prints. \throws ToolError
    [[nodiscard]] std::string run(const std::string& input) const;

  private:
    std::filesystem::path folder_;
};

} // namespace heatsim::system
