// SPDX-License-Identifier: Apache-2.0
#include "system/rtl_build.hpp"

#include "config/text_file.hpp"
#include "system/cache.hpp"
#include "system/content_hash.hpp"
#include "system/embedded_files.hpp"
#include "system/process.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>
#include <system_error>

namespace heatsim::system {

namespace {

namespace fs = std::filesystem;
using config::ends_with;
using config::starts_with;

constexpr const char* executable_name = "harness";
constexpr const char* package_file = "rtl/heatsim_pkg.sv"; ///< the others name it

void compile(const fs::path& folder,
             const std::string& top,
             const std::vector<RtlParameter>& parameters,
             const std::vector<const EmbeddedFile*>& sources)
{
    std::vector<std::string> words{
        "verilator",    "--cc", "--exe",       "--build", "-O3",     "--noassert",
        "--x-assign",   "fast", "--x-initial", "fast",    "-CFLAGS", "-O2 -std=c++17",
        "--top-module", top,    "--Mdir",      "build",   "-o",      executable_name};
    for (const auto& [name, value] : parameters)
        words.push_back(fmt::format("-G{}={}", name, value));
    words.emplace_back(package_file);
    for (const auto* source : sources) {
        write_file(folder / source->path, source->text);
        if (source->path != std::string_view{package_file})
            words.emplace_back(source->path);
    }
    static_cast<void>(run_tool(words, "", folder));
}

} // namespace

RtlBuild::RtlBuild(const std::string& top,
                   const std::vector<RtlParameter>& parameters,
                   const std::function<void(const std::string&)>& announce)
{
    const auto harness = fmt::format("rtl/harness/{}_harness.cpp", top);
    std::vector<const EmbeddedFile*> sources;
    ContentHash hash;
    hash.add(top);
    for (const auto& [name, value] : parameters)
        hash.add(fmt::format(" {}={}", name, value));
    for (const auto& file : embedded_files()) {
        const std::string_view path{file.path};
        const bool module = starts_with(path, "rtl/") && ends_with(path, ".sv");
        if (!module && path != harness)
            continue;
        sources.push_back(&file);
        hash.add(path);
        hash.add(file.text);
    }
    const auto root = cache_root();
    folder_ = root / fmt::format("{}-{}", top, hash.text());
    if (fs::exists(folder_ / "build" / executable_name))
        return;
    announce(fmt::format("compiling rtl/{}.sv with Verilator, kept in {}", top, root.string()));
    // built beside its place: what stands there is complete
    const auto draft = root / fmt::format("{}.{}", folder_.filename().string(), getpid());
    std::error_code error;
    fs::create_directories(draft, error);
    if (error)
        throw ToolError{fmt::format("{}: {}", draft.string(), error.message())};
    try {
        compile(draft, top, parameters, sources);
    } catch (...) {
        fs::remove_all(draft, error);
        throw;
    }
    fs::rename(draft, folder_, error);
    if (error) // another process was faster
        fs::remove_all(draft, error);
}

std::string RtlBuild::run(const std::string& input) const
{
    return run_tool({(folder_ / "build" / executable_name).string()}, input, folder_);
}

} // namespace heatsim::system
