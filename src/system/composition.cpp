// SPDX-License-Identifier: Apache-2.0
#include "system/composition.hpp"

#include "config/error.hpp"
#include "system/byte_archive.hpp"
#include "system/child_process.hpp"
#include "system/part_store.hpp"
#include "system/stopwatch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <tuple>
#include <utility>

namespace heatsim::system {

namespace {

using workload::Operator;
using workload::TokenCounts;
using workload::Workload;

constexpr std::uint32_t no_operator = workload::Operand::none;

/// Where a part's cost stands.
struct Place {
    PartImage image;
    std::uint32_t op = no_operator;
    bool entry = false; ///< first GEMM behind a selector that prunes, not the first selector
};

/// Values between which costs are interpolated, each about three quarters of the one before it.
[[nodiscard]] std::vector<std::uint64_t> token_grid(std::uint64_t most, std::uint64_t least)
{
    std::vector<std::uint64_t> grid;
    for (auto tokens = most; tokens > least; tokens = tokens * 3 / 4)
        grid.push_back(tokens);
    grid.push_back(least);
    std::reverse(grid.begin(), grid.end());
    return grid;
}

/// A value between two of a grid: the lower one's index, and how far it is to the next.
struct GridPoint {
    std::size_t low = 0;
    std::size_t high = 0;
    [[nodiscard]] static GridPoint of(const std::vector<std::uint64_t>& grid, std::uint64_t value)
    {
        const auto above = std::upper_bound(grid.begin(), grid.end(), value);
        const auto high = std::min(static_cast<std::size_t>(above - grid.begin()), grid.size() - 1);
        const auto low =
            above == grid.begin() ? 0 : static_cast<std::size_t>(above - grid.begin()) - 1;
        return {low, high};
    }
};

/// Share of the way from `low` to `high`; 0 where they are the same.
[[nodiscard]] double share_between(std::uint64_t low, std::uint64_t high, std::uint64_t value)
{
    if (high <= low || value <= low)
        return 0.0;
    return std::min(1.0, static_cast<double>(value - low) / static_cast<double>(high - low));
}

/// Cycles by cause and energy of an operator that differ from those of another one.
class Difference {
  public:
    void add(double weight, const PartCost& part)
    {
        for (std::size_t i = 0; i < channel::array_causes; ++i)
            cycles_[i] += weight * static_cast<double>(part.record.cost.cycles_by_cause[i]);
        for (std::size_t i = 0; i < estimate::energy_parts; ++i)
            picojoules_[i] += weight * part.energy.picojoules(static_cast<estimate::EnergyPart>(i));
    }
    /// The part with the difference added; no cycles become negative.
    [[nodiscard]] PartCost applied_to(PartCost part) const
    {
        auto& cost = part.record.cost;
        cost.end_cycle = cost.start_cycle;
        for (std::size_t i = 0; i < channel::array_causes; ++i) {
            auto& cycles = cost.cycles_by_cause[i];
            cycles = static_cast<std::uint64_t>(
                std::llround(std::max(0.0, static_cast<double>(cycles) + cycles_[i])));
            cost.end_cycle += cycles;
        }
        for (std::size_t i = 0; i < estimate::energy_parts; ++i)
            part.energy.add(static_cast<estimate::EnergyPart>(i), picojoules_[i]);
        return part;
    }

