// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/data_path.hpp"

#include "inference/int8_gemm.hpp"
#include "numerics/package_token.hpp"
#include "tlm/check.hpp"
#include "units/units.hpp"

#include <algorithm>
#include <utility>

namespace heatsim::hw {

using channel::Stream;
using channel::Transfer;
using workload::Operator;
using workload::OperatorKind;
using workload::WeightLayout;

namespace {

constexpr std::uint64_t bias_bytes = 4;

[[nodiscard]] std::uint8_t byte_of(std::int8_t number)
{
    return static_cast<std::uint8_t>(number);
}

[[nodiscard]] std::int8_t number_of(std::uint8_t byte)
{
    return static_cast<std::int8_t>(byte);
}

void append_word(Bytes& bytes, std::int32_t word)
{
    const auto bits = static_cast<std::uint32_t>(word);
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
}

[[nodiscard]] std::vector<std::int32_t> words_of(const Bytes& bytes)
{
    std::vector<std::int32_t> words;
    words.reserve(bytes.size() / 4);
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4)
        words.push_back(static_cast<std::int32_t>(bytes[i] | std::uint32_t{bytes[i + 1]} << 8U |
                                                  std::uint32_t{bytes[i + 2]} << 16U |
                                                  std::uint32_t{bytes[i + 3]} << 24U));
    return words;
}

/// Numbers of `element_bytes` each, in memory: the sign goes on through the higher bytes.
[[nodiscard]] Bytes widened(const std::vector<std::int8_t>& numbers, std::uint64_t element_bytes)
{
    Bytes bytes;
    bytes.reserve(numbers.size() * element_bytes);
    for (const auto number : numbers) {
        bytes.push_back(byte_of(number));
        bytes.insert(bytes.end(), element_bytes - 1, number < 0 ? 0xFF : 0x00);
    }
    return bytes;
}

[[nodiscard]] std::vector<std::int8_t> narrowed(const Bytes& bytes, std::uint64_t element_bytes)
{
    std::vector<std::int8_t> numbers;
    numbers.reserve(bytes.size() / element_bytes);
    for (std::size_t i = 0; i < bytes.size(); i += element_bytes)
        numbers.push_back(number_of(bytes[i]));
    return numbers;
}

/// [planes][rows][width] to [rows][planes · width], or back.
[[nodiscard]] std::vector<std::int8_t> transposed(const std::vector<std::int8_t>& numbers,
                                                  std::uint64_t outer,
                                                  std::uint64_t inner,
                                                  std::uint64_t width)
{
    if (outer == 1 || inner == 1)
        return numbers;
    std::vector<std::int8_t> result(numbers.size());
    auto from = numbers.begin();
    for (std::uint64_t i = 0; i < outer; ++i)
        for (std::uint64_t j = 0; j < inner; ++j) {
            std::copy_n(from, width,
                        result.begin() + static_cast<std::ptrdiff_t>((j * outer + i) * width));
            from += static_cast<std::ptrdiff_t>(width);
        }
    return result;
}

/// Calls `range(plane, first column, columns)` for the planes of a tile's row in memory: column
/// groups of a dense tile, nothing but itself elsewhere.
template <typename Range>
void for_each_column_group(const Transfer& transfer,
                           std::uint64_t element_bytes,
                           std::uint64_t columns,
                           Range range)
{
    const auto width = transfer.row_bytes / element_bytes;
    for (std::uint64_t plane = 0; plane < transfer.planes; ++plane)
        range(plane, plane * width, std::min(width, columns - plane * width));
}

[[nodiscard]] bool same_place(const TileStep& tile, const TileStep& step, Stream stream)
{
    return tile.group == step.group && tile.k0 == step.k0 &&
           (stream == Stream::Input ? tile.m0 == step.m0 : tile.n0 == step.n0);
}

/// The results of a unit for all int8 inputs.
template <typename Function>
[[nodiscard]] std::array<std::int8_t, 256> table_of(Function function)
{
    std::array<std::int8_t, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte)
        table[byte] = function(number_of(static_cast<std::uint8_t>(byte)));
    return table;
}

void look_up(std::vector<std::int8_t>& numbers, const std::array<std::int8_t, 256>& table)
{
    for (auto& number : numbers)
        number = table[byte_of(number)];
}

