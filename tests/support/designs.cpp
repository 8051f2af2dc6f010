// SPDX-License-Identifier: Apache-2.0
#include "support/designs.hpp"

#include <algorithm>

namespace heatsim::test {

namespace {

using system::Accelerator;
using system::MemoryModel;

template <typename Enum, std::size_t Count>
Enum pick_of(Random& random, const std::array<config::EnumName<Enum>, Count>& names)
{
    return names[random.between(0, Count - 1)].value;
}

void fill_array(Accelerator& accelerator, Random& random)
{
    auto& array = accelerator.array;
    array.style = pick_of(random, hw::array_style_names);
    array.heads = random.between(1, 4);
    array.input_channels = random.pick<std::uint64_t>({1, 4, 8, 12, 16, 24});
    array.output_channels = random.pick<std::uint64_t>({1, 4, 8, 16, 20});
    array.rows = random.pick<std::uint64_t>({1, 2, 4, 7, 8, 16});
    array.columns = random.pick<std::uint64_t>({1, 4, 6, 8, 16});
    array.dense_lanes = pick_of(random, hw::head_lanes_names);
    array.initiation_interval_cycles = random.between(1, 3);
    array.pipeline_depth_cycles = random.between(0, 20);
    array.switch_cycles = random.between(0, 4);
    array.overlap = random.chance(70);
}

void fill_buffers(Accelerator& accelerator, Random& random)
{
    const auto& array = accelerator.array;
    auto& tile = accelerator.tile;
    tile.tokens = random.between(1, 40);
    tile.input_channels =
        array.heads * array.spatial_input_channels() * random.between(1, 5) + random.between(0, 7);
    tile.output_channels =
        array.heads * array.spatial_output_channels() * random.between(1, 4) + random.between(0, 7);
    auto& buffers = accelerator.buffers;
    buffers.double_buffered = random.chance(70);
    buffers.reuse = random.chance(75);
    const auto capacity = [&](std::uint64_t tile_bytes) {
        const std::uint64_t least = buffers.double_buffered ? 2 : 1;
        return tile_bytes * (least + random.between(0, 4)) + random.between(0, tile_bytes - 1);
    };
    buffers.input_bytes =
        capacity(tile.tokens * tile.input_channels * accelerator.activation_bytes());
    buffers.weight_bytes =
        capacity(tile.input_channels * tile.output_channels * accelerator.weight_bytes());
    buffers.accumulator_bytes = capacity(tile.tokens * tile.output_channels * 4);
    buffers.output_bytes =
        capacity(tile.tokens * tile.output_channels * accelerator.activation_bytes());
    buffers.activation_bytes = random.pick<std::uint64_t>({0, 0, 1000, 5000, 40000, 10000000});
}

void fill_ports(Accelerator& accelerator, Random& random)
{
    auto& dma = accelerator.dma;
    const auto kind = random.between(1, 10);
    dma.engine = kind == 1 ? hw::DmaEngine::WordSerial : hw::DmaEngine::Axi;
    accelerator.memory = kind == 2 ? MemoryModel::Ideal : MemoryModel::Board;
    dma.ports.assign(random.between(1, 3), {});
    for (std::size_t i = 0; i < dma.ports.size(); ++i) {
        dma.ports[i].name = "hp" + std::to_string(i);
        dma.ports[i].width_bits = random.pick<std::uint64_t>({32, 64, 128, 256, 512});
    }
    const auto last = dma.ports.size() - 1;
    dma.ports[random.between(0, last)].input = true;
    dma.ports[random.between(0, last)].weight = true;
    dma.ports[random.between(0, last)].output = true;
    dma.burst_beats = random.pick<std::uint64_t>({2, 8, 16, 64, 256});
    dma.outstanding_reads = random.between(1, 16);
    dma.outstanding_writes = random.between(1, 16);
    dma.descriptor_cycles = random.between(0, 30);
    auto& serial = dma.word_serial;
    serial.word_bytes = random.pick<std::uint64_t>({1, 4, 8, 16});
    serial.read_request_cycles = random.between(0, 9);
    serial.read_word_cycles = random.between(0, 9);
    serial.phase_cycles = random.between(0, 5);
}

void fill_units(Accelerator& accelerator, Random& random)
{
    auto& vector = accelerator.vector_unit;
    vector.lanes = random.between(1, 32);
    vector.requantize_lanes = random.between(0, 32);
    vector.pipeline_depth_cycles = random.between(0, 20);
    vector.nonlinear_depth_cycles = random.between(0, 20);
    vector.tile_rows = random.between(1, 64);
    vector.softmax_engines = random.between(1, 8);
    vector.softmax_lanes = random.between(1, 8);
    vector.layer_norm_lanes = random.between(1, 32);
    vector.fuse_gelu = random.chance(60);
    vector.fuse_residual = random.chance(60);
    vector.fuse_softmax = random.chance(50);
    auto& selector = accelerator.token_selector;
    selector.compact_lanes = random.between(1, 32);
    selector.package_lanes = random.between(1, 32);
    selector.control_cycles = random.between(0, 20);
    auto& host = accelerator.host;
    host.cores = random.between(1, 6);
    host.interrupt_latency_us = static_cast<double>(random.between(0, 30)) / 10.0;
    host.burst_bytes = random.pick<std::uint64_t>({64, 256});
    host.outstanding_bursts = random.between(1, 8);
    accelerator.layer_norm = pick_of(random, system::layer_norm_place_names);
    auto& controller = accelerator.controller;
    controller.loop_order = pick_of(random, hw::loop_order_names);
    controller.operator_cycles = random.between(0, 60);
    controller.prefetch_weights = random.chance(60);
    controller.layout_copies = random.chance(30);
    controller.score_bits = random.pick<std::uint64_t>({8, 16, 32});
}

void fill_memory(hw::DdrConfig& memory, Random& random)
{
    memory.name = "random";
    memory.clock_mhz = random.pick<double>({400.0, 800.0, 1066.5, 1200.0});
    memory.channels = random.pick<std::uint64_t>({1, 1, 2, 4});
    memory.data_width_bits = random.pick<std::uint64_t>({16, 32, 64});
    memory.bank_groups = random.pick<std::uint64_t>({1, 2, 4});
    memory.banks_per_group = random.pick<std::uint64_t>({2, 4, 8});
    memory.row_bytes = random.pick<std::uint64_t>({1024, 2048, 8192});
    memory.mapping = pick_of(random, hw::address_mapping_names);
    memory.scheduling = pick_of(random, hw::ddr_scheduling_names);
    memory.page_policy = pick_of(random, hw::page_policy_names);
    memory.granularity = pick_of(random, hw::command_granularity_names);
    memory.ranks = random.pick<std::uint64_t>({1, 1, 2});
    memory.read_queue_entries = random.between(1, 32);
    memory.write_queue_entries = random.between(2, 32);
    memory.write_high_watermark = random.between(1, memory.write_queue_entries);
    memory.write_low_watermark = random.between(0, memory.write_high_watermark - 1);
    memory.write_spare_watermark = random.between(0, 8);
    memory.controller_latency_ns = static_cast<double>(random.between(0, 80));
    memory.t_refi = random.pick<std::uint64_t>({1000, 9360});
}

workload::Model random_model(Random& random)
{
    workload::Model model;
    model.name = "random";
    model.image_channels = random.between(1, 3);
    model.patch_size = random.pick<std::uint64_t>({2, 4, 8});
    if (random.chance(25)) {
        model.stem.push_back({3, 1, 1, random.between(2, 8)});
        if (random.chance(50))
            model.stem.push_back({5, 1, 2, random.between(2, 8)});
    }
    model.image_height_pixels = model.patch_size * random.between(1, 6);
    model.image_width_pixels = model.patch_size * random.between(1, 6);
    model.class_tokens = random.between(1, 2);
    model.heads = random.between(1, 5);
    model.embed_dim = model.heads * 4 * random.between(1, 10);
    model.depth = random.between(1, 3);
    model.mlp_hidden = random.between(1, 200);
    model.classes = random.between(1, 120);
    model.auxiliary_head = random.chance(25);
    return model;
}

/// Half of the schedules have HeatViT's selector, the others one of the other methods.
void fill_method(workload::Schedule& schedule, const workload::Model& model, Random& random)
{
    using workload::Choice;
    using workload::PackageToken;
    using workload::Scoring;
    const auto choice = random.chance(50) ? Choice::Threshold : Choice::TopK;
    schedule.scoring =
        random.chance(50) ? Scoring::Selector : pick_of(random, workload::scoring_names);
    if (schedule.scoring == Scoring::Halting && model.auxiliary_head)
        schedule.scoring = Scoring::None;
    switch (schedule.scoring) {
    case Scoring::Selector:
        schedule.choice = choice;
        schedule.mlp1 = pick_of(random, workload::selector_mlp1_names);
        schedule.weights = pick_of(random, workload::selector_weights_names);
        schedule.norm = random.chance(50);
        [[fallthrough]];
    case Scoring::Predictor:
        schedule.choice = choice;
        schedule.scored_tokens = pick_of(random, workload::scored_tokens_names);
        schedule.package_token = random.pick<PackageToken>(
            {PackageToken::One, PackageToken::OnePerSelector, PackageToken::None});
        return;
    case Scoring::ClassAttention:
        schedule.choice = choice;
        schedule.package_token = random.pick<PackageToken>(
            {PackageToken::One, PackageToken::None, PackageToken::Fused, PackageToken::KeptAside});
        schedule.accumulate_scores = random.chance(50);
        break;
    case Scoring::Halting:
        schedule.package_token = PackageToken::None;
        break;
    case Scoring::KeySimilarity:
        schedule.choice = Choice::TopK;
        schedule.package_token = PackageToken::Merged;
        schedule.proportional_attention = random.chance(50);
        break;
    case Scoring::None:
        schedule.choice = Choice::Fixed;
        schedule.package_token = PackageToken::None;
        break;
    }
    schedule.head_keep_ratio = random.pick<double>({1.0, 0.5});
    schedule.channel_keep_ratio = random.pick<double>({1.0, 0.7});
}

workload::Selector random_selector(const workload::Schedule& schedule,
                                   std::uint64_t block,
                                   double keep_ratio,
                                   Random& random)
{
    using workload::PackageToken;
    using workload::Scoring;
    const bool merges = schedule.scoring == Scoring::KeySimilarity;
    const bool between = schedule.scoring == Scoring::Halting || schedule.accumulate_scores ||
                         schedule.package_token == PackageToken::KeptAside;
    workload::Selector selector;
    (merges || (!between && random.chance(40)) ? selector.inside_block : selector.before_block) =
        block;
    if (merges)
        selector.removed_tokens = random.between(1, 20);
    else
        selector.keep_ratio = keep_ratio;
    return selector;
}

workload::Schedule random_schedule(const workload::Model& model, Random& random)
{
    workload::Schedule schedule;
    schedule.name = "random";
    fill_method(schedule, model, random);
    const bool needs_block_before = schedule.scoring == workload::Scoring::ClassAttention ||
                                    schedule.scoring == workload::Scoring::Halting;
    double keep_ratio = 1.0;
    for (std::uint64_t block = needs_block_before ? 2 : 1; block <= model.depth; ++block) {
        if (!random.chance(50))
            continue;
        keep_ratio *= static_cast<double>(random.between(30, 100)) / 100.0;
        schedule.selectors.push_back(random_selector(schedule, block, keep_ratio, random));
    }
    return schedule;
}

} // namespace

workload::TokenCounts
random_counts(const workload::Schedule& schedule, const workload::Model& model, Random& random)
{
    workload::TokenCounts counts{model.tokens()};
    auto patches = model.patch_tokens();
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        patches = random.between(0, patches);
        const auto packages =
            patches == model.patch_tokens() ? 0 : workload::package_tokens(schedule, i);
        counts.push_back(std::min(patches + model.class_tokens + packages, model.tokens()));
    }
    return counts;
}

