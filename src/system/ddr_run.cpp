// SPDX-License-Identifier: Apache-2.0
#include "system/ddr_run.hpp"

#include "units/units.hpp"

#include <algorithm>
#include <ctime>
#include <deque>
#include <iterator>
#include <vector>

namespace heatsim::system {

namespace {

/// Latencies by cycle: as exact as the values, and as small as their range.
class LatencyHistogram {
  public:
    void add(std::uint64_t cycles)
    {
        if (cycles >= counts_.size())
            counts_.resize(cycles + 1, 0);
        ++counts_[cycles];
        ++total_;
        sum_ += cycles;
    }
    [[nodiscard]] stats::Distribution distribution() const
    {
        stats::Distribution result;
        if (total_ == 0)
            return result;
        result.mean = static_cast<double>(sum_) / static_cast<double>(total_);
        result.p50 = percentile(50);
        result.p90 = percentile(90);
        result.p95 = percentile(95);
        result.p99 = percentile(99);
        const auto first = std::find_if(counts_.begin(), counts_.end(),
                                        [](std::uint64_t count) { return count > 0; });
        result.min = static_cast<double>(first - counts_.begin());
        result.max = static_cast<double>(counts_.size() - 1);
        return result;
    }

  private:
    /// Nearest rank, as stats::distribution has it.
    [[nodiscard]] double percentile(std::uint64_t percent) const
    {
        const auto rank = std::max<std::uint64_t>(ceil_div(total_ * percent, 100), 1);
        std::uint64_t seen = 0;
        std::size_t cycles = 0;
        while (seen + counts_[cycles] < rank)
            seen += counts_[cycles++];
        return static_cast<double>(cycles);
    }

    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
    std::uint64_t sum_ = 0;
};

class DdrRun {
  public:
    DdrRun(const hw::DdrConfig& config, std::uint64_t outstanding)
        : config_{config}
        , outstanding_{outstanding}
        , access_shift_{log2_ceil(config.access_bytes())}
        , access_mask_{config.access_bytes() - 1}
        , channel_map_{config}
        , fastest_{config.cl + config.access_cycles() + config.response_cycles}
    {
        controllers_.reserve(config.channels);
        for (std::uint64_t i = 0; i < config.channels; ++i)
            controllers_.emplace_back(config);
    }

    DdrRunResult run(workload::MemoryTraffic& traffic)
    {
        workload::MemoryRequest request;
        while (traffic.next(request)) {
            send(request);
            ++result_.requests;
            (request.write ? result_.write_bytes : result_.read_bytes) += request.bytes;
        }
        for (auto& controller : controllers_)
            while (controller.next_time() != hw::DdrController::never)
                controller.step();
        for (std::size_t i = 0; i < controllers_.size(); ++i)
            collect(i);
        while (!done_.empty())
            take_done();
        result_.cycles = last_data_;
        result_.read_latency_cycles = latencies_.distribution();
        for (const auto& controller : controllers_)
            result_.counts += controller.counts();
        return result_;
    }

  private:
    /// A read between its acceptance and its last beat.
    struct Slot {
        std::uint64_t accepted = 0;
        std::uint64_t accesses_left = 0;
        std::uint64_t last_data = 0;
    };
    struct Done {
        std::uint64_t cycle;
        std::uint32_t slot;
    };
    static constexpr std::uint32_t posted = ~std::uint32_t{0}; ///< tag of writes

    void send(const workload::MemoryRequest& request)
    {
        auto cycle = wait_for_place(std::max(next_cycle_, request.cycle));
        auto address = request.address & ~access_mask_;
        const auto end = request.address + request.bytes;
        auto accesses = (end - address + access_mask_) >> access_shift_;
        const auto slot = request.write ? posted : take_slot(accesses);
        bool first = true;
        while (accesses > 0) { // run by run, as the queues have room
            const auto index = channel_map_.channel_of(address);
            auto& controller = controllers_[index];
            cycle = wait_for_room(controller, request.write, cycle);
            collect(index);
            if (first && slot != posted)
                slots_[slot].accepted = cycle;
            first = false;
            const auto in_block = (channel_map_.block_end(address) - address) >> access_shift_;
            const auto run = controller.map().run(
                channel_map_.within_channel(address),
                std::min({accesses, in_block, controller.longest_run(request.write)}));
            controller.accept(run, request.write, cycle, slot);
            accesses -= run.accesses;
            address += static_cast<std::uint64_t>(run.accesses) << access_shift_;
        }
        next_cycle_ = cycle + 1;
    }

