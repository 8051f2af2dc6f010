// SPDX-License-Identifier: Apache-2.0
#include "inference/safetensors.hpp"
#include "support/messages.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace heatsim::inference {
namespace {

using test::messages_of;
using testing::ElementsAre;
using testing::IsEmpty;

using Shape = std::vector<std::uint64_t>;

std::string file_of(const std::string& header, const std::string& data = "")
{
    std::string bytes;
    for (unsigned i = 0; i < 8; ++i)
        bytes += static_cast<char>((header.size() >> (8 * i)) & 0xffU);
    bytes += header;
    return bytes += data;
}

std::vector<std::string> refused(const std::string& bytes)
{
    return messages_of([&] { (void)Safetensors::parse(bytes, "w.safetensors"); });
}

std::vector<std::string> refused_header(const std::string& header, std::size_t data_bytes = 0)
{
    return refused(file_of(header, std::string(data_bytes, '\0')));
}

TEST(Safetensors, ReadsTensorsAndMetadata)
{
    const auto file = Safetensors::parse(
        file_of(R"({"__metadata__":{"format":"pt"},)"
                R"("b":{"dtype":"I8","shape":[2,1],"data_offsets":[4,6]},)"
                R"("a":{"shape":[],"dtype":"F32","data_offsets":[0,4]},)"
                R"("none":{"dtype":"I64","shape":[3,0],"data_offsets":[6,6]}}  )",
                std::string{"\x00\x00\x20\xc1\xff\x07", 6}),
        "w.safetensors");
    EXPECT_EQ(file.name(), "w.safetensors");
    EXPECT_THAT(file.metadata(), ElementsAre(testing::Pair("format", "pt")));
    ASSERT_EQ(file.tensors().size(), 3U);
    EXPECT_EQ(file.tensors().at("b").type, DataType::I8);
    EXPECT_EQ(file.tensors().at("b").shape, (Shape{2, 1}));
    EXPECT_EQ(file.tensors().at("b").bytes, "\xff\x07");
    EXPECT_EQ(file.tensors().at("none").bytes, "");

    std::vector<config::Violation> violations;
    EXPECT_THAT(file.get<float>("a", {}, violations), ElementsAre(-10.0F));
    EXPECT_THAT(file.get<std::int8_t>("b", {2, 1}, violations), ElementsAre(-1, 7));
    EXPECT_THAT(violations, IsEmpty());
}

TEST(Safetensors, StaysReadableWhereItIsMoved)
{
    auto file = std::make_unique<Safetensors>(Safetensors::parse(
        file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x"), "w.safetensors"));
    const Safetensors moved = std::move(*file);
    file.reset();
    EXPECT_EQ(moved.tensors().at("a").bytes, "x");
}

TEST(Safetensors, KnowsEveryType)
{
    const std::vector<std::pair<std::string, std::size_t>> types{
        {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"U16", 2}, {"I16", 2}, {"F16", 2}, {"BF16", 2},
        {"U32", 4},  {"I32", 4}, {"F32", 4}, {"U64", 8}, {"I64", 8}, {"F64", 8}};
    for (const auto& [name, bytes] : types) {
        const auto header = R"({"a":{"dtype":")" + name + R"(","shape":[3],"data_offsets":[0,)" +
                            std::to_string(3 * bytes) + "]}}";
        const auto file = Safetensors::parse(file_of(header, std::string(3 * bytes, '\1')), "w");
        EXPECT_EQ(data_type_name(file.tensors().at("a").type), name);
        EXPECT_EQ(element_bytes(file.tensors().at("a").type), bytes);
    }
}

TEST(Safetensors, RefusesFilesThatEndTooEarly)
{
    EXPECT_THAT(refused(""), ElementsAre("w.safetensors: file of 0 bytes; expected the length of a "
                                         "header (8 bytes)"));
    EXPECT_THAT(refused("1234567"), ElementsAre("w.safetensors: file of 7 bytes; expected the "
                                                "length of a header (8 bytes)"));
    EXPECT_THAT(refused(file_of("{}").substr(0, 9)),
                ElementsAre("w.safetensors: header of 2 bytes, but 1 follow; expected a complete "
                            "file"));
}

TEST(Safetensors, RefusesEnormousHeaders)
{
    EXPECT_THAT(refused("PNG\x1a\n\x01\x02\x03 and so on"),
                ElementsAre("w.safetensors: header of 216736874969386576 bytes; expected at most "
                            "100000000: is it a safetensors file?"));
    EXPECT_THAT(refused(std::string{"\x01\xe1\xf5\x05\0\0\0\0{}", 10}), // one byte more than that
                ElementsAre("w.safetensors: header of 100000001 bytes; expected at most 100000000: "
                            "is it a safetensors file?"));
    EXPECT_THAT(refused(std::string{"\x00\xe1\xf5\x05\0\0\0\0{}", 10}),
                ElementsAre("w.safetensors: header of 100000000 bytes, but 2 follow; expected a "
                            "complete file"));
}

TEST(Safetensors, RefusesHeadersThatAreNoObject)
{
    for (const auto* const header : {"", "[]", " {}", "null", "\xef\xbb\xbf{}"})
        EXPECT_THAT(refused_header(header),
                    ElementsAre("w.safetensors: header does not begin with '{'; expected a JSON "
                                "object of tensors"))
            << header;
}

TEST(Safetensors, RefusesWhatIsNotJson)
{
    const auto at = [](int byte) {
        return ElementsAre("w.safetensors: header is not JSON at byte " + std::to_string(byte) +
                           "; expected a JSON object of tensors");
    };
    EXPECT_THAT(refused_header("{]"), at(2));
    EXPECT_THAT(refused_header("{"), at(2));
    EXPECT_THAT(refused_header("{}{}"), at(3));
    EXPECT_THAT(refused_header("{}//"), at(3));
    EXPECT_THAT(refused_header(std::string{"{}\0more", 7}), at(3));
    EXPECT_THAT(refused_header("{\"\xff\":1}"), at(3));
    EXPECT_THAT(refused_header(R"({"a":{"shape":[1e999]}})"), at(20));
}

// nlohmann's own recursion would be the file's to choose
TEST(Safetensors, IsNotImpressedByDepth)
{
    constexpr std::size_t depth = 1'000'000;
    EXPECT_THAT(
        refused_header(R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}"),
        ElementsAre("w.safetensors: a: a list; expected an object of dtype, shape, "
                    "data_offsets"));
    EXPECT_THAT(refused_header(R"({"a":)" + std::string(depth, '[')),
                ElementsAre(testing::HasSubstr("a list; expected"),
                            "w.safetensors: header is not JSON at byte 1000006; expected a JSON "
                            "object of tensors"));
}

TEST(Safetensors, RefusesNamesThatStandTwice)
{
    const std::string tensor = R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
    EXPECT_THAT(refused_header(R"({"a":)" + tensor + R"(,"a":)" + tensor + "}", 1),
                ElementsAre("w.safetensors: a: twice in the header; expected each name once"));
    EXPECT_THAT(refused_header(R"({"__metadata__":{},"__metadata__":{}})"),
                ElementsAre("w.safetensors: __metadata__: twice in the header; expected each name "
                            "once"));
    EXPECT_THAT(refused_header(R"({"__metadata__":{"k":"1","k":"2"}})"),
                ElementsAre("w.safetensors: __metadata__: 'k' twice; expected each name once"));
    EXPECT_THAT(
        refused_header(R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1),
        ElementsAre("w.safetensors: a: dtype twice; expected each field once"));
}

TEST(Safetensors, RefusesValuesOfWrongKind)
{
    EXPECT_THAT(refused_header(R"({"a":1,"b":null,"c":"x","d":[{"dtype":1}],"__metadata__":2.5})"),
                ElementsAre("w.safetensors: a: 1; expected an object of dtype, shape, data_offsets",
                            "w.safetensors: b: null; expected an object of dtype, shape, "
                            "data_offsets",
                            "w.safetensors: c: 'x'; expected an object of dtype, shape, "
                            "data_offsets",
                            "w.safetensors: d: a list; expected an object of dtype, shape, "
                            "data_offsets",
                            "w.safetensors: __metadata__: 2.5; expected an object of texts"));
    EXPECT_THAT(refused_header(R"({"__metadata__":{"k":1,"l":{"m":"n"}}})"),
                ElementsAre("w.safetensors: __metadata__: 'k' is 1; expected a text",
                            "w.safetensors: __metadata__: 'l' is an object; expected a text"));
    EXPECT_THAT(refused_header(R"({"a":{"dtype":7,"shape":"[1]","data_offsets":{"begin":0}}})"),
                ElementsAre("w.safetensors: a: dtype is 7; expected the name of a type",
                            "w.safetensors: a: shape is '[1]'; expected a list of integers from 0",
                            "w.safetensors: a: data_offsets is an object; expected [begin, end]"));
    EXPECT_THAT(refused_header(R"({"a":{"dtype":["F32"],"shape":true,"data_offsets":0}})"),
                ElementsAre("w.safetensors: a: dtype is a list; expected the name of a type",
                            "w.safetensors: a: shape is true; expected a list of integers from 0",
                            "w.safetensors: a: data_offsets is 0; expected [begin, end]"));
}

TEST(Safetensors, RefusesUnknownTypesAndFields)
{
    EXPECT_THAT(
        refused_header(R"({"a":{"dtype":"F23","shape":[1],"data_offsets":[0,4]}})", 4),
        ElementsAre(
            "w.safetensors: a: unknown dtype 'F23'; expected one of BOOL, U8, I8, U16, I16, "
            "F16, BF16, U32, I32, F32, U64, I64, F64; did you mean 'F32'?"));
    EXPECT_THAT(
        refused_header(
            R"({"a":{"dtype":"U8","shapes":[1],"strides":{"x":1},"data_offsets":[0,1]}})", 1),
        ElementsAre("w.safetensors: a: unknown field 'shapes'; expected dtype, shape, "
                    "data_offsets; did you mean 'shape'?",
                    "w.safetensors: a: unknown field 'strides'; expected dtype, shape, "
                    "data_offsets",
                    "w.safetensors: a: no shape; expected dtype, shape and data_offsets"));
    EXPECT_THAT(refused_header(R"({"a":{}})"),
                ElementsAre("w.safetensors: a: no dtype; expected dtype, shape and data_offsets",
                            "w.safetensors: a: no shape; expected dtype, shape and data_offsets",
                            "w.safetensors: a: no data_offsets; expected dtype, shape and "
                            "data_offsets"));
}

TEST(Safetensors, RefusesShapesThatCountNothing)
{
    const auto shape = [](const std::string& text) {
        return refused_header(
            R"({"a":{"dtype":"F32","data_offsets":[0,4],"shape":[)" + text + "]}}", 4);
    };
    EXPECT_THAT(shape("-1,-2"),
                ElementsAre("w.safetensors: a: shape holds -1; expected integers from 0"));
    EXPECT_THAT(shape("1.0"),
                ElementsAre("w.safetensors: a: shape holds 1.0; expected integers from 0"));
    EXPECT_THAT(shape("18446744073709551616"),
                ElementsAre("w.safetensors: a: shape holds 18446744073709551616; expected integers "
                            "from 0"));
    EXPECT_THAT(shape("[1]"),
                ElementsAre("w.safetensors: a: shape holds a list; expected integers from 0"));
    EXPECT_THAT(shape("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"), IsEmpty());
    EXPECT_THAT(
        shape("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"),
        ElementsAre("w.safetensors: a: shape has too many dimensions; expected at most 16"));
    EXPECT_THAT(shape("4294967296,4294967296"),
                ElementsAre("w.safetensors: a: F32 [4294967296, 4294967296] has more bytes than 64 "
                            "bits count; expected a shape that the data holds"));
    EXPECT_THAT(shape("4611686018427387904"), // 2⁶² of 4 bytes
                ElementsAre("w.safetensors: a: F32 [4611686018427387904] has more bytes than 64 "
                            "bits count; expected a shape that the data holds"));
    EXPECT_THAT(shape("2"), ElementsAre("w.safetensors: a: data_offsets [0, 4] are 4 bytes; "
                                        "expected 8 for F32 [2]"));
    EXPECT_THAT(shape("9223372036854775808,9223372036854775808,0"),
                ElementsAre("w.safetensors: a: data_offsets [0, 4] are 4 bytes; expected 0 for F32 "
                            "[9223372036854775808, 9223372036854775808, 0]"));
}

TEST(Safetensors, RefusesPlacesOutsideOfTheData)
{
    const auto offsets = [](const std::string& text) {
        return refused_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[)" + text + "]}}",
                              4);
    };
    EXPECT_THAT(offsets("4,0"), ElementsAre("w.safetensors: a: data_offsets [4, 0] end before they "
                                            "begin; expected begin ≤ end"));
    EXPECT_THAT(offsets("1,5"), ElementsAre("w.safetensors: a: data_offsets [1, 5] leave the data; "
                                            "expected at most 4 bytes"));
    EXPECT_THAT(offsets("18446744073709551611,18446744073709551615"),
                ElementsAre("w.safetensors: a: data_offsets [18446744073709551611, "
                            "18446744073709551615] leave the data; expected at most 4 bytes"));
    EXPECT_THAT(offsets("4"), ElementsAre("w.safetensors: a: data_offsets has 1 numbers; expected "
                                          "[begin, end]"));
    EXPECT_THAT(offsets("0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"),
                ElementsAre("w.safetensors: a: data_offsets has more than 16 numbers; expected "
                            "[begin, end]"));
    EXPECT_THAT(offsets("0,-4"),
                ElementsAre("w.safetensors: a: data_offsets holds -4; expected integers from 0"));
}

