// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/job.hpp"

#include "units/units.hpp"

#include <algorithm>
#include <limits>

namespace heatsim::hw {

namespace {

using channel::Stream;
using channel::Transfer;
using channel::Worker;
using workload::Operand;
using workload::Operator;
using workload::OperatorKind;
using workload::WeightLayout;
using workload::Workload;

constexpr std::uint64_t alignment_bytes = 4096;
constexpr std::uint64_t bias_bytes = 4;

[[nodiscard]] bool is_nonlinear(OperatorKind kind)
{
    return kind == OperatorKind::Gelu || kind == OperatorKind::Relu ||
           kind == OperatorKind::Sigmoid;
}

[[nodiscard]] Worker unit_of(OperatorKind kind, const ControllerSettings& settings)
{
    switch (kind) {
    case OperatorKind::Gemm:
    case OperatorKind::Convolution:
        return Worker::Array;
    case OperatorKind::LayerNorm:
    case OperatorKind::Normalize: // a LayerNorm without mean and shift
        return settings.layer_norm_on_host ? Worker::Host : Worker::VectorUnit;
    case OperatorKind::Score:
    case OperatorKind::Compact:
    case OperatorKind::Package:
    case OperatorKind::Append:
    case OperatorKind::TopK:
    case OperatorKind::Fuse:
    case OperatorKind::Halt:
    case OperatorKind::Match:
    case OperatorKind::Merge:
        return Worker::TokenSelector;
    default:
        return Worker::VectorUnit;
    }
}

/// Largest multiple of `step` not above `value`, but at least `step`.
[[nodiscard]] std::uint64_t round_down(std::uint64_t value, std::uint64_t step)
{
    return std::max(value / step * step, step);
}

/// The plan in the loop order of the settings, or in the one that reads the fewest bytes (of
/// several, the first).
[[nodiscard]] TilePlan
make_plan(const Operator& op, const ControllerSettings& settings, const Job& job)
{
    auto problem = tiling(op, settings);
    if (problem.order != LoopOrder::LeastTraffic)
        return TilePlan{problem};
    const auto weight_bytes = op.static_weights ? settings.weight_bytes : settings.activation_bytes;
    std::optional<TilePlan> best;
    std::uint64_t best_bytes = 0;
    for (const auto order : {LoopOrder::ChannelsOuter, LoopOrder::TokensOuter,
                             LoopOrder::WeightStationary, LoopOrder::InputStationary}) {
        problem.order = order;
        const TilePlan plan{problem};
        const auto bytes =
            (job.a_resident ? 0 : plan.input_elements() * settings.activation_bytes) +
            (job.b_resident ? 0 : plan.weight_elements() * weight_bytes);
        if (!best || bytes < best_bytes) {
            best.emplace(plan);
            best_bytes = bytes;
        }
    }
    return *best;
}

/// Fuses what follows a GEMM and works on its output tiles. Returns the operators consumed.
std::size_t
fuse(const Workload& workload, std::size_t index, const ControllerSettings& settings, Job& job)
{
    const auto& op = workload.operators[index];
    std::size_t next = index + 1;
    for (; next < workload.operators.size() && job.fused_count < Job::most_fused; ++next) {
        const auto& follower = workload.operators[next];
        if (follower.a.tensor != job.output.tensor ||
            follower.rows() * follower.n != op.rows() * op.n)
            break;
        if (is_nonlinear(follower.kind) && settings.fuse_gelu) {
            job.fused_nonlinear = true;
        } else if (follower.kind == OperatorKind::Add && settings.fuse_residual && op.batch == 1) {
            job.residual_op = static_cast<std::uint32_t>(next);
        } else if (follower.kind == OperatorKind::Softmax && settings.fuse_softmax &&
                   op.n <= tiling(op, settings).tile_n && follower.n == op.n &&
                   !follower.b.used()) {
            job.fused_softmax = true;
        } else {
            break;
        }
        if (follower.c.tensor != job.output.tensor)
            job.output = follower.c;
        job.fused[job.fused_count++] = static_cast<std::uint32_t>(next);
    }
    return next - index;
}

/// Life of one tensor from a producer to its last consumer.
struct Version {
    std::size_t producer = 0;
    std::size_t last_use = 0;
    std::uint64_t bytes = 0;
    bool on_host = false;
    bool resident = false;
};

class Residency {
  public:
    Residency(const Workload& workload, const ControllerSettings& settings, std::vector<Job>& jobs)
        : workload_{workload}
        , settings_{settings}
        , jobs_{jobs}
        , current_(workload.tensors.size(), none)
    {}

