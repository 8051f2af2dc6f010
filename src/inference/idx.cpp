// SPDX-License-Identifier: Apache-2.0
#include "inference/idx.hpp"

#include "config/text_file.hpp"
#include "inference/binary_file.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <utility>

namespace heatsim::inference {

namespace {

constexpr std::size_t number_bytes = 4;
constexpr std::size_t max_bytes = std::size_t{1} << 30U; ///< 47 MB are 60,000 images of 28×28
constexpr std::uint32_t images_kind = 0x0803;            ///< unsigned bytes in three dimensions
constexpr std::uint32_t labels_kind = 0x0801;            ///< ... in one

std::uint32_t big_endian(std::string_view bytes, std::size_t index)
{
    std::uint32_t value = 0;
    for (const auto byte : bytes.substr(index * number_bytes, number_bytes))
        value = value << 8U | static_cast<std::uint8_t>(byte);
    return value;
}

/// Sizes behind the kind, whose product is the number of the bytes behind them.
std::vector<std::size_t> checked_sizes(std::string_view file,
                                       const std::string& name,
                                       std::uint32_t kind,
                                       const std::vector<std::string>& size_names)
{
    config::ViolationList violations{name};
    const auto refuse = [&violations](std::string found, std::string expected) {
        violations.add(0, 0, "", std::move(found), std::move(expected));
    };
    const auto header_bytes = number_bytes * (1 + size_names.size());
    if (file.size() < number_bytes || big_endian(file, 0) != kind)
        refuse(file.size() < number_bytes
                   ? fmt::format("file of {} bytes", file.size())
                   : fmt::format("file of kind {:#010x}", big_endian(file, 0)),
               fmt::format("an IDX file of {} (kind {:#010x})",
                           kind == images_kind ? "images" : "labels", kind));
    else if (file.size() < header_bytes)
        refuse(fmt::format("file of {} bytes", file.size()),
               fmt::format("a header of {}", header_bytes));
    violations.throw_if_any();

    std::vector<std::size_t> sizes;
    sizes.reserve(size_names.size());
    // of a file of at most 2³⁰ bytes: a product beyond is wrong, and none is above 2⁶²
    std::size_t expected = 1;
    for (std::size_t i = 0; i < size_names.size(); ++i) {
        const std::size_t size = big_endian(file, 1 + i);
        sizes.push_back(size);
        if (size < 1)
            refuse(fmt::format("{} {}", size, size_names[i]), "at least 1");
        if (expected <= max_bytes)
            expected *= size;
    }
    violations.throw_if_any();
    const auto found = file.size() - header_bytes;
    if (found != expected)
        refuse(fmt::format("{} bytes behind the header", found),
               fmt::format("as many as {}", fmt::join(sizes, "·")));
    violations.throw_if_any();
    return sizes;
}

} // namespace

IdxImages IdxImages::parse(std::string bytes, const std::string& name)
{
    IdxImages images;
    images.bytes_ = uncompressed(std::move(bytes), name, max_bytes);
    const auto sizes =
        checked_sizes(images.bytes_, name, images_kind, {"images", "rows", "columns"});
    images.count_ = sizes[0];
    images.height_ = sizes[1];
    images.width_ = sizes[2];
    return images;
}

Image IdxImages::image(std::size_t index) const
{
    if (index >= count_)
        throw std::out_of_range{fmt::format("image {} of {}", index, count_)};
    constexpr std::size_t header_bytes = 4 * number_bytes;
    const auto pixels = height_ * width_;
    const auto text = std::string_view{bytes_}.substr(header_bytes + index * pixels, pixels);
    return {height_, width_, 1, {text.begin(), text.end()}};
}

std::vector<std::uint8_t> parse_idx_labels(std::string bytes, const std::string& name)
{
    const auto file = uncompressed(std::move(bytes), name, max_bytes);
    checked_sizes(file, name, labels_kind, {"labels"});
    constexpr auto header_bytes = static_cast<std::ptrdiff_t>(2 * number_bytes);
    return {file.begin() + header_bytes, file.end()};
}

} // namespace heatsim::inference
