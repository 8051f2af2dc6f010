// SPDX-License-Identifier: Apache-2.0
#include "sweep/latency_search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace heatsim::sweep {

namespace {

constexpr double gain = 1e-9;         // below it two accuracies or latencies are the same
constexpr double least_loss = 1e-3;   // points of accuracy that a step is taken to cost at least
constexpr double decimals = 1e6;      // keep ratios are decimal fractions: 0.35, not 0.3500000001
constexpr double least_ratio = 0.001; // as configuration files have it

[[nodiscard]] double decimal(double value)
{
    return std::round(value * decimals) / decimals;
}

/// Keep ratios of the grid are not below it.
[[nodiscard]] double least_level(double step)
{
    return std::max(least_ratio, step * 0.5);
}

/// Keep ratios of the grid below 1, descending.
[[nodiscard]] std::vector<double> levels(double step)
{
    std::vector<double> ratios;
    for (int i = 1;; ++i) {
        const double ratio = decimal(1.0 - i * step);
        if (ratio < least_level(step))
            return ratios;
        ratios.push_back(ratio);
    }
}

[[nodiscard]] bool is_valid(const Stages& stages, const SearchProblem& problem)
{
    const double least = least_level(problem.step);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const auto& stage = stages[i];
        if (stage.keep_ratio < least || stage.keep_ratio >= 1.0 ||
            stage.before_block < problem.first_block || stage.before_block > problem.blocks)
            return false;
        if (i > 0 && (stage.before_block <= stages[i - 1].before_block ||
                      stage.keep_ratio > stages[i - 1].keep_ratio))
            return false;
    }
    return true;
}

/// The search's state: best candidates so far, and how candidates are made and compared.
class Search {
  public:
    explicit Search(const SearchProblem& problem)
        : problem_{problem}
    {
        const auto dense = evaluated({});
        result_.best = dense;
        result_.met = meets_target(dense);
    }

    [[nodiscard]] const SearchProblem& problem() const { return problem_; }

    [[nodiscard]] Candidate evaluated(Stages stages)
    {
        Candidate candidate;
        candidate.latency_ms = latency_ms(stages);
        candidate.top1_percent = problem_.top1_percent(stages);
        candidate.stages = std::move(stages);
        return candidate;
    }
    [[nodiscard]] double latency_ms(const Stages& stages)
    {
        ++result_.evaluations;
        return problem_.latency_ms(stages);
    }

    [[nodiscard]] bool is_in_budget(const Candidate& candidate) const
    {
        return candidate.top1_percent &&
               *candidate.top1_percent >= problem_.least_top1_percent - gain;
    }
    [[nodiscard]] bool meets_target(const Candidate& candidate) const
    {
        return candidate.latency_ms <= problem_.latency_target_ms && is_in_budget(candidate);
    }

    void add_step(StepKind kind, const Candidate& candidate, bool kept = true)
    {
        result_.steps.push_back({kind, candidate, kept});
        if (kept)
            consider(candidate);
    }

    void consider(const Candidate& candidate)
    {
        // on its way the search may have a selector too many
        if (!is_in_budget(candidate) || candidate.stages.size() > problem_.max_selectors)
            return;
        if (is_better(candidate, result_.best))
            result_.best = candidate;
        result_.met = meets_target(result_.best);
    }

    /// More accurate, or as accurate and faster. \pre both accuracies are known
    [[nodiscard]] static bool is_more_accurate(const Candidate& one, const Candidate& other)
    {
        const double difference = *one.top1_percent - *other.top1_percent;
        return difference > gain ||
               (difference > -gain && one.latency_ms < other.latency_ms - gain);
    }

    /// Meets the target and the other does not; else more accurate or, where both miss the target,
    /// faster. \pre both are in the budget
    [[nodiscard]] bool is_better(const Candidate& one, const Candidate& other) const
    {
        const bool met = meets_target(one);
        if (met != meets_target(other))
            return met;
        return met ? is_more_accurate(one, other) : one.latency_ms < other.latency_ms - gain;
    }

    [[nodiscard]] const SearchResult& result() const { return result_; }
    [[nodiscard]] SearchResult take() { return std::move(result_); }

  private:
    const SearchProblem& problem_;
    SearchResult result_;
};

/// Keep ratios that do not rise: each at most the one before it.
void cap(Stages& stages)
{
    for (std::size_t i = 1; i < stages.size(); ++i)
        stages[i].keep_ratio = std::min(stages[i].keep_ratio, stages[i - 1].keep_ratio);
}

