// SPDX-License-Identifier: Apache-2.0
#include "tlm/worker.hpp"

#include "tlm/check.hpp"

namespace heatsim::channel {

TimedWorker::TimedWorker(const sc_core::sc_module_name& name, Worker worker, Clock clock)
    : sc_module{name}
    , worker_{worker}
    , clock_{clock}
    , stats_{this->name()}
{
    SC_METHOD(finish);
    sensitive << done_event_;
    dont_initialize();
}

void TimedWorker::occupy(std::uint64_t cycles, std::uint64_t delay_cycles)
{
    HEATSIM_CHECK(!busy_, "unit started while busy");
    busy_ = true;
    ++stats_.pieces;
    stats_.busy_cycles += cycles;
    if (observer_ != nullptr) {
        const auto start_fs = now_fs() + clock_.to_fs(delay_cycles);
        observer_->works(worker_, start_fs, start_fs + clock_.to_fs(cycles));
    }
    done_event_.notify(to_time(clock_.to_fs(cycles + delay_cycles)));
}

void TimedWorker::restart_worker()
{
    HEATSIM_CHECK(!busy_, "unit restarted while busy");
    stats_.reset();
}

void TimedWorker::finish()
{
    busy_ = false;
    completion_port->work_done(worker_);
}

} // namespace heatsim::channel
