// SPDX-License-Identifier: Apache-2.0
#include "unit/workload/trace_file.hpp"
#include "workload/keep_masks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using testing::ElementsAre;

/// Two selectors.
TokenTrace two_selectors(PackageToken policy = PackageToken::One)
{
    TokenTrace trace;
    trace.selectors_before_blocks = {4, 7};
    trace.package_token = policy;
    return trace;
}

TokenTrace converted(const std::string& text, PackageToken policy = PackageToken::One)
{
    auto trace = two_selectors(policy);
    read_keep_masks(TraceFile{text, true}.path(), 0, trace);
    return trace;
}

std::vector<std::string> refused(const std::string& text, std::uint64_t patches = 0)
{
    const TraceFile file{text};
    auto trace = two_selectors();
    return messages_of(file.path(), [&] { read_keep_masks(file.path(), patches, trace); });
}

const std::string masks = "# made by hand\n"
                          "image,stage,mask,label,predicted\n"
                          "0,1,111011,cat,cat\n"
                          "0,2,100010,cat,cat\n"
                          "\n"
                          "9,1,111111,dog,cat\n"
                          "9,2,000000,dog,cat\n";

TEST(KeepMasks, CountsKeptPatchesClassAndPackageTokens)
{
    const auto trace = converted(masks);
    EXPECT_EQ(trace.tokens, 7U);
    EXPECT_THAT(trace.images, ElementsAre(ElementsAre(7, 7, 4), ElementsAre(7, 7, 2)));
    EXPECT_THAT(trace.image_ids, ElementsAre(0, 9));
    EXPECT_THAT(trace.correct, ElementsAre(true, false));
    EXPECT_THAT(converted(masks, PackageToken::None).images,
                ElementsAre(ElementsAre(7, 6, 3), ElementsAre(7, 7, 1)));
    EXPECT_THAT(converted(masks, PackageToken::OnePerSelector).images,
                ElementsAre(ElementsAre(7, 7, 5), ElementsAre(7, 7, 2)));
}

TEST(KeepMasks, ColumnsMayStandInAnyOrderAndOthersAreIgnored)
{
    const auto trace = converted("mask,score,image,stage\n0110,x,3,1\n0100,,3,2\n");
    EXPECT_THAT(trace.images, ElementsAre(ElementsAre(5, 4, 3)));
    EXPECT_TRUE(trace.correct.empty());
}

TEST(KeepMasks, RefusesPatchesThatReturn)
{
    EXPECT_THAT(refused("image,stage,mask\n0,1,1101\n0,2,1011\n"),
                ElementsAre(":3:7: mask: patch 2 is kept; expected pruned, as in stage 1: pruned "
                            "tokens do not return"));
}

TEST(KeepMasks, RefusesMasksOfOtherLengthsAndCharacters)
{
    EXPECT_THAT(refused("image,stage,mask\n0,1,1111\n0,2,101\n1,1,1x11\n1,2,\n"),
                ElementsAre(":3:5: mask: 3 characters; expected 4, one per patch",
                            ":4:6: mask: 'x'; expected 0 (pruned) or 1 (kept)",
                            ":5:5: mask: 0 characters; expected 4, one per patch"));
    EXPECT_THAT(refused("image,stage,mask\n0,1,11\n0,2,11\n", 196),
                ElementsAre(":2:5: mask: 2 characters; expected 196, one per patch",
                            ":3:5: mask: 2 characters; expected 196, one per patch"));
}

TEST(KeepMasks, RefusesStagesThatAreMissingOrOutOfOrder)
{
    EXPECT_THAT(refused("image,stage,mask\n0,1,11\n1,2,11\n1,1,11\n2,1,11\n2,2,11\n2,3,11\n"),
                ElementsAre(":2: stage: image 0 ends with stage 1; expected a row for each of the "
                            "2 selectors",
                            ":3:3: stage: '2'; expected 1: one row per selector, in order",
                            ":4:3: stage: '1'; expected 2: one row per selector, in order",
                            ":7:3: stage: '3'; expected no row beyond the 2 selectors"));
    EXPECT_THAT(refused("image,stage,mask\n0,1,11\n"),
                ElementsAre(":2: stage: image 0 ends with stage 1; expected a row for each of the "
                            "2 selectors"));
}

TEST(KeepMasks, RefusesImagesGivenTwiceAndClassesThatChange)
{
    EXPECT_THAT(refused("image,stage,mask\n0,1,11\n0,2,11\n1,1,11\n1,2,11\n0,1,11\n0,2,11\n"),
                ElementsAre(":6:1: image: 0 given twice; expected its rows together, as from line "
                            "2 on"));
    EXPECT_THAT(refused("image,stage,mask,label\n0,1,11,cat\n0,2,11,dog\n"),
                ElementsAre(":3:8: label: 'dog'; expected 'cat', as in stage 1 of the image"));
    EXPECT_THAT(refused("image,stage,mask\nx,1,11\n"),
                ElementsAre(":2:1: image: 'x'; expected an integer"));
}

TEST(KeepMasks, RefusesFilesWithoutMasks)
{
    const std::string no_images =
        "no images; expected a CSV header image,stage,mask and a row per image and selector";
    EXPECT_THAT(refused(""), ElementsAre(":1: " + no_images));
    EXPECT_THAT(refused("image,stage,mask\n"), ElementsAre(":2: " + no_images));
    EXPECT_THAT(refused("image,mask\n0,11\n"),
                ElementsAre(":1:1: stage: column missing; expected columns image, stage and mask"));
    EXPECT_THAT(refused("image,stage,mask\n0,1\n"),
                ElementsAre(":2:1: 2 fields; expected 3, as in the CSV header"));
}

} // namespace
} // namespace heatsim::workload
