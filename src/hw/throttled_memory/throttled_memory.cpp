// SPDX-License-Identifier: Apache-2.0
#include "hw/throttled_memory/throttled_memory.hpp"

#include "tlm/burst_extension.hpp"
#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <algorithm>
#include <tuple>

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
    trans.acquire();
    const auto now = now_fs();
    const Waiting burst{&trans, static_cast<std::size_t>(port),
                        now + delay.value() + clock_.to_fs(config_.latency_cycles)};
    // nearly always at the end: all bursts wait equally long
    const auto place =
        std::upper_bound(waiting_.begin(), waiting_.end(), burst, [](const auto& a, const auto& b) {
            return std::tie(a.turn_fs, a.port) < std::tie(b.turn_fs, b.port);
        });
    waiting_.insert(place, burst);
    turn_event_.notify(to_time(waiting_.front().turn_fs - now));
    phase = ::tlm::END_REQ;
    return ::tlm::TLM_UPDATED;
}

/// A burst's place on the bus is known when its latency is over: nothing can come before it any
/// more.
void ThrottledMemory::serve()
{
    const auto now = now_fs();
    while (!waiting_.empty() && waiting_.front().turn_fs <= now) {
        const auto burst = waiting_.front();
        waiting_.pop_front();
        auto& trans = *burst.trans;
        const std::uint64_t bytes = trans.get_data_length();
        const auto cycles = ceil_div(bytes, config_.bytes_per_cycle);
        const auto start_fs = std::max(bus_free_fs_, burst.turn_fs);
        bus_free_fs_ = start_fs + clock_.to_fs(cycles);
        (trans.is_write() ? stats_.write_bytes : stats_.read_bytes) += bytes;
        ++stats_.bursts;
        stats_.busy_cycles += cycles;
        trans.get_extension<channel::BurstExtension>()->set(
            trans.is_write() ? bus_free_fs_ : start_fs, bus_free_fs_);
        trans.set_response_status(::tlm::TLM_OK_RESPONSE);
        ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
        auto delay = to_time((trans.is_write() ? bus_free_fs_ : start_fs) - now);
        const auto status = port_sockets[burst.port]->nb_transport_bw(trans, phase, delay);
        HEATSIM_CHECK(status == ::tlm::TLM_COMPLETED, "initiators take responses at once");
        trans.release();
    }
    if (!waiting_.empty())
        turn_event_.notify(to_time(waiting_.front().turn_fs - now));
}

void ThrottledMemory::restart()
{
    HEATSIM_CHECK(waiting_.empty(), "image starts with a burst waiting");
    bus_free_fs_ = 0;
    stats_.reset();
}

} // namespace heatsim::hw
