// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/word_serial_dma.hpp"

#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <algorithm>
#include <utility>

namespace heatsim::hw {

namespace {

/// Memory words under all rows of one plane. Alignments repeat after `word_bytes` rows at the
/// latest.
std::uint64_t
words_of_plane(const channel::Transfer& transfer, std::uint64_t plane, std::uint64_t word_bytes)
{
    const auto plane_address = transfer.address + plane * transfer.plane_stride_bytes;
    const auto row_bytes = transfer.bytes_of_row(plane);
    const auto words = [&](std::uint64_t row) {
        const auto offset = (plane_address + row * transfer.row_stride_bytes) % word_bytes;
        return ceil_div(offset + row_bytes, word_bytes);
    };
    const auto period = std::min(word_bytes, transfer.rows);
    std::uint64_t in_period = 0;
    for (std::uint64_t row = 0; row < period; ++row)
        in_period += words(row);
    auto sum = transfer.rows / period * in_period;
    for (std::uint64_t row = 0; row < transfer.rows % period; ++row)
        sum += words(row);
    return sum;
}

} // namespace

std::uint64_t word_serial_cycles(const WordSerialConfig& config, const channel::Transfer& transfer)
{
    std::uint64_t words = 0;
    for (std::uint64_t plane = 0; plane < transfer.planes; ++plane)
        words += words_of_plane(transfer, plane, config.word_bytes);
    const auto requests = transfer.planes * transfer.rows;
    if (transfer.outside_array)
        return transfer.is_write() ? requests * config.stream_write_request_cycles +
                                         words * config.stream_write_word_cycles
                                   : requests * config.stream_read_request_cycles +
                                         words * config.stream_read_word_cycles;
    if (transfer.is_write()) // each lane's drain and the tile's end are states of their own
        return requests * config.write_request_cycles + words * config.write_word_cycles +
               config.phase_cycles * (transfer.planes + 1);
    return requests * config.read_request_cycles + words * config.read_word_cycles +
           config.phase_cycles;
}

WordSerialDma::WordSerialDma(const sc_core::sc_module_name& name,
                             const WordSerialConfig& config,
                             Clock clock)
    : sc_module{name}
    , config_{config}
    , clock_{clock}
    , stats_{this->name()}
{
    transfer_export.bind(*this);
    SC_METHOD(finish);
    sensitive << done_event_;
    dont_initialize();
}

void WordSerialDma::submit(const channel::Transfer& transfer)
{
    if (observer_ != nullptr)
        observer_->transfer_submitted(0, transfer);
    queue_.push_back(transfer);
    if (queue_.size() == 1)
        start_next();
}

void WordSerialDma::restart()
{
    HEATSIM_CHECK(queue_.empty(), "image starts with a transfer under way");
    stats_.reset();
}

void WordSerialDma::start_next()
{
    const auto& transfer = queue_.front();
    const auto cycles = word_serial_cycles(config_, transfer);
    ++stats_.transfers;
    stats_.requests += transfer.planes * transfer.rows;
    (transfer.is_write() ? stats_.write_bytes : stats_.read_bytes) += transfer.bytes();
    stats_.busy_cycles += cycles;
    done_event_.notify(channel::to_time(clock_.to_fs(cycles)));
}

void WordSerialDma::finish()
{
    const auto [stream, completes] = std::pair{queue_.front().stream, queue_.front().completes};
    queue_.pop_front();
    if (!queue_.empty())
        start_next();
    if (!completes)
        return;
    if (observer_ != nullptr)
        observer_->transfer_done(0, stream);
    completion_port->transfer_done(stream);
}

IdealDma::IdealDma(const sc_core::sc_module_name& name)
    : sc_module{name}
    , stats_{this->name()}
{
    transfer_export.bind(*this);
    SC_METHOD(finish);
    sensitive << done_event_;
    dont_initialize();
}

void IdealDma::submit(const channel::Transfer& transfer)
{
    if (observer_ != nullptr)
        observer_->transfer_submitted(0, transfer);
    ++stats_.transfers;
    (transfer.is_write() ? stats_.write_bytes : stats_.read_bytes) += transfer.bytes();
    if (transfer.completes)
        queue_.push_back(transfer.stream);
    done_event_.notify(sc_core::SC_ZERO_TIME);
}

void IdealDma::restart()
{
    HEATSIM_CHECK(queue_.empty(), "image starts with a transfer under way");
    stats_.reset();
}

void IdealDma::finish()
{
    while (!queue_.empty()) {
        const auto stream = queue_.front();
        queue_.pop_front();
        if (observer_ != nullptr)
            observer_->transfer_done(0, stream);
        completion_port->transfer_done(stream);
    }
}

} // namespace heatsim::hw