    void decide()
    {
        if (settings_.buffers.activation_bytes == 0)
            return;
        std::vector<Uses> uses(jobs_.size());
        for (std::size_t i = 0; i < jobs_.size(); ++i)
            uses[i] = trace(i);
        allocate();
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            jobs_[i].a_resident = resident(uses[i].a);
            jobs_[i].b_resident = resident(uses[i].b);
            jobs_[i].residual_resident = resident(uses[i].residual);
            jobs_[i].output_resident = resident(uses[i].output);
        }
    }

  private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    struct Uses {
        std::size_t a = none;
        std::size_t b = none;
        std::size_t residual = none;
        std::size_t output = none;
    };

    [[nodiscard]] bool resident(std::size_t version) const
    {
        return version != none && versions_[version].resident;
    }

    std::size_t read(const Operand& operand, std::size_t job)
    {
        if (!operand.used() || current_[operand.tensor] == none)
            return none;
        auto& version = versions_[current_[operand.tensor]];
        version.last_use = job;
        version.on_host = version.on_host || jobs_[job].unit == Worker::Host;
        return current_[operand.tensor];
    }

    Uses trace(std::size_t index)
    {
        const auto& job = jobs_[index];
        const auto& op = workload_.operators[job.op];
        Uses uses;
        uses.a = read(op.a, index);
        uses.b = read(op.b, index);
        if (job.residual_op != Operand::none)
            uses.residual = read(workload_.operators[job.residual_op].b, index);
        const auto tensor = job.output.tensor;
        const bool behind = job.output.offset > 0; // or beside what is there already
        const bool continues = behind || op.kind == OperatorKind::Merge || op.a.tensor == tensor;
        if (!continues || current_[tensor] == none) {
            const auto rows = op.output_rows > 0 ? op.output_rows : op.rows();
            const auto bytes =
                rows * op.n *
                std::max(settings_.activation_bytes,
                         op.layout == WeightLayout::RowsOfN ? settings_.score_bytes() : 0);
            current_[tensor] = versions_.size();
            versions_.push_back({index, index, bytes, job.unit == Worker::Host, false});
        } else {
            auto& version = versions_[current_[tensor]];
            version.last_use = index;
            version.on_host = version.on_host || job.unit == Worker::Host;
            if (behind) {
                const auto end = job.output.offset + op.rows() * job.output.row_stride;
                version.bytes = std::max(version.bytes, end * settings_.activation_bytes);
            }
        }
        uses.output = current_[tensor];
        return uses;
    }

    void allocate()
    {
        std::vector<std::uint64_t> freed(jobs_.size() + 1, 0); // bytes given back before job i
        std::uint64_t used = 0;
        std::size_t job = 0;
        for (auto& version : versions_) { // in order of their producers
            for (; job <= version.producer; ++job)
                used -= freed[job];
            const bool consumed = version.last_use > version.producer;
            if (version.on_host || !consumed ||
                version.bytes > settings_.buffers.activation_bytes - used)
                continue;
            version.resident = true;
            used += version.bytes;
            freed[version.last_use + 1] += version.bytes;
        }
    }

    const Workload& workload_;
    const ControllerSettings& settings_;
    std::vector<Job>& jobs_;
    std::vector<Version> versions_;
    std::vector<std::size_t> current_; ///< per tensor
};

[[nodiscard]] std::uint64_t
tensor_bytes(const Workload& workload, std::size_t tensor, const ControllerSettings& settings)
{
    const auto& t = workload.tensors[tensor];
    const auto element = t.weight ? settings.weight_bytes
                                  : std::max(settings.activation_bytes, settings.score_bytes());
    return t.elements * element;
}

} // namespace

