// SPDX-License-Identifier: Apache-2.0
#include "numerics/accuracy.hpp"

#include "numerics/exact.hpp"
#include "numerics/nonlinear.hpp"
#include "numerics/package_token.hpp"
#include "numerics/requantize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <stdexcept>

namespace heatsim::numerics {

namespace {

constexpr std::array<unsigned, 4> deltas{delta_one / 4, delta_one / 2, delta_one * 3 / 4,
                                         delta_one};
constexpr Format int16_format = nonlinear_format;
constexpr Format int8_format{8, 4};
constexpr std::int32_t domain_end = 8; ///< of element-wise functions: −8 to 8
constexpr std::int32_t int16_per_int8 = 1 << (int16_format.fraction - int8_format.fraction);
constexpr const char* signed_domain = "every code from −8 to 8";

double real_delta(unsigned delta)
{
    return static_cast<double>(delta) / delta_one;
}

/// Collects errors.
class Errors {
  public:
    Errors(std::string implementation, std::string reference)
        : row_{std::move(implementation), std::move(reference)}
    {}
    void add(double at, double value, double reference)
    {
        const auto error = std::abs(value - reference);
        sum_ += error;
        ++count_;
        if (error > row_.max) {
            row_.max = error;
            row_.at = at;
        }
    }
    [[nodiscard]] ErrorRow row() const
    {
        auto row = row_;
        row.mean = count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_);
        return row;
    }

