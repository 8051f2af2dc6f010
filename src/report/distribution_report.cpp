// SPDX-License-Identifier: Apache-2.0
#include "report/distribution_report.hpp"

#include "report/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using system::ImageResult;
using Align = TextTable::Align;

constexpr std::size_t most_bins = 40;          // in files
constexpr std::size_t most_terminal_bins = 12; // a screen has other things to show
constexpr std::size_t images_per_tail_image = 100;
constexpr std::size_t most_tail_images = 100;
constexpr std::size_t named_images = 10; // of the slowest, in JSON
constexpr std::size_t shown_images = 3;
constexpr std::size_t shown_shares = 4;

template <typename Value>
[[nodiscard]] QuantityDistribution
quantity(const char* name, const char* unit, const std::vector<ImageResult>& images, Value value)
{
    std::vector<double> sample;
    sample.reserve(images.size());
    for (const auto& image : images)
        sample.push_back(value(image));
    return {name, unit, stats::distribution(sample),
            stats::histogram(std::move(sample), most_bins)};
}

/// A row of distribution.csv.
struct BinRow {
    const QuantityDistribution* quantity;
    std::size_t bin;
    double cumulative_percent;
};

[[nodiscard]] std::vector<Column<BinRow>> bin_table()
{
    return {
        {{"quantity", "", "text", "`latency_ms`, `energy_mj` or `ddr_bytes`, of one image"},
         [](const BinRow& row) { return std::string{row.quantity->quantity}; }},
        {{"low", "unit of the quantity", "real", "lower edge of the bin, which belongs to it"},
         [](const BinRow& row) { return real_text(row.quantity->histogram.edge(row.bin)); }},
        {{"high", "unit of the quantity", "real",
          "upper edge of the bin, which belongs to the next one; the last bin holds it, too"},
         [](const BinRow& row) {
             const bool last = row.bin + 1 == row.quantity->histogram.counts.size();
             return real_text(last ? row.quantity->of.max
                                   : row.quantity->histogram.edge(row.bin + 1));
         }},
        {{"images", "images", "integer", "images in the bin"},
         [](const BinRow& row) { return std::to_string(row.quantity->histogram.counts[row.bin]); }},
        {{"cumulative_percent", "%", "real",
          "images in this bin and the lower ones: the cumulative distribution function at `high`"},
         [](const BinRow& row) { return real_text(row.cumulative_percent); }},
    };
}

/// Numbers of the images, slowest first.
[[nodiscard]] std::vector<std::size_t> by_latency(const std::vector<ImageResult>& images)
{
    std::vector<std::size_t> order(images.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&images](std::size_t a, std::size_t b) {
        return images[a].cycles > images[b].cycles;
    });
    return order;
}

[[nodiscard]] double group_ms(const Summary& summary, const std::string& name)
{
    const auto found = std::find_if(summary.groups.begin(), summary.groups.end(),
                                    [&name](const auto& group) { return group.name == name; });
    return found == summary.groups.end() ? 0.0 : summary.milliseconds(found->cycles.value());
}

[[nodiscard]] double
stage_ms(const Summary& summary, const system::RunResult& run, std::size_t stage)
{
    Mean cycles{0, summary.images};
    for (const auto& op : run.operators)
        if (op.stage == stage)
            cycles.sum += op.sum.cycles();
    return summary.milliseconds(cycles.value());
}

[[nodiscard]] bool more(const TailShare& a, const TailShare& b)
{
    return a.more_ms() > b.more_ms();
}

[[nodiscard]] std::string blocks_text(const StageSummary& stage)
{
    return stage.first_block == stage.last_block
               ? fmt::format("block {}", stage.first_block)
               : fmt::format("blocks {} to {}", stage.first_block, stage.last_block);
}

[[nodiscard]] std::string images_text(std::size_t images)
{
    return grouped(images) + (images == 1 ? " image" : " images");
}