  private:
    std::array<double, channel::array_causes> cycles_{};
    std::array<double, estimate::energy_parts> picojoules_{};
};

/// What an operator's cost depends on, beside what is the same in all images.
using Shape = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

[[nodiscard]] Shape shape_of(const Operator& op)
{
    return {op.m, op.k, op.n, op.batch, op.output_rows};
}

/// Name without the number of its selector: operators of several selectors with the same task.
[[nodiscard]] std::string role_of(const Operator& op)
{
    return op.selector == 0 ? op.name : op.name.substr(op.name.find('.', op.name.find('.') + 1));
}

/// An image with as many tokens behind every selector.
[[nodiscard]] PartImage level(std::uint64_t tokens)
{
    return {tokens, tokens};
}

/// In which level image every operator of every shape is found.
class PartIndex {
  public:
    /// \param image with so many tokens behind all selectors; the most tokens come first, then one
    /// fewer at a time
    void add(std::uint64_t tokens, const Workload& image)
    {
        most_tokens_ = std::max(most_tokens_, tokens);
        shapes_.resize(image.operators.size());
        for (std::size_t i = 0; i < image.operators.size(); ++i)
            shapes_[i].push_back(shape_of(image.operators[i]));
        if (peers_.empty()) {
            find_peers(image.operators);
            find_entries(image.operators);
        }
    }

    /// The place of an operator; its `op` is `no_operator` if there is none.
    /// The image with as many tokens as the operator's stage is the first choice, because what lies
    /// around the operator there is the same, too; behind a selector that prunes, the same operator
    /// behind the first selector, which prunes there.
    [[nodiscard]] Place
    find(std::size_t index, const Operator& op, const workload::TokenCounts& counts) const
    {
        const auto shape = shape_of(op);
        const auto tokens = counts[op.stage];
        if (op.stage > 0 && counts[op.stage - 1] > tokens && entries_[index] != no_operator &&
            is(entries_[index], tokens, shape))
            return {level(tokens), entries_[index], workload::is_gemm(op.kind)};
        if (is(index, tokens, shape))
            return {level(tokens), static_cast<std::uint32_t>(index), false};
        auto place = find(index, shape);
        for (std::size_t i = 0; place.op == no_operator && i < peers_[index].size(); ++i)
            place = find(peers_[index][i], shape);
        return place;
    }

    /// The operator of the second selector with the same task; `no_operator` if there is none.
    [[nodiscard]] std::uint32_t second_peer(std::size_t index) const
    {
        const auto& peers = peers_[index];
        const auto found = std::find_if(peers.begin(), peers.end(), [this](std::uint32_t peer) {
            return selectors_[peer] == 2;
        });
        return found == peers.end() ? no_operator : *found;
    }

    /// First GEMM behind the second selector. \pre `find` told of an entry
    [[nodiscard]] std::uint32_t second_entry() const noexcept { return second_entry_; }

  private:
    /// Whether an operator has this shape in the image of so many tokens.
    [[nodiscard]] bool is(std::size_t index, std::uint64_t tokens, const Shape& shape) const
    {
        const auto& shapes = shapes_[index];
        const auto fewer = most_tokens_ - tokens;
        return fewer < shapes.size() && shapes[fewer] == shape;
    }

    /// The operators from a selector to the next GEMM, whose weights are fetched while the selector
    /// works: each with the one at the same place behind the first selector.
    void find_entries(const std::vector<Operator>& operators)
    {
        entries_.assign(operators.size(), no_operator);
        std::vector<std::size_t> first_entry;
        for (std::size_t i = 1; i < operators.size(); ++i) {
            if (operators[i - 1].selector == 0 || operators[i].selector != 0)
                continue;
            for (std::size_t j = i; j < operators.size(); ++j) {
                if (operators[i].stage == 1)
                    first_entry.push_back(j);
                else if (j - i < first_entry.size() &&
                         operators[first_entry[j - i]].kind == operators[j].kind)
                    entries_[j] = static_cast<std::uint32_t>(first_entry[j - i]);
                if (!workload::is_gemm(operators[j].kind))
                    continue;
                if (operators[j].stage == 2)
                    second_entry_ = static_cast<std::uint32_t>(j);
                break;
            }
        }
    }

