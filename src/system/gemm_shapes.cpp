// SPDX-License-Identifier: Apache-2.0
#include "system/gemm_shapes.hpp"

#include "config/text_file.hpp"
#include "system/embedded_files.hpp"
#include "tlm/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace heatsim::system {

using config::quoted;
using config::Text;

namespace {

constexpr std::string_view shapes_path = "validation/rtl_shapes.csv";
constexpr std::uint64_t most_extent = 65535;  ///< the engine's descriptors count in 16 bits
constexpr std::uint64_t most_channels = 4096; ///< sums stay within the requantization's 27 bits
constexpr std::array<std::string_view, 4> columns{"Layer", "M", "N", "K"}; // any first one

class ShapeParser {
  public:
    explicit ShapeParser(const std::string& name)
        : violations_{name}
    {}

    void add_line(const Text& line)
    {
        last_line_ = line.line;
        if (line.text.empty() || line.text.front() == '#')
            return;
        auto fields = config::split(line, ',');
        if (fields.size() > 1 && fields.back().text.empty())
            fields.pop_back();
        if (!has_header_)
            read_header(line, fields);
        else if (fields.size() != columns.size())
            violations_.add(line, "", fmt::format("{} fields", fields.size()), "Layer,M,N,K");
        else
            read_shape(fields);
    }

    [[nodiscard]] std::vector<GemmShape> finish()
    {
        if (shapes_.empty() && violations_.empty())
            violations_.add(last_line_, 0, "", "no GEMM", "the header Layer,M,N,K and lines of it");
        violations_.throw_if_any();
        return std::move(shapes_);
    }
    [[nodiscard]] config::ViolationList& violations() noexcept { return violations_; }

  private:
    void read_header(const Text& line, const std::vector<Text>& fields)
    {
        has_header_ = true;
        const bool same = fields.size() == columns.size() &&
                          std::equal(fields.begin() + 1, fields.end(), columns.begin() + 1,
                                     [](const Text& field, std::string_view column) {
                                         return field.text == column;
                                     });
        if (!same)
            violations_.add(line, "", quoted(line.text), "the header Layer,M,N,K");
    }

    void read_shape(const std::vector<Text>& fields)
    {
        GemmShape shape;
        shape.name = fields[0].text;
        if (shape.name.empty() || shape.name.find_first_of(" \t") != std::string::npos)
            violations_.add(fields[0], "Layer", quoted(shape.name), "a name without blanks");
        else if (!names_.insert(shape.name).second)
            violations_.add(fields[0], "Layer", quoted(shape.name), "a name of no other line");
        shape.m = extent(fields[1], "M", most_extent);
        shape.n = extent(fields[2], "N", most_extent);
        shape.k = extent(fields[3], "K", most_channels);
        shapes_.push_back(std::move(shape));
    }

    std::uint64_t extent(const Text& field, const char* column, std::uint64_t most)
    {
        const auto value = config::to_number<std::uint64_t>(field.text);
        if (value && *value >= 1 && *value <= most)
            return *value;
        violations_.add(field, column, quoted(field.text),
                        fmt::format("an integer from 1 to {}", most));
        return 1;
    }

    config::ViolationList violations_;
    int last_line_ = 0;
    bool has_header_ = false;
    std::set<std::string> names_;
    std::vector<GemmShape> shapes_;
};

} // namespace

std::vector<GemmShape> read_gemm_shapes(const std::string& path)
{
    ShapeParser parser{path};
    config::LineReader reader{path, parser.violations()};
    while (reader.next())
        parser.add_line(config::trimmed(reader.line()));
    parser.violations().throw_if_any();
    return parser.finish();
}

std::vector<GemmShape> shipped_gemm_shapes()
{
    const auto* const file = find_embedded_file(shapes_path);
    HEATSIM_CHECK(file != nullptr, "the shipped shapes are missing");
    ShapeParser parser{std::string{shapes_path}};
    config::for_each_line(file->text, [&parser](const Text& line) { parser.add_line(line); });
    return parser.finish();
}

std::vector<GemmShape> small_gemm_shapes()
{
    constexpr std::uint64_t most_macs = 2'000'000;
    auto shapes = shipped_gemm_shapes();
    shapes.erase(std::remove_if(shapes.begin(), shapes.end(),
                                [](const GemmShape& shape) { return shape.macs() > most_macs; }),
                 shapes.end());
    return shapes;
}

} // namespace heatsim::system