TilingProblem tiling(const Operator& op, const ControllerSettings& settings)
{
    TilingProblem problem;
    const auto heads = op.batch > 1 ? settings.array_heads : 1; // heads share the tile
    problem.groups = ceil_div(op.batch, heads);
    problem.m = op.m;
    problem.k = op.k;
    problem.n = op.n;
    problem.tile_m = settings.tile.tokens;
    problem.tile_k =
        round_down(settings.tile.input_channels / heads, settings.array_input_channels);
    problem.tile_n =
        round_down(settings.tile.output_channels / heads, settings.array_output_channels);
    problem.order = settings.controller.loop_order;
    problem.input_slots = settings.input_slots();
    problem.weight_slots = settings.weight_slots();
    // half of the accumulators collect the next block while the other half is emptied
    problem.accumulator_slots =
        std::max<std::uint64_t>(settings.accumulator_slots() / settings.slots(), 1);
    problem.reuse = settings.buffers.reuse;
    return problem;
}

std::vector<Job> make_jobs(const Workload& workload, const ControllerSettings& settings)
{
    std::vector<Job> jobs;
    jobs.reserve(workload.operators.size());
    for (std::size_t i = 0; i < workload.operators.size();) {
        const auto& op = workload.operators[i];
        Job job;
        job.op = static_cast<std::uint32_t>(i);
        job.unit = unit_of(op.kind, settings);
        job.output = op.c;
        std::size_t consumed = 1;
        if (workload::is_gemm(op.kind)) {
            consumed = fuse(workload, i, settings, job);
            job.dense = op.batch == 1;
            job.lanes = job.dense ? 1 : settings.array_heads;
        } else {
            // what fits a slot of the input buffer on the way in and of the output buffer on the
            // way out
            const auto rows_of = [](std::uint64_t slot_bytes, std::uint64_t row_bytes) {
                return slot_bytes / std::max<std::uint64_t>(row_bytes, 1);
            };
            const auto most =
                std::min(rows_of(settings.input_slot_bytes(), op.k * settings.activation_bytes),
                         rows_of(settings.output_slot_bytes(), op.n * settings.activation_bytes));
            job.chunk_rows = std::clamp<std::uint64_t>(most, 1, settings.vector_tile_rows);
            // a group that leaves engines idle costs as much as a full one
            if (op.kind == OperatorKind::Softmax && job.chunk_rows > settings.softmax_engines)
                job.chunk_rows -= job.chunk_rows % settings.softmax_engines;
        }
        jobs.push_back(job);
        i += consumed;
    }
    Residency{workload, settings, jobs}.decide();
    for (auto& job : jobs)
        if (job.unit == Worker::Array)
            job.plan.emplace(make_plan(workload.operators[job.op], settings, job));
    return jobs;
}

std::vector<std::uint64_t> address_map(const Workload& workload, const ControllerSettings& settings)
{
    std::vector<std::uint64_t> biases(workload.tensors.size(), 0);
    for (const auto& op : workload.operators)
        if (op.bias)
            biases[op.b.tensor] = op.batch * op.n * bias_bytes;
    std::vector<std::uint64_t> bases;
    std::uint64_t next = 0;
    for (std::size_t i = 0; i < workload.tensors.size(); ++i) {
        bases.push_back(next);
        next += round_up(tensor_bytes(workload, i, settings) + biases[i] + alignment_bytes,
                         alignment_bytes);
    }
    bases.push_back(next); // end of the last one
    return bases;
}

std::uint64_t address_map_bytes(const Workload& workload, const ControllerSettings& settings)
{
    return address_map(workload, settings).back();
}

std::uint64_t TransferMaker::lanes(const Job& job, const TileStep& step) const
{
    return job.dense ? 1 : std::min(job.lanes, op(job).batch - first_head(job, step));
}

std::uint64_t TransferMaker::output_element_bytes(const Job& job) const
{
    const bool scores = op(job).layout == WeightLayout::RowsOfN && !job.fused_softmax;
    return scores ? settings_.score_bytes() : settings_.activation_bytes;
}

Transfer TransferMaker::input_tile(const Job& job, const TileStep& step) const
{
    const auto& gemm = op(job);
    const auto element = settings_.activation_bytes;
    Transfer transfer;
    transfer.stream = Stream::Input;
    if (gemm.kind == OperatorKind::Convolution && gemm.a.row_stride != gemm.k) {
        // the image rows under the tile's windows, one run of pixels
        const auto bytes = gemm.input_elements(step.rows, step.depth) * element;
        const auto pixels = step.m0 * std::min(gemm.window.stride, gemm.window.kernel) *
                            std::min(gemm.window.stride, gemm.window.kernel);
        transfer.address = bases_[gemm.a.tensor] + pixels * gemm.input_channels * element;
        transfer.row_bytes = transfer.row_stride_bytes = transfer.plane_stride_bytes = bytes;
        return transfer;
    }
    const auto start = gemm.a.offset + first_head(job, step) * gemm.a.head_stride +
                       step.m0 * gemm.a.row_stride + step.k0;
    transfer.address = bases_[gemm.a.tensor] + start * element;
    transfer.planes = lanes(job, step);
    transfer.rows = step.rows;
    transfer.row_bytes = step.depth * element;
    transfer.row_stride_bytes = gemm.a.row_stride * element;
    transfer.plane_stride_bytes = gemm.a.head_stride * element;
    return transfer;
}

