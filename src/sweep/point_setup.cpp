// SPDX-License-Identifier: Apache-2.0
#include "sweep/point_setup.hpp"

#include "estimate/resources.hpp"
#include "system/content_hash.hpp"
#include "system/resources.hpp"
#include "workload/trace_generator.hpp"

#include <fmt/format.h>

#include <utility>

namespace heatsim::sweep {

namespace {

/// The messages of an error in one line.
[[nodiscard]] std::string one_line(const config::Error& error)
{
    std::string text;
    for (const auto& violation : error.violations()) {
        auto message = violation;
        message.where = {}; // of an axis: the row says which value it is
        text += text.empty() ? "" : "; ";
        text += message.message();
    }
    return text;
}

/// Everything the result of a simulation depends on.
[[nodiscard]] std::string evaluation_key(const system::RunSetup& setup,
                                         const std::string& configuration)
{
    system::ContentHash hash;
    hash.add(system::program_hash());
    hash.add(configuration);
    hash.add(setup.trace ? setup.trace->path : "");
    hash.add(std::to_string(setup.batch_images));
    std::string counts;
    for (const auto& image : setup.images)
        counts += fmt::format("{}\n", fmt::join(image, " "));
    hash.add(counts);
    return hash.text();
}

} // namespace

PointPreparer::PointPreparer(const DesignSpace& space)
    : space_{space}
{
    const auto& base = space.config().base;
    if (!base.accuracy.empty())
        accuracy_ = AccuracyTable::load(base.accuracy);
    if (!base.resample.empty())
        recorded_ = workload::read_trace(base.resample);
}

void PointPreparer::add_resources(PreparedPoint& prepared) const
{
    const auto& setup = *prepared.setup;
    const auto& design = setup.design;
    const auto shape =
        system::chip_shape(design.accelerator, design.board, setup.model, setup.schedule);
    const auto chip = estimate::estimate_chip(shape, system::resource_model());
    for (const auto& use : system::resource_use(chip.total, design.board)) {
        prepared.numbers["resources." + use.column] = use.used;
        prepared.numbers[fmt::format("resources.{}_percent", use.column)] = use.percent();
    }
    const auto missing = system::shortages(design.accelerator, design.board);
    prepared.numbers["resources.fits"] = missing.empty() ? 1.0 : 0.0;
    if (missing.empty() || space_.config().base.allow_oversize)
        return;
    for (const auto& use : missing)
        prepared.rejected += fmt::format("{}{:.0f} {} of the {:.0f} of {}",
                                         prepared.rejected.empty() ? "does not fit: " : ", ",
                                         use.used, use.name, use.available, design.board.name);
}

void PointPreparer::resample(system::RunSetup& setup) const
{
    workload::Resampling resampling;
    resampling.images = space_.config().base.images;
    resampling.seed = space_.config().strategy.seed;
    for (const auto& selector : setup.schedule.selectors)
        resampling.keep_ratio.push_back(selector.keep_ratio);
    setup.images =
        workload::resample_trace(*recorded_, setup.model, setup.schedule, resampling).images;
}

PreparedPoint PointPreparer::prepare(const Point& point) const
{
    PreparedPoint prepared;
    prepared.numbers = space_.numbers(point);
    const auto keeps_constraints = [&](KnownFrom known) {
        if (const auto* const violated = space_.violated(prepared.numbers, known))
            prepared.rejected = fmt::format("violates {}", violated->text);
        return prepared.rejected.empty();
    };
    for (const auto& derived : space_.derived())
        if (!derived.key.empty() && prepared.numbers.count(derived.name) == 0)
            prepared.rejected = fmt::format("derived number {} has no value", derived.name);
    if (!prepared.rejected.empty() || !keeps_constraints(KnownFrom::Inputs))
        return prepared;
    try {
        prepared.setup = system::load(space_.request(point, prepared.numbers));
        if (recorded_)
            resample(*prepared.setup);
    } catch (const config::Error& error) {
        prepared.setup.reset();
        prepared.rejected = one_line(error);
        return prepared;
    }
    const auto& setup = *prepared.setup;
    system::ContentHash hash;
    const auto configuration = system::configuration_fingerprint(setup);
    hash.add(configuration);
    prepared.configuration = hash.text();
    prepared.evaluation = evaluation_key(setup, prepared.configuration);
    add_resources(prepared);
    if (accuracy_)
        if (const auto top1 = accuracy_->top1_percent(setup.model, setup.schedule))
            prepared.numbers[accuracy_number] = *top1;
    if (!prepared.rejected.empty() || !keeps_constraints(KnownFrom::Setup))
        prepared.setup.reset();
    return prepared;
}

} // namespace heatsim::sweep
