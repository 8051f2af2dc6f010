// SPDX-License-Identifier: Apache-2.0
#include "inference/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace heatsim::inference {

namespace {

constexpr unsigned mantissa_bits = 23; // of a float
constexpr int exponent_bias = 127;
constexpr double largest_code = 127.0; // of a quantized number

[[nodiscard]] bool ends_with(std::string_view text, std::string_view end)
{
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

[[nodiscard]] bool is_stream(std::string_view name)
{
    return name == "patch_embed.position" || ends_with(name, ".residual1") ||
           ends_with(name, ".residual2");
}

} // namespace

namespace {

template <typename T>
void append(std::string& bytes, const T& value)
{
    const auto size = bytes.size();
    bytes.resize(size + sizeof value);
    std::memcpy(bytes.data() + size, &value, sizeof value);
}

/// Takes what append() wrote from the beginning.
template <typename T>
[[nodiscard]] T take(std::string_view& bytes)
{
    T value{};
    std::memcpy(&value, bytes.substr(0, sizeof value).data(), sizeof value);
    bytes.remove_prefix(sizeof value);
    return value;
}

} // namespace

void Magnitudes::add(const float* values, std::size_t count, std::size_t stride)
{
    // the bits of a positive float, taken as an integer, grow with its logarithm
    constexpr unsigned bin_shift = mantissa_bits - 5;
    static_assert(bins_per_octave == 1U << 5U);
    constexpr auto first = static_cast<std::int32_t>((lowest_exponent + exponent_bias) *
                                                     std::int32_t{bins_per_octave});
    for (std::size_t i = 0; i < count; ++i) {
        const float magnitude = std::abs(values[i * stride]);
        std::uint32_t bits = 0;
        std::memcpy(&bits, &magnitude, sizeof bits);
        const auto bin = static_cast<std::int32_t>(bits >> bin_shift) - first + 1;
        ++counts_[static_cast<std::size_t>(
            std::clamp(bin, 0, static_cast<std::int32_t>(bins) - 1))];
        largest_ = std::max(largest_, magnitude);
    }
    count_ += count;
}

void Magnitudes::add(const Magnitudes& other)
{
    for (std::size_t bin = 0; bin < bins; ++bin)
        counts_[bin] += other.counts_[bin];
    count_ += other.count_;
    largest_ = std::max(largest_, other.largest_);
}

double Magnitudes::lower_end(std::size_t bin)
{
    if (bin == 0)
        return 0.0;
    const auto octave = static_cast<int>((bin - 1) / bins_per_octave);
    const auto part = static_cast<double>((bin - 1) % bins_per_octave);
    return std::ldexp(1.0 + part / bins_per_octave, lowest_exponent + octave);
}

double Magnitudes::upper_end(std::size_t bin) const
{
    return bin + 1 < bins ? lower_end(bin + 1) : std::max(largest(), 2 * lower_end(bin));
}

double Magnitudes::percentile(double percent) const
{
    constexpr double whole_percent = 100.0;
    const auto rank = percent / whole_percent * static_cast<double>(count_);
    std::uint64_t below = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        const auto here = counts_[bin];
        if (here > 0 && static_cast<double>(below + here) >= rank) {
            const auto part = (rank - static_cast<double>(below)) / static_cast<double>(here);
            const auto low = lower_end(bin);
            const auto high = bin + 1 < bins ? lower_end(bin + 1) : largest();
            return std::min(low + std::max(part, 0.0) * (high - low), largest());
        }
        below += here;
    }
    return largest();
}

double Magnitudes::squared_error(double step) const
{
    // integral of the squared error from 0 to x: whole steps, then the part of the last one; what
    // saturates is a part that has no end
    const auto integral = [step](double x) {
        const auto code = std::min(std::round(x / step), largest_code);
        const auto rest = x - code * step;
        return code * step * step * step / 12 + rest * rest * rest / 3;
    };
    double sum = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        if (counts_[bin] == 0)
            continue;
        const auto low = lower_end(bin);
        const auto high = upper_end(bin);
        sum += static_cast<double>(counts_[bin]) * (integral(high) - integral(low)) / (high - low);
    }
    return count_ == 0 ? 0.0 : sum / static_cast<double>(count_);
}