void gelu(const inference::Gelu& gelu, std::vector<std::int8_t>& numbers)
{
    look_up(numbers, table_of([&gelu](std::int8_t number) {
                return numerics::requantize(numerics::gelu(gelu.unit, number),
                                            gelu.requantize.multiplier, gelu.requantize.shift);
            }));
}

void sigmoid(const inference::Sigmoid& sigmoid, std::vector<std::int8_t>& numbers)
{
    look_up(numbers, table_of([&sigmoid](std::int8_t number) {
                return number_of(
                    static_cast<std::uint8_t>(numerics::sigmoid(sigmoid.unit, number)));
            }));
}

void softmax(const inference::Softmax& softmax,
             std::vector<std::int8_t>& numbers,
             std::uint64_t columns)
{
    std::vector<std::int32_t> row(columns);
    for (auto begin = numbers.begin(); begin != numbers.end();
         begin += static_cast<std::ptrdiff_t>(columns)) {
        std::copy_n(begin, columns, row.begin());
        const auto result = numerics::softmax(softmax.unit, row);
        std::transform(result.begin(), result.end(), begin, [](std::int32_t value) {
            return number_of(static_cast<std::uint8_t>(value));
        });
    }
}

} // namespace

DataPath::DataPath(const ControllerSettings& settings,
                   const workload::Model& model,
                   const workload::Schedule& schedule,
                   const inference::IntegerNetwork& network)
    : settings_{settings}
    , model_{model}
    , schedule_{schedule}
    , network_{network}
{}

// Memory -----------------------------------------------------------------------------------------

void DataPath::start(const workload::Workload& workload,
                     const std::vector<Job>& jobs,
                     const std::vector<std::uint64_t>& bases)
{
    HEATSIM_CHECK(inputs_.empty() && weights_.empty() && second_operands_.empty() &&
                      sums_.empty() && stores_.empty(),
                  "an image starts with numbers of the last one");
    workload_ = &workload;
    jobs_ = &jobs;
    bases_ = &bases;
    transfers_.emplace(settings_, workload, bases);
    if (weights_written_) {
        for (std::size_t i = 0; i < workload.tensors.size(); ++i)
            if (!workload.tensors[i].weight) {
                external_.forget(bases[i], bases[i + 1] - bases[i]);
                on_chip_.forget(bases[i], bases[i + 1] - bases[i]);
            }
    } else {
        external_ = MemoryImage{bases.back()};
        on_chip_ = MemoryImage{bases.back()};
        write_weights();
        weights_written_ = true;
    }
    write_image();
    write_class_tokens();
    patches_.resize(model_.patch_tokens());
    for (std::uint32_t i = 0; i < patches_.size(); ++i)
        patches_[i] = i;
    kept_patches_.clear();
    scores_.clear();
    has_package_ = false;
    package_weight_ = 0;
    const auto* head = find("head.fc");
    logits_ = {};
    logits_.address = bases[head->c.tensor] + head->c.offset;
    logits_.row_bytes = head->n;
}

const Operator* DataPath::find(const std::string& name) const
{
    const auto& operators = workload_->operators;
    const auto found = std::find_if(operators.begin(), operators.end(),
                                    [&name](const Operator& each) { return each.name == name; });
    return found == operators.end() ? nullptr : &*found;
}

void DataPath::write_weights()
{
    for (const auto& op : workload_->operators) {
        if (!op.b.used() || !workload_->tensors[op.b.tensor].weight)
            continue;
        if (workload::is_gemm(op.kind)) {
            write_linear(op, numbers<inference::Linear>(op));
            continue;
        }
        Bytes bytes;
        if (op.kind == OperatorKind::LayerNorm) {
            const auto& norm = numbers<numerics::LayerNormUnit>(op);
            bytes.reserve(2 * norm.channels());
            for (const auto* parameters : {&norm.scale, &norm.shift})
                for (const auto& parameter : *parameters)
                    bytes.push_back(byte_of(parameter.mantissa));
        } else { // positions of the patches
            const auto& constant = numbers<inference::Add>(op).constant;
            const auto first = static_cast<std::ptrdiff_t>(model_.class_tokens * op.n);
            bytes.reserve(constant.size());
            std::transform(constant.begin() + first, constant.end(), std::back_inserter(bytes),
                           byte_of);
        }
        external_.write((*bases_)[op.b.tensor], bytes);
    }
}

void DataPath::write_linear(const Operator& op, const inference::Linear& linear)
{
    external_.write((*bases_)[op.b.tensor],
                    settings_.row_major_weights ? row_major(linear) : tile_contiguous(op, linear));
}

