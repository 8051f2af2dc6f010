// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr.hpp"

#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <algorithm>

namespace heatsim::hw {

using channel::now_fs;
using channel::to_time;

namespace {

/// FR-FCFS lets younger row hits pass the oldest burst this often.
constexpr std::uint32_t most_passes = 16;

constexpr std::uint64_t nanosecond_fs = 1000000;

} // namespace

Ddr::Ddr(const sc_core::sc_module_name& name, const DdrConfig& config, std::size_t ports)
    : sc_module{name}
    , port_sockets{"port_socket", ports}
    , config_{config}
    , clock_{config.clock_mhz}
    , half_latency_fs_{static_cast<std::uint64_t>(config.controller_latency_ns * nanosecond_fs / 2)}
    , capacity_mask_{(std::uint64_t{1} << log2_ceil(config.capacity_bytes)) - 1}
    , interleave_shift_{log2_ceil(config.channel_interleave_bytes)}
    , channel_shift_{log2_ceil(config.channels)}
    , held_(ports)
    , stats_{this->name()}
{
    channels_.reserve(config.channels);
    for (std::uint64_t i = 0; i < config.channels; ++i)
        channels_.emplace_back(config);
    for (std::size_t port = 0; port < ports; ++port)
        port_sockets[port].register_nb_transport_fw(this, &Ddr::nb_transport_fw,
                                                    static_cast<int>(port));
    SC_METHOD(schedule);
    sensitive << schedule_event_;
    dont_initialize();
}

::tlm::tlm_sync_enum Ddr::nb_transport_fw(int port,
                                          ::tlm::tlm_generic_payload& trans,
                                          ::tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay)
{
    HEATSIM_CHECK(phase == ::tlm::BEGIN_REQ, "unexpected phase on the forward path");
    const auto address = trans.get_address() & capacity_mask_;
    const auto block = address >> interleave_shift_;
    if ((!trans.is_read() && !trans.is_write()) ||
        (config_.channels > 1 &&
         (address + trans.get_data_length() - 1) >> interleave_shift_ != block)) {
        trans.set_response_status(::tlm::TLM_GENERIC_ERROR_RESPONSE);
        return ::tlm::TLM_COMPLETED;
    }
    const auto index = static_cast<std::size_t>(block & (config_.channels - 1));
    auto& channel = channels_[index];
    const auto port_index = static_cast<std::size_t>(port);
    if (channel.queue.size() >= config_.queue_entries) {
        trans.acquire();
        held_[port_index] = {&trans, index};
        return ::tlm::TLM_ACCEPTED;
    }
    const std::uint64_t now = now_fs() + delay.value();
    const Request request{&trans, static_cast<std::uint32_t>(port),
                          clock_.ceil_cycles(now - epoch_fs_ + half_latency_fs_)};
    if (channel.queue.empty() && to_fs(channel.banks.bus_free()) <= now) {
        // nobody to compete with: the answer is known now
        delay = to_time(serve(channel, request) - now_fs());
        return ::tlm::TLM_COMPLETED;
    }
    trans.acquire();
    channel.queue.push_back(request);
    if (!channel.scheduled) {
        channel.scheduled = true;
        wake(std::max(now, to_fs(channel.banks.bus_free())));
    }
    phase = ::tlm::END_REQ;
    return ::tlm::TLM_UPDATED;
}

void Ddr::schedule()
{
    wake_fs_ = never_fs;
    const auto now = now_fs();
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        auto& channel = channels_[i];
        // (1) Serve bursts until the data bus is taken beyond now
        while (!channel.queue.empty() && to_fs(channel.banks.bus_free()) <= now) {
            const auto chosen = pick(channel);
            for (std::size_t older = 0; older < chosen; ++older)
                ++channel.queue[older].passed;
            const auto request = channel.queue[chosen];
            channel.queue.erase(channel.queue.begin() + static_cast<std::ptrdiff_t>(chosen));
            const auto first_data_fs = serve(channel, request);

            // (2) Tell the initiator, with the time of the first beat as annotation
            ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
            auto delay = to_time(first_data_fs - now);
            const auto status =
                port_sockets[request.port]->nb_transport_bw(*request.trans, phase, delay);
            HEATSIM_CHECK(status == ::tlm::TLM_COMPLETED, "initiators take responses at once");
            request.trans->release();

            // (3) The freed entry goes to a port that was held back
            admit_held(i);
        }
        channel.scheduled = !channel.queue.empty();
        if (channel.scheduled)
            wake(to_fs(channel.banks.bus_free()));
    }
}

