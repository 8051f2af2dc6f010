// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr.hpp"

#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace heatsim::hw {

using channel::now_fs;
using channel::to_time;

namespace {

constexpr std::uint64_t nanosecond_fs = 1000000;

[[nodiscard]] std::vector<std::size_t> own_ports(std::size_t ports)
{
    std::vector<std::size_t> numbers(ports);
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    return numbers;
}

/// A run leaves the queue as a whole. A burst that does not fit in enters in pieces, so that other
/// ports get in between nearly as early as if it left access by access.
constexpr std::uint64_t most_accesses_of_a_piece = 4;

[[nodiscard]] channel::BurstExtension& burst_times(const ::tlm::tlm_generic_payload& trans)
{
    return *trans.get_extension<channel::BurstExtension>();
}

} // namespace

Ddr::Ddr(const sc_core::sc_module_name& name, const DdrConfig& config, std::size_t ports)
    : Ddr{name, config, own_ports(ports)}
{}

Ddr::Ddr(const sc_core::sc_module_name& name,
         const DdrConfig& config,
         std::vector<std::size_t> controller_ports)
    : sc_module{name}
    , port_sockets{"port_socket", controller_ports.size()}
    , config_{config}
    , clock_{config.clock_mhz}
    , half_latency_fs_{static_cast<std::uint64_t>(config.controller_latency_ns * nanosecond_fs / 2)}
    , port_bytes_{config.port_width_bits / 8}
    , port_clock_{config.port_clock_mhz > 0.0 ? config.port_clock_mhz : config.clock_mhz / 2}
    , controller_port_of_{std::move(controller_ports)}
    , access_shift_{log2_ceil(config.access_bytes())}
    , channel_map_{config}
    , entering_(controller_port_of_.size())
    , stats_{this->name()}
{
    channels_.reserve(config.channels);
    for (std::uint64_t i = 0; i < config.channels; ++i)
        channels_.emplace_back(config);
    const auto last = std::max_element(controller_port_of_.begin(), controller_port_of_.end());
    controller_ports_.resize(last == controller_port_of_.end() ? 0 : *last + 1);
    for (std::size_t port = 0; port < port_sockets.size(); ++port)
        port_sockets[port].register_nb_transport_fw(this, &Ddr::nb_transport_fw,
                                                    static_cast<int>(port));
    SC_METHOD(schedule);
    sensitive << schedule_event_;
    dont_initialize();
}

// TLM-2.0 --------------------------------------------------------------------------------------

::tlm::tlm_response_status Ddr::check(const ::tlm::tlm_generic_payload& trans) const
{
    const auto address = trans.get_address();
    const std::uint64_t bytes = trans.get_data_length();
    if (address >= config_.capacity_bytes || bytes > config_.capacity_bytes - address)
        return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
    const bool over_channels = config_.channels > 1 && channel_map_.block_of(address + bytes - 1) !=
                                                           channel_map_.block_of(address);
    if ((!trans.is_read() && !trans.is_write()) || bytes == 0 || over_channels)
        return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
    return ::tlm::TLM_OK_RESPONSE;
}

