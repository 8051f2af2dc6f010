// SPDX-License-Identifier: Apache-2.0
#include "inference/float_functions.hpp"

#include "numerics/exact.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace heatsim::inference {

namespace {

constexpr float inverse_sqrt_2 = 0.70710678F;
constexpr float inverse_ln_2 = 1.44269504F;
constexpr float ln_2_high = 0.693359375F; // a few bits: its multiples are exact
constexpr float ln_2_low = -2.12194440e-4F;
constexpr float most_negative = -87.0F; // e^x is still a normal number

/// To the nearest integer, for magnitudes below 2^22: larger floats have no fraction bits.
inline float nearest(float x)
{
    constexpr float no_fraction = 12582912.0F; // 1.5 · 2^23
    return (x + no_fraction) - no_fraction;
}

/// 2^k for an integer k of −126 to 127.
inline float power_of_two(float k)
{
    const std::int32_t bits = (static_cast<std::int32_t>(k) + 127) * (1 << 23);
    float result = 0.0F;
    std::memcpy(&result, &bits, sizeof result);
    return result;
}

/// e^x for x <= 0, 2·10^-7 of it off: Cephes, expf.c.
inline float exponential(float x)
{
    x = x < most_negative ? most_negative : x;
    const float k = nearest(x * inverse_ln_2);
    const float r = x - k * ln_2_high - k * ln_2_low;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    return (p * r * r + r + 1.0F) * power_of_two(k);
}

/// The polynomial of numerics::exponential_polynomial, for x = −distance.
inline float polynomial_exponential(float x)
{
    x = x < most_negative ? most_negative : x;
    const float u = -x * inverse_ln_2;
    const float rounded = nearest(u);
    const float z = rounded > u ? rounded - 1.0F : rounded;
    const float p = x + z * ln_2_high + z * ln_2_low;
    return (0.3585F * (p + 1.353F) * (p + 1.353F) + 0.344F) * power_of_two(-z);
}

/// erf(u) for u >= 0, within 2·10^-7: Abramowitz and Stegun, 7.1.26.
inline float error_function(float u)
{
    const float t = 1.0F / (1.0F + 0.3275911F * u);
    float p = 1.061405429F;
    p = p * t - 1.453152027F;
    p = p * t + 1.421413741F;
    p = p * t - 0.284496736F;
    p = p * t + 0.254829592F;
    return 1.0F - p * t * exponential(-u * u);
}

inline float polynomial_error_function(float u)
{
    const float distance = (u < 1.769F ? u : 1.769F) - 1.769F;
    return 1.0F - 0.2888F * distance * distance;
}

template <typename ErrorFunction>
void gelu_with(float* values, std::size_t count, float delta, ErrorFunction function)
{
    for (std::size_t i = 0; i < count; ++i) {
        const float x = values[i];
        const float magnitude = x < 0.0F ? -x : x;
        // x/2 · (1 ± δ·erf(|x|/√2)): x and the sign together are the magnitude
        values[i] = 0.5F * (x + magnitude * delta * function(magnitude * inverse_sqrt_2));
    }
}

/// Sum, maximum, ... of the values, in eight parts: one would wait for every operation.
template <typename Operation>
float reduce(const float* values, std::size_t count, float start, Operation operation)
{
    constexpr std::size_t parts = 8;
    std::array<float, parts> part{};
    part.fill(start);
    std::size_t i = 0;
    for (; i + parts <= count; i += parts)
        for (std::size_t j = 0; j < parts; ++j)
            part[j] = operation(part[j], values[i + j]);
    float result = start;
    for (; i < count; ++i)
        result = operation(result, values[i]);
    for (const auto other : part)
        result = operation(result, other);
    return result;
}

template <typename Exponential>
void softmax_with(float* row, std::size_t count, float delta, Exponential function)
{
    const float maximum =
        reduce(row, count, row[0], [](float a, float b) { return a < b ? b : a; });
    for (std::size_t i = 0; i < count; ++i)
        row[i] = function(row[i] - maximum);
    const float factor = delta / reduce(row, count, 0.0F, [](float a, float b) { return a + b; });
    for (std::size_t i = 0; i < count; ++i)
        row[i] *= factor;
}

} // namespace

void gelu(const Functions& functions, float* values, std::size_t count)
{
    const auto delta = static_cast<float>(functions.gelu_delta);
    if (functions.polynomial_gelu)
        gelu_with(values, count, delta, [](float u) { return polynomial_error_function(u); });
    else
        gelu_with(values, count, delta, [](float u) { return error_function(u); });
}

void softmax(const Functions& functions, double delta, float* row, std::size_t count)
{
    const auto factor = static_cast<float>(delta);
    if (functions.polynomial_softmax)
        softmax_with(row, count, factor, [](float x) { return polynomial_exponential(x); });
    else
        softmax_with(row, count, factor, [](float x) { return exponential(x); });
}

void sigmoid(const Functions& functions, float* values, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<float>(functions.plan_sigmoid ? numerics::sigmoid_plan(values[i])
                                                              : numerics::sigmoid_exact(values[i]));
}

} // namespace heatsim::inference
