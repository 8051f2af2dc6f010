// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/fpga_resources.hpp"
#include "system/catalog.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::report {

/// The files of one run as `heatsim run -o` writes them, with the names that messages show.
struct ResultFiles {
    std::string name; ///< the folder, or what was simulated instead
    std::string summary_json;
    std::string operators_csv;
    std::string images_csv;
    std::string config_yaml;
    std::string predictions_csv = {}; ///< of a functional run; empty: of another one
    struct Picture {
        std::uint64_t image = 0; ///< its number in the set
        std::string svg;
    };
    std::vector<Picture> pictures = {}; ///< of a functional run, as its summary names them

    /// Of one of them, as messages show it.
    [[nodiscard]] std::string path_of(const char* file) const;
};

/// One operator or group of operators of a run.
struct RunPart {
    std::string name;
    double cycles = 0.0; ///< per image, mean over the images
};

/// One image of a run.
struct RunImage {
    std::string image; ///< its number, as images.csv has it
    double latency_ms = 0.0;
};

/// What of a run is compared.
struct RunFigures {
    std::string name; ///< the folder, or what was simulated instead
    std::string model;
    std::string schedule;
    std::string trace;     ///< empty: the token counts are the schedule's targets, or computed
    std::string image_set; ///< that token counts are computed of; empty: they are given
    std::string dataset;   ///< that trace and accuracy are of; empty: not known
    std::string accelerator;
    std::string board;
    std::string memory;
    double clock_mhz = 0.0;
    std::uint64_t images = 0;
    std::uint64_t batch_images = 1; ///< executed together: each takes its batch's latency

    double latency_mean_ms = 0.0; ///< above 0
    double latency_p50_ms = 0.0;
    double latency_p99_ms = 0.0;
    double latency_max_ms = 0.0;
    double fps = 0.0;
    double cycles = 0.0; ///< per image: of a batch divided by its images
    double macs = 0.0;
    double utilization_percent = 0.0;
    double ddr_bytes = 0.0; ///< read and written
    double energy_mj = 0.0;
    double power_w = 0.0;
    std::optional<double> top1_percent;
    estimate::FpgaResources resources; ///< of the whole design, estimated

    std::vector<RunPart> groups;
    /// In execution order, names are unique. What each image of a batch does for itself is one.
    std::vector<RunPart> operators;
    std::vector<RunImage> per_image;
};

/// Paths of the four files in a folder.
[[nodiscard]] std::vector<std::string> result_files(const std::string& path);

/// Reads the four files. \throws config::Error with all that cannot be read
[[nodiscard]] ResultFiles read_result_folder(const std::string& path);

/// Design, network and schedule of config.yaml, without images.
/// \throws config::Error with all violations
[[nodiscard]] system::RunSetup setup_of(const ResultFiles& files);

/// Accuracy is that of summary.json where it has one, else of the trace, if its file is there.
/// \throws config::Error with all violations: no JSON, CSV or YAML, another version's format,
///         missing keys or columns, wrong types
[[nodiscard]] RunFigures figures_of(const ResultFiles& files);

} // namespace heatsim::report
