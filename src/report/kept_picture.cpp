// SPDX-License-Identifier: Apache-2.0
#include "report/kept_picture.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace heatsim::report {

namespace {

constexpr double panel_width = 168.0; // pixels
constexpr double gap = 16.0;
constexpr double head_height = 40.0;
constexpr double foot_height = 60.0;

constexpr const char* style = R"(<style>
text{font-family:system-ui,sans-serif;font-size:12px;fill:#1b1f24}
.name{font-weight:600}
.muted{fill:#57606a}
.good{fill:#00785a}
.bad{fill:#b83a00}
.paper{fill:#fff}
.veil{fill:#fff;opacity:.72}
.hatch{stroke:#57606a;stroke-width:1}
.frame{fill:none;stroke:#8c959f}
@media (prefers-color-scheme:dark){
text{fill:#e8ebee}
.muted{fill:#a3adb8}
.good{fill:#3fc29b}
.bad{fill:#ff8a5c}
.paper{fill:#171b21}
.veil{fill:#171b21}
.hatch{stroke:#a3adb8}
.frame{stroke:#76818d}
}
</style>
)";

/// Text as XML holds it; bytes that are no UTF-8, and control characters, are replaced.
[[nodiscard]] std::string xml_text(const std::string& text)
{
    using nlohmann::json;
    const auto utf8 = json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace))
                          .get<std::string>();
    std::string result;
    for (const char letter : utf8) {
        constexpr unsigned char first_printable = 0x20;
        if (letter == '&')
            result += "&amp;";
        else if (letter == '<')
            result += "&lt;";
        else if (letter == '>')
            result += "&gt;";
        else if (static_cast<unsigned char>(letter) < first_printable)
            result += '?';
        else
            result += letter;
    }
    return result;
}

/// The pruned patches as one path, [patch rows][patch columns] of size 1.
[[nodiscard]] std::string
pruned_path(const std::vector<std::uint32_t>& kept, std::uint64_t patches, std::uint64_t columns)
{
    std::string path;
    for (std::uint64_t patch = 0; patch < patches; ++patch)
        if (!std::binary_search(kept.begin(), kept.end(), patch))
            path += fmt::format("M{} {}h1v1h-1z", patch % columns, patch / columns);
    return path;
}

[[nodiscard]] std::string
text_element(double x, double y, const char* kind, const std::string& text, bool at_end = false)
{
    return fmt::format("<text x=\"{}\" y=\"{}\"{}{}>{}</text>\n", x, y,
                       *kind == '\0' ? "" : fmt::format(" class=\"{}\"", kind),
                       at_end ? " text-anchor=\"end\"" : "", xml_text(text));
}

} // namespace

std::string base64(const std::string& bytes)
{
    constexpr const char* digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::size_t group = 3;
    std::string text;
    text.reserve((bytes.size() + group - 1) / group * 4);
    for (std::size_t i = 0; i < bytes.size(); i += group) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < group; ++k)
            bits =
                bits << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k <= group; ++k)
            text += i + k <= bytes.size() ? digits[bits >> (18U - 6U * k) & 0x3fU] : '=';
    }
    return text;
}

std::string kept_picture(const workload::Model& model,
                         const workload::Schedule& schedule,
                         const inference::Image& image,
                         const std::string& name,
                         std::optional<std::uint32_t> label,
                         const inference::Inference& inference)
{
    const auto columns = model.image_width_pixels / model.patch_size;
    const auto patches = model.tokens() - model.class_tokens;
    const auto rows = patches / columns;
    const double scale = panel_width / static_cast<double>(columns);
    const double panel_height = scale * static_cast<double>(rows);
    const auto stages = inference.tokens.size();
    const double width = gap + static_cast<double>(stages) * (panel_width + gap);
    const double height = head_height + panel_height + foot_height;

    auto svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" "
                           "height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n",
                           width, height);
    svg += style;
    svg += fmt::format(
        "<defs>\n<image id=\"pixels\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" "
        "style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>\n"
        "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45) scale({})\"><path class=\"hatch\" d=\"M0 0v6\"/></pattern>\n"
        "</defs>\n",
        panel_width, panel_height, base64(inference::encode_png(image)), 1.0 / scale);
    svg += fmt::format("<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n", width, height);
    constexpr double head_line = 24.0;
    svg += text_element(gap, head_line, "name", name);
    const auto verdict = label ? fmt::format("predicted {}, label {}", inference.predicted, *label)
                               : fmt::format("predicted {}", inference.predicted);
    const char* kind = !label ? "" : *label == inference.predicted ? "good" : "bad";
    svg += text_element(width - gap, head_line, kind, verdict, true);

    for (std::size_t stage = 0; stage < stages; ++stage) {
        svg += fmt::format("<g transform=\"translate({} {})\">\n<use href=\"#pixels\"/>\n",
                           gap + static_cast<double>(stage) * (panel_width + gap), head_height);
        const auto kept = stage == 0 ? patches : inference.kept_patches[stage - 1].size();
        if (kept < patches) {
            const auto path = pruned_path(inference.kept_patches[stage - 1], patches, columns);
            svg += fmt::format("<g transform=\"scale({0})\"><path class=\"veil\" d=\"{1}\"/>"
                               "<path fill=\"url(#hatch)\" d=\"{1}\"/></g>\n",
                               scale, path);
        }
        svg += fmt::format("<rect class=\"frame\" width=\"{}\" height=\"{}\"/>\n", panel_width,
                           panel_height);
        const auto package = inference.tokens[stage] - model.class_tokens - kept;
        constexpr double line_height = 16.0;
        svg += text_element(0.0, panel_height + line_height, "",
                            stage == 0 ? std::string{"Unpruned"}
                                       : fmt::format("Selector {}, before block {}", stage,
                                                     schedule.selectors[stage - 1].block()));
        svg += text_element(0.0, panel_height + 2.0 * line_height, "muted",
                            fmt::format("{} tokens: {} patches", inference.tokens[stage], kept));
        if (package > 0)
            svg += text_element(0.0, panel_height + 3.0 * line_height, "muted",
                                "and the package token");
        svg += "</g>\n";
    }
    return svg + "</svg>\n";
}

} // namespace heatsim::report