    /// First cycle from `cycle` on at which one request more may be outstanding; a write is so for
    /// no longer than the cycle in which it is accepted.
    std::uint64_t wait_for_place(std::uint64_t cycle)
    {
        while (!done_.empty() && done_.front().cycle <= cycle)
            take_done();
        while (reads_in_flight_ >= outstanding_) {
            find_first_done();
            cycle = std::max(cycle, done_.front().cycle);
            take_done();
        }
        return cycle;
    }

    /// First cycle from `cycle` on at which the queue has room; the controller is up to it then.
    static std::uint64_t
    wait_for_room(hw::DdrController& controller, bool write, std::uint64_t cycle)
    {
        controller.advance(cycle);
        while (!controller.can_accept(write)) {
            cycle = controller.next_time() + 1;
            controller.step();
        }
        return cycle;
    }

    std::uint32_t take_slot(std::uint64_t accesses)
    {
        ++reads_in_flight_;
        ++result_.reads;
        if (free_slots_.empty()) {
            free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
            slots_.emplace_back();
        }
        const auto slot = free_slots_.back();
        free_slots_.pop_back();
        slots_[slot] = {0, accesses, 0};
        return slot;
    }

    /// Moves what a controller has served to the finished reads.
    void collect(std::size_t index)
    {
        auto& served = controllers_[index].served();
        for (const auto& accesses : served) {
            last_data_ = std::max(last_data_, accesses.last_data);
            if (accesses.write)
                continue;
            auto& slot = slots_[accesses.tag];
            slot.last_data = std::max(slot.last_data, accesses.last_data);
            slot.accesses_left -= accesses.accesses;
            if (slot.accesses_left > 0)
                continue;
            const Done done{slot.last_data + config_.response_cycles, accesses.tag};
            // nearly always the latest: one channel's data comes in order
            auto place = done_.end();
            while (place != done_.begin() && std::prev(place)->cycle > done.cycle)
                --place;
            done_.insert(place, done);
        }
        served.clear();
    }

    /// Steps the controllers until no read can be finished before the first of `done_`.
    void find_first_done()
    {
        while (true) {
            std::size_t first = 0;
            for (std::size_t i = 0; i < controllers_.size(); ++i) {
                collect(i);
                if (controllers_[i].next_time() < controllers_[first].next_time())
                    first = i;
            }
            const auto next = controllers_[first].next_time();
            if (!done_.empty() &&
                (controllers_.size() == 1 || next >= done_.front().cycle - fastest_))
                return;
            controllers_[first].step();
        }
    }

    void take_done()
    {
        const auto [cycle, slot] = done_.front();
        done_.pop_front();
        latencies_.add(cycle - slots_[slot].accepted);
        free_slots_.push_back(slot);
        --reads_in_flight_;
    }

    const hw::DdrConfig config_;
    const std::uint64_t outstanding_;
    const unsigned access_shift_;
    const std::uint64_t access_mask_;
    const hw::ChannelMap channel_map_;
    const std::uint64_t fastest_; ///< read command to the response behind its last beat
    std::vector<hw::DdrController> controllers_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::deque<Done> done_; ///< by cycle
    std::uint64_t reads_in_flight_ = 0;
    std::uint64_t next_cycle_ = 0;
    std::uint64_t last_data_ = 0;
    LatencyHistogram latencies_;
    DdrRunResult result_;
};

} // namespace

DdrRunResult
run_ddr(const hw::DdrConfig& config, workload::MemoryTraffic& traffic, std::uint64_t outstanding)
{
    const auto start = std::clock();
    auto result = DdrRun{config, outstanding}.run(traffic);
    result.cpu_seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return result;
}

double nanoseconds(const hw::DdrConfig& config, double cycles)
{
    return cycles * 1000.0 / config.clock_mhz;
}

double bandwidth_gbs(const hw::DdrConfig& config, const DdrRunResult& result)
{
    const auto bytes = static_cast<double>(result.read_bytes + result.write_bytes);
    return result.cycles == 0 ? 0.0
                              : bytes / nanoseconds(config, static_cast<double>(result.cycles));
}

} // namespace heatsim::system
