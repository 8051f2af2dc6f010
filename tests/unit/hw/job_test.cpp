// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/job.hpp"
#include "support/designs.hpp"
#include "support/rules.hpp"
#include "support/shipped.hpp"
#include "units/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::hw {
namespace {

using channel::Transfer;
using channel::Worker;
using test::shipped_model;
using test::shipped_schedule;
using workload::Operand;
using workload::OperatorKind;
using workload::Workload;

/// Gives each buffer two slots of the largest tile.
void set_tile(ControllerSettings& settings, const TileConfig& tile)
{
    settings.tile = tile;
    auto& buffers = settings.buffers;
    buffers.input_bytes = 2 * tile.tokens * tile.input_channels;
    buffers.weight_bytes = 2 * tile.input_channels * tile.output_channels;
    buffers.accumulator_bytes = 8 * tile.tokens * tile.output_channels;
    buffers.output_bytes = 2 * tile.tokens * tile.output_channels;
}

ControllerSettings small_settings()
{
    ControllerSettings settings;
    set_tile(settings, {32, 96, 48});
    settings.array_heads = 3;
    settings.array_input_channels = 8;
    settings.array_output_channels = 16;
    settings.vector_tile_rows = 16;
    return settings;
}

Workload deit_t(const char* schedule = "heatvit")
{
    const auto model = shipped_model("deit_t");
    const auto pruning = shipped_schedule(schedule);
    return lower(model, pruning, target_token_counts(pruning, model));
}

const Job& job_of(const std::vector<Job>& jobs, const Workload& workload, const std::string& name)
{
    const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const Job& job) {
        return workload.operators[job.op].name == name;
    });
    EXPECT_NE(found, jobs.end()) << name << " is no job of its own";
    return found == jobs.end() ? jobs.front() : *found;
}

std::vector<std::string> fused_names(const Job& job, const Workload& workload)
{
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < job.fused_count; ++i)
        names.push_back(workload.operators[job.fused[i]].name);
    return names;
}

TEST(MakeJobs, CoversEveryOperatorOnceAndInOrder)
{
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const auto setup = test::random_setup(seed);
        const auto workload = lower(setup.model, setup.schedule, setup.images.front());
        std::uint32_t next = 0;
        for (const auto& job :
             make_jobs(workload, system::controller_settings(setup.design.accelerator))) {
            EXPECT_EQ(job.op, next++);
            for (std::uint32_t i = 0; i < job.fused_count; ++i)
                EXPECT_EQ(job.fused[i], next++);
        }
        EXPECT_EQ(next, workload.operators.size());
    }
}

TEST(MakeJobs, FusesNonlinearFunctionsAndResiduals)
{
    const auto workload = deit_t();
    const auto jobs = make_jobs(workload, small_settings());
    const auto& fc1 = job_of(jobs, workload, "blocks.1.mlp.fc1");
    EXPECT_THAT(fused_names(fc1, workload), testing::ElementsAre("blocks.1.mlp.gelu"));
    EXPECT_TRUE(fc1.fused_nonlinear);
    EXPECT_EQ(fc1.residual_op, Operand::none);
    const auto& fc2 = job_of(jobs, workload, "blocks.1.mlp.fc2");
    EXPECT_THAT(fused_names(fc2, workload), testing::ElementsAre("blocks.1.residual2"));
    EXPECT_EQ(workload.operators[fc2.residual_op].name, "blocks.1.residual2");
    EXPECT_EQ(fc2.output.tensor, workload.operators[fc2.residual_op].c.tensor);
    const auto& sigmoid = job_of(jobs, workload, "selector.1.mlp3.fc2");
    EXPECT_THAT(fused_names(sigmoid, workload), testing::ElementsAre("selector.1.mlp3.sigmoid"));
}

TEST(MakeJobs, FusesNothingWhereToldSo)
{
    auto settings = small_settings();
    settings.fuse_gelu = settings.fuse_residual = false;
    const auto workload = deit_t();
    const auto jobs = make_jobs(workload, settings);
    EXPECT_EQ(jobs.size(), workload.operators.size());
}

