// SPDX-License-Identifier: Apache-2.0
#include "hw/gemm_array/array_timing.hpp"

#include "units/units.hpp"

namespace heatsim::hw {

namespace {

using channel::TileCycles;
using channel::TileWork;

/// The tile of one lane: a GEMM without heads is dealt out to the T_h lanes.
TileWork lane_share(const TileWork& work, const GemmArrayConfig& config)
{
    auto share = work;
    if (!work.dense)
        return share;
    // whole array widths go to a lane; a lane without channels idles
    switch (config.dense_lanes) {
    case HeadLanes::OutputChannels: {
        const auto passes = ceil_div(work.output_channels, config.spatial_output_channels());
        share.output_channels = ceil_div(passes, config.heads) * config.spatial_output_channels();
        break;
    }
    case HeadLanes::InputChannels: {
        const auto passes = ceil_div(work.input_channels, config.spatial_input_channels());
        share.input_channels = ceil_div(passes, config.heads) * config.spatial_input_channels();
        break;
    }
    case HeadLanes::Tokens:
        share.rows = ceil_div(work.rows, config.heads);
        break;
    }
    return share;
}

/// T_i products of T_o outputs are summed per cycle; a row of the tile enters every II cycles, for
/// each group of T_i × T_o channels. Source: rtl_prototype `gemm_tree`, T_cmp = rows + bubble.
class BroadcastTreeTiming final : public ArrayTiming {
  public:
    explicit BroadcastTreeTiming(const GemmArrayConfig& config)
        : config_{config}
    {}
    [[nodiscard]] TileCycles cycles(const TileWork& work) const override
    {
        const auto share = lane_share(work, config_);
        const auto passes = ceil_div(share.input_channels, config_.input_channels) *
                            ceil_div(share.output_channels, config_.output_channels);
        const auto busy = passes * share.rows * config_.initiation_interval_cycles;
        return config_.overlap
                   ? TileCycles{busy, config_.switch_cycles, config_.pipeline_depth_cycles}
                   : TileCycles{busy, config_.switch_cycles + config_.pipeline_depth_cycles, 0};
    }

  private:
    const GemmArrayConfig config_;
};

/// R tokens × C outputs accumulate in place, one input channel per cycle, operands broadcast.
class BroadcastOuterProductTiming final : public ArrayTiming {
  public:
    explicit BroadcastOuterProductTiming(const GemmArrayConfig& config)
        : config_{config}
    {}
    [[nodiscard]] TileCycles cycles(const TileWork& work) const override
    {
        const auto share = lane_share(work, config_);
        const auto folds =
            ceil_div(share.rows, config_.rows) * ceil_div(share.output_channels, config_.columns);
        const auto busy = folds * share.input_channels * config_.initiation_interval_cycles;
        const auto switches = folds * config_.switch_cycles;
        return config_.overlap
                   ? TileCycles{busy, switches, config_.pipeline_depth_cycles}
                   : TileCycles{busy, switches + folds * config_.pipeline_depth_cycles, 0};
    }

  private:
    const GemmArrayConfig config_;
};

/// One fold of a systolic array: operands enter skewed by one cycle per row and column, so that the
/// last of `steps` operand waves is through steps + R + C − 3 cycles after the first one entered.
/// Without overlap, folds follow each other with one cycle to turn around, which the last fold does
/// not need: F folds take F·(steps + R + C − 2) − 1 cycles, SCALE-Sim's closed form. With overlap
/// the waves of the next fold follow at once and only the last skew is exposed.
/// \param preload_cycles before the first wave of each fold (weights shifted in); hidden behind the
///        waves of the fold before it where folds overlap (shadow registers)
TileCycles systolic_cycles(const GemmArrayConfig& config,
                           std::uint64_t folds,
                           std::uint64_t steps,
                           std::uint64_t preload_cycles,
                           bool first)
{
    const auto skew = config.rows + config.columns - 2;
    const auto fold_cycles = steps * config.initiation_interval_cycles;
    const auto busy = folds * fold_cycles;
    if (!config.overlap) {
        const auto turns = folds * (preload_cycles + skew); // none for a single processing element
        return {busy, turns - (first && turns > 0 ? 1 : 0), 0};
    }
    const auto exposed_preload = preload_cycles > fold_cycles ? preload_cycles - fold_cycles : 0;
    const auto first_preload = first ? preload_cycles : exposed_preload;
    return {busy, config.switch_cycles + first_preload + (folds - 1) * exposed_preload, skew};
}

/// Outputs stay in the array: a fold computes R tokens × C outputs over all input channels.
/// Source: SCALE-Sim (ISPASS 2020), ⌈M/R⌉·⌈N/C⌉·(K + R + C − 2) − 1.
class OutputStationaryTiming final : public ArrayTiming {
  public:
    explicit OutputStationaryTiming(const GemmArrayConfig& config)
        : config_{config}
    {}
    [[nodiscard]] TileCycles cycles(const TileWork& work) const override
    {
        const auto share = lane_share(work, config_);
        const auto folds =
            ceil_div(share.rows, config_.rows) * ceil_div(share.output_channels, config_.columns);
        return systolic_cycles(config_, folds, share.input_channels, 0, work.first);
    }

  private:
    const GemmArrayConfig config_;
};

/// Weights stay in the array: a fold holds R input channels × C outputs, all tokens stream past.
/// R cycles shift the weights in. Source: SCALE-Sim, ⌈K/R⌉·⌈N/C⌉·(M + 2R + C − 2) − 1.
class WeightStationaryTiming final : public ArrayTiming {
  public:
    explicit WeightStationaryTiming(const GemmArrayConfig& config)
        : config_{config}
    {}
    [[nodiscard]] TileCycles cycles(const TileWork& work) const override
    {
        const auto share = lane_share(work, config_);
        const auto folds = ceil_div(share.input_channels, config_.rows) *
                           ceil_div(share.output_channels, config_.columns);
        return systolic_cycles(config_, folds, share.rows, config_.rows, work.first);
    }

  private:
    const GemmArrayConfig config_;
};

} // namespace

std::unique_ptr<ArrayTiming> make_array_timing(const GemmArrayConfig& config)
{
    switch (config.style) {
    case ArrayStyle::BroadcastTree:
        return std::make_unique<BroadcastTreeTiming>(config);
    case ArrayStyle::BroadcastOuterProduct:
        return std::make_unique<BroadcastOuterProductTiming>(config);
    case ArrayStyle::SystolicOutputStationary:
        return std::make_unique<OutputStationaryTiming>(config);
    case ArrayStyle::SystolicWeightStationary:
        return std::make_unique<WeightStationaryTiming>(config);
    }
    return nullptr;
}

} // namespace heatsim::hw
