// SPDX-License-Identifier: Apache-2.0
// The documentation says what is true: commands run, links resolve, tables match the code.
#include "cli/program.hpp"
#include "meta/source_tree.hpp"
#include "report/advice_report.hpp"
#include "report/comparison.hpp"
#include "report/csv.hpp"
#include "report/distribution_report.hpp"
#include "report/error_bands.hpp"
#include "report/explain.hpp"
#include "report/functional_report.hpp"
#include "report/network_accuracy_report.hpp"
#include "report/quantization_report.hpp"
#include "report/run_page.hpp"
#include "report/scale_sim_report.hpp"
#include "report/search_report.hpp"
#include "report/staircase_report.hpp"
#include "report/streaming_report.hpp"
#include "report/sweep_report.hpp"
#include "report/timeline_json.hpp"
#include "report/trace_report.hpp"
#include "report/vocabulary.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <ostream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace heatsim::meta {

namespace {

namespace fs = std::filesystem;

/// Commands that set up, build or test the tree: CI runs them.
const std::regex build_command{R"(scripts/|cmake|ctest|heatsim_bench)"};

/// A fenced block of commands; ```` ```sh exit-2 ```` ends with that exit code.
struct Commands {
    std::size_t line = 0; ///< of the fence
    int exit_code = 0;
    std::string text;
};

std::vector<SourceFile> pages()
{
    auto all = sources_below("docs", {".md"});
    for (const auto* name :
         {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "models/README.md", "traces/README.md"}) {
        const auto found = sources_below("", {name});
        std::copy_if(found.begin(), found.end(), std::back_inserter(all),
                     [name](const SourceFile& page) { return page.path == name; });
    }
    return all;
}

std::vector<Commands> commands_of(const SourceFile& page)
{
    static const std::regex fence{R"(```sh( exit-(\d))?)"};
    std::vector<Commands> found;
    bool inside = false;
    for (std::size_t i = 0; i < page.lines.size(); ++i) {
        const auto& line = page.lines[i];
        std::smatch match;
        if (!inside && std::regex_match(line, match, fence)) {
            found.push_back({i + 1, match[2].matched ? std::stoi(match[2]) : 0, ""});
            inside = true;
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            found.back().text += line + '\n';
        }
    }
    found.erase(std::remove_if(found.begin(), found.end(),
                               [](const Commands& commands) {
                                   return std::regex_search(commands.text, build_command);
                               }),
                found.end());
    return found;
}

std::vector<std::string> paths_with_commands()
{
    std::vector<std::string> paths;
    for (const auto& page : pages())
        if (!commands_of(page).empty())
            paths.push_back(page.path);
    return paths;
}

SourceFile page_of(const std::string& path)
{
    for (auto& page : pages())
        if (page.path == path)
            return page;
    return {path, {}};
}

/// Makes `folder` look like the repository after the build, without copying it.
void lay_out(const cli::Folder& folder)
{
    for (const auto& entry : fs::directory_iterator{root()}) {
        const auto name = entry.path().filename().string();
        if (name != "build" && name.front() != '.')
            fs::create_symlink(entry.path(), folder.path(name));
    }
    fs::create_directories(folder.path("build/release/bin"));
    fs::create_symlink(HEATSIM_EXECUTABLE, folder.path("build/release/bin/heatsim"));
}

/// Cells of a table's row; `\|` is a bar of the text.
std::vector<std::string> cells_of(const std::string& line)
{
    std::vector<std::string> cells;
    std::string cell;
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
            cell += line[++i];
        } else if (line[i] == '|') {
            const auto first = cell.find_first_not_of(' ');
            const auto last = cell.find_last_not_of(' ');
            cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
            cell.clear();
        } else {
            cell += line[i];
        }
    }
    return cells;
}

std::string without_ticks(std::string text)
{
    text.erase(std::remove(text.begin(), text.end(), '`'), text.end());
    return text;
}

/// One row of a table, by the headings of its columns.
struct Row {
    std::string where;   ///< file:line
    std::string heading; ///< section it stands in
    std::map<std::string, std::string> cells;
};