/// `+0.51` or `-0.02` ms.
[[nodiscard]] std::string signed_ms(double milliseconds)
{
    constexpr double rounds_to_zero = 0.0005;
    return std::abs(milliseconds) < rounds_to_zero ? "0.000" : fmt::format("{:+.3f}", milliseconds);
}

[[nodiscard]] ordered_json share_json(const char* what, const TailShare& share)
{
    return {{what, share.name},
            {"slowest_ms", share.slowest_ms},
            {"typical_ms", share.typical_ms},
            {"more_ms", share.more_ms()}};
}

} // namespace

std::vector<QuantityDistribution> distributions_of(const std::vector<ImageResult>& images,
                                                   double clock_mhz)
{
    constexpr double cycles_per_ms_and_mhz = 1e3;
    return {
        quantity("latency_ms", "ms", images,
                 [clock_mhz](const ImageResult& image) {
                     return static_cast<double>(image.cycles) / (clock_mhz * cycles_per_ms_and_mhz);
                 }),
        quantity("energy_mj", "mJ", images,
                 [](const ImageResult& image) { return millijoules(image.energy.picojoules()); }),
        quantity("ddr_bytes", "bytes", images, [](const ImageResult& image) {
            return static_cast<double>(image.read_bytes + image.write_bytes);
        })};
}

ordered_json distributions_json(const std::vector<QuantityDistribution>& distributions)
{
    ordered_json list = ordered_json::array();
    for (const auto& [name, unit, of, histogram] : distributions)
        list.push_back({{"quantity", name},
                        {"unit", unit},
                        {"mean", of.mean},
                        {"p50", of.p50},
                        {"p90", of.p90},
                        {"p95", of.p95},
                        {"p99", of.p99},
                        {"min", of.min},
                        {"max", of.max},
                        {"bin_width", histogram.bin_width},
                        {"bin_images", histogram.counts},
                        {"cumulative_percent", histogram.cumulative_percent()}});
    return list;
}

std::vector<Field> distribution_fields()
{
    const std::string key = "distributions";
    const auto of_unit = "unit of the quantity";
    return {
        {key, "", "list", "how latency, energy and DDR traffic differ from image to image"},
        {key + "[].quantity", "", "text",
         "`latency_ms`; `energy_mj`, estimated; `ddr_bytes`, read and written"},
        {key + "[].unit", "", "text", "of the quantity"},
        {key + "[].mean", of_unit, "real", "arithmetic mean over the images"},
        {key + "[].p50", of_unit, "real", "half of the images have at most this (nearest rank)"},
        {key + "[].p90", of_unit, "real", "90 % of the images have at most this (nearest rank)"},
        {key + "[].p95", of_unit, "real", "95 % of the images have at most this (nearest rank)"},
        {key + "[].p99", of_unit, "real", "99 % of the images have at most this (nearest rank)"},
        {key + "[].min", of_unit, "real", "least of all images; the histogram's lowest edge"},
        {key + "[].max", of_unit, "real", "most of all images; the histogram's highest edge"},
        {key + "[].bin_width", of_unit, "real",
         "width of the histogram's bins, after Freedman and Diaconis, at most 40 bins; 0 where all "
         "images have the same"},
        {key + "[].bin_images", "images", "list", "images in each bin, from the lowest"},
        {key + "[].cumulative_percent", "%", "list",
         "images in each bin and the lower ones: the cumulative distribution function at the bins' "
         "upper edges"},
    };
}

std::string distribution_csv(const Summary& summary)
{
    std::vector<BinRow> rows;
    for (const auto& of : summary.distributions) {
        const auto cumulative = of.histogram.cumulative_percent();
        for (std::size_t bin = 0; bin < cumulative.size(); ++bin)
            rows.push_back({&of, bin, cumulative[bin]});
    }
    return csv_table(bin_table(), rows);
}

std::vector<Field> distribution_columns()
{
    return fields_of(bin_table());
}