/// Tiles in the order heads, output channels, input channels; in front of the first of an output
/// channel its biases.
Bytes DataPath::tile_contiguous(const Operator& op, const inference::Linear& linear) const
{
    const auto problem = tiling(op, settings_);
    const auto parallel = op.batch > 1 ? settings_.array_heads : 1;
    Bytes bytes;
    bytes.reserve(linear.weights.size() + linear.bias.size() * bias_bytes);
    for (std::uint64_t head0 = 0; head0 < op.batch; head0 += parallel)
        for (std::uint64_t n0 = 0; n0 < op.n; n0 += problem.tile_n)
            for (std::uint64_t k0 = 0; k0 < op.k; k0 += problem.tile_k) {
                const auto heads = std::min(op.batch, head0 + parallel);
                const auto columns = std::min(op.n, n0 + problem.tile_n);
                const auto depth = std::min(problem.tile_k, op.k - k0);
                if (k0 == 0)
                    for (auto head = head0; head < heads; ++head)
                        for (auto n = n0; n < columns; ++n)
                            append_word(bytes, linear.bias[head * op.n + n]);
                for (auto head = head0; head < heads; ++head)
                    for (auto n = n0; n < columns; ++n) {
                        const auto* row = &linear.weights[(head * op.n + n) * op.k + k0];
                        std::transform(row, row + depth, std::back_inserter(bytes), byte_of);
                    }
            }
    return bytes;
}

/// [heads][input channels][output channels], then the biases.
Bytes DataPath::row_major(const inference::Linear& linear)
{
    Bytes bytes;
    bytes.reserve(linear.weights.size() + (linear.bias.size() + 1) * bias_bytes);
    for (std::size_t head = 0; head < linear.heads; ++head)
        for (std::size_t k = 0; k < linear.inputs; ++k)
            for (std::size_t n = 0; n < linear.outputs; ++n)
                bytes.push_back(
                    byte_of(linear.weights[(head * linear.outputs + n) * linear.inputs + k]));
    bytes.resize(round_up(bytes.size(), bias_bytes));
    for (const auto bias : linear.bias)
        append_word(bytes, bias);
    return bytes;
}

void DataPath::write_image()
{
    const auto& reader = workload_->operators.front();
    auto image = image_;
    if (reader.kind == OperatorKind::Convolution) { // patch by patch
        const auto edge = model_.patch_size;
        const auto width = model_.image_width_pixels / edge;
        const auto run = edge * model_.image_channels; // of neighbouring pixels in a patch
        // [patch rows][edge][patches][run] to [patch rows][patches][edge][run]
        const auto band = edge * width * run;
        for (std::size_t first = 0; first < image.size(); first += band) {
            const auto begin = image_.begin() + static_cast<std::ptrdiff_t>(first);
            const Numbers8 rows{begin, begin + static_cast<std::ptrdiff_t>(band)};
            const auto patched = transposed(rows, edge, width, run);
            std::copy(patched.begin(), patched.end(),
                      image.begin() + static_cast<std::ptrdiff_t>(first));
        }
    }
    external_.write((*bases_)[reader.a.tensor], widened(image, 1));
}

void DataPath::write_class_tokens()
{
    const auto& position = network_.at<inference::Add>("patch_embed.position");
    const auto* copy = find("patch_embed.class_token");
    Bytes bytes;
    bytes.reserve(network_.class_tokens.size());
    for (std::size_t i = 0; i < network_.class_tokens.size(); ++i)
        bytes.push_back(byte_of(numerics::add(position.channels[i % copy->n],
                                              network_.class_tokens[i], position.constant[i])));
    external_.write((*bases_)[copy->a.tensor], bytes);
}

// Loads and stores -------------------------------------------------------------------------------

void DataPath::load_tile(std::size_t job, const TileStep& step, const Transfer& transfer)
{
    loads_[static_cast<std::size_t>(transfer.stream)].push_back(
        {job, step, 0, transfer.completes, external_.read(transfer)});
}

void DataPath::load_rows(std::size_t job, std::uint64_t row, const Transfer& transfer)
{
    loads_[static_cast<std::size_t>(transfer.stream)].push_back(
        {job, {}, row, transfer.completes, external_.read(transfer)});
}

