// SPDX-License-Identifier: Apache-2.0
#include "report/ddr_trace_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace heatsim::report {

namespace {

namespace fs = std::filesystem;

[[nodiscard]] std::string reason(int error)
{
    return "cannot be written: " + std::generic_category().message(error);
}

} // namespace

DdrTraceFile::DdrTraceFile(std::string path)
    : name_{std::move(path)}
    , target_{name_}
{
    if (name_.empty())
        refuse("empty name");
    if (target_.extension() == ".gz")
        refuse("'" + name_ + "' would be plain text");
    std::error_code ignored; // where nothing can be found, making it says why
    const auto status = fs::status(target_, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        refuse("'" + name_ + "' is not a regular file");
    make();
}

DdrTraceFile::~DdrTraceFile()
{
    std::error_code ignored; // nothing is left to be done about it
    if (!path_.empty())
        fs::remove(path_, ignored);
}

void DdrTraceFile::make()
{
    const auto folder = target_.has_parent_path() ? target_.parent_path() : fs::path{"."};
    auto pattern = (folder / ".heatsim-XXXXXX").string();
    const int file = mkstemp(pattern.data());
    if (file < 0)
        refuse("'" + name_ + "' " + reason(errno));
    path_ = pattern;
    const auto mask = umask(0);
    umask(mask);
    const bool opened = fchmod(file, 0666 & ~mask) == 0; // mkstemp makes it private
    const int error = errno;
    (void)close(file);
    if (opened) {
        errno = 0;
        stream_.open(path_, std::ios::binary | std::ios::trunc);
    }
    if (!opened || !stream_) {
        const auto found = "'" + name_ + "' " + reason(opened ? errno : error);
        fs::remove(path_); // no destructor behind a constructor that throws
        refuse(found);
    }
}

void DdrTraceFile::refuse(const std::string& found) const
{
    config::Violation violation;
    violation.key = "--ddr-trace";
    violation.found = found;
    violation.expected = "a file without .gz, in a folder that can be written to";
    throw config::Error{violation};
}

void DdrTraceFile::check_stream() const
{
    if (!stream_)
        refuse("'" + name_ + "' " + reason(errno));
}

void DdrTraceFile::write_header(const system::Design& design)
{
    const auto& memory = design.memory;
    errno = 0;
    stream_ << fmt::format("# {}: {} bytes a line, cycles of {} MHz from the first image's start\n",
                           memory.name, memory.access_bytes(), memory.clock_mhz);
    check_stream();
}

void DdrTraceFile::write(const workload::MemoryRequest& request)
{
    workload::write_memory_request(stream_, request);
    check_stream();
    ++requests_;
}

void DdrTraceFile::publish()
{
    errno = 0;
    stream_.close();
    check_stream();
    std::error_code error;
    fs::rename(path_, target_, error);
    if (error)
        refuse("'" + name_ + "' " + reason(error.value()));
    path_.clear();
}

} // namespace heatsim::report
