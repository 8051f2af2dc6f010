// SPDX-License-Identifier: Apache-2.0
#include "meta/source_tree.hpp"
#include "system/embedded_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::meta {

TEST(Embedding, EveryConfigModelAndReferenceTableIsCarriedUnchanged)
{
    auto files = files_below("configs", {".csv", ".yaml", ".yml"});
    const auto pages = files_below("docs", {".in"});
    const auto models = files_below("models", {".yaml", ".yml"});
    const auto rtl = files_below("rtl", {".sv", ".v", ".ys", ".cpp", ".hpp", ".py"});
    const auto tables = files_below("validation", {".csv"});
    files.insert(files.end(), pages.begin(), pages.end());
    files.insert(files.end(), models.begin(), models.end());
    files.insert(files.end(), rtl.begin(), rtl.end());
    files.insert(files.end(), tables.begin(), tables.end());
    std::sort(files.begin(), files.end());
    ASSERT_FALSE(files.empty());

    std::vector<std::string> carried;
    for (const auto& file : system::embedded_files()) {
        carried.emplace_back(file.path);
        EXPECT_EQ(file.text, read_text(file.path)) << file.path;
    }
    EXPECT_EQ(carried, files);
}

} // namespace heatsim::meta
