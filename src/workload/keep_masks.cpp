// SPDX-License-Identifier: Apache-2.0
#include "workload/keep_masks.hpp"

#include "config/error.hpp"
#include "config/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace heatsim::workload {

namespace {

using config::quoted;
using config::Text;
using config::to_number;

constexpr std::size_t most_mask_bytes = 4294967296; // 4 GiB of text

/// Where the columns stand.
struct MaskColumns {
    std::size_t count = 0;
    std::optional<std::size_t> image;
    std::optional<std::size_t> stage;
    std::optional<std::size_t> mask;
    std::optional<std::size_t> label;
    std::optional<std::size_t> predicted;
};

MaskColumns read_columns(const Text& line, config::ViolationList& violations)
{
    MaskColumns columns;
    const auto names = config::split(line, ',');
    columns.count = names.size();
    const std::vector<std::pair<std::string, std::optional<std::size_t>*>> known{
        {"image", &columns.image},
        {"stage", &columns.stage},
        {"mask", &columns.mask},
        {"label", &columns.label},
        {"predicted", &columns.predicted}};
    for (std::size_t i = 0; i < names.size(); ++i)
        for (const auto& [name, column] : known) {
            if (names[i].text != name)
                continue;
            if (column->has_value())
                violations.add(names[i], name, "column given twice", "once");
            *column = i;
        }
    constexpr std::size_t required = 3;
    for (std::size_t i = 0; i < required; ++i)
        if (!known[i].second->has_value())
            violations.add(line, known[i].first, "column missing", "columns image, stage and mask");
    return columns;
}

/// The rows of a file of masks, one after the other.
class MaskRows {
  public:
    MaskRows(const MaskColumns& columns,
             std::uint64_t patches,
             TokenTrace& trace,
             config::ViolationList& violations)
        : columns_{columns}
        , patches_{patches}
        , trace_{trace}
        , violations_{violations}
    {}

    void add(const Text& line)
    {
        const auto fields = config::split(line, ',');
        if (fields.size() != columns_.count) {
            violations_.add(line, "", fmt::format("{} fields", fields.size()),
                            fmt::format("{}, as in the CSV header", columns_.count));
            return;
        }
        const auto& image_field = fields[*columns_.image];
        const auto image = to_number<std::uint64_t>(image_field.text);
        if (!image) {
            violations_.add(image_field, "image", quoted(image_field.text), "an integer");
            return;
        }
        if (!image_ || *image_ != *image)
            begin(*image, image_field);
        line_ = line.line;
        check_stage(fields[*columns_.stage]);
        add_mask(fields[*columns_.mask]);
        check_class(fields);
    }

    /// The last image is complete.
    void end()
    {
        if (!image_)
            return;
        const auto stages = trace_.selectors_before_blocks.size();
        if (stage_ < stages)
            violations_.add(line_, 0, "stage",
                            fmt::format("image {} ends with stage {}", *image_, stage_),
                            fmt::format("a row for each of the {} selectors", stages));
        if (!violations_.empty())
            return;
        trace_.tokens = patches_ + trace_.class_tokens;
        trace_.images.push_back(token_counts(trace_, kept_));
        trace_.image_ids.push_back(*image_);
        if (columns_.label && columns_.predicted)
            trace_.correct.push_back(label_ == predicted_);
        if (columns_.predicted)
            trace_.predicted.push_back(predicted_);
    }

  private:
    void begin(std::uint64_t image, const Text& field)
    {
        end();
        image_ = image;
        stage_ = 0;
        previous_.clear();
        kept_.clear();
        label_.clear();
        predicted_.clear();
        const auto [known, is_new] = line_of_.emplace(image, field.line);
        if (!is_new)
            violations_.add(field, "image", fmt::format("{} given twice", image),
                            fmt::format("its rows together, as from line {} on", known->second));
    }

    void check_stage(const Text& field)
    {
        ++stage_;
        const auto stages = trace_.selectors_before_blocks.size();
        if (stage_ > stages)
            violations_.add(field, "stage", quoted(field.text),
                            fmt::format("no row beyond the {} selectors", stages));
        else if (to_number<std::size_t>(field.text) != stage_)
            violations_.add(field, "stage", quoted(field.text),
                            fmt::format("{}: one row per selector, in order", stage_));
    }

    void add_mask(const Text& field)
    {
        const auto& mask = field.text;
        const std::string key = "mask";
        if (patches_ == 0)
            patches_ = mask.size();
        const auto other = mask.find_first_not_of("01");
        if (mask.size() != patches_ || mask.empty()) {
            violations_.add(field, key, fmt::format("{} characters", mask.size()),
                            fmt::format("{}, one per patch", patches_));
        } else if (other != std::string_view::npos) {
            violations_.add({mask, field.line, field.column + static_cast<int>(other)}, key,
                            fmt::format("'{}'", mask[other]), "0 (pruned) or 1 (kept)");
        } else {
            for (std::size_t patch = 0; patch < previous_.size(); ++patch)
                if (mask[patch] == '1' && previous_[patch] == '0') {
                    violations_.add({mask, field.line, field.column + static_cast<int>(patch)}, key,
                                    fmt::format("patch {} is kept", patch),
                                    fmt::format("pruned, as in stage {}: pruned tokens do not "
                                                "return",
                                                stage_ - 1));
                    break;
                }
            kept_.push_back(static_cast<std::uint64_t>(std::count(mask.begin(), mask.end(), '1')));
            previous_ = mask;
        }
    }

    void check_class(const std::vector<Text>& fields)
    {
        const auto check = [&](const std::optional<std::size_t>& column, const char* key,
                               std::string& value) {
            if (!column)
                return;
            const auto& field = fields[*column];
            if (stage_ == 1)
                value = field.text;
            else if (field.text != value)
                violations_.add(field, key, quoted(field.text),
                                fmt::format("{}, as in stage 1 of the image", quoted(value)));
        };
        check(columns_.label, "label", label_);
        check(columns_.predicted, "predicted", predicted_);
    }

    const MaskColumns& columns_;
    std::uint64_t patches_;
    TokenTrace& trace_;
    config::ViolationList& violations_;
    std::optional<std::uint64_t> image_; ///< whose rows are read
    int line_ = 0;                       ///< its last one so far
    std::size_t stage_ = 0;
    std::string previous_; ///< mask
    std::vector<std::uint64_t> kept_;
    std::string label_;
    std::string predicted_;
    std::unordered_map<std::uint64_t, int> line_of_; ///< of each image
};

} // namespace

void read_keep_masks(const std::string& path, std::uint64_t patches, TokenTrace& trace)
{
    config::ViolationList violations{path};
    config::LineReader reader{path, violations, most_mask_bytes};
    std::optional<MaskColumns> columns;
    std::optional<MaskRows> rows;
    while (reader.next()) {
        const auto line = config::trimmed(reader.line());
        if (line.text.empty() || line.text.front() == '#')
            continue;
        if (rows) {
            rows->add(line);
            continue;
        }
        columns = read_columns(line, violations);
        violations.throw_if_any();
        rows.emplace(*columns, patches, trace, violations);
    }
    if (rows && !reader.failed())
        rows->end();
    if (violations.empty() && trace.images.empty())
        violations.add(reader.number(), 0, "", "no images",
                       "a CSV header image,stage,mask and a row per image and selector");
    violations.throw_if_any();
}

} // namespace heatsim::workload