Transfer TransferMaker::weight_tile(const Job& job, const TileStep& step) const
{
    const auto& gemm = op(job);
    const auto base = bases_[gemm.b.tensor];
    const auto head = first_head(job, step);
    const auto parallel = lanes(job, step);
    Transfer transfer;
    transfer.stream = Stream::Weight;
    if (gemm.layout == WeightLayout::RowsOfN || gemm.layout == WeightLayout::RowsOfK) {
        const auto element = settings_.activation_bytes;
        const bool by_n = gemm.layout == WeightLayout::RowsOfN;
        const auto first_row = by_n ? step.n0 : step.k0;
        const auto first_column = by_n ? step.k0 : step.n0;
        const auto start = gemm.b.offset + head * gemm.b.head_stride +
                           first_row * gemm.b.row_stride + first_column;
        transfer.address = base + start * element;
        transfer.planes = parallel;
        transfer.rows = by_n ? step.columns : step.depth;
        transfer.row_bytes = (by_n ? step.depth : step.columns) * element;
        transfer.row_stride_bytes = gemm.b.row_stride * element;
        transfer.plane_stride_bytes = gemm.b.head_stride * element;
        return transfer;
    }
    const auto element = settings_.weight_bytes;
    if (settings_.row_major_weights) {
        const auto width =
            job.dense ? std::min(settings_.array_output_channels, step.columns) : step.columns;
        transfer.address =
            base + (head * gemm.b.head_stride + step.k0 * gemm.n + step.n0) * element;
        transfer.planes = job.dense ? ceil_div(step.columns, width) : parallel;
        transfer.rows = step.depth;
        transfer.row_bytes = width * element;
        if (job.dense)
            transfer.last_plane_row_bytes =
                (step.columns - (transfer.planes - 1) * width) * element;
        transfer.row_stride_bytes = gemm.n * element;
        transfer.plane_stride_bytes = (job.dense ? width : gemm.b.head_stride) * element;
        return transfer;
    }
    // tile after tile in the order n, k; the biases of a tile's columns stand in front of its first
    // weights
    const auto bias = gemm.bias ? bias_bytes : 0;
    const auto column_bytes = gemm.k * element + bias;
    const bool with_bias = step.first_k && gemm.bias;
    const auto bytes = parallel * step.columns * (step.depth * element + (with_bias ? bias : 0));
    auto offset = head * gemm.n * column_bytes + parallel * step.n0 * column_bytes;
    if (!step.first_k)
        offset += parallel * step.columns * (step.k0 * element + bias);
    transfer.address = base + offset;
    transfer.row_bytes = transfer.row_stride_bytes = transfer.plane_stride_bytes = bytes;
    return transfer;
}

std::optional<Transfer> TransferMaker::bias_tile(const Job& job, const TileStep& step) const
{
    const auto& gemm = op(job);
    if (!gemm.bias || !settings_.row_major_weights || !step.first_k)
        return std::nullopt;
    const auto width =
        job.dense ? std::min(settings_.array_output_channels, step.columns) : step.columns;
    const auto weights_bytes = gemm.batch * gemm.k * gemm.n * settings_.weight_bytes;
    Transfer transfer;
    transfer.stream = Stream::Weight;
    transfer.address = bases_[gemm.b.tensor] + round_up(weights_bytes, bias_bytes) +
                       (first_head(job, step) * gemm.n + step.n0) * bias_bytes;
    transfer.planes = job.dense ? ceil_div(step.columns, width) : lanes(job, step);
    transfer.row_bytes = width * bias_bytes;
    if (job.dense)
        transfer.last_plane_row_bytes = (step.columns - (transfer.planes - 1) * width) * bias_bytes;
    transfer.plane_stride_bytes = (job.dense ? width : gemm.n) * bias_bytes;
    transfer.row_stride_bytes = transfer.plane_stride_bytes;
    return transfer;
}