void DataPath::loaded(Stream stream)
{
    auto& loads = loads_[static_cast<std::size_t>(stream)];
    HEATSIM_CHECK(!loads.empty(), "a tile arrives that nobody has asked for");
    auto tile = std::move(loads.front());
    loads.pop_front();
    Bytes biases;
    if (!tile.completes) {
        HEATSIM_CHECK(!loads.empty() && loads.front().completes, "half a tile arrives");
        biases = std::move(loads.front().bytes);
        loads.pop_front();
    }
    if (stream == Stream::Input)
        inputs_.push_back(std::move(tile));
    else if (stream == Stream::Weight)
        weights_.push_back(weight_tile(tile, std::move(biases)));
    else
        second_operands_.push_back(std::move(tile));
}

void DataPath::send(const Transfer& transfer, Bytes bytes, bool resident)
{
    if (resident)
        on_chip_.write(transfer, bytes);
    else
        stores_.push_back({transfer, std::move(bytes)});
}

void DataPath::stored()
{
    HEATSIM_CHECK(!stores_.empty(), "a store completes that nobody has begun");
    external_.write(stores_.front().transfer, stores_.front().bytes);
    stores_.pop_front();
}

// GEMMs ------------------------------------------------------------------------------------------

std::uint64_t DataPath::lanes(const Job& job, const TileStep& step) const
{
    return job.dense ? 1 : std::min(job.lanes, op(job).batch - step.group * job.lanes);
}

DataPath::WeightTile DataPath::weight_tile(const Tile& tile, Bytes biases) const
{
    const auto& job = (*jobs_)[tile.job];
    const auto& gemm = op(job);
    const auto& step = tile.step;
    const auto parallel = lanes(job, step);
    auto bytes = tile.bytes;
    const bool tiles_contiguous =
        gemm.layout == WeightLayout::TileContiguous && !settings_.row_major_weights;
    if (tiles_contiguous && gemm.bias && step.first_k) {
        const auto end =
            bytes.begin() + static_cast<std::ptrdiff_t>(parallel * step.columns * bias_bytes);
        biases.assign(bytes.begin(), end);
        bytes.erase(bytes.begin(), end);
    }
    WeightTile result{tile.job, step, narrowed(bytes, 1), words_of(biases)};
    if (tiles_contiguous || gemm.layout == WeightLayout::RowsOfN)
        return result;
    // rows of output channels, in planes: heads, or column groups of one array lane each
    const auto planes = job.dense && gemm.layout == WeightLayout::TileContiguous
                            ? ceil_div(step.columns, settings_.array_output_channels)
                            : parallel;
    auto from = result.weights.begin();
    Numbers8 weights(result.weights.size());
    const auto width = planes == parallel ? step.columns : settings_.array_output_channels;
    for (std::uint64_t plane = 0; plane < planes; ++plane) {
        const auto column0 = plane * width;
        const auto columns = std::min(width, parallel * step.columns - column0);
        for (std::uint64_t k = 0; k < step.depth; ++k)
            for (std::uint64_t column = 0; column < columns; ++column)
                weights[(column0 + column) * step.depth + k] = *from++;
    }
    result.weights = std::move(weights);
    return result;
}

const Bytes& DataPath::input_tile(std::size_t job, const TileStep& step)
{
    if ((*jobs_)[job].a_resident) {
        resident_input_ = on_chip_.read(transfers_->input_tile((*jobs_)[job], step));
        return resident_input_;
    }
    const auto found = std::find_if(inputs_.begin(), inputs_.end(), [&](const Tile& tile) {
        return tile.job == job && same_place(tile.step, step, Stream::Input);
    });
    HEATSIM_CHECK(found != inputs_.end(), "the input tile is not in its buffer");
    return found->bytes;
}

const DataPath::WeightTile& DataPath::weights_of(std::size_t job, const TileStep& step)
{
    if ((*jobs_)[job].b_resident) {
        Tile tile;
        tile.job = job;
        tile.step = step;
        tile.bytes = on_chip_.read(transfers_->weight_tile((*jobs_)[job], step));
        resident_weights_ = weight_tile(tile, {});
        return resident_weights_;
    }
    const auto found = std::find_if(weights_.begin(), weights_.end(), [&](const WeightTile& tile) {
        return tile.job == job && same_place(tile.step, step, Stream::Weight);
    });
    HEATSIM_CHECK(found != weights_.end(), "the weight tile is not in its buffer");
    return *found;
}

