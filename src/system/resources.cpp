// SPDX-License-Identifier: Apache-2.0
#include "system/resources.hpp"

#include "config/document.hpp"
#include "system/embedded_files.hpp"
#include "tlm/check.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace heatsim::system {

namespace {

constexpr const char* model_path = "configs/resources/ultrascale_plus.yaml";
constexpr double whole_percent = 100.0;

[[nodiscard]] estimate::ResourceModel read_model()
{
    const auto* const file = find_embedded_file(model_path);
    HEATSIM_CHECK(file != nullptr, "the resource model is not carried");
    estimate::ResourceModel model;
    config::Document::parse(std::string{file->text}, file->path).read(model);
    return model;
}

} // namespace

const estimate::ResourceModel& resource_model()
{
    static const estimate::ResourceModel model = read_model();
    return model;
}

estimate::ChipShape chip_shape(const Accelerator& accelerator, const Board& board)
{
    estimate::ChipShape shape;
    shape.array = accelerator.array;
    shape.tile = accelerator.tile;
    shape.buffers = accelerator.buffers;
    shape.dma = accelerator.dma;
    shape.vector_unit = accelerator.vector_unit;
    shape.token_selector = accelerator.token_selector;
    shape.activation_bits = accelerator.activation_bits;
    shape.weight_bits = accelerator.weight_bits;
    shape.macs_per_dsp = macs_per_dsp(accelerator, board);
    shape.urams = board.urams.value;
    shape.layer_norm_on_fabric = accelerator.layer_norm == LayerNormPlace::Fabric;
    shape.ideal_memory = accelerator.memory == MemoryModel::Ideal;
    return shape;
}

estimate::ChipShape chip_shape(const Accelerator& accelerator,
                               const Board& board,
                               const workload::Model& model,
                               const workload::Schedule& schedule)
{
    auto shape = chip_shape(accelerator, board);
    shape.softmax_columns = model.tokens();
    if (schedule.selectors.empty())
        return shape;
    shape.ranks_scores = schedule.choice == workload::Choice::TopK;
    shape.matches_tokens = schedule.scoring == workload::Scoring::KeySimilarity;
    shape.halts_tokens = schedule.scoring == workload::Scoring::Halting;
    return shape;
}

double ResourceUse::percent() const
{
    return used == 0.0 ? 0.0 : whole_percent * used / available;
}

std::vector<ResourceUse> resource_use(const estimate::FpgaResources& resources, const Board& board)
{
    const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
    return {
        {"DSP slices", "dsps", "array", real(resources.dsps), real(board.dsps.value)},
        {"LUTs", "luts", "array", std::round(resources.all_luts()), real(board.luts.value)},
        {"flip-flops", "flip_flops", "array", std::round(resources.flip_flops),
         real(board.flip_flops.value)},
        {"BRAM36", "bram36", "buffers", resources.bram36(), real(board.bram36.value)},
        {"URAM", "urams", "buffers", real(resources.urams), real(board.urams.value)},
    };
}

std::vector<ResourceUse> shortages(const Accelerator& accelerator, const Board& board)
{
    const auto chip = estimate::estimate_chip(chip_shape(accelerator, board), resource_model());
    const auto uses = resource_use(chip.total, board);
    std::vector<ResourceUse> missing;
    std::copy_if(uses.begin(), uses.end(), std::back_inserter(missing),
                 [](const ResourceUse& use) { return !use.fits(); });
    return missing;
}

} // namespace heatsim::system
