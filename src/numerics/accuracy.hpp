// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace heatsim::numerics {

/// Errors of one implementation of a function over its domain.
struct ErrorRow {
    std::string implementation; ///< formats and δ
    std::string reference;      ///< what it is compared with
    double max = 0.0;           ///< largest |error|
    double at = 0.0;            ///< where that is: Accuracy::where
    double mean = 0.0;          ///< of |error|
};

/// How errors of the input go through an approximation.
struct DerivativeRow {
    double delta = 1.0;       ///< δ1 or δ2
    double largest = 0.0;     ///< |derivative| of the approximation
    double at = 0.0;          ///< where that is
    double mean = 0.0;        ///< of |derivative| over the domain
    double step_growth = 0.0; ///< largest change of the fixed-point result / change of its input,
                              ///< for inputs one int8 step (1/16) apart
};

/// Points of a plot.
struct Curve {
    std::vector<std::string> columns; ///< the first is the input
    std::vector<std::vector<double>> points;
};

/// What is measured of one of the fixed-point functions. Computed anew in every call, from the
/// bit-exact reference and the functions of exact.hpp.
struct Accuracy {
    std::string function;
    std::string domain; ///< which inputs
    std::string where;  ///< what `at` of an error is
    std::vector<ErrorRow> errors;
    std::string delta; ///< what `delta` is called; empty: the function has none
    std::vector<DerivativeRow> derivatives;
    Curve curve;
};

struct FunctionInfo {
    std::string name; ///< `gelu`
    std::string meaning;
};
/// The functions that accuracy() knows.
[[nodiscard]] const std::vector<FunctionInfo>& accuracy_functions();
/// \throws std::invalid_argument for a name that is none of them
[[nodiscard]] Accuracy accuracy(const std::string& function);

} // namespace heatsim::numerics
