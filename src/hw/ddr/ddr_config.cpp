// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr_config.hpp"

#include "units/units.hpp"

#include <algorithm>

namespace heatsim::hw {

void describe(config::Visitor& visitor, DdrConfig& config)
{
    using config::Presence;
    constexpr config::Integers timing{1, 100000};
    visitor.text("name", config.name, "name of the memory", Presence::Required);
    visitor.text("source", config.source, "where the parameters were read");
    visitor.real("clock_mhz", config.clock_mhz, {1.0, 10000.0},
                 "memory clock; data moves on both edges", Presence::Required);
    visitor.integer("channels", config.channels, {1, 64},
                    "independent channels (HBM2: pseudo-channels)");
    visitor.integer("channel_interleave_bytes", config.channel_interleave_bytes, {4096, 1073741824},
                    "consecutive bytes of one channel");
    visitor.integer("ranks", config.ranks, {1, 8}, "ranks per channel");
    visitor.integer("data_width_bits", config.data_width_bits, {8, 1024},
                    "data width of one channel", Presence::Required);
    visitor.integer("burst_length", config.burst_length, {2, 32}, "beats of one column access");
    visitor.integer("bank_groups", config.bank_groups, {1, DdrConfig::most_bank_groups},
                    "bank groups per rank");
    visitor.integer("banks_per_group", config.banks_per_group, {1, 32}, "banks per bank group");
    visitor.integer("row_bytes", config.row_bytes, {64, 1048576},
                    "bytes of one row over the data width");
    visitor.integer("capacity_bytes", config.capacity_bytes, {1048576, 1099511627776},
                    "capacity of all channels");
    visitor.integer("cl", config.cl, timing, "read latency CL, tCK");
    visitor.integer("cwl", config.cwl, timing, "write latency CWL, tCK");
    visitor.integer("t_rcd", config.t_rcd, timing, "activate to read or write, tCK");
    visitor.integer("t_rp", config.t_rp, timing, "precharge to activate, tCK");
    visitor.integer("t_ras", config.t_ras, timing, "activate to precharge, tCK");
    visitor.integer("t_rrd_s", config.t_rrd_s, timing,
                    "activate to activate, other bank group, tCK");
    visitor.integer("t_rrd_l", config.t_rrd_l, timing,
                    "activate to activate, same bank group, tCK");
    visitor.integer("t_faw", config.t_faw, timing, "window of four activates, tCK");
    visitor.integer("t_ccd_s", config.t_ccd_s, timing, "column to column, other bank group, tCK");
    visitor.integer("t_ccd_l", config.t_ccd_l, timing, "column to column, same bank group, tCK");
    visitor.integer("t_wr", config.t_wr, timing, "end of write data to precharge, tCK");
    visitor.integer("t_wtr_s", config.t_wtr_s, timing,
                    "end of write data to read, other bank group, tCK");
    visitor.integer("t_wtr_l", config.t_wtr_l, timing,
                    "end of write data to read, same bank group, tCK");
    visitor.integer("t_rtp", config.t_rtp, timing, "read to precharge, tCK");
    visitor.integer("t_rtrs", config.t_rtrs, {0, timing.max},
                    "gap on the data bus between two ranks, tCK");
    visitor.integer("t_rfc", config.t_rfc, {0, 100000}, "refresh time, tCK");
    visitor.integer("t_refi", config.t_refi, {1, 10000000}, "refresh interval, tCK");
    visitor.choice("mapping", config.mapping, address_mapping_names, "order of the address bits");
    visitor.choice("page_policy", config.page_policy, page_policy_names,
                   "what becomes of a row behind its last access");
    visitor.integer("page_timeout_cycles", config.page_timeout_cycles, {1, 1000000},
                    "page policy timeout: without an access until the precharge, tCK");
    visitor.choice("scheduling", config.scheduling, ddr_scheduling_names, "order of service");
    visitor.integer("row_hit_limit", config.row_hit_limit, {1, 1000000},
                    "row hits that may pass an older request to another row of the bank");
    visitor.integer("read_queue_entries", config.read_queue_entries, {1, 4096},
                    "column accesses of reads waiting per channel");
    visitor.integer("write_queue_entries", config.write_queue_entries, {1, 4096},
                    "column accesses of writes waiting per channel");
    visitor.choice("write_drain", config.write_drain, write_drain_names,
                   "what becomes of reads during a write drain");
    visitor.integer("write_high_watermark", config.write_high_watermark, {1, 4096},
                    "writes waiting that start a write drain");
    visitor.integer("write_low_watermark", config.write_low_watermark, {0, 4096},
                    "writes left that end a drain while reads wait");
    visitor.integer("write_spare_watermark", config.write_spare_watermark, {0, 4096},
                    "writes waiting: more start a drain while no read waits");
    visitor.integer("write_idle_cycles", config.write_idle_cycles, {0, 1000000},
                    "without a request until the last writes are drained, tCK");
    visitor.integer("request_cycles", config.request_cycles, {0, 1000},
                    "request accepted to its first command, tCK");
    visitor.integer("response_cycles", config.response_cycles, {0, 1000},
                    "last beat to its response, tCK");
    visitor.choice("granularity", config.granularity, command_granularity_names,
                   "column accesses one by one, or in runs where nothing can come between");
    visitor.real("controller_latency_ns", config.controller_latency_ns, {0.0, 10000.0},
                 "port to controller and back, unloaded");
    visitor.integer("port_width_bits", config.port_width_bits, {0, 4096},
                    "data width of each port of the controller; 0: no limit");
    visitor.real("port_clock_mhz", config.port_clock_mhz, {0.0, 10000.0},
                 "clock of these ports; 0: half the memory clock");
    visitor.check(config.port_width_bits == 0 ||
                      (config.port_width_bits >= 8 && is_power_of_two(config.port_width_bits)),
                  "port_width_bits", "0 or a power of two, at least 8");
    const auto least_capacity = std::max<std::uint64_t>(
        config.channels * config.ranks * config.banks_per_rank() * config.row_bytes, 1);
    visitor.check(is_power_of_two(config.data_width_bits), "data_width_bits", "a power of two");
    visitor.check(is_power_of_two(config.burst_length), "burst_length", "a power of two");
    visitor.check(is_power_of_two(config.channels), "channels", "a power of two");
    visitor.check(is_power_of_two(config.channel_interleave_bytes), "channel_interleave_bytes",
                  "a power of two");
    visitor.check(is_power_of_two(config.bank_groups), "bank_groups", "a power of two");
    visitor.check(is_power_of_two(config.banks_per_group), "banks_per_group", "a power of two");
    visitor.check(is_power_of_two(config.row_bytes) && config.row_bytes >= config.access_bytes(),
                  "row_bytes",
                  "a power of two, at least one column access (" +
                      std::to_string(config.access_bytes()) + " bytes)");
    visitor.check(is_power_of_two(config.ranks), "ranks", "a power of two");
    visitor.check(config.ranks * config.banks_per_rank() <= 64, "ranks",
                  "at most 64 banks per channel");
    visitor.check(is_power_of_two(config.capacity_bytes / least_capacity) &&
                      config.capacity_bytes % least_capacity == 0,
                  "capacity_bytes",
                  "a power of two times " + std::to_string(least_capacity) +
                      " bytes (one row of every bank)");
    // what JESD79 does not allow, or what contradicts itself
    visitor.check(config.cwl <= config.cl, "cwl", "at most cl (" + std::to_string(config.cl) + ")");
    visitor.check(config.t_ras >= config.t_rcd + config.t_rtp, "t_ras",
                  "at least t_rcd + t_rtp (" + std::to_string(config.t_rcd + config.t_rtp) + ")");
    visitor.check(config.t_rrd_l >= config.t_rrd_s, "t_rrd_l",
                  "at least t_rrd_s (" + std::to_string(config.t_rrd_s) + ")");
    visitor.check(config.t_faw > 3 * config.t_rrd_s, "t_faw",
                  "more than three times t_rrd_s (" + std::to_string(3 * config.t_rrd_s) + ")");
    visitor.check(config.t_ccd_l >= config.t_ccd_s, "t_ccd_l",
                  "at least t_ccd_s (" + std::to_string(config.t_ccd_s) + ")");
    visitor.check(2 * config.t_ccd_s >= config.burst_length, "t_ccd_s",
                  "at least burst_length / 2 (" + std::to_string(config.access_cycles()) +
                      "): column accesses cannot overlap on the data bus");
    visitor.check(config.t_wtr_l >= config.t_wtr_s, "t_wtr_l",
                  "at least t_wtr_s (" + std::to_string(config.t_wtr_s) + ")");
    visitor.check(config.t_refi > config.t_rfc + config.t_rp, "t_refi",
                  "more than t_rfc + t_rp (" + std::to_string(config.t_rfc + config.t_rp) + ")");
    visitor.check(config.write_high_watermark <= config.write_queue_entries, "write_high_watermark",
                  "at most write_queue_entries (" + std::to_string(config.write_queue_entries) +
                      ")");
    visitor.check(config.write_low_watermark < config.write_high_watermark, "write_low_watermark",
                  "less than write_high_watermark (" + std::to_string(config.write_high_watermark) +
                      ")");
}

} // namespace heatsim::hw