    void find_peers(const std::vector<Operator>& operators)
    {
        std::map<std::string, std::vector<std::uint32_t>> by_role;
        for (std::size_t i = 0; i < operators.size(); ++i)
            if (operators[i].selector > 0)
                by_role[role_of(operators[i])].push_back(static_cast<std::uint32_t>(i));
        selectors_.reserve(operators.size());
        for (const auto& op : operators)
            selectors_.push_back(op.selector);
        peers_.resize(operators.size());
        for (const auto& [role, indices] : by_role)
            for (const auto index : indices)
                peers_[index] = indices;
    }

    /// In the image of the most tokens that has it.
    [[nodiscard]] Place find(std::size_t index, const Shape& shape) const
    {
        const auto& shapes = shapes_[index];
        const auto found = std::find(shapes.begin(), shapes.end(), shape);
        if (found == shapes.end())
            return {};
        const auto fewer = static_cast<std::uint64_t>(found - shapes.begin());
        return {level(most_tokens_ - fewer), static_cast<std::uint32_t>(index), false};
    }

    std::uint64_t most_tokens_ = 0;
    std::vector<std::vector<Shape>> shapes_;        ///< per operator, from the most tokens down
    std::vector<std::vector<std::uint32_t>> peers_; ///< operators of the same role
    std::vector<std::uint32_t> selectors_;          ///< that the operators belong to
    std::uint32_t second_entry_ = no_operator;
    std::vector<std::uint32_t> entries_; ///< of operators behind a selector, that behind the first
};

/// Configuration that the parts depend on: not the targets of the schedule, nor how it is called.
[[nodiscard]] std::string configuration_of(const RunSetup& setup)
{
    RunSetup relevant;
    relevant.design = setup.design;
    relevant.model = setup.model;
    relevant.schedule = setup.schedule;
    relevant.schedule.name = relevant.schedule.description = relevant.schedule.source = "";
    for (auto& selector : relevant.schedule.selectors) {
        selector.keep_ratio = 0.0;
        selector.tokens = 0;
    }
    return resolved_configuration(relevant);
}

/// Collects deviations from the full simulation.
class Deviation {
  public:
    void add(double composed, double simulated)
    {
        const double percent = 100.0 * std::abs(composed - simulated) / simulated;
        sum_ += percent;
        error_.worst_percent = std::max(error_.worst_percent, percent);
        error_.mean_percent = sum_ / static_cast<double>(++count_);
    }
    [[nodiscard]] const CompositionError& error() const noexcept { return error_; }

  private:
    CompositionError error_;
    double sum_ = 0.0;
    std::uint64_t count_ = 0;
};

class Composer {
  public:
    Composer(Simulation& simulation,
             const RunSetup& setup,
             const Execution& execution,
             const CompositionOptions& options)
        : simulation_{simulation}
        , setup_{setup}
        , execution_{execution}
        , options_{options}
        , store_{configuration_of(setup)}
        // a selector that prunes has at least one token less behind it than the model has
        , grid_{token_grid(setup.model.tokens() - 1,
                           std::min(least_tokens() + 1, setup.model.tokens() - 1))}
    {}

    ComposedRun run()
    {
        const Stopwatch stopwatch;
        make_index();
        load();
        compose();
        if (stored_ < parts_.size())
            save();
        composition_.simulations = used_.size();
        for (const auto& image : used_)
            composition_.stored_simulations += kept_.count(image);
        stopwatch.stop(composed_.run);
        measure_error();
        composed_.run.composition = composition_;
        return std::move(composed_);
    }

  private:
    [[nodiscard]] Workload lower(const TokenCounts& counts) const
    {
        return workload::lower(setup_.model, setup_.schedule, counts,
                               {simulation_.design().accelerator.controller.layout_copies});
    }
    [[nodiscard]] TokenCounts counts_of(const PartImage& image) const
    {
        TokenCounts counts(setup_.schedule.stages(), image.others);
        counts.front() = setup_.model.tokens();
        if (counts.size() > 1)
            counts[1] = image.first;
        return counts;
    }

