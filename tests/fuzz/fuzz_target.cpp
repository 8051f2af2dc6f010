// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry for the reader HEATSIM_FUZZ_READER: whatever the bytes, it reads them or
// refuses them by a config::Error.
#include "config/error.hpp"
#include "fuzz/readers.hpp"

#include <cstddef>
#include <cstdint>

// libFuzzer's name
extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, // NOLINT(readability-identifier-naming)
                       std::size_t size)
{
    try {
        heatsim::fuzz::HEATSIM_FUZZ_READER({data, data + size});
    } catch (const heatsim::config::Error&) { // what it should do
        return 0;
    }
    return 0;
}