void DataPath::multiply(std::size_t job, const TileStep& step)
{
    const auto parallel = lanes((*jobs_)[job], step);
    const auto input = narrowed(input_tile(job, step), 1);
    const auto& tile = weights_of(job, step);
    auto& sums = sums_[{step.group, step.m0, step.n0}];
    if (step.first_k) {
        HEATSIM_CHECK(sums.empty(), "partial sums are not free");
        sums.assign(parallel * step.rows * step.columns, 0);
        if (!tile.biases.empty())
            for (std::size_t i = 0; i < sums.size(); ++i) {
                const auto lane = i / (step.rows * step.columns);
                sums[i] = tile.biases[lane * step.columns + i % step.columns];
            }
    }
    for (std::uint64_t lane = 0; lane < parallel; ++lane)
        inference::multiply(&input[lane * step.rows * step.depth], step.depth,
                            &tile.weights[lane * step.columns * step.depth], step.depth,
                            &sums[lane * step.rows * step.columns], step.columns, step.rows,
                            step.columns, step.depth, true);
}

void DataPath::release_input(std::size_t job, const TileStep& step)
{
    const auto found = std::find_if(inputs_.begin(), inputs_.end(), [&](const Tile& tile) {
        return tile.job == job && same_place(tile.step, step, Stream::Input);
    });
    HEATSIM_CHECK(found != inputs_.end(), "an input tile is released that is not there");
    inputs_.erase(found);
}

void DataPath::release_weights(std::size_t job, const TileStep& step)
{
    const auto found = std::find_if(weights_.begin(), weights_.end(), [&](const WeightTile& tile) {
        return tile.job == job && same_place(tile.step, step, Stream::Weight);
    });
    HEATSIM_CHECK(found != weights_.end(), "a weight tile is released that is not there");
    weights_.erase(found);
}

DataPath::OutputTile DataPath::requantized(const Job& job, const TileStep& step)
{
    const auto& gemm = op(job);
    const auto node = sums_.extract({step.group, step.m0, step.n0});
    HEATSIM_CHECK(!node.empty(), "an output tile without sums");
    const auto& sums = node.mapped();
    const auto* linear = gemm.static_weights ? &numbers<inference::Linear>(gemm) : nullptr;
    const auto* product = gemm.static_weights ? nullptr : &numbers<inference::Product>(gemm);
    OutputTile tile{lanes(job, step), step.rows, step.columns, {}};
    tile.values.reserve(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto head = step.group * job.lanes + i / (step.rows * step.columns);
        const auto column = step.n0 + i % step.columns;
        const auto& scale =
            linear != nullptr ? linear->requantize[head * gemm.n + column] : product->requantize;
        tile.values.push_back(numerics::requantize(sums[i], scale.multiplier, scale.shift));
    }
    return tile;
}

void DataPath::apply_fused(std::uint32_t index,
                           std::size_t job,
                           const TileStep& step,
                           OutputTile& tile)
{
    const auto& fused = workload_->operators[index];
    switch (fused.kind) {
    case OperatorKind::Gelu:
        gelu(numbers<inference::Gelu>(fused), tile.values);
        break;
    case OperatorKind::Sigmoid:
        sigmoid(numbers<inference::Sigmoid>(fused), tile.values);
        break;
    case OperatorKind::Softmax:
        softmax(numbers<inference::Softmax>(fused), tile.values, tile.columns);
        break;
    case OperatorKind::Add: {
        const auto transfer = transfers_->residual_tile((*jobs_)[job], step);
        Bytes residual;
        if ((*jobs_)[job].residual_resident) {
            residual = on_chip_.read(transfer);
        } else {
            HEATSIM_CHECK(!second_operands_.empty() && second_operands_.front().job == job &&
                              second_operands_.front().step.m0 == step.m0 &&
                              second_operands_.front().step.n0 == step.n0,
                          "the residual tile is not there");
            residual = std::move(second_operands_.front().bytes);
            second_operands_.pop_front();
        }
        const auto& channels = numbers<inference::Add>(fused).channels;
        auto from = residual.begin();
        for_each_column_group(transfer, 1, tile.columns, [&](auto, auto column0, auto columns) {
            for (std::uint64_t row = 0; row < tile.rows; ++row)
                for (auto column = column0; column < column0 + columns; ++column) {
                    auto& value = tile.values[row * tile.columns + column];
                    value = numerics::add(channels[step.n0 + column], value, number_of(*from++));
                }
        });
        break;
    }
    default:
        HEATSIM_CHECK(false, "a fused operator without numbers");
    }
}