  private:
    ErrorRow row_;
    double sum_ = 0.0;
    std::uint64_t count_ = 0;
};

/// Inputs are the codes of `format` from `begin` to below `end` (reals).
template <typename Function, typename Reference>
ErrorRow errors_of(const std::string& implementation,
                   const std::string& reference_name,
                   Format format,
                   std::int32_t begin,
                   std::int32_t end,
                   Function function,
                   Reference reference)
{
    Errors errors{implementation, reference_name};
    const auto scale = std::int32_t{1} << format.fraction;
    for (auto code = begin * scale; code < end * scale; ++code) {
        const auto x = to_real(code, format);
        errors.add(x, function(code), reference(x));
    }
    return errors.row();
}

/// The derivative at, and the growth from, every int16 code from `begin` to `end` (reals).
/// \param slope of a real; \param fixed_point real value of the result for an int16 code
template <typename Slope, typename FixedPoint>
DerivativeRow derivative_of(
    double delta, std::int32_t begin, std::int32_t end, Slope slope, FixedPoint fixed_point)
{
    DerivativeRow row;
    row.delta = delta;
    const auto scale = std::int32_t{1} << int16_format.fraction;
    double sum = 0.0;
    for (auto code = begin * scale; code < end * scale; ++code) {
        const auto x = to_real(code, int16_format);
        const auto magnitude = std::abs(slope(x));
        sum += magnitude;
        if (magnitude > row.largest) {
            row.largest = magnitude;
            row.at = x;
        }
        if (code + int16_per_int8 <= end * scale)
            row.step_growth = std::max(
                row.step_growth, std::abs(fixed_point(code + int16_per_int8) - fixed_point(code)) /
                                     int8_format.step());
    }
    row.mean = sum / static_cast<double>((end - begin) * scale);
    return row;
}

/// A point per int8 step from `begin` to `end` (reals).
template <typename Point>
std::vector<std::vector<double>> points_of(std::int32_t begin, std::int32_t end, Point point)
{
    std::vector<std::vector<double>> points;
    const auto scale = std::int32_t{1} << int16_format.fraction;
    for (auto code = begin * scale; code <= end * scale; code += int16_per_int8)
        points.push_back(point(code, to_real(code, int16_format)));
    return points;
}

std::function<double(std::int32_t)> gelu_codes(const GeluUnit& unit)
{
    return [unit](std::int32_t code) { return to_real(gelu(unit, code), unit.output); };
}

Accuracy gelu_accuracy()
{
    Accuracy result;
    result.domain = signed_domain;
    result.where = "x";
    const GeluUnit exact_int16{delta_one, int16_format, int16_format};
    const GeluUnit exact_int8{delta_one, int8_format, int8_format};
    const GeluUnit damped_int16{delta_half, int16_format, int16_format};
    const GeluUnit damped_int8{delta_half, int8_format, int8_format};
    const auto add = [&](const char* implementation, const char* reference, Format format,
                         const std::function<double(std::int32_t)>& function, double delta) {
        result.errors.push_back(errors_of(implementation, reference, format, -domain_end,
                                          domain_end, function,
                                          [delta](double x) { return gelu_exact(x, delta); }));
    };
    const char* exact = "GELU";
    const char* damped = "x/2·(1 + erf(x/√2)/2)";
    add(
        "polynomial, real numbers, δ1 = 1", exact, int16_format,
        [](std::int32_t code) { return gelu_polynomial(to_real(code, int16_format), 1.0); }, 1.0);
    add("int16, 10 fraction bits, δ1 = 1", exact, int16_format, gelu_codes(exact_int16), 1.0);
    add("int8, 4 fraction bits, δ1 = 1", exact, int8_format, gelu_codes(exact_int8), 1.0);
    add("int16, 10 fraction bits, δ1 = 0.5", damped, int16_format, gelu_codes(damped_int16),
        real_delta(delta_half));
    add("int8, 4 fraction bits, δ1 = 0.5", damped, int8_format, gelu_codes(damped_int8),
        real_delta(delta_half));
    add("int16, 10 fraction bits, δ1 = 0.5", exact, int16_format, gelu_codes(damped_int16), 1.0);

    result.delta = "δ1";
    for (const auto delta : deltas)
        result.derivatives.push_back(derivative_of(
            real_delta(delta), -domain_end, domain_end,
            [delta](double x) { return gelu_polynomial_slope(x, real_delta(delta)); },
            gelu_codes({delta, int16_format, int16_format})));

    result.curve.columns = {"x", "exact", "delta_1", "delta_0_5"};
    for (const auto* name : {"slope_0_25", "slope_0_5", "slope_0_75", "slope_1"})
        result.curve.columns.emplace_back(name);
    result.curve.points = points_of(-4, 4, [&](std::int32_t code, double x) {
        std::vector<double> point{x, gelu_exact(x), gelu_codes(exact_int16)(code),
                                  gelu_codes(damped_int16)(code)};
        for (const auto delta : deltas)
            point.push_back(gelu_polynomial_slope(x, real_delta(delta)));
        return point;
    });
    return result;
}

double exponential_code(std::int32_t code)
{
    return to_real(exponential(static_cast<std::uint32_t>(code)), exponential_format);
}

Accuracy exponential_accuracy()
{
    constexpr std::int32_t end = 16;
    Accuracy result;
    result.domain = "every distance from 0 to 16";
    result.where = "distance";
    const auto exact = [](double distance) { return std::exp(-distance); };
    result.errors.push_back(errors_of(
        "polynomial, real numbers", "e^−d", int16_format, 0, end,
        [](std::int32_t code) { return exponential_polynomial(to_real(code, int16_format)); },
        exact));
    result.errors.push_back(errors_of("16 bits in, 17 bits out, 16 fraction bits", "e^−d",
                                      int16_format, 0, end, exponential_code, exact));
    result.errors.push_back(errors_of(
        "16 bits in, 17 bits out, 16 fraction bits", "polynomial", int16_format, 0, end,
        exponential_code, [](double distance) { return exponential_polynomial(distance); }));
    result.delta = "δ2";
    for (const auto delta : deltas)
        result.derivatives.push_back(derivative_of(
            real_delta(delta), 0, end,
            [delta](double d) { return real_delta(delta) * exponential_polynomial_slope(d); },
            [delta](std::int32_t code) { return real_delta(delta) * exponential_code(code); }));
    result.curve.columns = {"distance", "exact", "fixed_point"};
    result.curve.points = points_of(0, domain_end, [&](std::int32_t code, double distance) {
        return std::vector<double>{distance, exact(distance), exponential_code(code)};
    });
    return result;
}

std::function<double(std::int32_t)> sigmoid_codes(const SigmoidUnit& unit)
{
    return [unit](std::int32_t code) { return to_real(sigmoid(unit, code), unit.output); };
}

Accuracy sigmoid_accuracy()
{
    Accuracy result;
    result.domain = signed_domain;
    result.where = "x";
    const SigmoidUnit wide{};
    const SigmoidUnit narrow{int8_format, {8, score_fraction}};
    result.errors.push_back(errors_of(
        "PLAN, real numbers", "sigmoid", int16_format, -domain_end, domain_end,
        [](std::int32_t code) { return sigmoid_plan(to_real(code, int16_format)); },
        sigmoid_exact));
    result.errors.push_back(errors_of("int16, 16 bits out, 15 fraction bits", "sigmoid",
                                      int16_format, -domain_end, domain_end, sigmoid_codes(wide),
                                      sigmoid_exact));
    result.errors.push_back(errors_of("int8, 8 bits out, 8 fraction bits", "sigmoid", int8_format,
                                      -domain_end, domain_end, sigmoid_codes(narrow),
                                      sigmoid_exact));
    result.derivatives.push_back(
        derivative_of(1.0, -domain_end, domain_end, sigmoid_plan_slope, sigmoid_codes(wide)));
    result.curve.columns = {"x", "exact", "fixed_point"};
    result.curve.points = points_of(-domain_end, domain_end, [&](std::int32_t code, double x) {
        return std::vector<double>{x, sigmoid_exact(x), sigmoid_codes(wide)(code)};
    });
    return result;
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same data on every machine.
class Random {
  public:
    /// Uniform, 0 to below `bound`.
    std::uint64_t below(std::uint64_t bound)
    {
        state_ += 0x9E3779B97F4A7C15U;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return (z ^ (z >> 31U)) % bound;
    }
    /// Sum of twelve uniform numbers less 6: nearly normal, standard deviation 1.
    double normal()
    {
        constexpr std::uint64_t steps = 1U << 16U;
        constexpr unsigned terms = 12;
        double sum = -6.0;
        for (unsigned i = 0; i < terms; ++i)
            sum += static_cast<double>(below(steps)) / static_cast<double>(steps);
        return sum;
    }

  private:
    std::uint64_t state_ = 1;
};

/// Errors of a softmax unit, and where the input is real of the polynomial, over the same rows.
ErrorRow softmax_errors(const std::string& implementation,
                        const std::string& reference_name,
                        const SoftmaxUnit& unit,
                        bool real_numbers)
{
    constexpr unsigned rows = 200;
    constexpr unsigned columns = 197;
    constexpr double deviation = 2.0;
    const auto delta = real_delta(unit.delta);
    Errors errors{implementation, reference_name};
    Random random;
    for (unsigned row = 0; row < rows; ++row) {
        std::vector<std::int32_t> codes(columns);
        std::vector<double> reals(columns);
        for (unsigned column = 0; column < columns; ++column) {
            codes[column] =
                static_cast<std::int32_t>(quantize(deviation * random.normal(), unit.input));
            reals[column] = to_real(codes[column], unit.input);
        }
        const auto exact = softmax_exact(reals, delta);
        const auto fixed_point = softmax(unit, codes);
        const auto polynomial = softmax_polynomial(reals, delta);
        for (unsigned column = 0; column < columns; ++column)
            errors.add(exact[column],
                       real_numbers ? polynomial[column]
                                    : to_real(fixed_point[column], unit.output),
                       exact[column]);
    }
    return errors.row();
}

Accuracy softmax_accuracy()
{
    Accuracy result;
    result.domain = "200 rows of 197 pseudo-random scores, nearly normal, standard deviation 2; "
                    "derivatives: rows (x, 0), x from −8 to 8";
    result.where = "exact result";
    constexpr Format wide{16, 15};
    constexpr Format narrow{8, 7};
    const char* exact = "softmax";
    result.errors = {
        softmax_errors("polynomial, real numbers, δ2 = 1", exact, {delta_one, int16_format, wide},
                       true),
        softmax_errors("int16 in, int16 out, δ2 = 1", exact, {delta_one, int16_format, wide},
                       false),
        softmax_errors("int16 in, int8 out, δ2 = 1", exact, {delta_one, int16_format, narrow},
                       false),
        softmax_errors("int8 in, int8 out, δ2 = 1", exact, {delta_one, int8_format, narrow}, false),
        softmax_errors("int16 in, int16 out, δ2 = 0.5", "softmax / 2",
                       {delta_half, int16_format, wide}, false),
        softmax_errors("int8 in, int8 out, δ2 = 0.5", "softmax / 2",
                       {delta_half, int8_format, narrow}, false),
    };
    const auto first_of_pair = [=](unsigned delta, std::int32_t code) {
        return to_real(softmax({delta, int16_format, wide}, {code, 0})[0], wide);
    };
    result.delta = "δ2";
    for (const auto delta : deltas)
        result.derivatives.push_back(derivative_of(
            real_delta(delta), -domain_end, domain_end,
            [delta](double x) { return softmax_pair_slope(x, real_delta(delta)); },
            [&](std::int32_t code) { return first_of_pair(delta, code); }));
    result.curve.columns = {"x",          "exact",     "delta_1",    "delta_0_5",
                            "slope_0_25", "slope_0_5", "slope_0_75", "slope_1"};
    result.curve.points = points_of(-domain_end, domain_end, [&](std::int32_t code, double x) {
        std::vector<double> point{x, softmax_exact({x, 0.0})[0], first_of_pair(delta_one, code),
                                  first_of_pair(delta_half, code)};
        for (const auto delta : deltas)
            point.push_back(softmax_pair_slope(x, real_delta(delta)));
        return point;
    });
    return result;
}

Accuracy requantize_accuracy()
{
    constexpr std::uint64_t samples = 100'000;
    constexpr double largest = 127.0;
    Accuracy result;
    result.domain =
        "100,000 pseudo-random accumulators per factor, results from −127 to 127; errors "
        "in steps of the result";
    result.where = "exact result";
    // of sums of 192, 768 and 3072 products: their deviation grows with the root
    for (const double factor : {1.0 / 300, 1.0 / 700, 1.0 / 1300}) {
        const auto scale = requantize_scale(factor);
        std::string implementation = "multiplier ";
        implementation += std::to_string(scale.multiplier);
        implementation += ", shift ";
        implementation += std::to_string(scale.shift);
        std::string reference = "accumulator / ";
        reference += std::to_string(std::lround(1.0 / factor));
        Errors errors{implementation, reference};
        Random random;
        const auto bound = static_cast<std::int64_t>(largest / factor);
        for (std::uint64_t i = 0; i < samples; ++i) {
            const auto accumulator = static_cast<std::int32_t>(
                static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * bound + 1))) -
                bound);
            const auto exact = static_cast<double>(accumulator) * factor;
            errors.add(exact, requantize(accumulator, scale.multiplier, scale.shift), exact);
        }
        result.errors.push_back(errors.row());
    }
    // the rounding of results around zero
    const auto scale = requantize_scale(1.0 / 300);
    result.curve.columns = {"accumulator", "exact", "fixed_point"};
    constexpr std::int32_t end = 1500;
    constexpr std::int32_t stride = 10;
    for (auto accumulator = -end; accumulator <= end; accumulator += stride)
        result.curve.points.push_back(
            {static_cast<double>(accumulator), accumulator / 300.0,
             static_cast<double>(requantize(accumulator, scale.multiplier, scale.shift))});
    return result;
}