/// Rows of all tables of a page whose first column has this heading.
std::vector<Row> rows_of(const SourceFile& page, const std::string& first_column)
{
    std::vector<Row> rows;
    std::vector<std::string> columns;
    std::string heading;
    for (std::size_t i = 0; i < page.lines.size(); ++i) {
        const auto& line = page.lines[i];
        if (line.rfind('#', 0) == 0)
            heading = line.substr(line.find_first_not_of("# "));
        if (line.rfind('|', 0) != 0) {
            columns.clear();
            continue;
        }
        const auto cells = cells_of(line);
        if (columns.empty()) {
            columns = cells;
        } else if (columns.front() == first_column && line.rfind("|--", 0) != 0) {
            Row row{page.path + ":" + std::to_string(i + 1), heading, {}};
            for (std::size_t c = 0; c < std::min(cells.size(), columns.size()); ++c)
                row.cells[columns[c]] = cells[c];
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

/// Keys of configuration files by name; `board.` and so on in front of those of other files.
std::map<std::string, report::Topic> configuration_keys()
{
    std::map<std::string, report::Topic> keys;
    for (const auto& topic : report::all_topics({}))
        if (topic.kind.find(" key") != std::string::npos)
            keys.emplace(topic.name, topic);
    return keys;
}

/// The range column of a key without a numeric range says what type it is of.
std::string range_of(const report::Topic& topic)
{
    if (topic.type == "boolean")
        return "true, false";
    return topic.range.empty() ? topic.type
                               : std::regex_replace(topic.range, std::regex{R"( \| )"}, ", ");
}

/// Anchor of a heading: lower case, blanks as `-`, punctuation left out.
std::string anchor_of(const std::string& heading)
{
    std::string anchor;
    for (const char letter : heading.substr(heading.find_first_not_of("# "))) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte >= 0x80 || std::isalnum(byte) != 0 || letter == '_' || letter == '-')
            anchor += static_cast<char>(std::tolower(byte));
        else if (letter == ' ')
            anchor += '-';
    }
    return anchor;
}

std::set<std::string> anchors_of(const std::string& path)
{
    std::set<std::string> anchors;
    bool fenced = false;
    for (const auto& line : page_of(path).lines) {
        if (line.rfind("```", 0) == 0)
            fenced = !fenced;
        else if (!fenced && line.rfind('#', 0) == 0)
            anchors.insert(anchor_of(line));
    }
    return anchors;
}

std::set<std::string> names_in(const std::vector<Row>& rows, const std::string& column)
{
    std::set<std::string> names;
    for (const auto& row : rows)
        names.insert(without_ticks(row.cells.at(column)));
    return names;
}

std::vector<std::string> blocks()
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{root() / "src/hw"})
        if (entry.is_directory())
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

/// Section of the accelerator's file that configures a block; `memory` is a file of its own.
std::vector<std::string> sections_of(const std::string& block)
{
    static const std::map<std::string, std::vector<std::string>> sections{
        {"gemm_array", {"array."}},
        {"buffer", {"buffers.", "tile."}},
        {"ddr", {"memory."}},
    };
    const auto found = sections.find(block);
    return found == sections.end() ? std::vector<std::string>{block + "."} : found->second;
}

class DocsCommands : public testing::TestWithParam<std::string> {};

std::string test_name(const testing::TestParamInfo<std::string>& info)
{
    auto name = info.param;
    std::replace_if(
        name.begin(), name.end(),
        [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)) == 0; }, '_');
    return name;
}

} // namespace

TEST_P(DocsCommands, EndAsThePageSays)
{
    const cli::Folder folder;
    const cli::Folder cache;                            // the user's own stays as it is
    setenv("HEATSIM_CACHE", cache.path("").c_str(), 1); // NOLINT(concurrency-mt-unsafe)
    lay_out(folder);
    for (const auto& commands : commands_of(page_of(GetParam()))) {
        // as a reader would paste them: one after the other, the first failure ends the block
        const auto script = folder.write("commands", commands.text);
        const auto log = folder.path("log");
        std::string line = "cd '";
        line.append(folder.path("")).append("' && bash -e -o pipefail '").append(script);
        line.append("' >'").append(log).append("' 2>&1");
        const int status = std::system(line.c_str());
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), commands.exit_code)
            << GetParam() << ":" << commands.line << ":\n"
            << commands.text << cli::content(log);
    }
}
INSTANTIATE_TEST_SUITE_P(Pages, DocsCommands, testing::ValuesIn(paths_with_commands()), test_name);

