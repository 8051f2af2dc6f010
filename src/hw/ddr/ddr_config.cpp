// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr_config.hpp"

#include "units/units.hpp"

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
    visitor.integer("data_width_bits", config.data_width_bits, {8, 1024},
                    "data width of one channel", Presence::Required);
    visitor.integer("burst_length", config.burst_length, {2, 32}, "beats of one column access");
    visitor.integer("bank_groups", config.bank_groups, {1, 16}, "bank groups per channel");
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
    visitor.integer("t_rrd", config.t_rrd, timing, "activate to activate of another bank, tCK");
    visitor.integer("t_faw", config.t_faw, timing, "window of four activates, tCK");
    visitor.integer("t_ccd_s", config.t_ccd_s, timing, "column to column, other bank group, tCK");
    visitor.integer("t_ccd_l", config.t_ccd_l, timing, "column to column, same bank group, tCK");
    visitor.integer("t_wr", config.t_wr, timing, "end of write data to precharge, tCK");
    visitor.integer("t_wtr", config.t_wtr, timing, "end of write data to read, tCK");
    visitor.integer("t_rtp", config.t_rtp, timing, "read to precharge, tCK");
    visitor.integer("t_rfc", config.t_rfc, {0, 100000}, "refresh time, tCK");
    visitor.integer("t_refi", config.t_refi, {1, 10000000}, "refresh interval, tCK");
    visitor.choice("mapping", config.mapping, address_mapping_names, "order of the address bits");
    visitor.choice("scheduling", config.scheduling, ddr_scheduling_names, "order of service");
    visitor.integer("queue_entries", config.queue_entries, {1, 1024}, "bursts waiting per channel");
    visitor.real("controller_latency_ns", config.controller_latency_ns, {0.0, 10000.0},
                 "port to controller and back, unloaded");
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
    visitor.check(config.t_ras >= config.t_rcd, "t_ras", "at least t_rcd");
    visitor.check(config.t_ccd_l >= config.t_ccd_s, "t_ccd_l", "at least t_ccd_s");
    visitor.check(2 * config.t_ccd_s >= config.burst_length, "t_ccd_s",
                  "at least burst_length / 2: column accesses cannot overlap on the data bus");
    visitor.check(config.t_refi > config.t_rfc, "t_refi", "more than t_rfc");
}

} // namespace heatsim::hw
