// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::sweep {

/// A text is no expression; `what()` says where.
class ExpressionError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// An arithmetic expression over named numbers, in the language of muParser
/// (https://beltoforion.de/en/muparser/): `+ - * / ^`, comparisons, `&& ||`, `?:`, min, max, rint,
/// sqrt, log2, ... A comparison that holds is 1. Names may have dots: `latency_ms.p99`.
class Expression {
  public:
    /// \throws ExpressionError
    explicit Expression(const std::string& text);
    Expression(Expression&&) noexcept;
    Expression& operator=(Expression&&) noexcept;
    Expression(const Expression&) = delete;
    Expression& operator=(const Expression&) = delete;
    ~Expression();

    /// Names in it, each once, sorted.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept;
    /// Nothing where `number_of` does not know a name, or the result is not finite.
    [[nodiscard]] std::optional<double>
    evaluate(const std::function<std::optional<double>(const std::string&)>& number_of) const;

    /// Whether `text` can be the name of a number: letters, digits, `_` and dots, a letter first,
    /// and no function of the language.
    [[nodiscard]] static bool can_name(std::string_view text);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace heatsim::sweep
