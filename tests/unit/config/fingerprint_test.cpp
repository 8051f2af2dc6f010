// SPDX-License-Identifier: Apache-2.0
#include "config/fingerprint.hpp"
#include "sample_config.hpp"
#include "support/leaf_changer.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace heatsim::config {
namespace {

using sample::Machine;
using sample::Words;

template <typename T>
std::string text_of(const T& value)
{
    Fingerprint fingerprint;
    fingerprint.add("it", value);
    return fingerprint.text();
}

Machine machine()
{
    Machine made;
    made.dma.ports.resize(2);
    made.has_luts = true;
    return made;
}

std::string text_of_words(const std::vector<std::string>& values,
                          const std::vector<std::string>& needed = {})
{
    return text_of(Words{values, needed});
}

TEST(Fingerprint, HasOneLinePerValue)
{
    EXPECT_EQ(text_of(machine()), R"(it.name=4:none
it.array.rows=4
it.array.cols=4
it.array.style=chain
it.dma.ports=2
it.dma.ports.0.name=1:p
it.dma.ports.0.width_bits=64
it.dma.ports.1.name=1:p
it.dma.ports.1.width_bits=64
it.dma.depth=2
it.clock_mhz=100
it.scale=1
it.trace=false
it.levels=[1, 2]
it.luts.value=1000
it.luts.source=9:datasheet
it.luts.trust=6:memory
)");
}

TEST(Fingerprint, IsTheSameForTheSameConfiguration)
{
    EXPECT_EQ(text_of(machine()), text_of(machine()));
}

TEST(Fingerprint, ChangesWithEveryValue)
{
    test::LeafChanger counter;
    auto unchanged = machine();
    describe(counter, unchanged);
    EXPECT_EQ(counter.count(), 17U);
    std::set<std::string> texts{text_of(machine())};
    for (std::size_t leaf = 0; leaf < counter.count(); ++leaf) {
        auto changed = machine();
        test::LeafChanger changer{leaf};
        describe(changer, changed);
        EXPECT_TRUE(texts.insert(text_of(changed)).second) << changer.changed();
    }
}

TEST(Fingerprint, ShowsTheLastBitOfReals)
{
    Machine first;
    Machine second;
    first.scale = 0.1;
    second.scale = 0.1 + std::numeric_limits<double>::epsilon() / 16.0;
    ASSERT_NE(first.scale, second.scale);
    EXPECT_NE(text_of(first), text_of(second));
}

// no text can be made to look like the lines behind it
TEST(Fingerprint, TextsHaveTheirLengths)
{
    Machine first;
    Machine second;
    first.dma.ports.resize(1);
    second.dma.ports.resize(1);
    first.dma.ports[0].name = "a\nit.dma.ports.0.width_bits=64";
    second.dma.ports[0].name = "a";
    EXPECT_NE(text_of(first), text_of(second));
    EXPECT_NE(text_of_words({"a\nit.values=1:b"}), text_of_words({"a", "b"}));
}

TEST(Fingerprint, ListsHaveTheirLengths)
{
    const std::set<std::string> texts{
        text_of_words({}),         text_of_words({""}),      text_of_words({"", ""}),
        text_of_words({"a"}),      text_of_words({"a", ""}), text_of_words({"", "a"}),
        text_of_words({"a", "b"}), text_of_words({"ab"}),    text_of_words({}, {"a", "b"}),
        text_of_words({"a, b"}),   text_of_words({}, {"a"}), text_of_words({"a"}, {"b"})};
    EXPECT_EQ(texts.size(), 12U);
    Machine first;
    Machine second;
    first.levels = {1, 23};
    second.levels = {12, 3};
    EXPECT_NE(text_of(first), text_of(second));
}

TEST(Fingerprint, NamesWhatIsAdded)
{
    Fingerprint first;
    first.add("a", sample::Port{});
    first.add("b", sample::Port{"q", 8});
    EXPECT_EQ(first.text(), "a.name=1:p\na.width_bits=64\nb.name=1:q\nb.width_bits=8\n");
    EXPECT_EQ(Fingerprint{}.text(), "");
}

} // namespace
} // namespace heatsim::config
