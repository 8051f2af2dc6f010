// SPDX-License-Identifier: Apache-2.0
#include "system/run_sums.hpp"

#include "system/byte_archive.hpp"
#include "tlm/check.hpp"

#include <algorithm>
#include <utility>

namespace heatsim::system {

namespace {

[[nodiscard]] channel::OperatorCost times(const channel::OperatorCost& cost, std::uint64_t factor)
{
    auto product = cost;
    for (auto* value : {&product.start_cycle, &product.end_cycle, &product.unit_cycles,
                        &product.input_bytes, &product.weight_bytes, &product.output_bytes})
        *value *= factor;
    for (auto& cycles : product.cycles_by_cause)
        cycles *= factor;
    return product;
}

/// Adds a list element by element, or takes it where there is none yet.
template <typename T, typename Merge>
void merge_lists(std::vector<T>& sums, std::vector<T> others, Merge merge)
{
    if (sums.empty()) {
        sums = std::move(others);
        return;
    }
    HEATSIM_CHECK(others.empty() || others.size() == sums.size(), "images of different chips");
    for (std::size_t i = 0; i < others.size(); ++i)
        merge(sums[i], others[i]);
}

template <typename T>
void append_list(std::string& bytes, const std::vector<T>& list)
{
    append_bytes(bytes, list.size());
    for (const auto& value : list)
        append_bytes(bytes, value);
}

template <typename T>
[[nodiscard]] std::vector<T> get_list(ByteReader& reader)
{
    std::vector<T> list(reader.get<std::size_t>());
    for (auto& value : list)
        value = reader.get<T>();
    return list;
}

} // namespace

void RunSums::merge(OperatorSums& sums, const OperatorSums& other)
{
    sums.unit = std::min(sums.unit, other.unit);
    sums.fused_into = std::min(sums.fused_into, other.fused_into); // `none` is the largest
    sums.executions += other.executions;
    sums.rows += other.rows;
    sums.macs += other.macs;
    sums.cost += other.cost;
    for (std::size_t i = 0; i < sums.picojoules.size(); ++i)
        sums.picojoules[i] += other.picojoules[i];
}

void RunSums::merge(CounterSum& sum, const CounterSum& other)
{
    sum.value = sum.merge == stats::Merge::Maximum ? std::max(sum.value, other.value)
                                                   : sum.value + other.value;
}

void RunSums::add_operators(const workload::Workload& workload,
                            const std::vector<hw::OperatorRecord>& records,
                            const std::vector<estimate::Energy>& energies,
                            std::uint64_t times_added)
{
    operators_.resize(records.size());
    HEATSIM_CHECK(workload.operators.size() == records.size(), "one record per operator");
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& op = workload.operators[i];
        OperatorSums sums;
        sums.unit = records[i].unit;
        sums.fused_into = records[i].fused_into;
        sums.executions = times_added;
        sums.rows = op.rows() * times_added;
        sums.macs = op.macs() * times_added;
        sums.cost = times(records[i].cost, times_added);
        for (const auto& part : estimate::energy_part_names)
            sums.picojoules[static_cast<std::size_t>(part.value)].add(
                energies[i].picojoules(part.value), times_added);
        merge(operators_[i], sums);
    }
}

void RunSums::add_statistics(const std::vector<const stats::Counter*>& counters,
                             std::uint64_t times_added)
{
    std::vector<CounterSum> sums;
    sums.reserve(counters.size());
    for (const auto* counter : counters) {
        const auto factor = counter->merge() == stats::Merge::Maximum ? 1 : times_added;
        sums.push_back({counter->merge(), counter->value() * factor});
    }
    merge_lists(counters_, std::move(sums),
                [](auto& sum, const auto& other) { merge(sum, other); });
}

std::string RunSums::bytes() const
{
    std::string bytes;
    append_list(bytes, operators_);
    append_list(bytes, counters_);
    append_bytes(bytes, simulated_cycles_);
    return bytes;
}

void RunSums::add_bytes(std::string_view bytes)
{
    ByteReader reader{bytes};
    const auto merge_into = [](auto& sum, const auto& other) { merge(sum, other); };
    merge_lists(operators_, get_list<OperatorSums>(reader), merge_into);
    merge_lists(counters_, get_list<CounterSum>(reader), merge_into);
    simulated_cycles_ += reader.get<std::uint64_t>();
}

void RunSums::put_into(RunResult& run,
                       const workload::Workload& workload,
                       const std::vector<const stats::Group*>& groups) const
{
    run.simulated_cycles = simulated_cycles_;
    run.operators.clear();
    run.operators.reserve(operators_.size());
    for (std::size_t i = 0; i < operators_.size(); ++i) {
        const auto& op = workload.operators[i];
        const auto& sums = operators_[i];
        OperatorSummary summary;
        summary.name = op.name;
        summary.kind = op.kind;
        summary.unit = sums.unit;
        summary.block = op.block;
        summary.selector = op.selector;
        summary.stage = op.stage;
        if (sums.fused_into != workload::Operand::none)
            summary.fused_into = workload.operators[sums.fused_into].name;
        summary.executions = sums.executions;
        summary.rows = sums.rows;
        summary.macs = sums.macs;
        summary.sum = sums.cost;
        for (const auto& part : estimate::energy_part_names)
            summary.energy.add(part.value,
                               sums.picojoules[static_cast<std::size_t>(part.value)].value());
        run.operators.push_back(std::move(summary));
    }
    run.statistics.clear();
    std::size_t index = 0;
    for (const auto* group : groups)
        for (const auto* counter : group->counters())
            if (index < counters_.size())
                run.statistics.push_back({group->path() + "." + counter->name(), counter->unit(),
                                          counter->description(), counters_[index++].value});
}

} // namespace heatsim::system
