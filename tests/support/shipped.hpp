// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/document.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <string>

namespace heatsim::test {

[[nodiscard]] inline workload::Model shipped_model(const std::string& name)
{
    workload::Model model;
    config::Document::load(HEATSIM_SOURCE_DIR "/models/" + name + ".yaml").read(model);
    return model;
}

[[nodiscard]] inline workload::Schedule shipped_schedule(const std::string& name)
{
    workload::Schedule schedule;
    config::Document::load(HEATSIM_SOURCE_DIR "/configs/schedules/" + name + ".yaml")
        .read(schedule);
    return schedule;
}

} // namespace heatsim::test
