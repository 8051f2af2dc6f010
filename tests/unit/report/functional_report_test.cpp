// SPDX-License-Identifier: Apache-2.0
#include "inference/image.hpp"
#include "report/functional_report.hpp"
#include "report/kept_picture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heatsim::report {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::vector<std::string> operators{"image", "blocks.1.attn.qkv", "blocks.1.attn.qk_t",
                                         "blocks.12.attn.qkv", "head.fc"};

/// 4 patches of 2 x 2 pixels, behind each other, one selector.
workload::Model model()
{
    workload::Model result;
    result.name = "four";
    result.image_height_pixels = 2;
    result.image_width_pixels = 8;
    result.image_channels = 1;
    result.patch_size = 2;
    return result;
}

workload::Schedule schedule()
{
    workload::Schedule result;
    result.selectors.resize(1);
    result.selectors.front().before_block = 3;
    return result;
}

const inference::Image image{2, 8, 1, std::vector<std::uint8_t>(16, 200)};

} // namespace

TEST(MatchingNames, AreTheNameItself)
{
    EXPECT_THAT(matching_names(operators, "head.fc"), ElementsAre("head.fc"));
    EXPECT_THAT(matching_names(operators, "head"), IsEmpty());
    EXPECT_THAT(matching_names(operators, "head.fc2"), IsEmpty());
    EXPECT_THAT(matching_names(operators, ""), IsEmpty());
}

TEST(MatchingNames, TakeAnythingForAStar)
{
    EXPECT_THAT(matching_names(operators, "blocks.1.*"),
                ElementsAre("blocks.1.attn.qkv", "blocks.1.attn.qk_t"));
    EXPECT_THAT(matching_names(operators, "*.qkv"),
                ElementsAre("blocks.1.attn.qkv", "blocks.12.attn.qkv"));
    EXPECT_THAT(matching_names(operators, "blocks.1*q*_t*"), ElementsAre("blocks.1.attn.qk_t"));
    EXPECT_EQ(matching_names(operators, "*").size(), operators.size());
    EXPECT_EQ(matching_names(operators, "**").size(), operators.size());
    EXPECT_THAT(matching_names(operators, "image*"), ElementsAre("image")) << "or nothing";
}

TEST(Base64, IsThatOfRfc4648)
{
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foob"), "Zm9vYg==");
    EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(KeptPicture, DimsWhatIsPruned)
{
    const inference::Inference inference{{1.0, 2.0}, 1, {5, 4}, {{0, 2}}};
    const auto svg = kept_picture(model(), schedule(), image, "a.png", 1, inference);
    EXPECT_THAT(svg, HasSubstr("class=\"veil\" d=\"M1 0h1v1h-1zM3 0h1v1h-1z\""));
    EXPECT_THAT(svg, HasSubstr("5 tokens: 4 patches<"));
    EXPECT_THAT(svg, HasSubstr("4 tokens: 2 patches<"));
    EXPECT_THAT(svg, HasSubstr("and the package token<"));
    EXPECT_THAT(svg, HasSubstr("Selector 1, before block 3"));
    EXPECT_THAT(svg, HasSubstr("class=\"good\" text-anchor=\"end\">predicted 1, label 1<"));
}

TEST(KeptPicture, LeavesAnUnprunedImageAsItIs)
{
    const inference::Inference inference{{1.0, 2.0}, 1, {5, 5}, {{0, 1, 2, 3}}};
    const auto svg = kept_picture(model(), schedule(), image, "a.png", 0, inference);
    EXPECT_THAT(svg, Not(HasSubstr("class=\"veil\"")));
    EXPECT_THAT(svg, HasSubstr("class=\"bad\" text-anchor=\"end\">predicted 1, label 0<"));
}

TEST(KeptPicture, SaysNoLabelThatNobodyKnows)
{
    const inference::Inference inference{{1.0, 2.0}, 1, {5, 5}, {{0, 1, 2, 3}}};
    EXPECT_THAT(kept_picture(model(), schedule(), image, "a.png", std::nullopt, inference),
                HasSubstr(">predicted 1<"));
}

TEST(KeptPicture, HasNamesAsTextOnly)
{
    const inference::Inference inference{{1.0}, 0, {5, 5}, {{0, 1, 2, 3}}};
    const auto svg =
        kept_picture(model(), schedule(), image, "<script>&\x01\xff", std::nullopt, inference);
    EXPECT_THAT(svg, HasSubstr(">&lt;script&gt;&amp;?\xef\xbf\xbd<"));
}

} // namespace heatsim::report