    void make_index()
    {
        for (auto tokens = setup_.model.tokens(); tokens >= least_tokens(); --tokens)
            index_.add(tokens, lower(counts_of(level(tokens))));
    }
    /// Class tokens are never pruned.
    [[nodiscard]] std::uint64_t least_tokens() const
    {
        return std::max<std::uint64_t>(setup_.model.class_tokens, 1);
    }

    void load()
    {
        const auto operators = lower(setup_.images.front()).operators.size();
        std::string note;
        parts_ = store_.load(operators, note);
        add_note(note);
        for (const auto& [image, parts] : parts_)
            kept_.insert(image);
        stored_ = parts_.size();
    }
    void save()
    {
        std::string note;
        store_.save(parts_, note);
        add_note(note);
    }
    void add_note(const std::string& note)
    {
        if (!note.empty())
            composed_.notes.push_back(note);
    }

    /// Images in groups: the parts of a group are simulated together, and what is known of its
    /// images before that has an end.
    void compose()
    {
        constexpr std::size_t group_images = 1024;
        auto& run = composed_.run;
        run.images.reserve(setup_.images.size());
        RunSums sums;
        for (std::size_t first = 0; first < setup_.images.size(); first += group_images) {
            const auto count = std::min(group_images, setup_.images.size() - first);
            std::vector<std::vector<Place>> places;
            places.reserve(count);
            for (std::size_t i = first; i < first + count; ++i)
                places.push_back(places_of(setup_.images[i]));
            simulate_missing(needed_for(first, places));
            for (std::size_t i = 0; i < count; ++i)
                run.images.push_back(put_together(setup_.images[first + i], places[i], sums));
        }
        simulation_.put_into(run, sums, lower(setup_.images.front()));
        run.simulated_cycles = simulated_cycles_;
    }

    [[nodiscard]] std::vector<Place> places_of(const TokenCounts& counts)
    {
        const auto image = lower(counts);
        std::vector<Place> places;
        places.reserve(image.operators.size());
        for (std::size_t i = 0; i < image.operators.size(); ++i) {
            const auto& op = image.operators[i];
            auto place = index_.find(i, op, counts);
            if (place.op == no_operator)
                place = at_second_selector(i, op, counts);
            if (place.op == no_operator)
                refuse(counts, op);
            places.push_back(place);
        }
        return places;
    }

    /// Where a selector's operator depends on the tokens before it and behind it both, as a ranking
    /// does: the second selector of an image with just these.
    [[nodiscard]] Place
    at_second_selector(std::size_t index, const Operator& op, const TokenCounts& counts)
    {
        const auto second = index_.second_peer(index);
        if (second == no_operator || op.selector == 0)
            return {};
        const PartImage image{counts[op.selector - 1U], counts[op.selector]};
        auto& shapes = second_selectors_[image];
        if (shapes.empty()) {
            const auto operators = lower(counts_of(image)).operators;
            std::transform(operators.begin(), operators.end(), std::back_inserter(shapes),
                           shape_of);
        }
        if (shapes[second] != shape_of(op))
            return {};
        return {image, second, false};
    }

    [[noreturn]] void refuse(const TokenCounts& counts, const Operator& op) const
    {
        config::Violation violation;
        violation.key = "--compose";
        violation.found = fmt::format(
            "{} of an image with {} tokens has a shape that no image with as many tokens behind "
            "every selector has (schedule {})",
            op.name, fmt::join(counts, ", "), setup_.schedule.name);
        violation.expected = "a run without --compose, which simulates every image";
        throw config::Error{violation};
    }

    /// Images that the parts at these places are taken from. \param first number of the first image
    [[nodiscard]] std::set<PartImage>
    needed_for(std::size_t first, const std::vector<std::vector<Place>>& places) const
    {
        std::set<PartImage> needed;
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto& counts = setup_.images[first + i];
            for (const auto& place : places[i])
                needed.insert(place.image);
            for (std::size_t stage = 2; stage < counts.size(); ++stage)
                if (counts[stage - 1] > counts[stage])
                    for (const auto& corner : corners(counts[stage - 1], counts[stage]))
                        for (const auto& image : {corner.image, level(corner.image.others)})
                            needed.insert(image);
        }
        return needed;
    }

