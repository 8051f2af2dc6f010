// SPDX-License-Identifier: Apache-2.0
#include "sweep/expression.hpp"

#include <fmt/format.h>
#include <muParser.h>

#include <cmath>
#include <cstddef>

namespace heatsim::sweep {

namespace {

constexpr const char* name_characters =
    "0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::size_t most_characters = 4096;

/// Whether a number is set instead of compared: muParser can do both.
[[nodiscard]] bool assigns(const std::string& text)
{
    constexpr std::string_view comparisons = "=<>!";
    for (std::size_t i = text.find('='); i != std::string::npos; i = text.find('=', i + 1)) {
        if (i + 1 < text.size() && text[i + 1] == '=')
            ++i; // both of them
        else if (i == 0 || comparisons.find(text[i - 1]) == std::string_view::npos)
            return true;
    }
    return false;
}

} // namespace

struct Expression::Impl {
    mu::Parser parser;
    std::vector<std::string> names;
    std::vector<double> numbers; ///< of the names: where the parser reads them
};

Expression::Expression(const std::string& text)
    : impl_{std::make_unique<Impl>()}
{
    if (text.size() > most_characters)
        throw ExpressionError{fmt::format("longer than {} characters", most_characters)};
    if (assigns(text))
        throw ExpressionError{"`=` in it; == compares"};
    auto& parser = impl_->parser;
    try {
        parser.DefineNameChars(name_characters);
        parser.SetExpr(text);
        for (const auto& [name, unused] : parser.GetUsedVar())
            impl_->names.push_back(name);
        impl_->numbers.resize(impl_->names.size(), 1.0);
        for (std::size_t i = 0; i < impl_->names.size(); ++i)
            parser.DefineVar(impl_->names[i], &impl_->numbers[i]);
        (void)parser.Eval(); // compiles it: some mistakes show here only
        if (parser.GetNumResults() != 1)
            throw ExpressionError{"several expressions, with commas between them"};
    } catch (const mu::ParserError& error) {
        throw ExpressionError{error.GetMsg()};
    }
}

Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

const std::vector<std::string>& Expression::names() const noexcept
{
    return impl_->names;
}

std::optional<double> Expression::evaluate(
    const std::function<std::optional<double>(const std::string&)>& number_of) const
{
    for (std::size_t i = 0; i < impl_->names.size(); ++i) {
        const auto number = number_of(impl_->names[i]);
        if (!number)
            return std::nullopt;
        impl_->numbers[i] = *number;
    }
    try {
        const double result = impl_->parser.Eval();
        return std::isfinite(result) ? std::optional{result} : std::nullopt;
    } catch (const mu::ParserError&) { // e.g. a logarithm of a negative number
        return std::nullopt;
    }
}

bool Expression::can_name(std::string_view text)
{
    constexpr std::size_t most_letters = 64;
    if (text.empty() || text.size() > most_letters ||
        text.find_first_not_of(name_characters) != std::string_view::npos ||
        (text.front() >= '0' && text.front() <= '9') || text.front() == '.' || text.front() == '_')
        return false;
    const mu::Parser parser;
    return parser.GetFunDef().count(std::string{text}) == 0;
}

} // namespace heatsim::sweep
