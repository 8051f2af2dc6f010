// SPDX-License-Identifier: Apache-2.0
#include "report/error_bands.hpp"

#include "report/csv_table.hpp"
#include "system/reference_table.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace heatsim::report {

namespace {

constexpr const char* recorded_path = "validation/error_bands.csv";

/// Enough to tell a band by; the same on machines whose last bits differ.
[[nodiscard]] double two_digits(double percent)
{
    constexpr double hundredths = 100.0;
    return std::round(percent * hundredths) / hundredths + 0.0; // no -0
}

[[nodiscard]] std::string trust_of(const system::ValidationRow& row)
{
    return row.calibrated ? "calibrated" : row.trust.empty() ? "measured" : row.trust;
}

/// Cells are read back as they are, unquoted.
[[nodiscard]] std::string without_commas(std::string text)
{
    std::replace(text.begin(), text.end(), ',', ';');
    return text;
}

[[nodiscard]] const std::vector<Column<ErrorBand>>& columns()
{
    static const std::vector<Column<ErrorBand>> all{
        {{"target", "", "text", "source of references, as `heatsim validate` calls it"},
         [](const ErrorBand& band) { return band.target; }},
        {{"accelerator", "", "text",
          "accelerator of configs/ that the references are of; empty: the model as such"},
         [](const ErrorBand& band) { return band.accelerator; }},
        {{"quantity", "", "text", "what was compared"},
         [](const ErrorBand& band) { return band.quantity; }},
        {{"comparisons", "comparisons", "integer", "predictions with a reference"},
         [](const ErrorBand& band) { return std::to_string(band.comparisons); }},
        {{"low_percent", "%", "real", "smallest error, predicted / reference - 1"},
         [](const ErrorBand& band) { return real_text(band.low_percent); }},
        {{"high_percent", "%", "real", "largest error, predicted / reference - 1"},
         [](const ErrorBand& band) { return real_text(band.high_percent); }},
        {{"trust", "", "text",
          "of the reference: `measured` here, `primary`, `secondary`, `recalled` (not checked on "
          "its "
          "source), or `calibrated` (a parameter was chosen with it)"},
         [](const ErrorBand& band) { return band.trust; }},
        {{"reference", "", "text", "what it was compared with"},
         [](const ErrorBand& band) { return without_commas(band.reference); }},
    };
    return all;
}

} // namespace

std::vector<ErrorBand> error_bands(const std::vector<system::ValidationTable>& tables)
{
    std::vector<ErrorBand> bands;
    for (const auto& table : tables) {
        for (const auto& row : table.rows) {
            const auto error = row.error_percent();
            if (!error)
                continue;
            const auto percent = two_digits(*error);
            const auto trust = trust_of(row);
            auto band = std::find_if(bands.begin(), bands.end(), [&](const ErrorBand& known) {
                return std::tie(known.target, known.accelerator, known.quantity, known.trust) ==
                       std::tie(table.target, row.accelerator, row.quantity, trust);
            });
            if (band == bands.end())
                band = bands.insert(band, {table.target, row.accelerator, row.quantity, 0, percent,
                                           percent, trust, table.reference});
            ++band->comparisons;
            band->low_percent = std::min(band->low_percent, percent);
            band->high_percent = std::max(band->high_percent, percent);
        }
    }
    return bands;
}

std::string error_bands_csv(const std::vector<ErrorBand>& bands)
{
    return csv_table(columns(), bands);
}

std::vector<Field> error_bands_columns()
{
    return fields_of(columns());
}

std::vector<ErrorBand> recorded_error_bands(const std::string& accelerator)
{
    std::vector<ErrorBand> bands;
    for (const auto& row : system::shipped_table(recorded_path).rows) {
        const auto& of = row.text("accelerator");
        if (!of.empty() && of != accelerator)
            continue;
        bands.push_back({row.text("target"), of, row.text("quantity"), row.integer("comparisons"),
                         row.real("low_percent"), row.real("high_percent"), row.text("trust"),
                         row.text("reference")});
    }
    std::stable_partition(bands.begin(), bands.end(),
                          [](const ErrorBand& band) { return !band.accelerator.empty(); });
    return bands;
}

} // namespace heatsim::report