TEST(Docs, ReadmeAndTutorialHaveCommands)
{
    const auto paths = paths_with_commands();
    EXPECT_EQ(std::count(paths.begin(), paths.end(), "README.md"), 1);
    EXPECT_EQ(std::count(paths.begin(), paths.end(), "docs/tutorial.md"), 1);
}

TEST(Docs, EveryRelativeLinkResolves)
{
    static const std::regex link{R"(\]\(([^)\s]+)\))"};
    for (const auto& page : pages()) {
        const auto folder = fs::path{page.path}.parent_path();
        bool fenced = false;
        for (std::size_t i = 0; i < page.lines.size(); ++i) {
            const auto& line = page.lines[i];
            if (line.rfind("```", 0) == 0)
                fenced = !fenced;
            if (fenced)
                continue;
            for (auto match = std::sregex_iterator{line.begin(), line.end(), link};
                 match != std::sregex_iterator{}; ++match) {
                const auto target = (*match)[1].str();
                if (target.find("://") != std::string::npos)
                    continue;
                const auto hash = std::min(target.find('#'), target.size());
                const auto file = hash == 0 ? fs::path{page.path}
                                            : (folder / target.substr(0, hash)).lexically_normal();
                EXPECT_TRUE(fs::exists(root() / file))
                    << page.path << ":" << i + 1 << ": no " << target;
                if (hash < target.size()) {
                    EXPECT_EQ(anchors_of(file.generic_string()).count(target.substr(hash + 1)), 1U)
                        << page.path << ":" << i + 1 << ": no heading for " << target;
                }
            }
        }
    }
}

TEST(Docs, KeyTablesMatchTheConfiguration)
{
    const auto keys = configuration_keys();
    std::size_t checked = 0;
    for (const auto& page : pages()) {
        for (const auto& row : rows_of(page, "key")) {
            if (row.cells.count("default") == 0)
                continue;
            const auto name = without_ticks(row.cells.at("key"));
            const auto key = keys.find(name);
            if (key == keys.end()) {
                ADD_FAILURE() << row.where << ": no key " << name;
                continue;
            }
            ++checked;
            EXPECT_EQ(without_ticks(row.cells.at("default")), key->second.default_value)
                << row.where << ": default of " << name;
            EXPECT_EQ(without_ticks(row.cells.at("range")), range_of(key->second))
                << row.where << ": range of " << name;
            EXPECT_EQ(without_ticks(row.cells.at("meaning")), without_ticks(key->second.meaning))
                << row.where << ": meaning of " << name;
        }
    }
    EXPECT_GT(checked, 100U);
}

TEST(Docs, EveryBlockHasItsPage)
{
    const auto keys = configuration_keys();
    for (const auto& block : blocks()) {
        const auto page = page_of("docs/models/" + block + ".md");
        for (const auto* heading : {"## Modelled", "## Not modelled", "## Timing", "## Source"})
            EXPECT_EQ(std::count(page.lines.begin(), page.lines.end(), heading), 1)
                << page.path << ": heading '" << heading << "'";
        const auto documented = names_in(rows_of(page, "key"), "key");
        for (const auto& section : sections_of(block))
            for (const auto& [name, topic] : keys) {
                const bool has_value = topic.type != "section" && topic.type != "list";
                if (has_value && name.rfind(section, 0) == 0) {
                    EXPECT_EQ(documented.count(name), 1U) << page.path << ": key " << name;
                }
            }
    }
}

