// SPDX-License-Identifier: Apache-2.0
#include "report/progress.hpp"

#include "report/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace heatsim::report {

StatusLine::StatusLine(bool wanted)
    : enabled_{wanted && isatty(STDERR_FILENO) == 1}
{}

StatusLine::~StatusLine()
{
    if (visible_) {
        std::fputs("\r\x1b[K", stderr);
        std::fflush(stderr);
    }
}

bool StatusLine::is_due()
{
    const auto now = Clock::now();
    if (!enabled_ || now < next_)
        return false;
    next_ = now + std::chrono::milliseconds{100};
    return true;
}

void StatusLine::show(const std::string& text)
{
    visible_ = true;
    std::fputs(fmt::format("\r{}\x1b[K", text).c_str(), stderr);
    std::fflush(stderr);
}

double StatusLine::seconds() const
{
    return std::chrono::duration<double>(Clock::now() - start_).count();
}

Progress::Progress(std::string label, bool wanted)
    : label_{std::move(label)}
    , line_{wanted}
{}

void Progress::show(std::size_t done, std::size_t total)
{
    if (done == 0 || !line_.is_due())
        return;
    constexpr std::size_t bar_width = 30;
    const double share = static_cast<double>(done) / static_cast<double>(total);
    const double elapsed = line_.seconds();
    const double left = elapsed / share - elapsed;
    line_.show(fmt::format("{}  {}  {:3.0f} %  {} of {} images  {} left", label_,
                           pad_right(style_of(stderr).bar(share, bar_width), bar_width),
                           100.0 * share, grouped(done), grouped(total), duration_text(left)));
}

} // namespace heatsim::report