/// Adds `by` to the keep ratios of the stages from `first` to `last`.
[[nodiscard]] Stages moved(const Stages& stages, std::size_t first, std::size_t last, double by)
{
    auto result = stages;
    for (auto i = first; i <= last; ++i)
        result[i].keep_ratio = decimal(result[i].keep_ratio + by);
    return result;
}

/// Lowers keep ratios while the latency is above `target_ms`. Each move lowers one stage, and the
/// later ones where they would keep more than it, or one and all later ones.
[[nodiscard]] Candidate tuned(Search& search, Candidate current, double target_ms)
{
    const auto& problem = search.problem();
    while (current.latency_ms > target_ms) {
        std::optional<Candidate> best;
        double best_rate = 0.0; // ms per point of accuracy
        const auto last = current.stages.size() - 1;
        const auto consider = [&](Stages stages) {
            cap(stages);
            if (!is_valid(stages, problem))
                return;
            auto candidate = search.evaluated(std::move(stages));
            if (!search.is_in_budget(candidate))
                return;
            const double saved_ms = current.latency_ms - candidate.latency_ms;
            const double loss =
                std::max(*current.top1_percent - *candidate.top1_percent, least_loss);
            if (saved_ms > gain && saved_ms / loss > best_rate) {
                best_rate = saved_ms / loss;
                best = std::move(candidate);
            }
        };
        for (std::size_t i = 0; i <= last; ++i) {
            consider(moved(current.stages, i, i, -problem.step));
            if (i < last)
                consider(moved(current.stages, i, last, -problem.step));
        }
        if (!best)
            return current;
        current = std::move(*best);
    }
    return current;
}

/// Merges the neighbours that prune alike into the first of them, and the most alike ones while
/// there are too many.
[[nodiscard]] Stages merged(const SearchProblem& problem, Stages stages)
{
    while (stages.size() > 1) {
        std::size_t nearest = 1;
        const auto difference = [&stages](std::size_t i) {
            return stages[i - 1].keep_ratio - stages[i].keep_ratio;
        };
        for (std::size_t i = 2; i < stages.size(); ++i)
            if (difference(i) < difference(nearest) - gain)
                nearest = i;
        if (stages.size() <= problem.max_selectors &&
            difference(nearest) >= problem.merge_below - gain)
            break;
        stages.erase(stages.begin() + static_cast<std::ptrdiff_t>(nearest));
    }
    return stages;
}

/// Adds the candidates with other keep ratios: one of them, one and all later ones, or two together
/// or against each other by a step.
void add_ratio_moves(const SearchProblem& problem, const Stages& from, std::vector<Stages>& moves)
{
    const auto count = from.size();
    for (std::size_t i = 0; i < count; ++i) {
        for (const double by : {-problem.step, problem.step}) {
            moves.push_back(moved(from, i, i, by));
            if (i + 1 < count)
                moves.push_back(moved(from, i, count - 1, by));
            for (std::size_t j = 0; j < count; ++j) {
                if (j != i)
                    moves.push_back(moved(moved(from, i, i, by), j, j, -by));
                if (j > i)
                    moves.push_back(moved(moved(from, i, i, by), j, j, by));
            }
        }
    }
}

[[nodiscard]] std::vector<Stages> ratio_moves(const SearchProblem& problem, const Stages& from)
{
    std::vector<Stages> moves;
    add_ratio_moves(problem, from, moves);
    return moves;
}

/// The candidates with other selectors: one a block further in front or behind, one less, or one
/// more anywhere, its keep ratio halfway between those of its neighbours.
[[nodiscard]] std::vector<Stages> place_moves(const SearchProblem& problem, const Stages& from)
{
    std::vector<Stages> moves;
    for (std::size_t i = 0; i < from.size(); ++i) {
        for (const bool forwards : {true, false}) {
            auto shifted = from;
            auto& block = shifted[i].before_block;
            block = forwards ? block - 1 : block + 1;
            moves.push_back(std::move(shifted));
        }
        auto without = from;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        moves.push_back(std::move(without));
    }
    if (from.size() >= problem.max_selectors)
        return moves;
    for (auto block = problem.first_block; block <= problem.blocks; ++block) {
        auto more = from;
        const auto place = std::find_if(more.begin(), more.end(), [block](const Stage& stage) {
            return stage.before_block >= block;
        });
        const double above = place == more.begin() ? 1.0 : (place - 1)->keep_ratio;
        const double below = place == more.end() ? 0.0 : place->keep_ratio;
        const double steps = std::floor(0.5 * (above - below) / problem.step + 0.5);
        more.insert(place, {block, decimal(above - std::max(steps, 1.0) * problem.step)});
        moves.push_back(std::move(more)); // is_valid says whether it fits
    }
    return moves;
}

