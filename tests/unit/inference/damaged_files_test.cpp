// SPDX-License-Identifier: Apache-2.0
// The fuzzer's seeds, and what a disk or a transfer makes of them: a reader reads or refuses them.
#include "config/error.hpp"
#include "fuzz/readers.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace heatsim::fuzz {
namespace {

namespace fs = std::filesystem;

struct SeedFile {
    std::string name;
    std::string bytes;
};

const fs::path& corpus()
{
    static const fs::path folder = fs::path{HEATSIM_SOURCE_DIR} / "tests/fuzz/corpus";
    return folder;
}

std::vector<SeedFile> seeds_of(const Reader& reader)
{
    std::vector<SeedFile> seeds;
    for (const auto& entry : fs::directory_iterator{corpus() / reader.name}) {
        std::ifstream file{entry.path(), std::ios::binary};
        seeds.push_back(
            {entry.path().filename().string(), {std::istreambuf_iterator<char>{file}, {}}});
    }
    return seeds;
}

/// Whether the reader takes the file; a failure where it does anything else than read or refuse.
bool reads(const Reader& reader, const std::string& bytes, const std::string& what)
{
    try {
        reader.read(bytes);
        return true;
    } catch (const config::Error& error) {
        EXPECT_FALSE(error.violations().empty()) << what;
    } catch (const std::exception& error) {
        ADD_FAILURE() << what << ": " << error.what();
    }
    return false;
}

class DamagedFiles : public testing::TestWithParam<Reader> {};

TEST_P(DamagedFiles, SomeSeedIsReadAndSomeIsRefused)
{
    std::set<bool> outcomes;
    for (const auto& seed : seeds_of(GetParam()))
        outcomes.insert(reads(GetParam(), seed.bytes, seed.name));
    EXPECT_EQ(outcomes, (std::set<bool>{false, true}));
}

TEST_P(DamagedFiles, AreReadOrRefusedAtEveryLength)
{
    for (const auto& seed : seeds_of(GetParam()))
        for (std::size_t length = 0; length < seed.bytes.size(); ++length)
            EXPECT_FALSE(reads(GetParam(), seed.bytes.substr(0, length),
                               seed.name + " cut at " + std::to_string(length)));
}

TEST_P(DamagedFiles, AreReadOrRefusedWithAnyByteChanged)
{
    for (const auto& seed : seeds_of(GetParam())) {
        auto bytes = seed.bytes;
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            const auto whole = bytes[at];
            for (const unsigned flip :
                 {0x01U, 0x02U, 0x04U, 0x08U, 0x10U, 0x20U, 0x40U, 0x80U, 0xffU}) {
                bytes[at] = static_cast<char>(static_cast<unsigned char>(whole) ^ flip);
                (void)reads(GetParam(), bytes,
                            seed.name + " changed at " + std::to_string(at) + " by " +
                                std::to_string(flip));
            }
            bytes[at] = whole;
        }
    }
}

TEST_P(DamagedFiles, AreReadOrRefusedWithAnyByteTwiceOrMissing)
{
    for (const auto& seed : seeds_of(GetParam()))
        for (std::size_t at = 0; at < seed.bytes.size(); ++at) {
            auto bytes = seed.bytes;
            bytes.insert(at, 1, bytes[at]);
            (void)reads(GetParam(), bytes, seed.name + " longer at " + std::to_string(at));
            bytes.erase(at, 2);
            (void)reads(GetParam(), bytes, seed.name + " shorter at " + std::to_string(at));
        }
}

INSTANTIATE_TEST_SUITE_P(Readers, DamagedFiles, testing::ValuesIn(readers), [](const auto& test) {
    return std::string{test.param.name};
});

TEST(Corpus, HasAFolderPerReader)
{
    std::set<std::string> folders;
    for (const auto& entry : fs::directory_iterator{corpus()})
        folders.insert(entry.path().filename().string());
    std::set<std::string> names;
    for (const auto& reader : readers)
        names.insert(reader.name);
    EXPECT_EQ(folders, names);
}

} // namespace
} // namespace heatsim::fuzz