std::vector<std::string>
histogram_lines(const Summary& summary, const system::RunResult& run, const Style& style)
{
    constexpr std::size_t bar_width = 36;
    std::vector<double> sample;
    sample.reserve(run.images.size());
    for (const auto& image : run.images)
        sample.push_back(summary.milliseconds(static_cast<double>(image.cycles)));
    const auto histogram = stats::histogram(std::move(sample), most_terminal_bins);
    const auto cumulative = histogram.cumulative_percent();
    const auto most = *std::max_element(histogram.counts.begin(), histogram.counts.end());
    TextTable table{
        {Align::Right, Align::Left, Align::Right, Align::Right, Align::Right, Align::Left}};
    table.add({"", "", "ms", "images", "up to here", ""});
    for (std::size_t bin = 0; bin < cumulative.size(); ++bin) {
        const auto count = histogram.counts[bin];
        table.add({"  " + significant(histogram.edge(bin)), "to",
                   significant(histogram.edge(bin + 1)), grouped(count),
                   fmt::format("{:.1f} %", cumulative[bin]),
                   style.accent(style.bar(static_cast<double>(count) / static_cast<double>(most),
                                          bar_width))});
    }
    auto lines = table.lines();
    lines.insert(lines.begin(), style.bold("Images by latency"));
    return lines;
}

std::optional<TailSelection> select_tail(const system::RunResult& run)
{
    const auto order = by_latency(run.images);
    if (order.empty() || run.images[order.front()].cycles == run.images[order.back()].cycles)
        return std::nullopt;
    const auto count =
        std::clamp(order.size() / images_per_tail_image, std::size_t{1}, most_tail_images);
    // the window of `count` images with the median (nearest rank from below) in its middle; it
    // never touches the tail: the median of two different images is the faster one
    const auto median = order.size() / 2;
    const auto first = median - (count - 1) / 2;
    const auto at = [&order](std::size_t rank) {
        return order.begin() + static_cast<std::ptrdiff_t>(rank);
    };
    return TailSelection{{at(0), at(count)}, {at(first), at(first + count)}};
}

Tail tail_of(const system::RunSetup& setup,
             const system::RunResult& run,
             const TailSelection& selection,
             const system::RunResult& slowest,
             const system::RunResult& typical)
{
    const auto slow = summarize(setup, slowest);
    const auto usual = summarize(setup, typical);
    Tail tail;
    tail.run_images = run.images.size();
    tail.slowest_ms = slow.latency_ms.mean;
    tail.typical_ms = usual.latency_ms.mean;
    for (const auto index : selection.slowest) {
        const auto& image = run.images[index];
        tail.images.push_back(
            {index, slow.milliseconds(static_cast<double>(image.cycles)), image.tokens});
    }
    for (std::size_t i = 0; i < slow.stages.size(); ++i)
        tail.stages.push_back({slow.stages[i],
                               usual.stages[i].tokens.value(),
                               {blocks_text(slow.stages[i]), stage_ms(slow, slowest, i),
                                stage_ms(usual, typical, i)}});
    for (const auto& group : operator_groups()) {
        TailShare share{group.name, group_ms(slow, group.name), group_ms(usual, group.name)};
        if (share.slowest_ms > 0.0 || share.typical_ms > 0.0)
            tail.groups.push_back(std::move(share));
    }
    for (const auto& cause : channel::array_cause_names) {
        const auto index = static_cast<std::size_t>(cause.value);
        TailShare share{cause.name, slow.milliseconds(slow.cause_cycles(index).value()),
                        usual.milliseconds(usual.cause_cycles(index).value())};
        if (share.slowest_ms > 0.0 || share.typical_ms > 0.0)
            tail.causes.push_back(std::move(share));
    }
    std::stable_sort(tail.groups.begin(), tail.groups.end(), more);
    std::stable_sort(tail.causes.begin(), tail.causes.end(), more);
    return tail;
}