/// Climbs to the best of the moves until none is better: the fastest in the budget while the target
/// is not met, then the most accurate that meets it. \param moves_of candidates beside one
template <typename Moves>
[[nodiscard]] Candidate climbed(Search& search, Candidate current, const Moves& moves_of)
{
    const auto& problem = search.problem();
    while (true) {
        std::optional<Candidate> best;
        const bool met = search.meets_target(current);
        for (auto& stages : moves_of(current.stages)) {
            if (!is_valid(stages, problem))
                continue;
            const double latency_ms = search.latency_ms(stages);
            const auto& other = best ? *best : current;
            if (met ? latency_ms > problem.latency_target_ms
                    : latency_ms >= other.latency_ms - gain)
                continue; // whatever its accuracy, which is dear to find out
            Candidate candidate{std::move(stages), latency_ms, std::nullopt};
            candidate.top1_percent = problem.top1_percent(candidate.stages);
            if (search.is_in_budget(candidate) &&
                (!met || Search::is_more_accurate(candidate, other)))
                best = std::move(candidate);
        }
        if (!best)
            return current;
        current = std::move(*best);
    }
}

/// The best of the selectors in front of `block` that stand alone; nothing where none is in the
/// budget.
[[nodiscard]] std::optional<Candidate> best_single(Search& search, std::uint64_t block)
{
    std::optional<Candidate> best;
    for (const double ratio : levels(search.problem().step)) {
        auto candidate = search.evaluated({{block, ratio}});
        if (search.is_in_budget(candidate) && (!best || search.is_better(candidate, *best)))
            best = std::move(candidate);
    }
    return best;
}

/// Local search from `start`, which is in the budget. Keep ratios are climbed first; then each
/// other choice of places is judged by what its own keep ratios climb to.
[[nodiscard]] Candidate refined(Search& search, const Candidate& start)
{
    const auto& problem = search.problem();
    const auto ratios = [&problem](const Stages& stages) { return ratio_moves(problem, stages); };
    const auto all = [&problem](const Stages& stages) {
        auto moves = ratio_moves(problem, stages);
        for (auto& other : place_moves(problem, stages)) {
            add_ratio_moves(problem, other, moves);
            moves.push_back(std::move(other));
        }
        return moves;
    };
    auto current = climbed(search, start, all);
    while (true) {
        std::optional<Candidate> best;
        for (auto& stages : place_moves(problem, current.stages)) {
            if (!is_valid(stages, problem))
                continue;
            auto candidate = search.evaluated(std::move(stages));
            if (!search.is_in_budget(candidate))
                continue;
            candidate = climbed(search, std::move(candidate), ratios);
            if (search.is_better(candidate, best ? *best : current))
                best = std::move(candidate);
        }
        if (!best)
            return current;
        current = climbed(search, std::move(*best), all);
    }
}

/// Calls `visit` with every choice of stages behind `stages`, itself included.
template <typename Visit>
void for_each_choice(const SearchProblem& problem,
                     const std::vector<double>& ratios,
                     Stages& stages,
                     std::size_t first_ratio,
                     const Visit& visit)
{
    visit(stages);
    if (stages.size() == problem.max_selectors)
        return;
    const auto first = stages.empty() ? problem.first_block : stages.back().before_block + 1;
    for (auto block = first; block <= problem.blocks; ++block) {
        for (auto i = first_ratio; i < ratios.size(); ++i) {
            stages.push_back({block, ratios[i]});
            for_each_choice(problem, ratios, stages, i + 1, visit);
            stages.pop_back();
        }
    }
}

using Record = std::function<void(StepKind, const Candidate&, bool kept)>;