TEST(MakeJobs, FusesSoftmaxOnlyWhereATileHoldsWholeRows)
{
    auto settings = small_settings();
    settings.fuse_softmax = true;
    const auto workload = deit_t();
    // 48 / 3 = 16 columns a head are not the 197 of a row
    EXPECT_FALSE(
        job_of(make_jobs(workload, settings), workload, "blocks.1.attn.qk_t").fused_softmax);
    set_tile(settings, {32, 96, 624}); // 208 a head
    EXPECT_TRUE(
        job_of(make_jobs(workload, settings), workload, "blocks.1.attn.qk_t").fused_softmax);
}

TEST(MakeJobs, SendsEachOperatorToItsUnit)
{
    auto settings = small_settings();
    const auto workload = deit_t();
    auto jobs = make_jobs(workload, settings);
    EXPECT_EQ(job_of(jobs, workload, "blocks.1.norm1").unit, Worker::Host);
    EXPECT_EQ(job_of(jobs, workload, "blocks.1.attn.softmax").unit, Worker::VectorUnit);
    EXPECT_EQ(job_of(jobs, workload, "blocks.1.attn.qkv").unit, Worker::Array);
    for (const auto* step : {"score", "compact", "package", "append"})
        EXPECT_EQ(job_of(jobs, workload, std::string{"selector.1."} + step).unit,
                  Worker::TokenSelector);
    settings.layer_norm_on_host = false;
    jobs = make_jobs(workload, settings);
    EXPECT_EQ(job_of(jobs, workload, "blocks.1.norm1").unit, Worker::VectorUnit);
}

TEST(MakeJobs, RunsHeadsInParallelOnlyWhereThereAreHeads)
{
    const auto workload = deit_t();
    const auto jobs = make_jobs(workload, small_settings());
    const auto& scores = job_of(jobs, workload, "blocks.1.attn.qk_t");
    EXPECT_FALSE(scores.dense);
    EXPECT_EQ(scores.lanes, 3U);
    // 7 token tiles, 2 of 32 of the head's 64 channels, 13 of 16 of 197 outputs
    EXPECT_EQ(scores.plan->steps(), 7U * 2U * 13U);
    const auto& dense = job_of(jobs, workload, "blocks.1.attn.qkv");
    EXPECT_TRUE(dense.dense);
    // 7 token tiles, 2 of 96 of 192 channels, 12 of 48 of 576 outputs
    EXPECT_EQ(dense.plan->steps(), 7U * 2U * 12U);
}

TEST(MakeJobs, LeastTrafficReadsNoMoreThanAnyOrder)
{
    const auto workload = deit_t();
    const auto elements = [&](LoopOrder order) {
        auto settings = small_settings();
        settings.controller.loop_order = order;
        std::vector<std::uint64_t> found;
        for (const auto& job : make_jobs(workload, settings))
            if (job.is_gemm())
                found.push_back(job.plan->input_elements() + job.plan->weight_elements());
        return found;
    };
    const auto least = elements(LoopOrder::LeastTraffic);
    for (const auto order : {LoopOrder::TokensOuter, LoopOrder::ChannelsOuter,
                             LoopOrder::WeightStationary, LoopOrder::InputStationary}) {
        const auto other = elements(order);
        for (std::size_t i = 0; i < least.size(); ++i)
            EXPECT_LE(least[i], other[i]) << config::name_of(order, loop_order_names);
    }
}

TEST(Residency, KeepsNothingWithoutAnActivationBuffer)
{
    const auto workload = deit_t();
    for (const auto& job : make_jobs(workload, small_settings()))
        EXPECT_FALSE(job.a_resident || job.b_resident || job.residual_resident ||
                     job.output_resident);
}