::tlm::tlm_sync_enum Ddr::nb_transport_fw(int port,
                                          ::tlm::tlm_generic_payload& trans,
                                          ::tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay)
{
    HEATSIM_CHECK(phase == ::tlm::BEGIN_REQ, "unexpected phase on the forward path");
    const auto status = check(trans);
    if (status != ::tlm::TLM_OK_RESPONSE) {
        trans.set_response_status(status);
        return ::tlm::TLM_COMPLETED;
    }
    const auto port_index = static_cast<std::size_t>(port);
    const auto cycle = arrival_cycle(now_fs() + delay.value());
    HEATSIM_CHECK(entering_[port_index].trans == nullptr,
                  "second request of a port before END_REQ");
    (trans.is_write() ? stats_.write_bytes : stats_.read_bytes) += trans.get_data_length();
    ++stats_.bursts;
    auto burst = entering(trans);
    const auto channel_index = burst.channel;
    auto& channel = channels_[channel_index];
    advance(channel_index, cycle);
    answer(channel);
    if (serve_at_once(port_index, burst, cycle))
        return complete(trans, delay);
    if (trans.is_read())
        burst.read = take_read(port_index, trans, burst.accesses);
    const bool accepted = feed(burst, cycle);
    if (accepted && trans.is_write()) {
        write_through(port_index, trans, cycle);
        wake_for(channel_index);
        return complete(trans, delay);
    }
    trans.acquire();
    if (!accepted) {
        entering_[port_index] = burst;
        ++channel.waiting_ports;
    }
    wake_for(channel_index);
    if (!accepted)
        return ::tlm::TLM_ACCEPTED;
    phase = ::tlm::END_REQ;
    return ::tlm::TLM_UPDATED;
}

/// Answers within the call.
::tlm::tlm_sync_enum Ddr::complete(::tlm::tlm_generic_payload& trans, sc_core::sc_time& delay)
{
    trans.set_response_status(::tlm::TLM_OK_RESPONSE);
    const auto first_fs = burst_times(trans).first_data_fs;
    delay = to_time(std::max(first_fs, now_fs()) - now_fs());
    return ::tlm::TLM_COMPLETED;
}

// Ports ----------------------------------------------------------------------------------------

Ddr::Entering Ddr::entering(::tlm::tlm_generic_payload& trans) const
{
    const auto address = trans.get_address();
    const auto first = address >> access_shift_;
    const auto end = ((address + trans.get_data_length() - 1) >> access_shift_) + 1;
    Entering burst;
    burst.trans = &trans;
    burst.channel = channel_map_.channel_of(address);
    burst.address = channel_map_.within_channel(first << access_shift_);
    burst.accesses = end - first;
    burst.read = posted;
    return burst;
}

std::uint32_t
Ddr::take_read(std::size_t port, ::tlm::tlm_generic_payload& trans, std::uint64_t accesses)
{
    if (free_reads_.empty()) {
        free_reads_.push_back(static_cast<std::uint32_t>(reads_.size()));
        reads_.emplace_back();
    }
    const auto read = free_reads_.back();
    free_reads_.pop_back();
    reads_[read] = {&trans, static_cast<std::uint32_t>(port), accesses, never, 0};
    return read;
}

/// Tries to serve all of a burst in this call.
bool Ddr::serve_at_once(std::size_t port, const Entering& burst, std::uint64_t cycle)
{
    auto& controller = channels_[burst.channel].controller;
    const bool write = burst.trans->is_write();
    if (burst.accesses > controller.longest_run(write))
        return false;
    const auto run = controller.map().run(burst.address, burst.accesses);
    if (run.accesses < burst.accesses)
        return false;
    const auto served = controller.serve_at_once(run, write, cycle);
    if (!served)
        return false;
    if (observer_)
        tell(burst, run.accesses, cycle);
    if (write)
        write_through(port, *burst.trans, cycle);
    else
        read_through(port, *burst.trans, served->first_data, served->last_data);
    return true;
}

void Ddr::read_through(std::size_t port,
                       ::tlm::tlm_generic_payload& trans,
                       std::uint64_t first_data,
                       std::uint64_t last_data)
{
    auto& free_fs = controller_ports_[controller_port_of_[port]].read_free_fs;
    const auto first_fs = std::max(response_fs(first_data), port_bytes_ == 0 ? 0 : free_fs);
    const auto last_fs =
        std::max(response_fs(last_data), first_fs + port_busy_fs(trans.get_data_length()));
    free_fs = last_fs;
    burst_times(trans).set(first_fs, last_fs);
}

