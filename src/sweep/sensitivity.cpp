// SPDX-License-Identifier: Apache-2.0
#include "sweep/sensitivity.hpp"

#include "sweep/fork_pool.hpp"
#include "system/byte_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace heatsim::sweep {

namespace {

using channel::ArrayCause;
using system::Override;

constexpr double whole_percent = 100.0;
constexpr std::size_t paired_moves = 6; ///< every two of so many best ones are tried together

/// A design to simulate, and what is known of it without a simulation.
struct Candidate {
    Variant variant;
    system::RunSetup setup;
};

[[nodiscard]] std::vector<system::ResourceUse> resources_of(const system::RunSetup& setup)
{
    const auto& design = setup.design;
    const auto shape =
        system::chip_shape(design.accelerator, design.board, setup.model, setup.schedule);
    return system::resource_use(estimate::estimate_chip(shape, system::resource_model()).total,
                                design.board);
}

/// What is wrong, without the places: they are keys that the user did not write.
[[nodiscard]] std::string reason_of(const config::Error& error)
{
    std::vector<std::string> reasons;
    reasons.reserve(error.violations().size());
    for (auto violation : error.violations()) {
        violation.where = {};
        reasons.push_back(violation.message());
    }
    return fmt::format("{}", fmt::join(reasons, "; "));
}

/// Of several lines the first.
[[nodiscard]] std::string first_line(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

[[nodiscard]] system::RunRequest with_changes(system::RunRequest request,
                                              const std::vector<Override>& changes)
{
    request.overrides.insert(request.overrides.end(), changes.begin(), changes.end());
    request.allow_oversize = true; // whether it fits is told, not refused
    return request;
}

/// \throws config::Error where the moves break a rule
[[nodiscard]] Candidate candidate_of(const system::RunRequest& request,
                                     std::vector<Move> moves,
                                     std::vector<Override> changes)
{
    Candidate candidate;
    candidate.setup = system::load(with_changes(request, changes));
    const auto& design = candidate.setup.design;
    candidate.variant.moves = std::move(moves);
    candidate.variant.changes = std::move(changes);
    candidate.variant.resources = resources_of(candidate.setup);
    candidate.variant.shortages = system::shortages(design.accelerator, design.board);
    return candidate;
}

[[nodiscard]] std::string failure(const std::string& error)
{
    return fmt::format("its simulation failed: {}", first_line(error));
}

/// Pairs of the best moves that are feasible and faster, those that can be made together and fit
/// then.
[[nodiscard]] std::vector<Candidate>
pairs_of(const system::RunRequest& request, const system::RunSetup& setup, const Advice& advice)
{
    std::vector<const Move*> best;
    best.reserve(paired_moves);
    for (const auto& variant : advice.variants)
        if (best.size() < paired_moves && variant.is_feasible() &&
            advice.speedup(variant.figures) >= least_speedup)
            best.push_back(&variant.moves.front());
    std::vector<Candidate> pairs;
    pairs.reserve(best.size() * best.size() / 2);
    for (std::size_t second = 1; second < best.size(); ++second) {
        for (std::size_t first = 0; first < second; ++first) {
            const auto& one = *best[first];
            const auto& other = *best[second];
            auto changes = changes_of(setup.design.accelerator, {&one, &other});
            if (one.parameter == other.parameter || changes.empty())
                continue;
            try {
                auto candidate = candidate_of(request, {one, other}, std::move(changes));
                if (candidate.variant.fits())
                    pairs.push_back(std::move(candidate));
            } catch (const config::Error&) { // not these two
                continue;
            }
        }
    }
    return pairs;
}

/// Simulates pairs of moves and keeps the fastest one.
void combine(Advice& advice,
             const system::RunRequest& request,
             const system::RunSetup& setup,
             std::size_t jobs)
{
    auto pairs = pairs_of(request, setup, advice);
    std::vector<system::RunSetup> setups;
    setups.reserve(pairs.size());
    for (auto& pair : pairs)
        setups.push_back(std::move(pair.setup));
    const auto results = simulate_each(setups, jobs);
    advice.simulations += results.size();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto& figures = results[i].figures;
        if (!figures ||
            (advice.combination && advice.combination->figures.latency_ms <= figures->latency_ms))
            continue;
        pairs[i].variant.figures = *figures;
        advice.combination = std::move(pairs[i].variant);
    }
}

} // namespace

RunFigures figures_of(const system::RunResult& run, double clock_mhz)
{
    constexpr double cycles_per_ms_and_mhz = 1e3;
    constexpr double picojoules_per_mj = 1e9;
    constexpr double ms_per_s = 1e3;
    const auto count = static_cast<double>(run.images.size());
    RunFigures figures;
    for (const auto& image : run.images) {
        figures.cycles += static_cast<double>(image.cycles) / count;
        for (std::size_t cause = 0; cause < channel::array_causes; ++cause)
            figures.cycles_by_cause[cause] +=
                static_cast<double>(image.cycles_by_cause[cause]) / count;
        figures.energy_mj += image.energy.picojoules() / picojoules_per_mj / count;
        figures.read_bytes += static_cast<double>(image.read_bytes) / count;
        figures.write_bytes += static_cast<double>(image.write_bytes) / count;
    }
    figures.latency_ms = figures.cycles / (clock_mhz * cycles_per_ms_and_mhz);
    figures.fps = ms_per_s * static_cast<double>(run.batch_images) / figures.latency_ms;
    return figures;
}