TEST(Residency, WithRoomForAllOnlyTheHostGoesToMemory)
{
    auto settings = small_settings();
    settings.buffers.activation_bytes = 100000000;
    settings.layer_norm_on_host = false;
    const auto workload = deit_t();
    const auto jobs = make_jobs(workload, settings);
    for (const auto& job : jobs) {
        const auto& op = workload.operators[job.op];
        if (op.rows() == 0)
            continue;
        // image and class tokens come from memory; the result, and scores that no operator reads,
        // go there
        const bool is_constant = op.name == "patch_embed.class_token";
        EXPECT_EQ(job.a_resident, &job != &jobs.front() && !is_constant) << op.name;
        const bool is_read = &job != &jobs.back() && op.kind != OperatorKind::Score;
        EXPECT_EQ(job.output_resident, is_read) << op.name;
        EXPECT_FALSE(job.b_resident && op.static_weights) << op.name;
    }
    settings.layer_norm_on_host = true;
    for (const auto& job : make_jobs(workload, settings))
        EXPECT_FALSE(job.unit == Worker::Host && (job.a_resident || job.output_resident));
}

/// What lies in the activation buffer, recomputed from the jobs' flags alone.
class Occupancy {
  public:
    Occupancy(const Workload& workload,
              const ControllerSettings& settings,
              const std::vector<Job>& jobs)
        : workload_{workload}
        , settings_{settings}
        , jobs_{jobs}
    {}

    /// Most bytes at once; fails the test where a reader and the writer before it disagree.
    std::uint64_t most()
    {
        for (std::size_t i = 0; i < jobs_.size(); ++i)
            visit(i);
        std::uint64_t most = 0;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            std::uint64_t bytes = 0;
            for (const auto& version : versions_)
                bytes +=
                    version.resident && version.first <= i && i <= version.last ? version.bytes : 0;
            most = std::max(most, bytes);
        }
        return most;
    }

  private:
    struct Version {
        std::size_t first = 0;
        std::size_t last = 0;
        std::uint64_t bytes = 0;
        bool resident = false;
    };

    void read(const Operand& operand, bool resident, std::size_t job)
    {
        const auto current = operand.used() ? current_.find(operand.tensor) : current_.end();
        if (current == current_.end()) {
            EXPECT_FALSE(resident) << "nobody wrote it";
            return;
        }
        auto& version = versions_[current->second];
        version.last = job;
        EXPECT_EQ(version.resident, resident) << workload_.operators[jobs_[job].op].name;
    }

    void visit(std::size_t index)
    {
        const auto& job = jobs_[index];
        const auto& op = workload_.operators[job.op];
        read(op.a, job.a_resident, index);
        read(op.b, job.b_resident, index);
        if (job.residual_op != Operand::none)
            read(workload_.operators[job.residual_op].b, job.residual_resident, index);
        EXPECT_FALSE(job.unit == Worker::Host && (job.a_resident || job.output_resident));
        const auto& c = job.output;
        const bool in_place = op.kind == OperatorKind::Append ||
                              op.kind == OperatorKind::Concatenate ||
                              op.kind == OperatorKind::Merge || op.a.tensor == c.tensor;
        const auto rows = op.output_rows > 0 ? op.output_rows : op.rows();
        const auto element = op.layout == workload::WeightLayout::RowsOfN
                                 ? std::max(settings_.activation_bytes, settings_.score_bytes())
                                 : settings_.activation_bytes;
        if (!in_place || current_.count(c.tensor) == 0) {
            current_[c.tensor] = versions_.size();
            versions_.push_back({index, index, rows * op.n * element, job.output_resident});
            return;
        }
        auto& version = versions_[current_[c.tensor]];
        version.last = index;
        EXPECT_EQ(version.resident, job.output_resident) << op.name;
        if (op.kind == OperatorKind::Append || op.kind == OperatorKind::Concatenate)
            version.bytes = std::max(version.bytes, (c.offset + rows * c.row_stride) * element);
    }

    const Workload& workload_;
    const ControllerSettings& settings_;
    const std::vector<Job>& jobs_;
    std::vector<Version> versions_;
    std::map<std::uint32_t, std::size_t> current_;
};

TEST(Residency, NeverExceedsTheActivationBuffer)
{
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto setup = test::random_setup(seed);
        auto settings = system::controller_settings(setup.design.accelerator);
        test::Random random{seed};
        settings.buffers.activation_bytes = random.between(1, 60000);
        for (const auto& counts : setup.images) {
            const auto workload = lower(setup.model, setup.schedule, counts, {random.chance(50)});
            const auto jobs = make_jobs(workload, settings);
            EXPECT_LE(Occupancy(workload, settings, jobs).most(),
                      settings.buffers.activation_bytes);
        }
    }
}