double Magnitudes::mean_square() const
{
    double sum = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        if (counts_[bin] == 0)
            continue;
        const auto low = lower_end(bin);
        const auto high = upper_end(bin);
        sum += static_cast<double>(counts_[bin]) * (low * low + low * high + high * high) / 3;
    }
    return count_ == 0 ? 0.0 : sum / static_cast<double>(count_);
}

double Magnitudes::count_above(double limit) const
{
    if (limit >= largest())
        return 0.0;
    double above = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        const auto low = lower_end(bin);
        const auto high = upper_end(bin);
        above +=
            static_cast<double>(counts_[bin]) * std::clamp((high - limit) / (high - low), 0.0, 1.0);
    }
    return above;
}

void Magnitudes::append_to(std::string& bytes) const
{
    append(bytes, largest_);
    append(bytes, std::uint64_t{bins} - static_cast<std::uint64_t>(std::count(
                                            counts_.begin(), counts_.end(), std::uint64_t{0})));
    for (std::size_t bin = 0; bin < bins; ++bin) {
        if (counts_[bin] == 0) // most are
            continue;
        append(bytes, std::uint64_t{bin});
        append(bytes, counts_[bin]);
    }
}

void Magnitudes::add(std::string_view& bytes)
{
    largest_ = std::max(largest_, take<float>(bytes));
    for (auto left = take<std::uint64_t>(bytes); left > 0; --left) {
        const auto bin = take<std::uint64_t>(bytes);
        const auto count = take<std::uint64_t>(bytes);
        counts_.at(bin) += count;
        count_ += count;
    }
}

void Calibration::add(const Functions& functions, const Image& image)
{
    (void)infer(network_, functions, image,
                [this](std::string_view name, const float* data, std::size_t rows,
                       std::size_t columns) { count(name, data, rows, columns); });
    ++images_;
}

void Calibration::add(const Calibration& other)
{
    for (const auto& [name, magnitudes] : other.tensors_) {
        auto& own = parts(name, magnitudes.size());
        for (std::size_t i = 0; i < own.size(); ++i)
            own[i].add(magnitudes[i]);
    }
    images_ += other.images_;
}

std::string Calibration::bytes() const
{
    std::string bytes;
    append(bytes, images_);
    for (const auto& [name, magnitudes] : tensors_) {
        append(bytes, std::uint64_t{name.size()});
        bytes += name;
        append(bytes, std::uint64_t{magnitudes.size()});
        for (const auto& part : magnitudes)
            part.append_to(bytes);
    }
    return bytes;
}

void Calibration::add(std::string_view bytes)
{
    images_ += take<std::uint64_t>(bytes);
    while (!bytes.empty()) {
        const auto length = take<std::uint64_t>(bytes);
        const auto name = bytes.substr(0, length);
        bytes.remove_prefix(length);
        for (auto& part : parts(name, take<std::uint64_t>(bytes)))
            part.add(bytes);
    }
}

std::vector<Magnitudes>& Calibration::parts(std::string_view name, std::size_t count)
{
    auto found = tensors_.find(name);
    if (found == tensors_.end())
        found = tensors_.emplace(name, std::vector<Magnitudes>(count)).first;
    return found->second;
}

void Calibration::count(std::string_view name,
                        const float* data,
                        std::size_t rows,
                        std::size_t columns)
{
    if (is_stream(name)) {
        auto& channels = parts(name, columns);
        for (std::size_t channel = 0; channel < columns; ++channel)
            channels[channel].add(data + channel, rows, columns);
        return;
    }
    if (!ends_with(name, ".attn.qkv")) {
        parts(name, 1).front().add(data, rows * columns);
        return;
    }
    const auto width = columns / 3;
    std::size_t first = 0;
    for (const auto* const part : {".q", ".k", ".v"}) {
        auto part_name = std::string{name};
        part_name += part;
        auto& magnitudes = parts(part_name, 1).front();
        for (std::size_t row = 0; row < rows; ++row)
            magnitudes.add(data + row * columns + first, width);
        first += width;
    }
}

Magnitudes Calibration::tensor(std::string_view name) const
{
    Magnitudes sum;
    const auto found = tensors_.find(name);
    if (found != tensors_.end())
        for (const auto& part : found->second)
            sum.add(part);
    return sum;
}

const std::vector<Magnitudes>& Calibration::channels(std::string_view name) const
{
    const auto found = tensors_.find(name);
    if (found == tensors_.end())
        throw std::logic_error{"calibration: no image was counted"};
    return found->second;
}

} // namespace heatsim::inference
