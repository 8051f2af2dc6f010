// SPDX-License-Identifier: Apache-2.0
#include "inference/image.hpp"

#include "config/error.hpp"
#include "config/text_file.hpp"

#include <fmt/format.h>
#include <spng.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

namespace heatsim::inference {

namespace {

constexpr std::string_view png_start = "\x89PNG\r\n\x1a\n";
constexpr std::string_view png_end{"\0\0\0\0IEND\xae\x42\x60\x82", 12};
constexpr std::string_view gray_start = "P5";
constexpr std::string_view color_start = "P6";
constexpr std::uint64_t max_side_pixels = 16384;
constexpr std::uint64_t max_pixels = std::uint64_t{1} << 24U;

[[noreturn]] void refuse(const std::string& name, std::string found, std::string expected)
{
    throw config::Error{{{name, 0, 0}, "", std::move(found), std::move(expected), ""}};
}

void check_size(std::uint64_t height, std::uint64_t width, const std::string& name)
{
    // the sides first: their product may not fit
    if (height < 1 || width < 1 || height > max_side_pixels || width > max_side_pixels ||
        height * width > max_pixels)
        refuse(name, fmt::format("image of {}×{} pixels", height, width),
               fmt::format("1 to {} a side, at most {} in all", max_side_pixels, max_pixels));
}

struct FreeContext {
    void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

/// libspng, chosen because it compares checksums and changes no pixel that it is not asked to.
Image decode_png(std::string_view bytes, const std::string& name)
{
    const std::unique_ptr<spng_ctx, FreeContext> context{spng_ctx_new(0)};
    if (!context)
        throw std::bad_alloc{};
    const auto check = [&name](int error) {
        if (error == SPNG_EMEM)
            throw std::bad_alloc{};
        if (error != 0)
            refuse(name, fmt::format("damaged PNG file: {}", spng_strerror(error)), "");
    };
    constexpr std::size_t max_chunk_bytes = std::size_t{1} << 24U;
    check(spng_set_chunk_limits(context.get(), max_chunk_bytes, 2 * max_chunk_bytes));
    check(spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_ERROR));
    check(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()));
    spng_ihdr header{};
    check(spng_get_ihdr(context.get(), &header));
    check_size(header.height, header.width, name);
    if (header.bit_depth > 8)
        refuse(name, fmt::format("{} bits per channel", header.bit_depth), "at most 8");
    spng_trns transparency{};
    const auto error = spng_get_trns(context.get(), &transparency);
    if (error != SPNG_ECHUNKAVAIL)
        check(error);
    if (error == 0 || header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
        header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA)
        refuse(name, "image with transparency", "gray or color without");

    const auto is_gray = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE;
    Image image{header.height, header.width, is_gray ? 1U : 3U, {}};
    image.pixels.resize(image.height * image.width * image.channels);
    check(spng_decode_image(context.get(), image.pixels.data(), image.pixels.size(),
                            is_gray ? SPNG_FMT_G8 : SPNG_FMT_RGB8, 0));
    check(spng_decode_chunks(context.get()));
    if (!config::ends_with(bytes, png_end)) // libspng does not read so far
        refuse(name, "damaged PNG file: no end of the image", "its chunk IEND, and nothing behind");
    return image;
}

/// Numbers and blanks of the header of a PGM or PPM file.
class PnmHeader {
  public:
    explicit PnmHeader(std::string_view bytes)
        : rest_{bytes}
    {}

    /// Skips blanks and comments; nothing where no number of at most 9 digits stands behind.
    std::optional<std::uint64_t> number()
    {
        if (!skip_blanks())
            return std::nullopt;
        constexpr std::string_view digits = "0123456789";
        constexpr std::size_t max_digits = 9;
        const auto count = std::min(rest_.find_first_not_of(digits), rest_.size());
        if (count > max_digits)
            return std::nullopt;
        const auto value = config::to_number<std::uint64_t>(rest_.substr(0, count));
        rest_.remove_prefix(count);
        return value;
    }