void DataPath::finish_tile(std::size_t index, const TileStep& step, const Transfer& transfer)
{
    const auto& job = (*jobs_)[index];
    auto tile = requantized(job, step);
    for (std::uint32_t i = 0; i < job.fused_count; ++i)
        apply_fused(job.fused[i], index, step, tile);
    const auto element_bytes = transfer.bytes() / tile.values.size();
    if (!job.dense || transfer.planes == 1) {
        send(transfer, widened(tile.values, element_bytes), job.output_resident);
        return;
    }
    Numbers8 grouped;
    grouped.reserve(tile.values.size());
    for_each_column_group(transfer, element_bytes, tile.columns,
                          [&](auto, auto column0, auto columns) {
                              for (std::uint64_t row = 0; row < tile.rows; ++row) {
                                  const auto* first = &tile.values[row * tile.columns + column0];
                                  grouped.insert(grouped.end(), first, first + columns);
                              }
                          });
    send(transfer, widened(grouped, element_bytes), job.output_resident);
}

// Everything else --------------------------------------------------------------------------------

DataPath::Numbers8 DataPath::first_operand(std::size_t index, std::uint64_t row, std::uint64_t rows)
{
    const auto& job = (*jobs_)[index];
    const auto& o = op(job);
    if (o.k == 0)
        return {};
    Bytes bytes;
    if (job.a_resident) {
        bytes = on_chip_.read(transfers_->input_rows(job, row, rows));
    } else {
        HEATSIM_CHECK(!inputs_.empty() && inputs_.front().job == index &&
                          inputs_.front().row == row,
                      "the rows are not in the input buffer");
        bytes = std::move(inputs_.front().bytes);
        inputs_.pop_front();
    }
    return transposed(narrowed(bytes, bytes.size() / (rows * o.k)), o.a_planes, rows,
                      o.k / o.a_planes);
}

DataPath::Numbers8
DataPath::second_operand(std::size_t index, std::uint64_t row, std::uint64_t rows, bool last)
{
    const auto& job = (*jobs_)[index];
    const auto& o = op(job);
    if (!o.b.used())
        return {};
    if (job.b_resident)
        return narrowed(on_chip_.read(transfers_->second_rows(job, row, rows)), 1);
    HEATSIM_CHECK(!second_operands_.empty() && second_operands_.front().job == index,
                  "the second operand is not there");
    const bool once = o.b_columns == 0 && settings_.buffers.reuse;
    HEATSIM_CHECK(once || second_operands_.front().row == row, "rows of the second operand");
    auto numbers = narrowed(second_operands_.front().bytes, 1);
    if (!once || last)
        second_operands_.pop_front();
    return numbers;
}

void DataPath::compute_rows(std::size_t index, std::uint64_t row, std::uint64_t rows, bool last)
{
    const auto& job = (*jobs_)[index];
    const auto& o = op(job);
    const auto a = first_operand(index, row, rows);
    const auto b = second_operand(index, row, rows, last);
    switch (o.kind) {
    case OperatorKind::LayerNorm:
        layer_norm(o, row, a, b);
        break;
    case OperatorKind::Softmax:
        result_ = a;
        softmax(numbers<inference::Softmax>(o), result_, o.n);
        break;
    case OperatorKind::Gelu:
        result_ = a;
        gelu(numbers<inference::Gelu>(o), result_);
        break;
    case OperatorKind::Sigmoid:
        result_ = a;
        sigmoid(numbers<inference::Sigmoid>(o), result_);
        break;
    case OperatorKind::Add:
        add(o, a, b);
        break;
    case OperatorKind::Mean:
        mean(o, row, a, last);
        break;
    case OperatorKind::Concatenate:
        result_.clear();
        for (std::uint64_t i = 0; i < rows; ++i)
            result_.insert(result_.end(), global_.begin(), global_.end());
        break;
    case OperatorKind::Score:
        score(o, a, b);
        break;
    case OperatorKind::Compact:
        compact(job, row, rows);
        break;
    case OperatorKind::Package:
        package(job, row, rows, last);
        break;
    case OperatorKind::Append:
        result_ = a;
        break;
    case OperatorKind::Copy:
        if (o.name == "patch_embed.patchify")
            patchify(a);
        else
            result_ = a;
        break;
    default:
        HEATSIM_CHECK(false, "an operator without numbers");
    }
}

