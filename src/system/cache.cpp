// SPDX-License-Identifier: Apache-2.0
#include "system/cache.hpp"

#include <cstdlib>
#include <string>

namespace heatsim::system {

namespace fs = std::filesystem;

fs::path cache_root()
{
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
        return std::string{value == nullptr ? "" : value};
    };
    if (const auto own = variable("HEATSIM_CACHE"); !own.empty())
        return own;
    if (const auto shared = variable("XDG_CACHE_HOME"); !shared.empty())
        return fs::path{shared} / "heatsim";
    if (const auto home = variable("HOME"); !home.empty())
        return fs::path{home} / ".cache" / "heatsim";
    return fs::temp_directory_path() / "heatsim-cache";
}

} // namespace heatsim::system
