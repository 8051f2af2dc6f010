// SPDX-License-Identifier: Apache-2.0
#include "system/all_statistics.hpp"

#include "system/catalog.hpp"
#include "system/chip.hpp"

#include <string>

namespace heatsim::system {

std::vector<stats::Sample> all_statistics()
{
    std::vector<stats::Sample> samples;
    const auto collect = [&samples](const std::string& name, const Design& design) {
        Chip chip{name.c_str(), design};
        for (const auto* group : chip.statistics())
            for (const auto* counter : group->counters())
                samples.push_back(
                    {"chip" + group->path().substr(name.size()) + "." + counter->name(),
                     counter->unit(), counter->description(), 0});
    };
    auto design = load({}).design;
    collect("chip", design);
    design.accelerator.memory = MemoryModel::Throttled;
    collect("chip_throttled", design);
    design.accelerator.memory = MemoryModel::Ideal;
    collect("chip_ideal", design);
    design.accelerator.dma.engine = hw::DmaEngine::WordSerial;
    collect("chip_word_serial", design);
    return samples;
}

} // namespace heatsim::system
