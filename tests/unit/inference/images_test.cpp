// SPDX-License-Identifier: Apache-2.0
#include "inference/images.hpp"
#include "support/messages.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace heatsim::inference {
namespace {

using test::messages_of;
using test::TemporaryFolder;
using testing::ElementsAre;

using Bytes = std::vector<std::uint8_t>;

std::string big_endian(std::uint64_t value)
{
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        bytes += static_cast<char>((value >> shift) & 0xffU);
    return bytes;
}

std::string text_of(const Bytes& bytes)
{
    return {bytes.begin(), bytes.end()};
}

/// An IDX file of unsigned bytes.
std::string idx(const std::vector<std::uint64_t>& sizes, const Bytes& bytes)
{
    auto file = big_endian(0x0800 + sizes.size());
    for (const auto size : sizes)
        file += big_endian(size);
    return file += text_of(bytes);
}

std::string gzip(const std::string& text)
{
    const TemporaryFolder folder;
    const auto path = folder.path("file.gz");
    const gzFile file = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
              static_cast<int>(text.size()));
    EXPECT_EQ(gzclose_w(file), Z_OK);
    return folder.read("file.gz");
}

std::string png_chunk(std::string kind, const std::string& text)
{
    kind += text;
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(kind.data()), static_cast<uInt>(kind.size()));
    return big_endian(text.size()) + kind + big_endian(sum);
}

constexpr std::uint8_t gray = 0;
constexpr std::uint8_t color = 2;
constexpr std::uint8_t palette = 3;
constexpr std::uint8_t gray_alpha = 4;

/// `lines`: as the file has them, each behind the number of its filter. `chunks` come before them.
std::string png(std::uint64_t width,
                std::uint64_t height,
                std::uint8_t bits,
                std::uint8_t kind,
                const Bytes& lines,
                const std::string& chunks = "")
{
    std::string packed(compressBound(lines.size()), '\0');
    uLongf size = packed.size();
    EXPECT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, lines.data(), lines.size()),
              Z_OK);
    packed.resize(size);
    std::string file = "\x89PNG\r\n\x1a\n";
    file +=
        png_chunk("IHDR", big_endian(width) + big_endian(height) + text_of({bits, kind, 0, 0, 0}));
    file += chunks;
    file += png_chunk("IDAT", packed);
    return file += png_chunk("IEND", "");
}

std::vector<std::string> refused(const std::string& bytes)
{
    return messages_of([&] { (void)decode_image(bytes, "a.png"); });
}

void expect_image(const Image& image,
                  std::uint64_t height,
                  std::uint64_t width,
                  std::uint64_t channels,
                  const Bytes& pixels)
{
    EXPECT_EQ(image.height, height);
    EXPECT_EQ(image.width, width);
    EXPECT_EQ(image.channels, channels);
    EXPECT_EQ(image.pixels, pixels);
}

TEST(DecodeImage, ReadsPng)
{
    expect_image(decode_image(png(3, 2, 8, gray, {0, 1, 2, 3, 0, 4, 5, 255}), "a.png"), 2, 3, 1,
                 {1, 2, 3, 4, 5, 255});
    expect_image(decode_image(png(2, 1, 8, color, {0, 1, 2, 3, 4, 5, 6}), "a.png"), 1, 2, 3,
                 {1, 2, 3, 4, 5, 6});
    // filter 2: the difference from the line above
    expect_image(decode_image(png(2, 2, 8, gray, {0, 10, 20, 2, 1, 255}), "a.png"), 2, 2, 1,
                 {10, 20, 11, 19});
}

TEST(EncodePng, GivesTheImageBack)
{
    for (const std::uint64_t channels : {1U, 3U}) {
        Image image{3, 2, channels, {}};
        for (std::size_t i = 0; i < 6 * channels; ++i)
            image.pixels.push_back(static_cast<std::uint8_t>(41 * i));
        const auto again = decode_image(encode_png(image), "again.png");
        EXPECT_EQ(again.height, 3U);
        EXPECT_EQ(again.width, 2U);
        EXPECT_EQ(again.channels, channels);
        EXPECT_EQ(again.pixels, image.pixels);
    }
}

