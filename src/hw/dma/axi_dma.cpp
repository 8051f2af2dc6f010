// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/axi_dma.hpp"

#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <algorithm>

namespace heatsim::hw {

using channel::now_fs;
using channel::to_time;

AxiDma::AxiDma(const sc_core::sc_module_name& name,
               const AxiDmaConfig& config,
               Clock port_clock,
               Clock fabric_clock)
    : sc_module{name}
    , config_{config}
    , clock_{port_clock}
    , fabric_clock_{fabric_clock}
    , reads_{"read_wake_event", false, config.outstanding_reads}
    , writes_{"write_wake_event", true, config.outstanding_writes}
    , stats_{this->name()}
{
    memory_socket.register_nb_transport_bw(this, &AxiDma::nb_transport_bw);
    transfer_export.bind(*this);
    SC_METHOD(serve_reads);
    sensitive << reads_.wake_event;
    dont_initialize();
    SC_METHOD(serve_writes);
    sensitive << writes_.wake_event;
    dont_initialize();
}

void AxiDma::submit(const channel::Transfer& transfer)
{
    auto& direction = transfer.is_write() ? writes_ : reads_;
    ++(transfer.is_write() ? stats_.write_transfers : stats_.read_transfers);
    const auto now = now_fs();
    BurstIterator bursts{transfer, config_.width_bytes, config_.burst_bytes};
    HEATSIM_CHECK(!bursts.done(), "empty transfer");
    if (observer_ != nullptr)
        observer_->transfer_submitted(observed_port_, transfer);
    direction.queue.push_back({transfer.stream, transfer.completes, bursts,
                               now + clock_.to_fs(config_.descriptor_cycles)});
    wake_at(direction, next_time(direction, now));
}

void AxiDma::restart()
{
    for (auto* direction : {&reads_, &writes_}) {
        HEATSIM_CHECK(direction->queue.empty() && !direction->prepared &&
                          direction->in_flight.empty(),
                      "image starts with a transfer in flight");
        direction->issue_fs = direction->channel_free_fs = direction->done_fs = now_fs();
    }
    epoch_fs_ = now_fs();
    stats_.reset();
}

void AxiDma::serve(Direction& direction)
{
    direction.wake_fs = never_fs;
    auto now = now_fs();
    while (true) {
        // (1) Finish bursts whose last beat has passed the port
        complete(direction, now);
        // (2) Send bursts as long as the port may have more in flight
        issue(direction, now);
        // (3) Go on where nothing else can happen before; else sleep
        const auto next = next_time(direction, now);
        if (!is_next_of_all(direction, next)) {
            wake_at(direction, next);
            return;
        }
        now = local_fs_ = next;
    }
}

/// Whether the whole simulation does nothing before `time_fs`, and this DMA then talks to nobody
/// but the memory, which takes annotated delays.
bool AxiDma::is_next_of_all(const Direction& direction, std::uint64_t time_fs)
{
    if (time_fs == never_fs)
        return false;
    for (std::size_t i = 0; i < direction.timed; ++i) {
        const auto& burst = direction.in_flight[i];
        if (burst.done_fs > time_fs)
            break;
        if ((burst.tag & last_flag) != 0)
            return false;
    }
    return sc_core::sc_time_to_pending_activity().value() > time_fs - now_fs();
}

void AxiDma::complete(Direction& direction, std::uint64_t now)
{
    while (direction.timed > 0 && direction.in_flight.front().done_fs <= now) {
        const auto tag = direction.in_flight.front().tag;
        direction.in_flight.pop_front();
        --direction.timed;
        if ((tag & last_flag) == 0)
            continue;
        const auto stream = static_cast<channel::Stream>(tag & ~last_flag);
        if (observer_ != nullptr)
            observer_->transfer_done(observed_port_, stream);
        completion_port->transfer_done(stream);
    }
}

void AxiDma::issue(Direction& direction, std::uint64_t now)
{
    while (request_in_progress_ == nullptr) {
        if (!direction.prepared)
            prepare(direction, now);
        if (!direction.prepared || direction.prepared->send_fs > now)
            return;
        send(direction, now);
    }
}

void AxiDma::prepare(Direction& direction, std::uint64_t now)
{
    if (direction.queue.empty() || direction.in_flight.size() >= direction.outstanding)
        return;
    auto& pending = direction.queue.front();
    const auto burst = pending.bursts.next();
    const bool last = pending.bursts.done();
    const auto tag =
        static_cast<std::uint32_t>(pending.stream) | (last && pending.completes ? last_flag : 0);
    auto send_fs = std::max({now, direction.issue_fs, pending.ready_fs});
    if (direction.write) { // the memory sees a write when its last beat has left the port
        const auto busy_cycles = beats(burst.address, burst.bytes);
        send_fs = std::max(send_fs, direction.channel_free_fs) + clock_.to_fs(busy_cycles);
        direction.channel_free_fs = send_fs;
        stats_.write_busy_cycles += busy_cycles;
        if (observer_ != nullptr)
            observer_->port_beats(observed_port_,
                                  {true, (tag & last_flag) != 0,
                                   send_fs - clock_.to_fs(busy_cycles), send_fs, burst.bytes});
    }
    direction.prepared = Prepared{burst, tag, send_fs};
    if (last)
        direction.queue.pop_front();
}

void AxiDma::send(Direction& direction, std::uint64_t now)
{
    const auto [burst, tag, send_fs] = *direction.prepared;
    direction.prepared.reset();
    direction.issue_fs =
        direction.write ? send_fs : send_fs + clock_.period_fs(); // one address per cycle
    ++(direction.write ? stats_.write_bursts : stats_.read_bursts);
    (direction.write ? stats_.write_bytes : stats_.read_bytes) += burst.bytes;

    auto* trans = pool_.allocate();
    trans->set_command(direction.write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND);
    trans->set_address(burst.address);
    trans->set_data_length(static_cast<unsigned>(burst.bytes));
    trans->set_streaming_width(static_cast<unsigned>(burst.bytes));
    trans->set_byte_enable_ptr(nullptr);
    trans->set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
    trans->get_extension<channel::BurstExtension>()->tag = tag;

    ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
    auto delay = to_time(now - now_fs());
    request_in_progress_ = trans;
    direction.in_flight.push_back({trans, tag, static_cast<std::uint32_t>(burst.bytes),
                                   beats(burst.address, burst.bytes), never_fs, never_fs,
                                   never_fs});
    switch (memory_socket->nb_transport_fw(*trans, phase, delay)) {
    case ::tlm::TLM_COMPLETED:
        request_in_progress_ = nullptr;
        answered(*trans);
        break;
    case ::tlm::TLM_UPDATED:
        HEATSIM_CHECK(phase == ::tlm::END_REQ, "unexpected phase on the return path");
        request_in_progress_ = nullptr;
        break;
    case ::tlm::TLM_ACCEPTED:
        break;
    }
}

::tlm::tlm_sync_enum AxiDma::nb_transport_bw(::tlm::tlm_generic_payload& trans,
                                             ::tlm::tlm_phase& phase,
                                             sc_core::sc_time& /*delay*/)
{
    HEATSIM_CHECK(phase == ::tlm::END_REQ || phase == ::tlm::BEGIN_RESP,
                  "unexpected phase on the backward path");
    const bool response = phase == ::tlm::BEGIN_RESP;
    HEATSIM_CHECK(response || request_in_progress_ == &trans, "END_REQ for another request");
    if (request_in_progress_ == &trans) // a response implies the END_REQ that did not come
        request_in_progress_ = nullptr;
    if (response)
        answered(trans);
    // both directions may have waited for the address path
    const auto now = std::max(now_fs(), local_fs_);
    for (auto* direction : {&reads_, &writes_})
        wake_at(*direction, next_time(*direction, now));
    return response ? ::tlm::TLM_COMPLETED : ::tlm::TLM_ACCEPTED;
}

void AxiDma::answered(::tlm::tlm_generic_payload& trans)
{
    HEATSIM_CHECK(trans.is_response_ok(), "memory refused a burst");
    auto& direction = direction_of(trans);
    const auto burst =
        std::find_if(direction.in_flight.begin(), direction.in_flight.end(),
                     [&trans](const InFlight& sent) { return sent.unanswered == &trans; });
    HEATSIM_CHECK(burst != direction.in_flight.end(), "answer to a burst that was not sent");
    burst->unanswered = nullptr;
    const auto* const data = trans.get_extension<channel::BurstExtension>();
    burst->first_data_fs = data->first_data_fs;
    burst->last_data_fs = data->last_data_fs;
    trans.release();
    time_answered(direction);
}

/// Channels of the memory answer out of order; the port takes the bursts in order of issue.
void AxiDma::time_answered(Direction& direction)
{
    const auto align = [this](std::uint64_t time_fs) {
        return epoch_fs_ + clock_.align_up_fs(time_fs - epoch_fs_);
    };
    while (direction.timed < direction.in_flight.size()) {
        auto& burst = direction.in_flight[direction.timed];
        if (burst.unanswered != nullptr)
            return;
        burst.done_fs = align(std::max(burst.first_data_fs, direction.done_fs));
        if (!direction.write) {
            burst.done_fs = std::max(burst.done_fs + clock_.to_fs(burst.busy_cycles),
                                     align(burst.last_data_fs));
            stats_.read_busy_cycles += burst.busy_cycles;
            if (observer_ != nullptr) // as late as they can be: a slower memory spreads them
                observer_->port_beats(observed_port_,
                                      {false, (burst.tag & last_flag) != 0,
                                       burst.done_fs - clock_.to_fs(burst.busy_cycles),
                                       burst.done_fs, burst.bytes});
        }
        direction.done_fs = burst.done_fs;
        if ((burst.tag & last_flag) != 0) // the fabric learns of a tile at its own next edge
            burst.done_fs = epoch_fs_ + fabric_clock_.align_up_fs(burst.done_fs - epoch_fs_);
        ++direction.timed;
    }
}

/// When the direction has something to do next; `never_fs` without work.
std::uint64_t AxiDma::next_time(const Direction& direction, std::uint64_t now) const
{
    const bool may_issue =
        direction.prepared ||
        (!direction.queue.empty() && direction.in_flight.size() < direction.outstanding);
    auto wake_fs = never_fs;
    if (may_issue && request_in_progress_ == nullptr)
        wake_fs = direction.prepared
                      ? direction.prepared->send_fs
                      : std::max({now, direction.issue_fs, direction.queue.front().ready_fs});
    if (direction.timed > 0) {
        if (!may_issue && !direction.queue.empty()) {
            wake_fs =
                std::min(wake_fs, direction.in_flight.front().done_fs); // a place becomes free
        } else {
            // nothing waits for a place: only the end of a transfer matters
            const auto timed_end =
                direction.in_flight.begin() + static_cast<std::ptrdiff_t>(direction.timed);
            const auto end =
                std::find_if(direction.in_flight.begin(), timed_end,
                             [](const InFlight& burst) { return (burst.tag & last_flag) != 0; });
            if (end != timed_end)
                wake_fs = std::min(wake_fs, end->done_fs);
        }
    }
    return std::max(wake_fs, now);
}

void AxiDma::wake_at(Direction& direction, std::uint64_t time_fs)
{
    if (time_fs >= direction.wake_fs)
        return;
    direction.wake_fs = time_fs;
    direction.wake_event.notify(
        to_time(time_fs - now_fs())); // 0 = a delta cycle later: never within the call
}

std::uint64_t AxiDma::beats(std::uint64_t address, std::uint64_t bytes) const
{
    return ceil_div(address % config_.width_bytes + bytes, config_.width_bytes);
}

} // namespace heatsim::hw