Accuracy package_token_accuracy()
{
    constexpr unsigned trials = 2000;
    constexpr unsigned channels = 16;
    constexpr unsigned most_tokens = 128;
    constexpr unsigned int8_codes = 256;
    Accuracy result;
    result.domain = "2,000 pseudo-random sets of 1 to 128 pruned tokens of 16 channels; errors in "
                    "int8 steps";
    result.where = "exact mean";
    Errors errors{"int8, nearest, halves away from zero", "Σ s·x / Σ s"};
    DerivativeRow derivative;
    double shares = 0.0;
    std::uint64_t tokens_seen = 0;
    Random random;
    for (unsigned trial = 0; trial < trials; ++trial) {
        std::vector<std::vector<std::int8_t>> tokens(1 + random.below(most_tokens),
                                                     std::vector<std::int8_t>(channels));
        std::vector<std::uint8_t> scores;
        scores.reserve(tokens.size());
        auto moved = tokens;
        double weights = 0.0;
        double heaviest = 0.0;
        for (std::size_t token = 0; token < tokens.size(); ++token) {
            scores.push_back(static_cast<std::uint8_t>(1 + random.below(keep_threshold - 1)));
            weights += scores.back();
            heaviest = std::max<double>(heaviest, scores.back());
            for (unsigned channel = 0; channel < channels; ++channel) {
                const auto code = static_cast<int>(random.below(int8_codes)) - 128;
                tokens[token][channel] = static_cast<std::int8_t>(code);
                moved[token][channel] = static_cast<std::int8_t>(std::min(code + 1, 127));
            }
        }
        shares += 1.0; // the weights of one set add up to 1
        tokens_seen += tokens.size();
        if (heaviest / weights > derivative.largest) {
            derivative.largest = heaviest / weights;
            derivative.at = static_cast<double>(tokens.size());
        }
        const auto package = select_tokens(tokens, scores, keep_threshold, 0).tokens.back();
        const auto moved_package = select_tokens(moved, scores, keep_threshold, 0).tokens.back();
        for (unsigned channel = 0; channel < channels; ++channel) {
            double sum = 0.0;
            for (std::size_t token = 0; token < tokens.size(); ++token)
                sum += static_cast<double>(scores[token]) * tokens[token][channel];
            errors.add(sum / weights, package[channel], sum / weights);
            derivative.step_growth =
                std::max(derivative.step_growth,
                         std::abs(static_cast<double>(moved_package[channel] - package[channel])));
        }
    }
    derivative.mean = shares / static_cast<double>(tokens_seen);
    result.errors.push_back(errors.row());
    result.derivatives.push_back(derivative);
    return result;
}