void DataPath::finish_rows(std::size_t index, const Transfer& transfer)
{
    const auto& job = (*jobs_)[index];
    send(transfer,
         widened(transposed(result_, transfer.rows, transfer.planes,
                            result_.size() / (transfer.rows * transfer.planes)),
                 1),
         job.output_resident);
}

void DataPath::layer_norm(const Operator& o,
                          std::uint64_t row,
                          const Numbers8& a,
                          const Numbers8& parameters)
{
    auto unit = numbers<numerics::LayerNormUnit>(o);
    for (std::size_t i = 0; i < o.n; ++i) {
        unit.scale[i].mantissa = parameters[i];
        unit.shift[i].mantissa = parameters[o.n + i];
    }
    const auto slices = unit.multipliers.size() / o.n;
    result_.resize(a.size());
    for (std::size_t first = 0; first < a.size(); first += o.n, ++row)
        numerics::layer_norm(unit, &a[first], row % slices * o.n, &result_[first]);
}

/// A row of patches: [edge][patches][edge · channels] to [patches][edge][edge · channels].
void DataPath::patchify(const Numbers8& a)
{
    const auto edge = model_.patch_size;
    const auto run = edge * model_.image_channels;
    const auto width = model_.image_width_pixels / edge;
    const auto band = edge * width * run;
    result_.clear();
    for (auto first = a.begin(); first != a.end(); first += static_cast<std::ptrdiff_t>(band)) {
        const Numbers8 rows{first, first + static_cast<std::ptrdiff_t>(band)};
        const auto patched = transposed(rows, edge, width, run);
        result_.insert(result_.end(), patched.begin(), patched.end());
    }
}