/// A write has passed the port when it reaches the controller, unless others were before it.
void Ddr::write_through(std::size_t port, ::tlm::tlm_generic_payload& trans, std::uint64_t cycle)
{
    auto& free_fs = controller_ports_[controller_port_of_[port]].write_free_fs;
    const auto done_fs = std::max(
        accepted_fs(cycle), port_bytes_ == 0 ? 0 : free_fs + port_busy_fs(trans.get_data_length()));
    free_fs = done_fs;
    burst_times(trans).set(done_fs, done_fs);
}

bool Ddr::feed(Entering& burst, std::uint64_t cycle)
{
    auto& controller = channels_[burst.channel].controller;
    const bool write = burst.trans->is_write();
    const auto most =
        burst.accesses > controller.longest_run(write) ? most_accesses_of_a_piece : burst.accesses;
    while (burst.accesses > 0) {
        if (!controller.can_accept(write))
            return false;
        const auto run = controller.map().run(
            burst.address, std::min({burst.accesses, most, controller.longest_run(write)}));
        if (observer_)
            tell(burst, run.accesses, cycle);
        controller.accept(run, write, cycle, burst.read);
        burst.accesses -= run.accesses;
        burst.address += static_cast<std::uint64_t>(run.accesses) << access_shift_;
    }
    return true;
}

void Ddr::tell(const Entering& burst, std::uint64_t accesses, std::uint64_t cycle) const
{
    const auto& trans = *burst.trans;
    const auto end = ((trans.get_address() + trans.get_data_length() - 1) >> access_shift_) + 1;
    for (std::uint64_t i = 0; i < accesses; ++i)
        observer_(clock_.floor_cycles(epoch_fs_) + cycle,
                  (end - burst.accesses + i) << access_shift_, trans.is_write());
}

/// Lets waiting bursts into a channel's queues, port after port.
void Ddr::admit(std::size_t channel_index, std::uint64_t cycle)
{
    auto& channel = channels_[channel_index];
    if (channel.waiting_ports == 0)
        return;
    const auto ports = entering_.size();
    const auto first = channel.last_port + 1;
    for (std::size_t i = 0; i < ports; ++i) {
        const auto port = (first + i) % ports;
        auto& burst = entering_[port];
        if (burst.trans == nullptr || burst.channel != channel_index)
            continue;
        const auto before = burst.accesses;
        const bool accepted = feed(burst, cycle);
        if (burst.accesses < before)
            channel.last_port = port;
        if (!accepted)
            continue;
        auto& trans = *burst.trans;
        burst = {};
        --channel.waiting_ports;
        if (trans.is_write()) { // END_REQ is implied by the response
            write_through(port, trans, cycle);
            respond(port, trans);
            continue;
        }
        ::tlm::tlm_phase phase = ::tlm::END_REQ;
        auto delay = sc_core::SC_ZERO_TIME;
        port_sockets[port]->nb_transport_bw(trans, phase, delay);
    }
}

// Channels -------------------------------------------------------------------------------------

void Ddr::schedule()
{
    wake_fs_ = never_fs;
    // the controllers are ahead of the ports by the way between them
    const auto horizon = arrival_cycle(now_fs());
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        advance(i, horizon);
        answer(channels_[i]);
        wake_for(i);
    }
}

void Ddr::advance(std::size_t channel_index, std::uint64_t cycle)
{
    auto& controller = channels_[channel_index].controller;
    for (auto next = controller.next_time(); next <= cycle; next = controller.next_time()) {
        const auto served = controller.served().size();
        controller.step();
        if (controller.served().size() > served)
            admit(channel_index, next);
    }
}

void Ddr::answer(Channel& channel)
{
    auto& served = channel.controller.served();
    for (std::size_t i = 0; i < served.size(); ++i) { // answers may bring new requests
        const auto accesses = served[i];
        if (accesses.write)
            continue;
        auto& read = reads_[accesses.tag];
        read.first_data = std::min(read.first_data, accesses.first_data);
        read.last_data = std::max(read.last_data, accesses.last_data);
        read.accesses_left -= accesses.accesses;
        if (read.accesses_left > 0)
            continue;
        auto& trans = *read.trans;
        const auto port = read.port;
        read_through(port, trans, read.first_data, read.last_data);
        free_reads_.push_back(accesses.tag);
        respond(port, trans);
    }
    served.clear();
}