TEST(Residency, OfDeitNeverExceedsTheActivationBuffer)
{
    for (const auto* schedule : {"heatvit", "spvit_deit_s", "dynamicvit", "evit_70", "evo_vit",
                                 "avit_deit_t", "tome_13", "head_pruning_67"}) {
        const auto workload = deit_t(schedule);
        for (const std::uint64_t bytes : {20000U, 80000U, 160000U, 400000U}) {
            auto settings = small_settings();
            settings.buffers.activation_bytes = bytes;
            const auto jobs = make_jobs(workload, settings);
            EXPECT_LE(Occupancy(workload, settings, jobs).most(), bytes);
        }
    }
}

TEST(AddressMap, GivesEveryTensorARegionOfItsOwn)
{
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const auto setup = test::random_setup(seed);
        const auto settings = system::controller_settings(setup.design.accelerator);
        const auto workload = lower(setup.model, setup.schedule, setup.images.front());
        const auto bases = address_map(workload, settings);
        ASSERT_EQ(bases.size(), workload.tensors.size() + 1);
        EXPECT_EQ(bases.back(), address_map_bytes(workload, settings));
        for (std::size_t i = 0; i < workload.tensors.size(); ++i) {
            const auto& tensor = workload.tensors[i];
            EXPECT_EQ(bases[i] % 4096, 0U);
            EXPECT_GE(bases[i + 1] - bases[i],
                      tensor.elements *
                          (tensor.weight ? settings.weight_bytes : settings.activation_bytes))
                << tensor.name;
        }
    }
}

TEST(AddressMap, DoesNotDependOnTheImage)
{
    const auto model = shipped_model("deit_t");
    const auto schedule = shipped_schedule("heatvit");
    const auto settings = small_settings();
    EXPECT_EQ(address_map(lower(model, schedule, {197, 139, 78, 43}), settings),
              address_map(lower(model, schedule, {197, 20, 3, 2}), settings));
}

/// Every transfer of an image, as the controller would submit them.
std::vector<std::pair<std::uint32_t, Transfer>> transfers_of(const Workload& workload,
                                                             const ControllerSettings& settings)
{
    const auto bases = address_map(workload, settings);
    const TransferMaker maker{settings, workload, bases};
    std::vector<std::pair<std::uint32_t, Transfer>> found;
    for (const auto& job : make_jobs(workload, settings)) {
        const auto& op = workload.operators[job.op];
        if (op.rows() == 0)
            continue;
        if (!job.is_gemm()) {
            for (std::uint64_t row = 0; row < op.rows(); row += job.chunk_rows) {
                const auto rows = std::min(job.chunk_rows, op.rows() - row);
                if (op.k > 0)
                    found.emplace_back(op.a.tensor, maker.input_rows(job, row, rows));
                if (op.b.used() && (row == 0 || op.b_columns > 0))
                    found.emplace_back(op.b.tensor, maker.second_rows(job, row, rows));
                if (op.output_rows == 0)
                    found.emplace_back(op.c.tensor, maker.output_rows(job, row, rows));
            }
            if (op.output_rows > 0)
                found.emplace_back(op.c.tensor, maker.output_rows(job, 0, op.output_rows));
            continue;
        }
        for (auto cursor = job.plan->begin(); cursor.valid(); job.plan->advance(cursor)) {
            const auto step = job.plan->step(cursor);
            if (step.load_input)
                found.emplace_back(op.a.tensor, maker.input_tile(job, step));
            if (step.load_weight) {
                found.emplace_back(op.b.tensor, maker.weight_tile(job, step));
                if (const auto bias = maker.bias_tile(job, step))
                    found.emplace_back(op.b.tensor, *bias);
            }
            if (step.first_k && job.residual_op != Operand::none)
                found.emplace_back(workload.operators[job.residual_op].b.tensor,
                                   maker.residual_tile(job, step));
            if (step.last_k)
                found.emplace_back(job.output.tensor, maker.output_tile(job, step));
        }
    }
    return found;
}