void DataPath::add(const Operator& o, const Numbers8& a, const Numbers8& b)
{
    const auto& channels = numbers<inference::Add>(o).channels;
    result_.resize(a.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        result_[i] = numerics::add(channels[i % o.n], a[i], b[i]);
}

void DataPath::mean(const Operator& o, std::uint64_t row, const Numbers8& a, bool last)
{
    if (o.output_rows == 0) { // over the channels of each head
        const auto& unit = numbers<inference::ChannelMean>(o).unit;
        result_.clear();
        for (std::size_t first = 0; first < a.size(); first += o.k) {
            const auto means = numerics::channel_mean(unit, &a[first]);
            result_.insert(result_.end(), means.begin(), means.end());
        }
        return;
    }
    // over the tokens; a package token that the token count does not tell is none of them
    const auto tokens = schedule_.scored_tokens == workload::ScoredTokens::Patches
                            ? std::min<std::uint64_t>(patches_.size(), o.m)
                            : o.m;
    if (row == 0)
        row_sums_.assign(o.n, 0);
    for (std::size_t first = 0; first < a.size() && row < tokens; first += o.n, ++row)
        for (std::size_t i = 0; i < o.n; ++i)
            row_sums_[i] += a[first + i];
    if (!last)
        return;
    global_.clear();
    for (const auto sum : row_sums_)
        global_.push_back(numerics::token_mean(sum, static_cast<std::uint32_t>(tokens)));
    result_ = global_;
}

// The token selector -----------------------------------------------------------------------------

void DataPath::score(const Operator& o, const Numbers8& a, const Numbers8& head_weights)
{
    const auto heads = o.k / 2;
    std::vector<std::uint8_t> keep(heads);
    std::vector<std::uint8_t> weights(heads);
    result_.clear();
    for (std::size_t row = 0; row < a.size() / o.k; ++row) {
        for (std::size_t head = 0; head < heads; ++head) {
            keep[head] = byte_of(a[row * o.k + 2 * head]);
            weights[head] = byte_of(head_weights[row * heads + head]);
        }
        scores_.push_back(numerics::token_score(keep, weights));
        result_.push_back(number_of(scores_.back()));
    }
}

void DataPath::decide(const Operator& compaction)
{
    const auto before = workload_->tokens[compaction.stage];
    const auto after = workload_->tokens[compaction.stage + 1];
    const auto classes = model_.class_tokens;
    HEATSIM_CHECK(before == classes + patches_.size() + (has_package_ ? 1 : 0),
                  "the tokens in front of a selector");
    const auto first_score =
        schedule_.scored_tokens == workload::ScoredTokens::All ? classes : std::uint64_t{0};
    carried_rows_.clear();
    pruned_.clear();
    for (std::uint64_t row = 0; row < classes; ++row)
        carried_rows_.push_back(row);
    std::vector<std::uint32_t> kept;
    for (std::size_t i = 0; i < patches_.size(); ++i) {
        const auto score = scores_[first_score + i];
        if (score >= network_.keep_threshold) {
            kept.push_back(patches_[i]);
            carried_rows_.push_back(classes + i);
        } else {
            pruned_.push_back({classes + i, numerics::package_weight(score)});
        }
    }
    scores_.clear();
    patches_ = kept;
    kept_patches_.push_back(std::move(kept));
    if (schedule_.package_token == workload::PackageToken::None) {
        pruned_.clear();
    } else if (pruned_.empty()) {
        if (has_package_)
            carried_rows_.push_back(before - 1);
    } else {
        if (has_package_)
            pruned_.push_back({before - 1, package_weight_});
        package_weight_ = 0;
        for (const auto& token : pruned_)
            package_weight_ += token.weight;
        has_package_ = true;
        if (pruned_.size() == 1) { // its own mean: it moves behind the others
            carried_rows_.push_back(pruned_.front().row);
            pruned_.clear();
        }
    }
    HEATSIM_CHECK(after == carried_rows_.size() + (pruned_.empty() ? 0 : 1),
                  "the selector decides otherwise than the network's integer reference");
}

DataPath::Numbers8 DataPath::stream_row(const Job& job, std::uint64_t row) const
{
    return narrowed(memory(job.a_resident).read(transfers_->input_rows(job, row, 1)), 1);
}

void DataPath::compact(const Job& job, std::uint64_t row, std::uint64_t rows)
{
    if (row == 0)
        decide(op(job));
    result_.clear();
    for (auto i = row; i < row + rows; ++i) {
        const auto token = stream_row(job, carried_rows_[i]);
        result_.insert(result_.end(), token.begin(), token.end());
    }
}

void DataPath::package(const Job& job, std::uint64_t row, std::uint64_t rows, bool last)
{
    const auto& o = op(job);
    HEATSIM_CHECK(o.m == pruned_.size(), "tokens of a package");
    if (row == 0)
        row_sums_.assign(o.n, 0);
    for (auto i = row; i < row + rows; ++i) {
        const auto token = stream_row(job, pruned_[i].row);
        for (std::size_t channel = 0; channel < token.size(); ++channel)
            row_sums_[channel] += token[channel] * static_cast<std::int32_t>(pruned_[i].weight);
    }
    if (!last)
        return;
    result_.clear();
    for (const auto sum : row_sums_)
        result_.push_back(numerics::package_mean(sum, package_weight_));
}

// Results ----------------------------------------------------------------------------------------

void DataPath::operator_done(std::size_t index)
{
    if (!observer_)
        return;
    const auto& job = (*jobs_)[index];
    const auto& o = op(job);
    const auto& named =
        job.fused_count > 0 ? workload_->operators[job.fused[job.fused_count - 1]] : o;
    const auto& operand = job.output;
    const bool scores = o.layout == WeightLayout::RowsOfN && job.is_gemm() && !job.fused_softmax;
    const auto element_bytes = scores ? settings_.score_bytes() : settings_.activation_bytes;
    const auto planes = job.is_gemm() ? o.batch : o.c_planes;
    Transfer transfer;
    transfer.stream = Stream::Output;
    transfer.address = (*bases_)[operand.tensor] + operand.offset * element_bytes;
    transfer.planes = planes;
    transfer.rows = job.is_gemm() ? o.m : o.output_rows > 0 ? o.output_rows : o.rows();
    const auto width = job.is_gemm() ? o.n : o.n / planes;
    transfer.row_bytes = width * element_bytes;
    transfer.row_stride_bytes = operand.row_stride * element_bytes;
    transfer.plane_stride_bytes = operand.head_stride * element_bytes;
    auto numbers = narrowed(memory(job.output_resident).read(transfer), element_bytes);
    if (operand.head_stride < operand.row_stride)
        numbers = transposed(numbers, planes, transfer.rows, width);
    observer_(named.name, widened(numbers, 1));
}

std::vector<std::int8_t> DataPath::logits() const
{
    return narrowed(external_.read(logits_), 1);
}

} // namespace heatsim::hw
