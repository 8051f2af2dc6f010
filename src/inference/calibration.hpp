// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/float_inference.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::inference {

/// Distribution of magnitudes |x|, in bins that are 1/32 of a power of two wide: what is counted
/// does not depend on the order of the values.
class Magnitudes {
  public:
    /// \param stride between two values
    void add(const float* values, std::size_t count, std::size_t stride = 1);
    void add(const Magnitudes& other);

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] double largest() const noexcept { return static_cast<double>(largest_); }
    /// What `percent` of the values do not exceed, within a bin; 0 where there are none.
    [[nodiscard]] double percentile(double percent) const;
    /// Mean of (x − its code · step)² where codes are integers of up to ±127; values are taken to
    /// be spread evenly over their bin.
    [[nodiscard]] double squared_error(double step) const;
    /// Mean of x², of values spread in the same way.
    [[nodiscard]] double mean_square() const;
    /// How many are above `limit`, within a bin.
    [[nodiscard]] double count_above(double limit) const;

    /// What was counted, for add(std::string_view &) of the same program.
    void append_to(std::string& bytes) const;
    /// Adds what append_to() wrote and takes it from the beginning of `bytes`.
    void add(std::string_view& bytes);

  private:
    static constexpr std::size_t bins_per_octave = 32;
    static constexpr int lowest_exponent = -20; ///< the first bin is everything below 2^-20
    static constexpr int highest_exponent = 20; ///< the last one everything from about 2^20 on
    static constexpr std::size_t bins =
        static_cast<std::size_t>(highest_exponent - lowest_exponent) * bins_per_octave + 1;

    [[nodiscard]] static double lower_end(std::size_t bin);
    [[nodiscard]] double upper_end(std::size_t bin) const;

    std::array<std::uint64_t, bins> counts_{};
    std::uint64_t count_ = 0;
    float largest_ = 0.0F;
};

/// What a quantizer has to know of the activations of a network: the magnitudes in every tensor
/// that is computed of calibration images. Tensors of the token stream (the position embedding's
/// sum and the residuals) are counted channel by channel, others as a whole, `attn.qkv` in three
/// parts: `attn.qkv.q`, `.k` and `.v`.
class Calibration {
  public:
    explicit Calibration(const FloatNetwork& network)
        : network_{network}
    {}

    /// Infers an image and counts what is computed.
    void add(const Functions& functions, const Image& image);
    /// Counts of the same network from other images.
    void add(const Calibration& other);
    /// What was counted, for add() in another process of the same program.
    [[nodiscard]] std::string bytes() const;
    /// \param bytes of counts of the same network from other images
    void add(std::string_view bytes);

    [[nodiscard]] std::uint64_t images() const noexcept { return images_; }
    /// Of a tensor, named as its operator; of a stream all channels together. A tensor that no
    /// image had rows of is empty.
    [[nodiscard]] Magnitudes tensor(std::string_view name) const;
    /// Of the token stream behind the operator `name`, one per channel.
    [[nodiscard]] const std::vector<Magnitudes>& channels(std::string_view name) const;

  private:
    void count(std::string_view name, const float* data, std::size_t rows, std::size_t columns);
    [[nodiscard]] std::vector<Magnitudes>& parts(std::string_view name, std::size_t count);

    const FloatNetwork& network_;
    std::uint64_t images_ = 0;
    std::map<std::string, std::vector<Magnitudes>, std::less<>> tensors_;
};

} // namespace heatsim::inference