std::string tail_sentence(const Tail& tail)
{
    const bool hundredth = tail.images.size() * images_per_tail_image == tail.run_images;
    auto text =
        fmt::format("The slowest {}take{} {} ms, {} ms more than the median {}",
                    tail.images.size() == 1 ? std::string{"image "}
                                            : (hundredth ? "1 % of the images "
                                                         : images_text(tail.images.size()) + " "),
                    tail.images.size() == 1 ? "s" : "", significant(tail.slowest_ms),
                    significant(tail.more_ms(), 3), tail.images.size() == 1 ? "image" : "images");
    if (tail.more_ms() <= 0.0)
        return text + ".";
    const auto percent = [&tail](const TailShare& share) {
        return fmt::format("{:.0f} %", 100.0 * share.more_ms() / tail.more_ms());
    };
    if (tail.stages.size() > 1) {
        const auto& stage = *std::max_element(
            tail.stages.begin(), tail.stages.end(),
            [](const auto& a, const auto& b) { return a.time.more_ms() < b.time.more_ms(); });
        const auto tokens = stage.stage.tokens.value();
        text += fmt::format(": {} of it in {}", percent(stage.time), stage.time.name);
        if (tokens != stage.typical_tokens)
            text +=
                fmt::format(", with {:.0f} tokens instead of {:.0f}", tokens, stage.typical_tokens);
    }
    if (!tail.groups.empty())
        text += fmt::format("; most in {} ({})", tail.groups.front().name,
                            percent(tail.groups.front()));
    if (!tail.causes.empty()) {
        const auto& grows = tail.causes.front();
        const auto& shrinks = tail.causes.back();
        text += fmt::format("; of the array's cycles, {} grows most ({} ms)", grows.name,
                            signed_ms(grows.more_ms()));
        constexpr double worth_telling = 0.05;
        if (shrinks.more_ms() < -worth_telling * tail.more_ms())
            text += fmt::format(", {} shrinks ({} ms)", shrinks.name, signed_ms(shrinks.more_ms()));
    }
    return text + ".";
}

ordered_json tail_json(const Tail& tail)
{
    ordered_json images = ordered_json::array();
    for (std::size_t i = 0; i < std::min(named_images, tail.images.size()); ++i)
        images.push_back({{"image", tail.images[i].image},
                          {"latency_ms", tail.images[i].latency_ms},
                          {"tokens", tail.images[i].tokens}});
    ordered_json stages = ordered_json::array();
    for (std::size_t i = 0; i < tail.stages.size(); ++i) {
        const auto& stage = tail.stages[i];
        stages.push_back({{"stage", i},
                          {"tokens", stage.stage.tokens.value()},
                          {"typical_tokens", stage.typical_tokens},
                          {"slowest_ms", stage.time.slowest_ms},
                          {"typical_ms", stage.time.typical_ms},
                          {"more_ms", stage.time.more_ms()}});
    }
    ordered_json groups = ordered_json::array();
    for (const auto& share : tail.groups)
        groups.push_back(share_json("group", share));
    ordered_json causes = ordered_json::array();
    for (const auto& share : tail.causes)
        causes.push_back(share_json("cause", share));
    return {{"images", tail.images.size()},  {"slowest_ms", tail.slowest_ms},
            {"typical_ms", tail.typical_ms}, {"more_ms", tail.more_ms()},
            {"reason", tail_sentence(tail)}, {"slowest", std::move(images)},
            {"stages", std::move(stages)},   {"groups", std::move(groups)},
            {"causes", std::move(causes)}};
}