std::vector<Simulated> simulate_each(const std::vector<system::RunSetup>& setups,
                                     std::size_t jobs,
                                     const system::Progress& progress)
{
    std::vector<Simulated> results(setups.size());
    ForkPool pool{jobs, {}};
    std::size_t started = 0;
    for (std::size_t done = 0; done < setups.size();) {
        for (; started < setups.size() && pool.has_room(); ++started) {
            Task task;
            task.ticket = started;
            task.work = [&setup = setups[started]] {
                system::Simulation simulation{setup.design};
                const auto run = system::run_images(simulation, setup);
                std::string bytes;
                system::append_bytes(bytes, figures_of(run, setup.design.accelerator.clock_mhz));
                return bytes;
            };
            pool.start(std::move(task));
        }
        for (auto& ended : pool.wait()) {
            auto& result = results[ended.ticket];
            if (ended.done)
                result.figures = system::ByteReader{ended.text}.get<RunFigures>();
            else
                result.error = std::move(ended.text);
            ++done;
            if (progress)
                progress(done, setups.size());
        }
    }
    return results;
}

bool Variant::is_feasible() const
{
    return fits() && std::all_of(moves.begin(), moves.end(),
                                 [](const Move& move) { return move.needs == MoveNeeds::Design; });
}

double Advice::latency_change_percent(const RunFigures& figures) const
{
    return whole_percent * (figures.latency_ms / base.latency_ms - 1.0);
}

double Advice::energy_change_percent(const RunFigures& figures) const
{
    return base.energy_mj > 0.0 ? whole_percent * (figures.energy_mj / base.energy_mj - 1.0) : 0.0;
}

std::optional<double> Advice::elasticity(const Variant& variant) const
{
    const auto factor = variant.moves.front().factor;
    if (variant.moves.size() != 1 || factor <= 0.0)
        return std::nullopt;
    return latency_change_percent(variant.figures) / (whole_percent * (factor - 1.0));
}

std::vector<ArrayCause> Advice::lost_causes() const
{
    std::vector<ArrayCause> causes;
    causes.reserve(channel::array_causes);
    for (std::size_t i = 0; i < channel::array_causes; ++i)
        if (static_cast<ArrayCause>(i) != ArrayCause::Busy && base.cycles_by_cause[i] > 0.0)
            causes.push_back(static_cast<ArrayCause>(i));
    std::stable_sort(causes.begin(), causes.end(), [this](ArrayCause a, ArrayCause b) {
        return base.cause_ms(a) > base.cause_ms(b);
    });
    return causes;
}

double Advice::lost_share_percent(ArrayCause cause) const
{
    const auto lost = base.lost_cycles();
    return lost > 0.0 ? whole_percent * base.cycles_by_cause[static_cast<std::size_t>(cause)] / lost
                      : 0.0;
}

const Variant* Advice::remedy(ArrayCause cause,
                              const std::function<bool(const Variant&)>& is_wanted) const
{
    const Variant* best = nullptr;
    auto least_ms = base.cause_ms(cause);
    for (const auto& variant : variants) {
        const auto left_ms = variant.figures.cause_ms(cause);
        if (left_ms >= least_ms || speedup(variant.figures) < least_speedup || !is_wanted(variant))
            continue;
        best = &variant;
        least_ms = left_ms;
    }
    return best;
}

Advice advise(const system::RunRequest& request,
              const system::RunSetup& setup,
              std::size_t jobs,
              const system::Progress& progress)
{
    Advice advice;
    advice.resources = resources_of(setup);
    advice.fits = system::shortages(setup.design.accelerator, setup.design.board).empty();

    std::vector<system::RunSetup> setups{setup};
    const auto ideal = ideal_memory_of(setup.design.accelerator);
    if (!ideal.empty())
        setups.push_back(system::load(with_changes(request, ideal)));
    const auto moves = moves_of(setup, request.overrides);
    const auto first = setups.size();
    std::vector<Variant> variants;
    variants.reserve(moves.size());
    setups.reserve(first + moves.size());
    for (const auto& move : moves) {
        try {
            auto candidate =
                candidate_of(request, {move}, changes_of(setup.design.accelerator, {&move}));
            variants.push_back(std::move(candidate.variant));
            setups.push_back(std::move(candidate.setup));
        } catch (const config::Error& error) {
            advice.refused.push_back({move, reason_of(error)});
        }
    }

    const auto results = simulate_each(setups, jobs, progress);
    advice.simulations = results.size();
    if (!results.front().figures)
        throw system::SimulationError{results.front().error};
    advice.base = *results.front().figures;
    if (!ideal.empty())
        advice.ideal_memory = results[1].figures;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const auto& result = results[first + i];
        if (result.figures) {
            variants[i].figures = *result.figures;
            advice.variants.push_back(std::move(variants[i]));
        } else {
            advice.refused.push_back({variants[i].moves.front(), failure(result.error)});
        }
    }
    std::stable_sort(advice.variants.begin(), advice.variants.end(),
                     [](const Variant& a, const Variant& b) {
                         return a.figures.latency_ms < b.figures.latency_ms;
                     });

    combine(advice, request, setup, jobs);
    return advice;
}

} // namespace heatsim::sweep
