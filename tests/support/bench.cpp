// SPDX-License-Identifier: Apache-2.0
#include "support/bench.hpp"

#include "tlm/time.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace heatsim::test {

namespace {

class Body final : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Body);
    Body(const sc_core::sc_module_name& name, std::function<void()> body)
        : sc_module{name}
        , body_{std::move(body)}
    {
        SC_THREAD(run);
    }
    [[nodiscard]] bool finished() const noexcept { return finished_; }

  private:
    void run()
    {
        body_();
        finished_ = true;
        sc_core::sc_stop();
    }

    const std::function<void()> body_;
    bool finished_ = false;
};

void fail_on_warning(const sc_core::sc_report& report, const sc_core::sc_actions& actions)
{
    if (report.get_severity() == sc_core::SC_WARNING)
        ADD_FAILURE() << "SystemC warning: " << report.what();
    sc_core::sc_report_handler::default_handler(report, actions);
}

} // namespace

void use_femtoseconds()
{
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
}

void run_bench(const std::function<void()>& body)
{
    sc_core::sc_report_handler::set_handler(fail_on_warning);
    Body thread{"body", body};
    sc_core::sc_start();
    EXPECT_TRUE(thread.finished()) << "the bench's body hangs";
    EXPECT_EQ(sc_core::sc_get_status(), sc_core::SC_STOPPED);
}

void wait_until(std::uint64_t time_fs)
{
    const auto now = channel::now_fs();
    if (time_fs > now)
        sc_core::wait(channel::to_time(time_fs - now));
}

} // namespace heatsim::test