std::vector<Field> tail_fields()
{
    std::vector<Field> fields{
        {"tail", "", "object or null",
         "which images are the slowest, and why: the slowest 1 % (from 1 to 100 images) beside as "
         "many around the median; null where all take as long"},
        {"tail.images", "images", "integer", "images on each side of the comparison"},
        {"tail.slowest_ms", "ms", "real", "latency of the slowest images, mean"},
        {"tail.typical_ms", "ms", "real", "latency of the images around the median, mean"},
        {"tail.more_ms", "ms", "real", "tail.slowest_ms - tail.typical_ms"},
        {"tail.reason", "", "text",
         "the stage, the group of operators and the cause that take most of tail.more_ms"},
        {"tail.slowest", "", "list", "the slowest images, slowest first, at most 10"},
        {"tail.slowest[].image", "", "integer", "number of the image in the run, from 0"},
        {"tail.slowest[].latency_ms", "ms", "real", "its latency"},
        {"tail.slowest[].tokens", "tokens", "list", "its tokens in every stage"},
        {"tail.stages", "", "list", "the difference by stage; they sum up to tail.more_ms"},
        {"tail.stages[].stage", "", "integer", "number of the stage, from 0"},
        {"tail.stages[].tokens", "tokens", "real", "tokens of the slowest images, mean"},
        {"tail.stages[].typical_tokens", "tokens", "real",
         "tokens of the images around the median, mean"},
    };
    const auto add_times = [&fields](const std::string& key, const std::string& of) {
        fields.push_back({key + ".slowest_ms", "ms", "real",
                          fmt::format("time {} takes in the slowest images, mean", of)});
        fields.push_back({key + ".typical_ms", "ms", "real",
                          fmt::format("time {} takes in the images around the median, mean", of)});
        fields.push_back({key + ".more_ms", "ms", "real", "slowest_ms - typical_ms"});
    };
    add_times("tail.stages[]", "the stage with the selector that reads its tokens");
    fields.push_back({"tail.groups", "", "list",
                      "the difference by group of operators, largest first; they sum up to "
                      "tail.more_ms"});
    fields.push_back({"tail.groups[].group", "", "text", "name of the group"});
    add_times("tail.groups[]", "the group");
    fields.push_back({"tail.causes", "", "list",
                      "the difference by cause of the array's cycles, largest first; they sum up "
                      "to tail.more_ms"});
    fields.push_back({"tail.causes[].cause", "", "text", "name of the cause"});
    add_times("tail.causes[]", "the cause");
    return fields;
}

std::string tail_text(const Tail& tail, const Style& style)
{
    constexpr std::size_t narrow_page = 80;
    std::string text = style.bold("The slowest images") + '\n';
    for (const auto& line : wrapped(tail_sentence(tail), narrow_page - 2))
        text.append("  ").append(line).append("\n");
    for (std::size_t i = 0; i < std::min(shown_images, tail.images.size()); ++i) {
        const auto& image = tail.images[i];
        text += fmt::format("  image {}: {} ms, tokens {}\n", image.image,
                            significant(image.latency_ms), fmt::join(image.tokens, " "));
    }
    TextTable table{{Align::Left, Align::Right, Align::Right, Align::Right, Align::Right}};
    table.add({"", "tokens", "slowest ms", "median ms", "more ms"});
    for (const auto& stage : tail.stages)
        table.add({"  " + stage.time.name,
                   fmt::format("{:.0f} : {:.0f}", stage.stage.tokens.value(), stage.typical_tokens),
                   fmt::format("{:.3f}", stage.time.slowest_ms),
                   fmt::format("{:.3f}", stage.time.typical_ms), signed_ms(stage.time.more_ms())});
    const auto add_row = [&table](const TailShare& share) {
        table.add({"  " + share.name, "", fmt::format("{:.3f}", share.slowest_ms),
                   fmt::format("{:.3f}", share.typical_ms), signed_ms(share.more_ms())});
    };
    const auto add = [&add_row](const std::vector<TailShare>& shares) {
        for (std::size_t i = 0; i < std::min(shown_shares, shares.size()); ++i)
            add_row(shares[i]);
        if (shares.size() > shown_shares && shares.back().more_ms() < 0.0)
            add_row(shares.back());
    };
    add(tail.groups);
    add(tail.causes);
    for (const auto& line : table.lines())
        text.append(line).append("\n");
    return text;
}

} // namespace heatsim::report