void Ddr::admit_held(std::size_t channel_index)
{
    for (std::size_t port = 0; port < held_.size(); ++port) {
        auto& held = held_[port];
        if (held.trans == nullptr || held.channel != channel_index)
            continue;
        auto* trans = held.trans;
        held = {};
        channels_[channel_index].queue.push_back(
            {trans, static_cast<std::uint32_t>(port),
             clock_.ceil_cycles(now_fs() - epoch_fs_ + half_latency_fs_)});
        ::tlm::tlm_phase phase = ::tlm::END_REQ;
        auto delay = sc_core::SC_ZERO_TIME;
        port_sockets[port]->nb_transport_bw(*trans, phase, delay);
        return;
    }
}

std::size_t Ddr::pick(const Channel& channel) const
{
    if (config_.scheduling == DdrScheduling::Fcfs || channel.queue.front().passed >= most_passes)
        return 0;
    // the oldest burst of each port and direction may go; AXI keeps the order within them
    std::uint64_t seen = 0;
    std::size_t best = 0;
    int best_score = -1;
    for (std::size_t i = 0; i < channel.queue.size(); ++i) {
        const auto& request = channel.queue[i];
        const bool write = request.trans->is_write();
        const auto order = std::uint64_t{1} << (request.port * 2 + (write ? 1 : 0)) % 64;
        if ((seen & order) != 0)
            continue;
        seen |= order;
        const bool same_direction = write == channel.banks.last_was_write();
        const bool row_hit =
            channel.banks.is_row_hit(channel_address(request.trans->get_address()));
        const int score = (same_direction ? 2 : 0) + (row_hit ? 1 : 0);
        if (score > best_score) {
            best_score = score;
            best = i;
        }
    }
    return best;
}

std::uint64_t Ddr::serve(Channel& channel, const Request& request)
{
    auto& trans = *request.trans;
    const bool write = trans.is_write();
    const auto timing = channel.banks.serve(channel_address(trans.get_address()),
                                            trans.get_data_length(), write, request.arrival);
    (write ? stats_.write_bytes : stats_.read_bytes) += trans.get_data_length();
    ++stats_.bursts;
    trans.set_response_status(::tlm::TLM_OK_RESPONSE);
    // a write is answered by the controller, before its data reaches the banks
    const auto first_fs = write ? to_fs(request.arrival) : to_fs(timing.first_data);
    const auto last_fs = write ? to_fs(request.arrival) : to_fs(timing.last_data);
    trans.get_extension<channel::BurstExtension>()->last_data_fs = last_fs + half_latency_fs_;
    return std::max(first_fs + half_latency_fs_, now_fs());
}

std::uint64_t Ddr::channel_address(std::uint64_t address) const
{
    address &= capacity_mask_;
    const auto offset = address & (config_.channel_interleave_bytes - 1);
    return (address >> (interleave_shift_ + channel_shift_) << interleave_shift_) + offset;
}

void Ddr::wake(std::uint64_t time_fs)
{
    time_fs = std::max(time_fs, now_fs());
    if (time_fs < wake_fs_) {
        wake_fs_ = time_fs;
        schedule_event_.notify(to_time(time_fs - now_fs()));
    }
}

Ddr::Stats& Ddr::stats()
{
    const auto move_into = [](stats::Counter& counter, std::uint64_t value) {
        counter.reset();
        counter += value;
    };
    DdrCounts sum;
    for (const auto& channel : channels_) {
        const auto& counts = channel.banks.counts();
        sum.row_hits += counts.row_hits;
        sum.row_misses += counts.row_misses;
        sum.row_conflicts += counts.row_conflicts;
        sum.refreshes += counts.refreshes;
        sum.turnarounds += counts.turnarounds;
        sum.data_cycles += counts.data_cycles;
    }
    move_into(stats_.row_hits, sum.row_hits);
    move_into(stats_.row_misses, sum.row_misses);
    move_into(stats_.row_conflicts, sum.row_conflicts);
    move_into(stats_.refreshes, sum.refreshes);
    move_into(stats_.turnarounds, sum.turnarounds);
    move_into(stats_.data_cycles, sum.data_cycles);
    return stats_;
}

void Ddr::restart()
{
    for (auto& channel : channels_) {
        HEATSIM_CHECK(channel.queue.empty(), "image starts with a burst waiting");
        channel.banks.restart();
    }
    epoch_fs_ = now_fs();
    stats_.reset();
}

} // namespace heatsim::hw