struct Entry {
    FunctionInfo info;
    Accuracy (*accuracy)();
};
const std::vector<Entry>& entries()
{
    static const std::vector<Entry> all{
        {{"gelu",
          "fixed-point GELU(x) = x/2·(1 + L(x/√2)) with L(u) = sgn(u)·δ1·[a·(min(|u|, −b) + "
          "b)² + 1], a = −0.2888, b = −1.769: errors, and how it passes errors of its input "
          "on"},
         gelu_accuracy},
        {{"softmax", "fixed-point softmax δ2·exp(x − max)/Σ exp(x − max) with the polynomial "
                     "exponential: errors, and how it passes errors of its input on"},
         softmax_accuracy},
        {{"exponential",
          "fixed-point e^−d = (0.3585·(p + 1.353)² + 0.344) >> z, z = ⌊d/ln 2⌋, p = z·ln 2 − d: "
          "errors, and how it passes errors of its input on"},
         exponential_accuracy},
        {{"sigmoid", "fixed-point sigmoid by the piecewise linear PLAN: errors, and how it passes "
                     "errors of its input on"},
         sigmoid_accuracy},
        {{"requantize", "accumulator to int8: (accumulator · multiplier + 2^(shift−1)) >> shift, "
                        "saturated: errors"},
         requantize_accuracy},
        {{"package_token",
          "int8 mean of the pruned tokens, weighted with their scores: errors, and "
          "how it passes errors of its input on"},
         package_token_accuracy},
    };
    return all;
}

} // namespace

const std::vector<FunctionInfo>& accuracy_functions()
{
    static const std::vector<FunctionInfo> infos = [] {
        std::vector<FunctionInfo> result;
        result.reserve(entries().size());
        for (const auto& entry : entries())
            result.push_back(entry.info);
        return result;
    }();
    return infos;
}

Accuracy accuracy(const std::string& function)
{
    for (const auto& entry : entries()) {
        if (entry.info.name != function)
            continue;
        auto result = entry.accuracy();
        result.function = function;
        return result;
    }
    throw std::invalid_argument{"accuracy: unknown function " + function};
}

} // namespace heatsim::numerics