system::RunSetup random_setup(std::uint64_t seed)
{
    Random random{seed};
    system::RunSetup setup;
    auto& accelerator = setup.design.accelerator;
    accelerator.name = "random";
    accelerator.board = "random";
    accelerator.clock_mhz = random.pick<double>({100.0, 150.0, 200.0, 300.0});
    accelerator.activation_bits = random.pick<std::uint64_t>({8, 16});
    accelerator.weight_bits = random.pick<std::uint64_t>({8, 16});
    fill_array(accelerator, random);
    fill_buffers(accelerator, random);
    fill_ports(accelerator, random);
    fill_units(accelerator, random);
    fill_memory(setup.design.memory, random);
    setup.model = random_model(random);
    setup.schedule = random_schedule(setup.model, random);
    for (int image = 0; image < 3; ++image)
        setup.images.push_back(random_counts(setup.schedule, setup.model, random));
    return setup;
}

system::RunSetup shipped_setup(const std::string& accelerator,
                               const std::string& model,
                               const std::string& schedule,
                               const std::vector<system::Override>& overrides)
{
    system::RunRequest request;
    request.accelerator = accelerator;
    request.model = model;
    request.schedule = schedule;
    request.overrides = overrides;
    return system::load(request);
}

} // namespace heatsim::test
