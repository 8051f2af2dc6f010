// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "system/gemm_shapes.hpp"
#include "system/process.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace heatsim::system {

namespace {

class GemmShapesFile : public testing::Test {
  protected:
    [[nodiscard]] std::vector<GemmShape> read(const std::string& text) const
    {
        const auto path = folder.path() / "shapes.csv";
        std::ofstream{path} << text;
        return read_gemm_shapes(path.string());
    }
    /// Message of the error that reading `text` gives.
    [[nodiscard]] std::string refusal(const std::string& text) const
    {
        try {
            static_cast<void>(read(text));
        } catch (const config::Error& error) {
            return error.what();
        }
        return "accepted";
    }

    TemporaryFolder folder;
};

TEST_F(GemmShapesFile, IsScaleSimsForm)
{
    const auto shapes =
        read("# comment\nLayer, M, N, K,\nqkv, 197, 576, 192,\n\nhead,1,1000,192\n");
    ASSERT_EQ(shapes.size(), 2U);
    EXPECT_EQ(shapes[0].name, "qkv");
    EXPECT_EQ(shapes[0].m, 197U);
    EXPECT_EQ(shapes[0].n, 576U);
    EXPECT_EQ(shapes[0].k, 192U);
    EXPECT_EQ(shapes[1].macs(), 192000U);
}

TEST_F(GemmShapesFile, RefusesWithPosition)
{
    EXPECT_NE(refusal("Layer,M,K,N,\nx,1,1,1,\n").find("shapes.csv:1"), std::string::npos);
    EXPECT_EQ(read("Layer name,M,N,K\nx,1,1,1\n").size(), 1U);
    const auto bad_number = refusal("Layer,M,N,K,\na,1,2,3,\nb,1,2x,3,\n");
    EXPECT_NE(bad_number.find("shapes.csv:3:5: N: '2x'"), std::string::npos) << bad_number;
    EXPECT_NE(refusal("Layer,M,N,K,\na,1,2,\n").find("3 fields"), std::string::npos);
    EXPECT_NE(refusal("Layer,M,N,K,\na,0,2,3,\n").find("from 1 to 65535"), std::string::npos);
    EXPECT_NE(refusal("Layer,M,N,K,\na,1,2,4097,\n").find("from 1 to 4096"), std::string::npos);
    EXPECT_NE(refusal("Layer,M,N,K,\na,1,2,3,\na,1,2,3,\n").find("no other line"),
              std::string::npos);
    EXPECT_NE(refusal("Layer,M,N,K,\n").find("no GEMM"), std::string::npos);
    EXPECT_NE(refusal("").find("no GEMM"), std::string::npos);
}

TEST(GemmShapes, RefusesAMissingFile)
{
    EXPECT_THROW(static_cast<void>(read_gemm_shapes("/nowhere/shapes.csv")), config::Error);
}

TEST(GemmShapes, ShippedListHasTheViTShapes)
{
    const auto shapes = shipped_gemm_shapes();
    EXPECT_GE(shapes.size(), 30U);
    std::set<std::uint64_t> tokens;
    for (const auto& shape : shapes)
        tokens.insert(shape.m);
    for (const std::uint64_t count : {197U, 139U, 78U, 43U, 1U})
        EXPECT_EQ(tokens.count(count), 1U) << count;
    EXPECT_GE(small_gemm_shapes().size(), 15U);
    EXPECT_LT(small_gemm_shapes().size(), shapes.size());
}

} // namespace

} // namespace heatsim::system
