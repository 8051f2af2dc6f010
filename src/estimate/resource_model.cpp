// SPDX-License-Identifier: Apache-2.0
#include "estimate/resource_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace heatsim::estimate {

using config::Presence;

namespace {

constexpr config::Reals coefficient_range{-100000.0, 100000.0};
constexpr config::Reals percent_range{0.0, 1000.0};
constexpr config::Reals per_dsp_range{0.0, 10000.0};

[[nodiscard]] double
sum_of(const BlockModel& model, const std::vector<Feature>& features, Quantity quantity)
{
    double sum = 0.0;
    for (const auto& feature : features) {
        if (!feature.matters_to(quantity))
            continue;
        const auto term =
            std::find_if(model.terms.begin(), model.terms.end(),
                         [&feature](const Term& known) { return known.feature == feature.name; });
        if (term == model.terms.end())
            throw std::out_of_range{fmt::format("no term {} of {}", feature.name, model.block)};
        sum += term->of(quantity) * feature.value;
    }
    return std::max(sum, 0.0);
}

} // namespace

const BlockModel* ResourceModel::find(const std::string& block) const
{
    const auto found = std::find_if(blocks.begin(), blocks.end(),
                                    [&block](const auto& known) { return known.block == block; });
    return found == blocks.end() ? nullptr : &*found;
}

void describe(config::Visitor& visitor, Term& term)
{
    visitor.text("feature", term.feature, "what is counted", Presence::Required);
    visitor.real("luts", term.luts, coefficient_range, "logic LUTs of one");
    visitor.real("memory_luts", term.memory_luts, coefficient_range,
                 "LUTs used as shift registers and memories of one");
    visitor.real("flip_flops", term.flip_flops, coefficient_range, "flip-flops of one");
}

void describe(config::Visitor& visitor, BlockModel& block)
{
    visitor.text("block", block.block, "block of the RTL", Presence::Required);
    visitor.list("terms", block.terms, "closed form", Presence::Required);
    std::vector<std::string> names;
    for (const auto& known : rtl_blocks())
        names.emplace_back(known.name);
    const auto* const known = find_rtl_block(block.block);
    visitor.check(known != nullptr, "block", fmt::format("one of {}", fmt::join(names, ", ")));
    if (known == nullptr)
        return;
    for (const auto& feature : known->features(known->defaults))
        visitor.check(
            std::any_of(block.terms.begin(), block.terms.end(),
                        [&feature](const Term& term) { return term.feature == feature.name; }),
            "terms", fmt::format("a term of feature {}", feature.name));
}

void describe(config::Visitor& visitor, WholeDesigns& whole)
{
    visitor.real("luts_per_dsp_low", whole.luts_per_dsp_low, per_dsp_range, "fewest LUTs per slice",
                 Presence::Required);
    visitor.real("luts_per_dsp", whole.luts_per_dsp, per_dsp_range, "median", Presence::Required);
    visitor.real("luts_per_dsp_high", whole.luts_per_dsp_high, per_dsp_range, "most",
                 Presence::Required);
    visitor.real("flip_flops_per_dsp_low", whole.flip_flops_per_dsp_low, per_dsp_range,
                 "fewest flip-flops per slice", Presence::Required);
    visitor.real("flip_flops_per_dsp", whole.flip_flops_per_dsp, per_dsp_range, "median",
                 Presence::Required);
    visitor.real("flip_flops_per_dsp_high", whole.flip_flops_per_dsp_high, per_dsp_range, "most",
                 Presence::Required);
    visitor.text("source", whole.source, "which designs", Presence::Required);
}

void describe(config::Visitor& visitor, ResourceModel& model)
{
    visitor.text("name", model.name, "name of the model", Presence::Required);
    visitor.text("description", model.description, "what it is, in one line");
    visitor.text("source", model.source, "tool, data set and fit", Presence::Required);
    visitor.text("rtl_style", model.rtl_style, "how the RTL is written", Presence::Required);
    visitor.real("lut_error_percent", model.lut_error_percent, percent_range,
                 "worst error of a block's LUTs on parameters not used in the fit",
                 Presence::Required);
    visitor.real("flip_flop_error_percent", model.flip_flop_error_percent, percent_range,
                 "the same of its flip-flops", Presence::Required);
    visitor.real("vivado_lut_error_percent", model.vivado_lut_error_percent, percent_range,
                 "typical error of the tool's LUTs against Vivado", Presence::Required);
    visitor.section("whole_designs", model.whole_designs, "what whole published designs take",
                    Presence::Required);
    visitor.list("blocks", model.blocks, "closed forms", Presence::Required);
}

FpgaResources
estimate_block(const ResourceModel& model, const RtlBlock& block, const Parameters& parameters)
{
    const auto* const closed_form = model.find(block.name);
    if (closed_form == nullptr)
        throw std::out_of_range{fmt::format("no closed form of block {}", block.name)};
    const auto all = completed(block, parameters);
    auto resources = block.structure(all);
    const auto features = block.features(all);
    resources.luts += sum_of(*closed_form, features, Quantity::Luts);
    resources.memory_luts += sum_of(*closed_form, features, Quantity::MemoryLuts);
    resources.flip_flops += sum_of(*closed_form, features, Quantity::FlipFlops);
    return resources;
}

} // namespace heatsim::estimate