/// `before` with one more selector in front of the others, tuned and merged; `before` itself where
/// that leaves the budget or does not pay.
[[nodiscard]] Candidate with_selector(Search& search,
                                      const Candidate& before,
                                      std::uint64_t block,
                                      double target_ms,
                                      const Record& record)
{
    const auto& problem = search.problem();
    auto stages = before.stages;
    stages.insert(stages.begin(), {block, decimal(1.0 - problem.step)});
    cap(stages);
    const auto inserted = search.evaluated(std::move(stages));
    const bool possible = search.is_in_budget(inserted);
    auto current = possible ? tuned(search, inserted, target_ms) : inserted;
    // a selector has to save more than it costs
    const bool pays = possible && current.latency_ms < before.latency_ms - gain;
    record(StepKind::Insert, inserted, pays);
    if (!pays)
        return before;
    if (!(current.stages == inserted.stages))
        record(StepKind::Tune, current, true);
    auto fewer = merged(problem, current.stages);
    if (fewer.size() == current.stages.size())
        return current;
    const bool needed = current.stages.size() > problem.max_selectors;
    const auto one_less = search.evaluated(std::move(fewer));
    const bool allowed = search.is_in_budget(one_less);
    record(StepKind::Merge, one_less, allowed);
    if (!allowed)
        return needed ? before : current; // there may be no room for this selector
    current = tuned(search, one_less, target_ms);
    if (!(current.stages == one_less.stages))
        record(StepKind::Tune, current, true);
    return current;
}

} // namespace

workload::Schedule schedule_of(const workload::Schedule& form, const Stages& stages)
{
    auto schedule = form;
    schedule.published.clear(); // of other selectors
    schedule.selectors.clear();
    schedule.selectors.reserve(stages.size());
    for (const auto& stage : stages) {
        workload::Selector selector;
        selector.before_block = stage.before_block;
        selector.keep_ratio = stage.keep_ratio;
        schedule.selectors.push_back(selector);
    }
    return schedule;
}

SearchResult latency_search(const SearchProblem& problem)
{
    Search search{problem};
    auto current = search.evaluated({});
    search.add_step(StepKind::Start, current);
    if (search.result().met)
        return search.take();
    const Record tell{[&search](StepKind kind, const Candidate& candidate, bool kept) {
        search.add_step(kind, candidate, kept);
    }};
    auto block = problem.blocks;
    for (; block >= problem.first_block && !search.meets_target(current); --block)
        current = with_selector(search, current, block, problem.latency_target_ms, tell);

    // the local search starts from there, from where the insertion would come to if it went on, and
    // from each place's best single selector
    std::vector<Candidate> starts{search.result().best};
    const Record say_nothing{[](StepKind, const Candidate&, bool) {}};
    for (; block >= problem.first_block; --block) {
        auto next = with_selector(search, current, block, 0.0, say_nothing);
        if (next.stages == current.stages)
            continue;
        current = std::move(next);
        if (current.stages.size() <= problem.max_selectors)
            starts.push_back(current);
    }
    for (auto place = problem.first_block; place <= problem.blocks; ++place)
        if (auto single = best_single(search, place))
            starts.push_back(std::move(*single));
    const auto found = starts.front();
    for (const auto& start : starts)
        search.consider(refined(search, start));
    const auto best = search.result().best;
    if (!(best.stages == found.stages))
        search.add_step(StepKind::Refine, best);
    return search.take();
}

SearchResult exhaustive_search(const SearchProblem& problem)
{
    Search search{problem};
    // accuracy is dear: the fastest in the budget is found in the order of latency
    std::vector<std::pair<double, Stages>> slow;
    const auto ratios = levels(problem.step);
    Stages stages;
    for_each_choice(problem, ratios, stages, 0, [&](const Stages& choice) {
        if (choice.empty())
            return; // looked at already
        const double latency_ms = search.latency_ms(choice);
        if (latency_ms <= problem.latency_target_ms)
            search.consider({choice, latency_ms, problem.top1_percent(choice)});
        else
            slow.emplace_back(latency_ms, choice);
    });
    if (search.result().met)
        return search.take();
    std::stable_sort(slow.begin(), slow.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [latency_ms, choice] : slow) {
        const Candidate candidate{choice, latency_ms, problem.top1_percent(choice)};
        search.consider(candidate);
        if (search.is_in_budget(candidate))
            break; // all others are slower
    }
    return search.take();
}

std::size_t exhaustive_choices(const SearchProblem& problem, std::size_t most)
{
    const auto ratios = levels(problem.step).size();
    const std::size_t places = problem.blocks + 1 - problem.first_block;
    const auto choose = [](std::size_t from, std::size_t count) { // \pre count <= from
        double ways = 1.0;
        for (std::size_t i = 0; i < count; ++i)
            ways *= static_cast<double>(from - i) / static_cast<double>(i + 1);
        return ways;
    };
    double sum = 0.0;
    for (std::size_t count = 0; count <= std::min({problem.max_selectors, ratios, places}); ++count)
        sum += choose(ratios, count) * choose(places, count);
    return sum < static_cast<double>(most) ? static_cast<std::size_t>(std::llround(sum)) : most;
}

} // namespace heatsim::sweep
