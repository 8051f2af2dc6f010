// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/vocabulary.hpp"
#include "system/validation.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::report {

/// How far predictions of one quantity were off one source of references.
struct ErrorBand {
    std::string target;      ///< of `heatsim validate`
    std::string accelerator; ///< that the references are of; empty: the model as such
    std::string quantity;
    std::uint64_t comparisons = 0;
    double low_percent = 0.0; ///< smallest and largest error, predicted / reference - 1
    double high_percent = 0.0;
    /// Of the reference: `measured` here, `primary`, `secondary`, `recalled` (not checked on its
    /// source), or `calibrated` (a parameter was chosen with it).
    std::string trust;
    std::string reference; ///< what it is compared with
};

/// Rows taken together by target, accelerator, quantity and trust; those without an error are left
/// out.
[[nodiscard]] std::vector<ErrorBand>
error_bands(const std::vector<system::ValidationTable>& tables);

/// One row per band, as `heatsim validate --format csv` prints it and validation/error_bands.csv
/// records it.
[[nodiscard]] std::string error_bands_csv(const std::vector<ErrorBand>& bands);
[[nodiscard]] std::vector<Field> error_bands_columns();

/// Those that validation/error_bands.csv records: of the references as they are recorded, and the
/// present model (a test compares). \returns first those of the accelerator, then those of the
/// model
[[nodiscard]] std::vector<ErrorBand> recorded_error_bands(const std::string& accelerator);

} // namespace heatsim::report
