// SPDX-License-Identifier: Apache-2.0
#include "system/model_validation.hpp"

#include "system/catalog.hpp"
#include "system/reference_table.hpp"

#include <string>
#include <utility>

namespace heatsim::system {

namespace {

/// The schedule that a row describes, where it is not `dense`.
[[nodiscard]] std::vector<Override> schedule_of(const ReferenceRow& row)
{
    const auto blocks = row.words("selector_before_blocks");
    const auto tokens = row.words("tokens_per_stage");
    std::string selectors;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        selectors += selectors.empty() ? "{" : ", {";
        selectors.append("before_block: ").append(blocks[i]);
        selectors.append(", tokens: ").append(tokens[i + 1]).append("}");
    }
    return {{"schedule.selectors", "[" + selectors + "]"}};
}

} // namespace

ValidationTable validate_models()
{
    const auto reference = shipped_table("validation/models.csv");
    ValidationTable table;
    table.target = "models";
    table.title = "MACs of five networks, dense and pruned";
    table.reference =
        "definitions of DeiT and LV-ViT with HeatViT's selector, exact (" + reference.path + ")";
    for (const auto& row : reference.rows) {
        RunRequest request;
        request.model = row.text("model");
        request.schedule = "dense";
        if (row.text("schedule") != "dense") {
            request.schedule = "heatvit";
            request.overrides = schedule_of(row);
        }
        const auto setup = load(request);
        ValidationRow compared;
        compared.name = row.text("model") + "/" + row.text("schedule");
        compared.quantity = "MACs";
        compared.predicted = static_cast<double>(
            workload::lower(setup.model, setup.schedule, setup.images.front()).macs());
        compared.reference = row.real("total_macs");
        table.rows.push_back(std::move(compared));
    }
    table.checks.push_back({"worst error", "%", worst_absolute_error_percent(table.rows), 0.0});
    table.not_validated = {"MACs of other networks; of selectors in other variants than HeatViT's"};
    return table;
}

} // namespace heatsim::system
