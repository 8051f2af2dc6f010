// SPDX-License-Identifier: Apache-2.0
#include "hw/throttled_memory/throttled_memory.hpp"

#include "tlm/burst_extension.hpp"
#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <algorithm>

namespace heatsim::hw {

using channel::now_fs;
using channel::to_time;

ThrottledMemory::ThrottledMemory(const sc_core::sc_module_name& name,
                                 const ThrottledMemoryConfig& config,
                                 Clock clock,
                                 std::size_t ports)
    : sc_module{name}
    , port_sockets{"port_socket", ports}
    , config_{config}
    , clock_{clock}
    , stats_{this->name()}
{
    for (std::size_t port = 0; port < port_sockets.size(); ++port)
        port_sockets[port].register_nb_transport_fw(this, &ThrottledMemory::nb_transport_fw,
                                                    static_cast<int>(port));
    SC_METHOD(serve);
    sensitive << turn_event_;
    dont_initialize();
}

::tlm::tlm_sync_enum ThrottledMemory::nb_transport_fw(int port,
                                                      ::tlm::tlm_generic_payload& trans,
                                                      ::tlm::tlm_phase& phase,
                                                      sc_core::sc_time& delay)
{
    HEATSIM_CHECK(phase == ::tlm::BEGIN_REQ, "unexpected phase on the forward path");
    if (!trans.is_read() && !trans.is_write()) {
        trans.set_response_status(::tlm::TLM_COMMAND_ERROR_RESPONSE);
        return ::tlm::TLM_COMPLETED;
    }
    const auto now = now_fs();
    const auto turn_fs = now + delay.value() + clock_.to_fs(config_.latency_cycles);
    serve_before(turn_fs); // all bursts wait equally long
    if (port == 0) {
        delay = to_time(take_bus(trans, turn_fs) - now);
        return ::tlm::TLM_COMPLETED;
    }
    trans.acquire();
    const Waiting burst{&trans, static_cast<std::size_t>(port), turn_fs};
    const auto place =
        std::upper_bound(waiting_.begin(), waiting_.end(), burst,
                         [](const Waiting& a, const Waiting& b) { return a.port < b.port; });
    waiting_.insert(place, burst);
    turn_event_.notify(to_time(turn_fs - now));
    phase = ::tlm::END_REQ;
    return ::tlm::TLM_UPDATED;
}

void ThrottledMemory::serve()
{
    const auto now = now_fs();
    serve_before(now + 1);
    if (!waiting_.empty()) // the notification was for a burst that a later one has pushed on
        turn_event_.notify(to_time(waiting_.front().turn_fs - now));
}

/// All that waits has the same turn: a burst with a later one serves it first.
void ThrottledMemory::serve_before(std::uint64_t turn_fs)
{
    while (!waiting_.empty() && waiting_.front().turn_fs < turn_fs) {
        const auto burst = waiting_.front();
        waiting_.pop_front();
        auto& trans = *burst.trans;
        ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
        auto delay = to_time(take_bus(trans, burst.turn_fs) - now_fs());
        const auto status = port_sockets[burst.port]->nb_transport_bw(trans, phase, delay);
        HEATSIM_CHECK(status == ::tlm::TLM_COMPLETED, "initiators take responses at once");
        trans.release();
    }
}

std::uint64_t ThrottledMemory::take_bus(::tlm::tlm_generic_payload& trans, std::uint64_t turn_fs)
{
    const std::uint64_t bytes = trans.get_data_length();
    const auto cycles = ceil_div(bytes, config_.bytes_per_cycle);
    const auto start_fs = std::max(bus_free_fs_, turn_fs);
    bus_free_fs_ = start_fs + clock_.to_fs(cycles);
    (trans.is_write() ? stats_.write_bytes : stats_.read_bytes) += bytes;
    ++stats_.bursts;
    stats_.busy_cycles += cycles;
    if (observer_ != nullptr)
        observer_->memory_beats(0, {trans.is_write(), false, start_fs, bus_free_fs_, bytes});
    const auto seen_fs = trans.is_write() ? bus_free_fs_ : start_fs;
    trans.get_extension<channel::BurstExtension>()->set(seen_fs, bus_free_fs_);
    trans.set_response_status(::tlm::TLM_OK_RESPONSE);
    return seen_fs;
}

void ThrottledMemory::restart()
{
    HEATSIM_CHECK(waiting_.empty(), "image starts with a burst waiting");
    bus_free_fs_ = 0;
    stats_.reset();
}

} // namespace heatsim::hw
