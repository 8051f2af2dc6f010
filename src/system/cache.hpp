// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

namespace heatsim::system {

/// Folder for what can be made again at any time: `$HEATSIM_CACHE`, else `$XDG_CACHE_HOME/heatsim`
/// or `~/.cache/heatsim`.
[[nodiscard]] std::filesystem::path cache_root();

} // namespace heatsim::system