void Ddr::respond(std::size_t port, ::tlm::tlm_generic_payload& trans)
{
    trans.set_response_status(::tlm::TLM_OK_RESPONSE);
    ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
    const auto first_fs = burst_times(trans).first_data_fs;
    auto delay = to_time(std::max(first_fs, now_fs()) - now_fs());
    const auto status = port_sockets[port]->nb_transport_bw(trans, phase, delay);
    HEATSIM_CHECK(status == ::tlm::TLM_COMPLETED, "initiators take responses at once");
    trans.release();
}

/// Steps are taken when somebody can see them: a port that waits for room in a queue, or one that
/// waits for data, which comes CL after the next command at the earliest. Writes that were answered
/// when they were accepted wait for the next request.
void Ddr::wake_for(std::size_t channel_index)
{
    const auto& channel = channels_[channel_index];
    auto& controller = channels_[channel_index].controller;
    auto wake = never_fs;
    if (channel.waiting_ports > 0) {
        const auto time_fs = to_fs(controller.next_time());
        wake = time_fs > half_latency_fs_ ? time_fs - half_latency_fs_ : 0;
    } else if (controller.has_reads()) {
        wake = response_fs(controller.next_time() + config_.cl);
    } else {
        return;
    }
    const auto now = now_fs();
    wake = std::max(wake, now);
    if (wake < wake_fs_) {
        wake_fs_ = wake;
        schedule_event_.notify(to_time(wake - now));
    }
}

void Ddr::observe_data(channel::ActivityObserver* observer)
{
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        auto& channel = channels_[i].controller.channel();
        if (observer == nullptr) {
            channel.observe({});
            continue;
        }
        channel.observe([this, observer, i](const DramCommand& command) {
            const bool write = command.kind == DramCommandKind::Write;
            if (!write && command.kind != DramCommandKind::Read)
                return;
            const auto start = command.cycle + (write ? config_.cwl : config_.cl);
            observer->memory_beats(i, {write, false, to_fs(start),
                                       to_fs(start + config_.access_cycles()),
                                       config_.access_bytes()});
        });
    }
}

void Ddr::settle()
{
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        auto& controller = channels_[i].controller;
        HEATSIM_CHECK(!controller.has_reads() && channels_[i].waiting_ports == 0,
                      "settled with a burst waiting");
        while (!controller.is_empty())
            controller.step();
        answer(channels_[i]);
    }
}

Ddr::Stats& Ddr::stats()
{
    DramCounts sum;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        advance(i, arrival_cycle(now_fs()));
        answer(channels_[i]);
        sum += channels_[i].controller.counts();
    }
    const auto set = [](stats::Counter& counter, std::uint64_t value) {
        counter.reset();
        counter += value;
    };
    set(stats_.row_hits, sum.row_hits());
    set(stats_.row_misses, sum.activates_closed);
    set(stats_.row_conflicts, sum.activates_conflict);
    set(stats_.refreshes, sum.refreshes);
    set(stats_.refresh_cycles, sum.refresh_cycles);
    set(stats_.turnarounds, sum.turnarounds);
    set(stats_.turnaround_cycles, sum.turnaround_cycles);
    set(stats_.data_cycles, sum.data_cycles);
    return stats_;
}

void Ddr::restart()
{
    for (auto& channel : channels_) {
        HEATSIM_CHECK(!channel.controller.has_reads() && channel.waiting_ports == 0,
                      "image starts with a burst waiting");
        channel.controller.restart();
        channel.last_port = 0;
    }
    std::fill(controller_ports_.begin(), controller_ports_.end(), ControllerPort{});
    epoch_fs_ = now_fs();
    stats_.reset();
}

} // namespace heatsim::hw
