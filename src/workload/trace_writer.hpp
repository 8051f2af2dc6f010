// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/trace.hpp"

#include <string>

namespace heatsim::workload {

/// A trace in the form `read_trace` reads: header, column names, a row per image; columns
/// `predicted` and `correct` where the trace says them. The number of correct images makes key
/// `top1_percent` where it is absent. \pre image_ids and, unless empty, predicted and correct have
/// one entry per image
[[nodiscard]] std::string trace_text(const TokenTrace& trace);

/// Says in a config::Error of key `-o` why there cannot be a trace at `path`: its name does not end
/// in .csv or .csv.gz, it exists and may not be replaced, it is no regular file, its folder cannot
/// be written to. Leaves nothing behind.
void check_trace_path(const std::string& path, bool replace);

/// Writes `text` into a file that appears complete or not at all, compressed where the name ends in
/// .gz (no name, no time in the header: same text, same bytes). \throws config::Error as
/// `check_trace_path`
void write_trace_file(const std::string& path, const std::string& text, bool replace);

} // namespace heatsim::workload
