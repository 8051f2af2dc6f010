// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/commands.hpp"
#include "config/pending_file.hpp"
#include "report/functional_report.hpp"
#include "system/functional.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::app {

/// A functional run as it is asked for, checked and read.
struct FunctionalInputs {
    system::FunctionalSetup setup;
    std::string weights;
    std::string weights_hash;
    std::string command;                        ///< that makes its token trace again
    std::vector<std::string> tensors;           ///< to write, of report::tensor_names()
    std::size_t pictures = 0;                   ///< to write, of the first images
    std::unique_ptr<config::PendingFile> trace; ///< null: none is asked for
};

/// What of the options does not go together.
void check_functional(const RunOptions& options, std::vector<config::Violation>& violations);

/// Takes model and schedule from the network's file where the command line names none.
/// \throws config::Error if the file is no quantized network
void name_network(const RunOptions& options, system::RunRequest& request);

/// Reads network and images. \param run,setup what is asked for, and read
/// \throws config::Error
[[nodiscard]] FunctionalInputs read_functional(const RunOptions& options,
                                               const system::RunRequest& run,
                                               const system::RunSetup& setup);

/// Files of the output folder that only a functional run has, but for tensors and pictures.
[[nodiscard]] std::vector<std::string> functional_files(const workload::Schedule& schedule);
/// All of them with what is in them. Publishes the trace of --record-trace, too.
[[nodiscard]] std::vector<report::NamedText>
functional_outputs(FunctionalInputs& inputs, const report::FunctionalRun& run, bool has_folder);

} // namespace heatsim::app