Transfer TransferMaker::tile_of(Stream stream,
                                const Job& job,
                                const Operand& operand,
                                const TileStep& step,
                                std::uint64_t element_bytes) const
{
    const auto start = operand.offset + first_head(job, step) * operand.head_stride +
                       step.m0 * operand.row_stride + step.n0;
    Transfer transfer;
    transfer.stream = stream;
    transfer.address = bases_[operand.tensor] + start * element_bytes;
    transfer.planes = lanes(job, step);
    transfer.rows = step.rows;
    transfer.row_bytes = step.columns * element_bytes;
    transfer.row_stride_bytes = operand.row_stride * element_bytes;
    transfer.plane_stride_bytes = operand.head_stride * element_bytes;
    if (settings_.row_major_weights && job.dense) { // each lane moves its own columns
        const auto width = std::min(settings_.array_output_channels, step.columns);
        transfer.planes = ceil_div(step.columns, width);
        transfer.row_bytes = width * element_bytes;
        transfer.last_plane_row_bytes =
            (step.columns - (transfer.planes - 1) * width) * element_bytes;
        transfer.plane_stride_bytes = width * element_bytes;
    }
    return transfer;
}

Transfer TransferMaker::residual_tile(const Job& job, const TileStep& step) const
{
    return tile_of(Stream::Residual, job, workload_.operators[job.residual_op].b, step,
                   settings_.activation_bytes);
}

Transfer TransferMaker::output_tile(const Job& job, const TileStep& step) const
{
    return tile_of(Stream::Output, job, job.output, step, output_element_bytes(job));
}

Transfer TransferMaker::input_rows(const Job& job, std::uint64_t row, std::uint64_t rows) const
{
    const auto& o = op(job);
    const bool scores = (o.kind == OperatorKind::Softmax && o.block > 0 && o.selector == 0) ||
                        o.kind == OperatorKind::Match; // products that stay wide
    const auto element = scores ? settings_.score_bytes() : settings_.activation_bytes;
    Transfer transfer;
    transfer.stream = Stream::Input;
    transfer.outside_array = true;
    transfer.address = bases_[o.a.tensor] + (o.a.offset + row * o.a.row_stride) * element;
    transfer.planes = o.a_planes;
    transfer.rows = rows;
    transfer.row_bytes = o.k / o.a_planes * element;
    transfer.row_stride_bytes = o.a.row_stride * element;
    transfer.plane_stride_bytes = o.a.head_stride * element;
    return transfer;
}

Transfer TransferMaker::second_rows(const Job& job, std::uint64_t row, std::uint64_t rows) const
{
    const auto& o = op(job);
    const auto element =
        workload_.tensors[o.b.tensor].weight ? settings_.weight_bytes : settings_.activation_bytes;
    Transfer transfer;
    transfer.stream = Stream::Residual;
    transfer.outside_array = true;
    transfer.address = bases_[o.b.tensor] + o.b.offset * element;
    if (o.b_columns == 0) { // parameters, one row each
        transfer.rows = ceil_div(o.b_elements, o.n);
        transfer.row_bytes = transfer.row_stride_bytes = o.n * element;
        transfer.plane_stride_bytes = transfer.rows * transfer.row_bytes;
        return transfer;
    }
    transfer.address += row * o.b.row_stride * element;
    transfer.rows = rows;
    transfer.row_bytes = o.b_columns * element;
    transfer.row_stride_bytes = o.b.row_stride * element;
    transfer.plane_stride_bytes = rows * transfer.row_stride_bytes;
    return transfer;
}

Transfer TransferMaker::output_rows(const Job& job, std::uint64_t row, std::uint64_t rows) const
{
    const auto& o = op(job);
    const auto element = settings_.activation_bytes;
    Transfer transfer;
    transfer.stream = Stream::Output;
    transfer.outside_array = true;
    transfer.address = bases_[o.c.tensor] + (o.c.offset + row * o.c.row_stride) * element;
    transfer.planes = o.c_planes;
    transfer.rows = rows;
    transfer.row_bytes = o.n / o.c_planes * element;
    transfer.row_stride_bytes = o.c.row_stride * element;
    transfer.plane_stride_bytes = o.c.head_stride * element;
    return transfer;
}

} // namespace heatsim::hw
