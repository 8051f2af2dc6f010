// SPDX-License-Identifier: Apache-2.0
#include "report/progress.hpp"

#include "report/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace heatsim::report {

Progress::Progress(std::string label, bool wanted)
    : label_{std::move(label)}
    , enabled_{wanted && isatty(STDERR_FILENO) == 1}
{}

Progress::~Progress()
{
    if (visible_) {
        std::fputs("\r\x1b[K", stderr);
        std::fflush(stderr);
    }
}

void Progress::show(std::size_t done, std::size_t total)
{
    if (!enabled_ || done == 0)
        return;
    const auto now = Clock::now();
    if (now < next_)
        return;
    next_ = now + std::chrono::milliseconds{100};
    visible_ = true;
    constexpr std::size_t bar_width = 30;
    const auto style = style_of(stderr);
    const double share = static_cast<double>(done) / static_cast<double>(total);
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    const double left = elapsed / share - elapsed;
    const auto line = fmt::format("\r{}  {}  {:3.0f} %  {} of {} images  {} left\x1b[K", label_,
                                  pad_right(style.bar(share, bar_width), bar_width), 100.0 * share,
                                  grouped(done), grouped(total), duration_text(left));
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
}

} // namespace heatsim::report