    /// An image around the one that is asked for, and its share in the interpolation.
    struct Corner {
        PartImage image;
        double weight = 0.0;
    };

    /// Of a selector with so many tokens before and behind it. \pre before > behind
    [[nodiscard]] std::array<Corner, 4> corners(std::uint64_t before, std::uint64_t behind) const
    {
        const auto x = GridPoint::of(grid_, before);
        const auto y = GridPoint::of(grid_, behind);
        const auto y_share = share_between(grid_[y.low], grid_[y.high], behind);
        std::array<Corner, 4> result{};
        std::size_t next = 0;
        for (const bool high : {false, true}) {
            const auto y_tokens = grid_[high ? y.high : y.low];
            const auto y_weight = high ? y_share : 1.0 - y_share;
            const auto x_low = std::max(grid_[x.low], y_tokens + 1); // a selector that prunes
            const auto x_high = std::max(grid_[x.high], y_tokens + 1);
            const auto x_share = share_between(x_low, x_high, before);
            result[next++] = {{x_low, y_tokens}, y_weight * (1.0 - x_share)};
            result[next++] = {{x_high, y_tokens}, y_weight * x_share};
        }
        return result;
    }

    /// The first GEMM behind a selector: how many of its weights are there already depends on how
    /// long the selector took, that is on the tokens before it, too.
    [[nodiscard]] PartCost
    entry_cost(const Place& place, std::uint64_t before, std::uint64_t behind) const
    {
        Difference difference;
        for (const auto& corner : corners(before, behind)) {
            difference.add(corner.weight, parts_.at(corner.image)[index_.second_entry()]);
            // the same operator behind the first selector
            difference.add(-corner.weight, parts_.at(level(corner.image.others))[place.op]);
        }
        return difference.applied_to(parts_.at(place.image)[place.op]);
    }

    void simulate_missing(const std::set<PartImage>& needed)
    {
        used_.insert(needed.begin(), needed.end());
        std::vector<PartImage> missing;
        for (const auto& image : needed)
            if (parts_.count(image) == 0)
                missing.push_back(image);
        const auto workers = std::min(execution_.workers, missing.size());
        std::size_t done = 0;
        const auto take = [&](std::size_t index, std::vector<PartCost> parts) {
            simulated_cycles_ += parts.back().record.cost.end_cycle;
            parts_[missing[index]] = std::move(parts);
            if (options_.parts_progress)
                options_.parts_progress(++done, missing.size());
        };
        if (workers <= 1) {
            for (std::size_t i = 0; i < missing.size(); ++i)
                take(i, simulate(missing[i]));
            return;
        }
        SharedWork work;
        work.tasks = missing.size();
        work.run = [&](std::size_t index) {
            std::string bytes;
            for (const auto& part : simulate(missing[index]))
                append_bytes(bytes, part);
            return bytes;
        };
        work.take = [&](std::size_t index, std::string_view bytes) {
            ByteReader reader{bytes};
            std::vector<PartCost> parts(bytes.size() / sizeof(PartCost));
            for (auto& part : parts)
                part = reader.get<PartCost>();
            take(index, std::move(parts));
        };
        composed_.run.cpu_seconds += run_in_workers(work, workers);
    }

    [[nodiscard]] std::vector<PartCost> simulate(const PartImage& image)
    {
        const auto workload = lower(counts_of(image));
        (void)simulation_.run(workload);
        const auto& records = simulation_.records();
        std::vector<PartCost> parts;
        parts.reserve(records.size());
        for (std::size_t i = 0; i < records.size(); ++i)
            parts.push_back({records[i], simulation_.energies()[i]});
        return parts;
    }