    /// The pixels: behind exactly one blank.
    [[nodiscard]] std::optional<std::string_view> pixels() const
    {
        if (rest_.empty() || blanks.find(rest_.front()) == std::string_view::npos)
            return std::nullopt;
        return rest_.substr(1);
    }

  private:
    static constexpr std::string_view blanks = " \t\r\n\v\f";

    /// False where there are none.
    bool skip_blanks()
    {
        const auto before = rest_.size();
        while (!rest_.empty()) {
            if (rest_.front() == '#')
                rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
            else if (blanks.find(rest_.front()) != std::string_view::npos)
                rest_.remove_prefix(1);
            else
                break;
        }
        return rest_.size() < before;
    }

    std::string_view rest_;
};

Image decode_pnm(std::string_view bytes, const std::string& name)
{
    const bool is_gray = config::starts_with(bytes, gray_start);
    const auto* const format = is_gray ? "PGM" : "PPM";
    PnmHeader header{bytes.substr(gray_start.size())};
    const auto width = header.number();
    const auto height = header.number();
    const auto most = header.number();
    const auto pixels = header.pixels();
    if (!width || !height || !most || !pixels)
        refuse(name, fmt::format("damaged {} file", format),
               "width, height, largest value and pixels behind its two letters");
    check_size(*height, *width, name);
    constexpr std::uint64_t largest = 255;
    if (*most != largest)
        refuse(name, fmt::format("largest value {}", *most), fmt::to_string(largest));
    Image image{*height, *width, is_gray ? 1U : 3U, {}};
    const auto expected = image.height * image.width * image.channels;
    if (pixels->size() != expected)
        refuse(name, fmt::format("{} bytes of pixels", pixels->size()),
               fmt::format("{} for {}×{} pixels of {} channel(s)", expected, image.height,
                           image.width, image.channels));
    image.pixels.assign(pixels->begin(), pixels->end());
    return image;
}

} // namespace

bool is_image_file(std::string_view bytes)
{
    return config::starts_with(bytes, png_start) || config::starts_with(bytes, gray_start) ||
           config::starts_with(bytes, color_start);
}

Image decode_image(std::string_view bytes, const std::string& name)
{
    if (!is_image_file(bytes))
        refuse(name, "neither PNG nor PGM (P5) nor PPM (P6)", "an image file");
    return config::starts_with(bytes, png_start) ? decode_png(bytes, name)
                                                 : decode_pnm(bytes, name);
}

std::string encode_png(const Image& image)
{
    const std::unique_ptr<spng_ctx, FreeContext> context{spng_ctx_new(SPNG_CTX_ENCODER)};
    if (!context)
        throw std::bad_alloc{};
    const auto check = [](int error) {
        if (error == SPNG_EMEM)
            throw std::bad_alloc{};
        if (error != 0)
            throw std::logic_error{fmt::format("PNG encoder: {}", spng_strerror(error))};
    };
    check(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
    spng_ihdr header{};
    header.height = static_cast<std::uint32_t>(image.height);
    header.width = static_cast<std::uint32_t>(image.width);
    header.bit_depth = 8;
    header.color_type = image.channels == 1 ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR;
    check(spng_set_ihdr(context.get(), &header));
    check(spng_encode_image(context.get(), image.pixels.data(), image.pixels.size(), SPNG_FMT_PNG,
                            SPNG_ENCODE_FINALIZE));
    std::size_t size = 0;
    int error = 0;
    struct Free {
        void operator()(void* buffer) const { std::free(buffer); }
    };
    const std::unique_ptr<void, Free> buffer{spng_get_png_buffer(context.get(), &size, &error)};
    check(error);
    return {static_cast<const char*>(buffer.get()), size};
}

void check_image(const Image& image, const workload::Model& model, const std::string& image_name)
{
    if (image.height == model.image_height_pixels && image.width == model.image_width_pixels &&
        image.channels == model.image_channels)
        return;
    refuse(image_name,
           fmt::format("image of {}×{}×{} (height×width×channels)", image.height, image.width,
                       image.channels),
           fmt::format("{}×{}×{} for model '{}'", model.image_height_pixels,
                       model.image_width_pixels, model.image_channels, model.name));
}

} // namespace heatsim::inference