TEST(DecodeImage, SpreadsFewBits)
{
    expect_image(decode_image(png(3, 1, 1, gray, {0, 0b101'00000}), "a.png"), 1, 3, 1,
                 {255, 0, 255});
    expect_image(decode_image(png(4, 1, 2, gray, {0, 0b00'01'10'11}), "a.png"), 1, 4, 1,
                 {0, 85, 170, 255});
}

TEST(DecodeImage, LooksUpPalettes)
{
    const auto colors = png_chunk("PLTE", text_of({1, 2, 3, 40, 50, 60}));
    expect_image(decode_image(png(2, 1, 8, palette, {0, 1, 0}, colors), "a.png"), 1, 2, 3,
                 {40, 50, 60, 1, 2, 3});
}

TEST(DecodeImage, IgnoresGamma)
{
    const auto gamma = png_chunk("gAMA", big_endian(100000));
    expect_image(decode_image(png(2, 1, 8, gray, {0, 100, 200}, gamma), "a.png"), 1, 2, 1,
                 {100, 200});
}

TEST(DecodeImage, RefusesTransparency)
{
    const auto message = ElementsAre("a.png: image with transparency; expected gray or color "
                                     "without");
    EXPECT_THAT(refused(png(1, 1, 8, gray_alpha, {0, 1, 2})), message);
    EXPECT_THAT(refused(png(1, 1, 8, 6, {0, 1, 2, 3, 4})), message);
    EXPECT_THAT(refused(png(1, 1, 8, gray, {0, 1}, png_chunk("tRNS", text_of({0, 7})))), message);
}

TEST(DecodeImage, RefusesSixteenBits)
{
    EXPECT_THAT(refused(png(1, 1, 16, gray, {0, 1, 2})),
                ElementsAre("a.png: 16 bits per channel; expected at most 8"));
}

TEST(DecodeImage, RefusesLargeImages)
{
    EXPECT_THAT(refused(png(16385, 1, 8, gray, {0})),
                ElementsAre("a.png: image of 1×16385 pixels; expected 1 to 16384 a side, at most "
                            "16777216 in all"));
    EXPECT_THAT(refused(png(16384, 1025, 8, gray, {0})),
                ElementsAre("a.png: image of 1025×16384 pixels; expected 1 to 16384 a side, at "
                            "most 16777216 in all"));
    EXPECT_THAT(refused("P5 999999999 999999999 255\n"),
                ElementsAre("a.png: image of 999999999×999999999 pixels; expected 1 to 16384 a "
                            "side, at most 16777216 in all"));
    EXPECT_THAT(refused("P5 0 1 255\n"),
                ElementsAre("a.png: image of 1×0 pixels; expected 1 to 16384 a side, at most "
                            "16777216 in all"));
}

TEST(DecodeImage, RefusesDamagedPng)
{
    const auto whole = png(3, 2, 8, gray, {0, 1, 2, 3, 0, 4, 5, 6});
    auto damaged = whole;
    damaged[damaged.size() - 12 - 6] ^= 1; // the checksum of the lines
    EXPECT_THAT(refused(damaged), ElementsAre("a.png: damaged PNG file: IDAT stream error"));
    damaged = whole;
    damaged[damaged.size() - 12 - 1] ^= 1; // the checksum of their chunk
    EXPECT_THAT(refused(damaged), ElementsAre("a.png: damaged PNG file: invalid chunk checksum"));
    EXPECT_THAT(refused(png(3, 2, 8, gray, {0, 1, 2, 3, 9, 4, 5, 6})),
                ElementsAre("a.png: damaged PNG file: invalid scanline filter"));
    EXPECT_THAT(refused(png(3, 2, 8, gray, {0, 1, 2, 3})),
                ElementsAre("a.png: damaged PNG file: IDAT stream too short"));
    EXPECT_THAT(refused(whole.substr(0, whole.size() - 12)),
                ElementsAre("a.png: damaged PNG file: end of stream"));
    EXPECT_THAT(refused(whole.substr(0, 20)),
                ElementsAre("a.png: damaged PNG file: end of stream"));
    const auto no_end = ElementsAre("a.png: damaged PNG file: no end of the image; expected its "
                                    "chunk IEND, and nothing behind");
    EXPECT_THAT(refused(whole.substr(0, whole.size() - 1)), no_end);
    EXPECT_THAT(refused(whole + "x"), no_end);
}

TEST(DecodeImage, ReadsPgmAndPpm)
{
    expect_image(decode_image("P5 3 2 255\nabcdef", "a.pgm"), 2, 3, 1,
                 {'a', 'b', 'c', 'd', 'e', 'f'});
    expect_image(decode_image("P6\n# from a camera\n1\t# wide\n2\n255 abc#\n ", "a.ppm"), 2, 1, 3,
                 {'a', 'b', 'c', '#', '\n', ' '});
}

TEST(DecodeImage, RefusesWrongPgm)
{
    const auto damaged = ElementsAre("a.png: damaged PGM file; expected width, height, largest "
                                     "value and pixels behind its two letters");
    for (const auto* const text :
         {"P5", "P53 2 255\nabcdef", "P5 x 2 255\nabcdef", "P5 3 2\n", "P5 3 2 255",
          "P5 -3 2 255\nabcdef", "P5 3 # 2 255\nabcdef", "P5 3 1234567890 255\n"})
        EXPECT_THAT(refused(text), damaged) << text;
    EXPECT_THAT(refused("P5 3 2 15\nabcdef"), ElementsAre("a.png: largest value 15; expected 255"));
    EXPECT_THAT(refused("P5 3 2 255\nabcde"),
                ElementsAre("a.png: 5 bytes of pixels; expected 6 for 2×3 pixels of 1 channel(s)"));
    EXPECT_THAT(refused("P6 3 2 255\nabcdefg"),
                ElementsAre("a.png: 7 bytes of pixels; expected 18 for 2×3 pixels of 3 "
                            "channel(s)"));
    EXPECT_THAT(refused("P6 3"),
                ElementsAre("a.png: damaged PPM file; expected width, height, largest value and "
                            "pixels behind its two letters"));
}

TEST(DecodeImage, RefusesOtherFiles)
{
    const auto message = ElementsAre("a.png: neither PNG nor PGM (P5) nor PPM (P6); expected an "
                                     "image file");
    EXPECT_THAT(refused(""), message);
    EXPECT_THAT(refused("P2 1 1 255\n7"), message);
    EXPECT_THAT(refused("\xff\xd8\xff"), message);
}

TEST(CheckImage, ComparesHeightWidthAndChannels)
{
    workload::Model model;
    model.name = "tiny";
    model.image_height_pixels = 2;
    model.image_width_pixels = 3;
    model.image_channels = 1;
    EXPECT_NO_THROW(check_image({2, 3, 1, Bytes(6)}, model, "a.png"));
    for (const auto& image : {Image{3, 3, 1, Bytes(9)}, Image{2, 2, 1, Bytes(4)}})
        EXPECT_THROW(check_image(image, model, "a.png"), config::Error);
    EXPECT_THAT(messages_of([&] {
                    check_image({2, 3, 3, Bytes(18)}, model, "a.png");
                }),
                ElementsAre("a.png: image of 2×3×3 (height×width×channels); expected 2×3×1 for "
                            "model 'tiny'"));
}

std::vector<std::string> refused_set(const std::string& set)
{
    return messages_of([&] { (void)ImageSet::open(set); });
}

TEST(ImageSet, ReadsIdxFiles)
{
    const TemporaryFolder folder;
    const auto images = idx({2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    for (const auto& path : {folder.write("numbers", images), folder.write("x.gz", gzip(images))}) {
        const auto set = ImageSet::open(path);
        EXPECT_EQ(set.name(), path);
        ASSERT_EQ(set.size(), 2U);
        expect_image(set.image(1), 2, 3, 1, {7, 8, 9, 10, 11, 12});
        EXPECT_EQ(set.label(1), std::nullopt);
        EXPECT_EQ(set.image_name(1), path + "[1]");
        EXPECT_THROW((void)set.image(2), std::out_of_range);
        EXPECT_THROW((void)set.label(2), std::out_of_range);
        EXPECT_THROW((void)set.image_name(2), std::out_of_range);
    }
}

TEST(ImageSet, FindsLabelsBesideIdxFiles)
{
    const TemporaryFolder folder;
    const auto images = idx({2, 1, 1}, {1, 2});
    const auto plain = folder.write("a-images-idx3-ubyte", images);
    const auto packed = folder.write("b-images-idx3-ubyte.gz", gzip(images));
    (void)folder.write("a-labels-idx1-ubyte.gz", gzip(idx({2}, {0, 9})));
    (void)folder.write("b-labels-idx1-ubyte.gz", gzip(idx({2}, {255, 3})));
    EXPECT_EQ(ImageSet::open(plain).label(1), 9U);
    EXPECT_EQ(ImageSet::open(packed).label(0), 255U);

    const auto labels = folder.write("c-labels-idx1-ubyte", idx({3}, {1, 2, 3}));
    const auto short_of_one = folder.write("c-images-idx3-ubyte", images);
    EXPECT_THAT(refused_set(short_of_one),
                ElementsAre(labels + ": 3 labels; expected 2: one per image of " + short_of_one));
    (void)folder.write("c-labels-idx1-ubyte", images);
    EXPECT_THAT(refused_set(short_of_one),
                ElementsAre(labels + ": file of kind 0x00000803; expected an IDX file of labels "
                                     "(kind 0x00000801)"));
}

TEST(ImageSet, RefusesDamagedIdxFiles)
{
    const TemporaryFolder folder;
    const auto path = folder.path("images");
    const auto idx_refused = [&](const std::string& bytes) {
        (void)folder.write("images", bytes);
        return refused_set(path);
    };
    EXPECT_THAT(idx_refused({"\0\0\x08", 3}),
                ElementsAre(path + ": file of 3 bytes; expected an IDX file of images (kind "
                                   "0x00000803)"));
    EXPECT_THAT(idx_refused(idx({1}, {1})),
                ElementsAre(path + ": file of kind 0x00000801; expected an IDX file of images "
                                   "(kind 0x00000803)"));
    EXPECT_THAT(idx_refused(idx({1, 1, 1}, {}).substr(0, 15)),
                ElementsAre(path + ": file of 15 bytes; expected a header of 16"));
    EXPECT_THAT(idx_refused(idx({0, 1, 0}, {})),
                ElementsAre(path + ": 0 images; expected at least 1",
                            path + ": 0 columns; expected at least 1"));
    EXPECT_THAT(idx_refused(idx({1, 2, 3}, Bytes(5))),
                ElementsAre(path + ": 5 bytes behind the header; expected as many as 1·2·3"));
    EXPECT_THAT(idx_refused(idx({1, 2, 3}, Bytes(7))),
                ElementsAre(path + ": 7 bytes behind the header; expected as many as 1·2·3"));
    // a product of 2⁶⁴ is not 0
    EXPECT_THAT(idx_refused(idx({0x80000000, 0x80000000, 4}, {})),
                ElementsAre(path + ": 0 bytes behind the header; expected as many as "
                                   "2147483648·2147483648·4"));
}

TEST(ImageSet, RefusesDamagedGzipFiles)
{
    const TemporaryFolder folder;
    const auto path = folder.path("images.gz");
    const auto gzip_refused = [&](const std::string& bytes) {
        (void)folder.write("images.gz", bytes);
        return refused_set(path);
    };
    const auto whole = gzip(idx({1, 1, 1}, {7}));
    EXPECT_THAT(gzip_refused(whole.substr(0, whole.size() - 1)),
                ElementsAre(path + ": gzip file ends too early; expected a complete file"));
    EXPECT_THAT(gzip_refused(whole + "x"),
                ElementsAre(path + ": 1 bytes behind the gzip data; expected one gzip member"));
    auto damaged = whole;
    damaged[damaged.size() - 8] ^= 1; // its checksum
    EXPECT_THAT(gzip_refused(damaged),
                ElementsAre(path + ": damaged gzip file: incorrect data check"));
}

TEST(ImageSet, ReadsFolders)
{
    const TemporaryFolder folder;
    (void)folder.write("b.pgm", "P5 1 1 255\nb");
    (void)folder.write("a.PNG", png(1, 1, 8, gray, {0, 'a'}));
    (void)folder.write("c.ppm", "P6 1 1 255\nccc");
    (void)folder.write(".hidden", "");
    const auto name = folder.path().string();
    const auto set = ImageSet::open(name);
    EXPECT_EQ(set.name(), name);
    ASSERT_EQ(set.size(), 3U);
    EXPECT_EQ(set.image_name(0), "a.PNG");
    EXPECT_EQ(set.image_name(2), "c.ppm");
    expect_image(set.image(0), 1, 1, 1, {'a'});
    expect_image(set.image(1), 1, 1, 1, {'b'});
    expect_image(set.image(2), 1, 1, 3, {'c', 'c', 'c'});
    EXPECT_EQ(set.label(0), std::nullopt);
    EXPECT_THROW((void)set.image(3), std::out_of_range);

    (void)folder.write("labels.csv", "file,label\nc.ppm,3\na.PNG, 1\n b.pgm,2\n");
    const auto labelled = ImageSet::open(name);
    EXPECT_EQ(labelled.label(0), 1U);
    EXPECT_EQ(labelled.label(1), 2U);
    EXPECT_EQ(labelled.label(2), 3U);
}

TEST(ImageSet, DecodesWhenItIsAsked)
{
    const TemporaryFolder folder;
    const auto path = folder.write("a.png", "damaged");
    const auto set = ImageSet::open(folder.path().string());
    EXPECT_THAT(messages_of([&] { (void)set.image(0); }),
                ElementsAre(path + ": neither PNG nor PGM (P5) nor PPM (P6); expected an image "
                                   "file"));
}

TEST(ImageSet, RefusesWhatIsNoImageInAFolder)
{
    const TemporaryFolder folder;
    const auto name = folder.path().string();
    EXPECT_THAT(refused_set(name),
                ElementsAre(name + ": no image in the folder; expected PNG, PGM or PPM files"));
    (void)folder.write("a.png", "");
    (void)folder.write("b.jpg", "");
    EXPECT_THAT(refused_set(name),
                ElementsAre(name + ": 'b.jpg' in the folder; expected PNG, PGM and PPM files and "
                                   "labels.csv only"));
}

TEST(ImageSet, RefusesWrongLabelsOfFolders)
{
    const TemporaryFolder folder;
    (void)folder.write("cat.png", "");
    (void)folder.write("dog.png", "");
    const auto path = folder.path("labels.csv");
    const auto labels_refused = [&](const std::string& text) {
        (void)folder.write("labels.csv", text);
        return refused_set(folder.path().string());
    };
    EXPECT_THAT(labels_refused(""), ElementsAre(path + ": empty; expected file,label"));
    EXPECT_THAT(labels_refused("image,class\ncat.png,1\ndog.png,2\n"),
                ElementsAre(path + ":1:1: 'image,class'; expected file,label"));
    EXPECT_THAT(labels_refused("file,label\ncat.png,1\n"),
                ElementsAre(path + ": no label of 'dog.png'; expected one of every image"));
    EXPECT_THAT(labels_refused("file,label\ncat.png,-1\ndgo.png,2\ncat.png,1\nx\n"),
                ElementsAre(path + ":2:9: label: '-1'; expected a class, from 0",
                            path + ":3:1: file: no image 'dgo.png'; expected a file of the "
                                   "folder; did you mean 'dog.png'?",
                            path + ":4:1: file: 'cat.png' twice; expected each image once",
                            path + ":5:1: 'x'; expected file,label: two values"));
}

TEST(ImageSet, ReadsSingleFiles)
{
    const TemporaryFolder folder;
    const auto path = folder.write("cat.pgm", "P5 2 1 255\nab");
    const auto set = ImageSet::open(path);
    EXPECT_EQ(set.name(), path);
    ASSERT_EQ(set.size(), 1U);
    EXPECT_EQ(set.image_name(0), "cat.pgm");
    EXPECT_EQ(set.label(0), std::nullopt);
    expect_image(set.image(0), 1, 2, 1, {'a', 'b'});
}

TEST(ImageSet, RefusesOtherFiles)
{
    const TemporaryFolder folder;
    const auto path = folder.write("cat.jpg", "\xff\xd8\xff");
    EXPECT_THAT(refused_set(path),
                ElementsAre(path + ": neither IDX nor PNG, PGM (P5) or PPM (P6); expected a file "
                                   "of images"));
}

TEST(ImageSet, ReadsPackagedSets)
{
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "fashion-mnist");
    (void)folder.write("fashion-mnist/t10k-images-idx3-ubyte.gz", gzip(idx({1, 1, 2}, {3, 4})));
    (void)folder.write("fashion-mnist/t10k-labels-idx1-ubyte.gz", gzip(idx({1}, {9})));
    const auto set = ImageSet::open("fashion_mnist_test", folder.path().string());
    EXPECT_EQ(set.name(), "fashion_mnist_test");
    EXPECT_EQ(set.image_name(0), "fashion_mnist_test[0]");
    EXPECT_EQ(set.label(0), 9U);
    expect_image(set.image(0), 1, 2, 1, {3, 4});

    const auto missing = folder.path("fashion-mnist/train-images-idx3-ubyte.gz");
    EXPECT_THAT(
        messages_of([&] { (void)ImageSet::open("fashion_mnist_train", folder.path().string()); }),
        ElementsAre("fashion_mnist_train: there is no " + missing +
                    "; expected the Debian package dataset-fashion-mnist"));
}

TEST(ImageSet, RefusesUnknownNames)
{
    EXPECT_THAT(refused_set("fashion_mnist_tset"),
                ElementsAre("fashion_mnist_tset: no such set, folder or file; expected "
                            "fashion_mnist_test, fashion_mnist_train, a folder of images, an IDX "
                            "file or an image file; did you mean 'fashion_mnist_test'?"));
}

// The figures are those of https://github.com/zalandoresearch/fashion-mnist.
TEST(ImageSet, ReadsFashionMnist)
{
    const auto set = ImageSet::open("fashion_mnist_test");
    ASSERT_EQ(set.size(), 10000U);
    std::vector<int> of_class(10);
    for (std::size_t i = 0; i < set.size(); ++i)
        ++of_class.at(set.label(i).value());
    EXPECT_EQ(of_class, std::vector<int>(10, 1000));
    const auto image = set.image(9999);
    EXPECT_EQ(image.height, 28U);
    EXPECT_EQ(image.width, 28U);
    EXPECT_EQ(image.channels, 1U);
    EXPECT_EQ(set.label(0), 9U); // an ankle boot
}

} // namespace
} // namespace heatsim::inference