TEST(Docs, ResultTablesAreComplete)
{
    auto page = page_of("docs/output.md");
    const auto expect = [&](const std::string& heading, const std::string& column,
                            const std::vector<report::Field>& fields) {
        auto rows = rows_of(page, column);
        rows.erase(std::remove_if(rows.begin(), rows.end(),
                                  [&](const Row& row) {
                                      return row.heading.find(heading) == std::string::npos;
                                  }),
                   rows.end());
        std::map<std::string, const report::Field*> known;
        for (const auto& field : fields)
            known[field.name] = &field;
        for (const auto& row : rows) {
            const auto name = without_ticks(row.cells.at(column));
            if (known.count(name) == 0) {
                ADD_FAILURE() << row.where << ": nothing is called " << name;
                continue;
            }
            EXPECT_EQ(row.cells.at("unit"), known[name]->unit) << row.where;
            EXPECT_EQ(row.cells.at("meaning"), known[name]->meaning) << row.where;
            known.erase(name);
        }
        for (const auto& [name, field] : known)
            ADD_FAILURE() << page.path << ": " << name << " is missing under '" << heading << "'";
    };
    std::map<std::string, std::vector<report::Field>> summary;
    for (const auto& field : report::summary_fields()) {
        const auto part = field.name.substr(0, field.name.find('.'));
        summary[part == "host"                         ? "host.json"
                : part == "gemm" || part == "operands" ? "heatsim gemm"
                                                       : "summary.json"]
            .push_back(field);
    }
    for (const auto& [heading, fields] : summary)
        expect(heading, "key", fields);
    expect("heatsim run --fps", "key", report::streaming_fields());
    expect("streaming.csv", "column", report::streaming_columns());
    expect("heatsim run --functional", "key", report::functional_fields());
    expect("predictions.csv", "column", report::predictions_columns());
    expect("heatsim staircase", "key", report::staircase_fields());
    expect("staircase.csv", "column", report::staircase_columns());
    expect("distribution.csv", "column", report::distribution_columns());
    expect("heatsim ddr", "key", report::ddr_fields());
    expect("heatsim validate ddr", "key", report::ddr_validation_fields());
    expect("heatsim trace --format json", "key", report::trace_fields());
    expect("heatsim trace compare", "key", report::trace_comparison_fields());
    expect("heatsim explain", "key", report::explain_fields());
    expect("heatsim validate --format json", "key", report::validation_fields());
    expect("heatsim validate --format csv", "column", report::error_bands_columns());
    expect("stats.json", "key", report::statistics_fields());
    expect("operators.csv", "column", report::operators_columns());
    expect("images.csv", "column", report::images_columns());
    expect("COMPUTE_REPORT.csv", "column", report::compute_report_columns());
    expect("BANDWIDTH_REPORT.csv", "column", report::bandwidth_report_columns());
    page = page_of("docs/search.md");
    expect("heatsim search", "key", report::search_fields());
    page = page_of("docs/compare.md");
    expect("heatsim compare --format json", "key", report::comparison_fields());
    expect("heatsim compare --format csv", "column", report::comparison_columns());
    page = page_of("docs/sweeps.md");
    expect("heatsim sweep --format json", "key", report::sweep_fields());
    expect("heatsim pareto --format json", "key", report::front_fields());
    expect("heatsim export", "column", report::export_columns());
    page = page_of("docs/timeline.md");
    expect("Tracks, counters and arrows", "part", report::timeline_fields());
    page = page_of("docs/reports.md");
    expect("CSV of a run", "column", report::run_page_columns());
    page = page_of("docs/quantization.md");
    expect("heatsim quantize", "key", report::quantization_fields());
    expect("heatsim explain accuracy", "key", report::network_accuracy_fields());
    page = page_of("docs/advise.md");
    expect("heatsim advise --format json", "key", report::advice_fields());
}

TEST(Docs, GlossaryCoversTheVocabulary)
{
    const auto page = page_of("docs/glossary.md");
    std::map<std::string, std::string> words;
    for (const auto& row : rows_of(page, "word")) {
        const auto word = without_ticks(row.cells.at("word"));
        EXPECT_EQ(words.count(word), 0U) << row.where << ": " << word << " twice";
        words[word] = row.cells.at("meaning");
    }
    for (const auto& term : report::glossary())
        EXPECT_EQ(words[term.name], term.meaning) << page.path << ": " << term.name;
    for (const auto& cause : channel::array_cause_names)
        EXPECT_EQ(words[cause.name], report::cause_meaning(cause.value)) << page.path;
    for (const auto* word : {"token",
                             "block",
                             "stage",
                             "keep ratio",
                             "pruning rate",
                             "package token",
                             "package-token policy",
                             "pruning schedule",
                             "token counts",
                             "adaptive pruning",
                             "token trace",
                             "GEMM",
                             "tile",
                             "T_h × T_i × T_o",
                             "burst",
                             "beat",
                             "row hit",
                             "row miss",
                             "row conflict",
                             "turnaround",
                             "refresh",
                             "stall"})
        EXPECT_FALSE(words[word].empty()) << page.path << ": " << word << " is missing";
}

} // namespace heatsim::meta