TEST(Safetensors, RefusesOverlapsAndGaps)
{
    const auto bytes = [](const std::string& name, int begin, int end) {
        return '"' + name + R"(":{"dtype":"U8","shape":[)" + std::to_string(end - begin) +
               R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    };
    const auto two = [&](const std::string& a, const std::string& b) {
        return refused_header("{" + a + "," + b + "}", 8);
    };
    EXPECT_THAT(two(bytes("a", 4, 8), bytes("b", 0, 4)), IsEmpty());
    EXPECT_THAT(two(bytes("a", 3, 8), bytes("b", 0, 5)),
                ElementsAre("w.safetensors: a: byte 3 of the data belongs to 'b' too; expected "
                            "tensors without overlap"));
    EXPECT_THAT(two(bytes("a", 0, 8), bytes("b", 4, 4)), // an empty one, too, has its place
                ElementsAre("w.safetensors: b: byte 4 of the data belongs to 'a' too; expected "
                            "tensors without overlap"));
    EXPECT_THAT(two(bytes("a", 1, 4), bytes("b", 5, 6)),
                ElementsAre("w.safetensors: bytes 0 to 0 of the data belong to no tensor; expected "
                            "tensors without gaps",
                            "w.safetensors: bytes 4 to 4 of the data belong to no tensor; expected "
                            "tensors without gaps",
                            "w.safetensors: bytes 6 to 7 of the data belong to no tensor; expected "
                            "tensors without gaps"));
    EXPECT_THAT(refused_header("{}", 2),
                ElementsAre("w.safetensors: bytes 0 to 1 of the data belong to no tensor; expected "
                            "tensors without gaps"));
}

TEST(Safetensors, CutsLongNames)
{
    const auto messages = refused_header(R"({")" + std::string(100'000, 'n') + R"(":0})");
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_LT(messages.front().size(), 250U);
}

TEST(Safetensors, RefusesTensorsThatAreNotAsAsked)
{
    SafetensorsWriter writer;
    writer.add<float>("head.weight", {1, 2}, {1.0F, std::numeric_limits<float>::infinity()});
    writer.add<float>("head.bias", {2}, {std::nanf(""), 0.0F});
    writer.add<std::int32_t>("head.scale", {1}, {1});
    const auto file = Safetensors::parse(writer.bytes(), "w.safetensors");
    std::vector<config::Violation> violations;
    EXPECT_THAT(file.get<float>("head.wieght", {1, 2}, violations), IsEmpty());
    EXPECT_THAT(file.get<float>("head.weight", {2, 1}, violations), IsEmpty());
    EXPECT_THAT(file.get<std::int32_t>("head.weight", {1, 2}, violations), IsEmpty());
    EXPECT_THAT(file.get<float>("head.weight", {1, 2}, violations), IsEmpty());
    EXPECT_THAT(file.get<float>("head.bias", {2}, violations), IsEmpty());
    EXPECT_THAT(file.get<std::int32_t>("head.scale", {1}, violations), ElementsAre(1));
    EXPECT_THAT(messages_of([&] { throw config::Error{violations}; }),
                ElementsAre("w.safetensors: head.wieght: no such tensor; expected F32 [1, 2]; did "
                            "you mean 'head.weight'?",
                            "w.safetensors: head.weight: F32 [1, 2]; expected F32 [2, 1]",
                            "w.safetensors: head.weight: F32 [1, 2]; expected I32 [1, 2]",
                            "w.safetensors: head.weight: value 1 is inf; expected finite numbers",
                            "w.safetensors: head.bias: value 0 is nan; expected finite numbers"));
}

TEST(Safetensors, RefusesTensorsThatNobodyAskedFor)
{
    SafetensorsWriter writer;
    writer.add<std::int8_t>("read", {1}, {1});
    writer.add<std::int16_t>("unread", {2}, {1, 2});
    const auto file = Safetensors::parse(writer.bytes(), "w.safetensors");
    std::vector<config::Violation> violations;
    (void)file.get<std::int8_t>("read", {1}, violations);
    file.refuse_others(violations);
    EXPECT_THAT(messages_of([&] { throw config::Error{violations}; }),
                ElementsAre("w.safetensors: unread: I16 [2] that nothing reads; expected the "
                            "tensors of the network only"));
}

TEST(Safetensors, CountsTensorsThatNobodyAskedFor)
{
    SafetensorsWriter writer;
    for (int i = 0; i < 30; ++i)
        writer.add<std::uint8_t>(std::to_string(i), {0}, {});
    std::vector<config::Violation> violations;
    Safetensors::parse(writer.bytes(), "w.safetensors").refuse_others(violations);
    ASSERT_EQ(violations.size(), 21U);
    EXPECT_EQ(violations.back().message(), "w.safetensors: 10 more tensors that nothing reads");
}

TEST(Safetensors, LoadsFiles)
{
    const test::TemporaryFolder folder;
    SafetensorsWriter writer;
    writer.add<std::uint8_t>("a", {3}, {1, 2, 3});
    const auto path = folder.write("a.safetensors", writer.bytes());
    const auto file = Safetensors::load(path);
    EXPECT_EQ(file.name(), path);
    EXPECT_EQ(file.tensors().at("a").bytes, "\x01\x02\x03");
    EXPECT_THAT(
        messages_of([&] { (void)Safetensors::load(folder.path("b.safetensors")); }),
        ElementsAre(folder.path("b.safetensors") + ": cannot be read: No such file or directory"));
    EXPECT_THAT(messages_of([] { (void)Safetensors::load("/"); }),
                ElementsAre("/: cannot be read: Is a directory"));
}

TEST(SafetensorsWriter, WritesTheFormat)
{
    SafetensorsWriter writer;
    writer.add<std::uint8_t>("a", {2}, {'x', 'y'});
    writer.add<std::int16_t>("c", {1, 1}, {-2});
    writer.add<float>("b", {}, {1.0F});
    writer.set_metadata("note", "ä \"quoted\"");
    const std::string header = R"({"__metadata__":{"note":"ä \"quoted\""},)"
                               R"("b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                               R"("c":{"dtype":"I16","shape":[1,1],"data_offsets":[4,6]},)"
                               R"("a":{"dtype":"U8","shape":[2],"data_offsets":[6,8]}})";
    const auto padded = header + std::string((8 - header.size() % 8) % 8, ' ');
    EXPECT_EQ(writer.bytes(), file_of(padded, std::string{"\x00\x00\x80\x3f\xfe\xffxy", 8}));

    const auto file = Safetensors::parse(writer.bytes(), "w.safetensors");
    EXPECT_EQ(file.metadata().at("note"), "ä \"quoted\"");
    std::vector<config::Violation> violations;
    EXPECT_THAT(file.get<std::uint8_t>("a", {2}, violations), ElementsAre('x', 'y'));
    EXPECT_THAT(file.get<float>("b", {}, violations), ElementsAre(1.0F));
    EXPECT_THAT(file.get<std::int16_t>("c", {1, 1}, violations), ElementsAre(-2));
    file.refuse_others(violations);
    EXPECT_THAT(violations, IsEmpty());
}

TEST(SafetensorsWriter, WritesEmptyFiles)
{
    EXPECT_EQ(SafetensorsWriter{}.bytes(), file_of("{}      "));
    EXPECT_THAT(Safetensors::parse(SafetensorsWriter{}.bytes(), "w").tensors(), IsEmpty());
}

TEST(SafetensorsWriter, RefusesWhatCannotBeWritten)
{
    SafetensorsWriter writer;
    writer.add<float>("a", {2}, {1.0F, 2.0F});
    EXPECT_THROW(writer.add<float>("a", {1}, {1.0F}), std::logic_error);
    EXPECT_THROW(writer.add<float>("__metadata__", {1}, {1.0F}), std::logic_error);
    EXPECT_THROW(writer.add<float>("b", {3}, {1.0F, 2.0F}), std::logic_error);
}

} // namespace
} // namespace heatsim::inference