    [[nodiscard]] ImageResult
    put_together(const TokenCounts& counts, const std::vector<Place>& places, RunSums& sums)
    {
        const auto workload = lower(counts);
        std::vector<hw::OperatorRecord> records;
        std::vector<estimate::Energy> energies;
        records.reserve(places.size());
        energies.reserve(places.size());
        ImageResult image;
        image.tokens = counts;
        image.macs = workload.macs();
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto& place = places[i];
            const auto stage = workload.operators[i].stage;
            const auto part = place.entry ? entry_cost(place, counts[stage - 1], counts[stage])
                                          : parts_.at(place.image)[place.op];
            auto record = part.record;
            const auto cycles = record.cost.cycles();
            record.cost.start_cycle = image.cycles;
            image.cycles += cycles;
            record.cost.end_cycle = image.cycles;
            for (std::size_t cause = 0; cause < channel::array_causes; ++cause)
                image.cycles_by_cause[cause] += record.cost.cycles_by_cause[cause];
            image.read_bytes += record.cost.input_bytes + record.cost.weight_bytes;
            image.write_bytes += record.cost.output_bytes;
            records.push_back(record);
            energies.push_back(part.energy);
        }
        image.energy = simulation_.energy_over_time(image.cycles);
        for (const auto& energy : energies)
            image.energy += energy;
        sums.add_operators(workload, records, energies, 1);
        return image;
    }

    /// A random sample of the run, simulated in full.
    void measure_error()
    {
        const auto& composed = composed_.run.images;
        std::vector<std::size_t> order(composed.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto count = std::min(options_.sample_images, order.size());
        std::mt19937_64 random{options_.seed};
        std::vector<TokenCounts> sample;
        sample.reserve(count);
        for (std::size_t i = 0; i < count; ++i) { // the beginning of a Fisher-Yates shuffle
            std::swap(order[i], order[i + random() % (order.size() - i)]);
            sample.push_back(setup_.images[order[i]]);
        }
        const auto full =
            run_images(simulation_, setup_.model, setup_.schedule, sample, execution_);
        Deviation latency;
        Deviation energy;
        Deviation traffic;
        const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
        for (std::size_t i = 0; i < count; ++i) {
            const auto& ours = composed[order[i]];
            const auto& theirs = full.images[i];
            latency.add(real(ours.cycles), real(theirs.cycles));
            energy.add(ours.energy.picojoules(), theirs.energy.picojoules());
            traffic.add(real(ours.read_bytes + ours.write_bytes),
                        real(theirs.read_bytes + theirs.write_bytes));
        }
        composition_.sample_images = count;
        composition_.sample_seed = options_.seed;
        composition_.latency = latency.error();
        composition_.energy = energy.error();
        composition_.traffic = traffic.error();
        composed_.run.simulated_cycles += full.simulated_cycles;
        composed_.run.cpu_seconds += full.cpu_seconds;
        composed_.run.wall_seconds += full.wall_seconds;
    }

    Simulation& simulation_;
    const RunSetup& setup_;
    const Execution& execution_;
    const CompositionOptions& options_;
    const PartStore store_;
    PartIndex index_;
    std::map<PartImage, std::vector<Shape>> second_selectors_; ///< their operators
    PartTable parts_;
    std::set<PartImage> kept_; ///< what the store had
    std::set<PartImage> used_;
    const std::vector<std::uint64_t> grid_; ///< token counts of entries that are simulated
    std::size_t stored_ = 0;
    std::uint64_t simulated_cycles_ = 0;
    Composition composition_;
    ComposedRun composed_;
};

} // namespace

ComposedRun compose_images(Simulation& simulation,
                           const RunSetup& setup,
                           const Execution& execution,
                           const CompositionOptions& options)
{
    return Composer{simulation, setup, execution, options}.run();
}

} // namespace heatsim::system
