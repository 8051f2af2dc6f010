// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>

/// Readers of binary files, as the fuzzer and the tests of damaged files call them. To add one: a
/// line in the table here, its function, and its name in CMakeLists.txt; its folder of `corpus/`
/// has at least one valid file.
namespace heatsim::fuzz {

/// Reads a file that is in memory, and uses what it says.
/// \throws config::Error where it refuses the file; std::logic_error where it has accepted one that
/// it should not have
using Read = void(const std::string& bytes);

Read read_idx;
Read read_image;
/// \param bytes the number of changes (one byte) and the changes (four bytes each) to the file of a
/// valid network: what tensors and metadata say is what this reader is about, the file around them
/// is read_safetensors()'s
Read read_integer_network;
Read read_safetensors;

struct Reader {
    const char* name; ///< of its executable, fuzz_<name>, and of its folder in corpus/
    Read* read;
};

constexpr std::array<Reader, 4> readers{{
    {"idx", read_idx},
    {"image", read_image},
    {"integer_network", read_integer_network},
    {"safetensors", read_safetensors},
}};

} // namespace heatsim::fuzz