TEST(Transfers, StayInsideTheirTensors)
{
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const auto setup = test::random_setup(seed);
        const auto settings = system::controller_settings(setup.design.accelerator);
        const auto workload = lower(setup.model, setup.schedule, setup.images.front(),
                                    {settings.controller.layout_copies});
        const auto bases = address_map(workload, settings);
        for (const auto& [tensor, transfer] : transfers_of(workload, settings)) {
            ASSERT_GT(transfer.bytes(), 0U);
            ASSERT_GE(transfer.address, bases[tensor]);
            ASSERT_LE(transfer.address + (transfer.planes - 1) * transfer.plane_stride_bytes +
                          (transfer.rows - 1) * transfer.row_stride_bytes + transfer.row_bytes,
                      bases[tensor + 1])
                << "seed " << seed << ", " << workload.tensors[tensor].name;
        }
    }
}

TEST(Transfers, StoreEveryOutputByteOnce)
{
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto setup = test::random_setup(seed);
        const auto settings = system::controller_settings(setup.design.accelerator);
        const auto workload = lower(setup.model, setup.schedule, setup.images.front());
        const auto bases = address_map(workload, settings);
        const TransferMaker maker{settings, workload, bases};
        for (const auto& job : make_jobs(workload, settings)) {
            if (!job.is_gemm())
                continue;
            const auto& op = workload.operators[job.op];
            std::vector<std::uint64_t> stored;
            for (auto cursor = job.plan->begin(); cursor.valid(); job.plan->advance(cursor)) {
                const auto step = job.plan->step(cursor);
                if (!step.last_k)
                    continue;
                const auto transfer = maker.output_tile(job, step);
                for (std::uint64_t plane = 0; plane < transfer.planes; ++plane)
                    for (std::uint64_t row = 0; row < transfer.rows; ++row)
                        for (std::uint64_t byte = 0; byte < transfer.bytes_of_row(plane); ++byte)
                            stored.push_back(transfer.address +
                                             plane * transfer.plane_stride_bytes +
                                             row * transfer.row_stride_bytes + byte);
            }
            std::sort(stored.begin(), stored.end());
            EXPECT_EQ(std::adjacent_find(stored.begin(), stored.end()), stored.end())
                << op.name << " stores a byte twice";
            const auto element = op.layout == workload::WeightLayout::RowsOfN && !job.fused_softmax
                                     ? settings.score_bytes()
                                     : settings.activation_bytes;
            EXPECT_EQ(stored.size(), op.rows() * op.n * element) << op.name;
        }
    }
}

TEST(Transfers, FetchStaticWeightsAndBiasesOnceWhereTheyStay)
{
    // one tile holds any GEMM of DeiT-T
    ControllerSettings settings;
    set_tile(settings, {256, 1024, 1024});
    const auto workload = deit_t("dense");
    std::map<std::uint32_t, std::uint64_t> bytes;
    for (const auto& [tensor, transfer] : transfers_of(workload, settings))
        bytes[tensor] += workload.tensors[tensor].weight ? transfer.bytes() : 0;
    for (const auto& op : workload.operators) {
        if (!workload::is_gemm(op.kind) || !op.static_weights)
            continue;
        EXPECT_EQ(bytes[op.b.tensor], op.k * op.n + 4 * op.n) << op.name;
    }
}

TEST(RandomSetups, KeepTheConfigurationsOwnRules)
{
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto setup = test::random_setup(seed);
        EXPECT_THAT(test::broken_rules(setup.design.accelerator), testing::IsEmpty());
        EXPECT_THAT(test::broken_rules(setup.design.memory), testing::IsEmpty());
        EXPECT_THAT(test::broken_rules(setup.model), testing::IsEmpty());
        EXPECT_THAT(test::broken_rules(setup.schedule), testing::IsEmpty());
        EXPECT_TRUE(violations(setup.schedule, setup.model).empty());
    }
}

} // namespace
} // namespace heatsim::hw
