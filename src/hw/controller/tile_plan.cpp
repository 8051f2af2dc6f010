// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/tile_plan.hpp"

#include "tlm/check.hpp"
#include "units/units.hpp"

#include <algorithm>

namespace heatsim::hw {

TilePlan::TilePlan(const TilingProblem& problem)
    : problem_{problem}
    , m_tiles_{ceil_div(problem.m, problem.tile_m)}
    , n_tiles_{ceil_div(problem.n, problem.tile_n)}
    , k_tiles_{ceil_div(problem.k, problem.tile_k)}
{
    const Loop group{Dim::Group, problem.groups};
    const Loop m{Dim::M, m_tiles_};
    const Loop n{Dim::N, n_tiles_};
    const Loop k{Dim::K, k_tiles_};
    const Loop none{Dim::Block, 1};
    switch (problem.order) {
    case LoopOrder::TokensOuter:
        loops_ = {group, none, m, n, k};
        break;
    case LoopOrder::ChannelsOuter:
        loops_ = {group, none, n, m, k};
        break;
    case LoopOrder::WeightStationary:
        blocked_ = Dim::M;
        block_tiles_ = std::min(problem.accumulator_slots, std::max<std::uint64_t>(m_tiles_, 1));
        loops_ = {group, Loop{Dim::Block, ceil_div(m_tiles_, block_tiles_)}, n, k,
                  Loop{Dim::M, block_tiles_}};
        break;
    case LoopOrder::InputStationary:
        blocked_ = Dim::N;
        block_tiles_ = std::min(problem.accumulator_slots, std::max<std::uint64_t>(n_tiles_, 1));
        loops_ = {group, Loop{Dim::Block, ceil_div(n_tiles_, block_tiles_)}, m, k,
                  Loop{Dim::N, block_tiles_}};
        break;
    case LoopOrder::LeastTraffic:
        HEATSIM_CHECK(false, "a plan has one loop order");
        break;
    }
    decide_reuse();
}

bool TilePlan::depends(Dim dim, Dim operand_dim) const
{
    return dim == operand_dim || dim == Dim::K || dim == Dim::Group ||
           (dim == Dim::Block && blocked_ == operand_dim);
}

std::uint64_t TilePlan::passes(bool Loop::*reuse, Dim operand_dim) const
{
    // a blocked dimension's two loops together run over its tiles, the last block being shorter
    std::uint64_t passes = 1;
    bool blocked_done = false;
    for (const auto& loop : loops_) {
        if (depends(loop.dim, operand_dim) || loop.*reuse)
            continue;
        if (blocked_ != Dim::Group && (loop.dim == Dim::Block || loop.dim == blocked_)) {
            const bool both = loop.dim == Dim::Block && !(loops_.back().*reuse);
            if (!blocked_done)
                passes *= both ? (blocked_ == Dim::M ? m_tiles_ : n_tiles_) : loop.count;
            blocked_done = blocked_done || both;
            continue;
        }
        passes *= loop.count;
    }
    return passes;
}

std::uint64_t TilePlan::input_elements() const
{
    return problem_.groups * problem_.m * problem_.k * passes(&Loop::reuse_input, Dim::M);
}

std::uint64_t TilePlan::weight_elements() const
{
    return problem_.groups * problem_.k * problem_.n * passes(&Loop::reuse_weight, Dim::N);
}

void TilePlan::decide_reuse()
{
    if (!problem_.reuse)
        return;
    std::uint64_t input_tiles = 1; // distinct tiles inside the loop looked at
    std::uint64_t weight_tiles = 1;
    for (std::size_t level = loops_.size(); level-- > 0;) {
        auto& loop = loops_[level];
        if (depends(loop.dim, Dim::M))
            input_tiles *= loop.count;
        else
            loop.reuse_input = input_tiles <= problem_.input_slots;
        if (depends(loop.dim, Dim::N))
            weight_tiles *= loop.count;
        else
            loop.reuse_weight = weight_tiles <= problem_.weight_slots;
    }
}

std::uint64_t TilePlan::count(const Cursor& cursor, std::size_t level) const
{
    const auto& loop = loops_[level];
    if (loop.dim != blocked_ || blocked_ == Dim::Group)
        return loop.count;
    // the last block of the blocked dimension may be shorter; the Block loop is at level 1
    const auto tiles = blocked_ == Dim::M ? m_tiles_ : n_tiles_;
    return std::min(block_tiles_, tiles - cursor.index_[1] * block_tiles_);
}

TilePlan::Cursor TilePlan::begin() const
{
    Cursor cursor;
    cursor.valid_ = steps() > 0;
    return cursor;
}

std::uint64_t TilePlan::steps() const
{
    return problem_.groups * m_tiles_ * n_tiles_ * k_tiles_;
}

void TilePlan::advance(Cursor& cursor) const
{
    for (std::size_t level = loops_.size(); level-- > 0;) {
        if (++cursor.index_[level] < count(cursor, level))
            return;
        cursor.index_[level] = 0;
    }
    cursor.valid_ = false;
}

TileStep TilePlan::step(const Cursor& cursor) const
{
    TileStep step;
    step.load_input = step.load_weight = step.release_input = step.release_weight = true;
    std::uint64_t m = 0;
    std::uint64_t n = 0;
    std::uint64_t k = 0;
    for (std::size_t level = 0; level < loops_.size(); ++level) {
        const auto& loop = loops_[level];
        const auto index = cursor.index_[level];
        switch (loop.dim) {
        case Dim::Group:
            step.group = index;
            break;
        case Dim::M:
            m += index;
            break;
        case Dim::N:
            n += index;
            break;
        case Dim::K:
            k = index;
            break;
        case Dim::Block:
            (blocked_ == Dim::N ? n : m) += index * block_tiles_;
            break;
        }
        const bool first = index == 0;
        const bool last = index + 1 == count(cursor, level);
        if (loop.reuse_input) {
            step.load_input = step.load_input && first;
            step.release_input = step.release_input && last;
        }
        if (loop.reuse_weight) {
            step.load_weight = step.load_weight && first;
            step.release_weight = step.release_weight && last;
        }
    }
    step.m0 = m * problem_.tile_m;
    step.n0 = n * problem_.tile_n;
    step.k0 = k * problem_.tile_k;
    step.rows = std::min(problem_.tile_m, problem_.m - step.m0);
    step.columns = std::min(problem_.tile_n, problem_.n - step.n0);
    step.depth = std::min(problem_.tile_k, problem_.k - step.k0);
    step.first_k = k == 0;
    step.last_k = k + 1 == k_tiles_;
    return step;
}

} // namespace heatsim::hw
