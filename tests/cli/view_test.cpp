// SPDX-License-Identifier: Apache-2.0
// `heatsim view` as a browser sees it.
#include "cli/program.hpp"
#include "support/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using test::http_request;
using test::HttpConnection;
using testing::AllOf;
using testing::HasSubstr;

using testing::StartsWith;

/// More points than a test waits for.
constexpr const char* space = R"(name: viewed
base: {model: deit_t, schedule: heatvit}
axes:
  - {name: keep_ratio, key: schedule.selectors.1.keep_ratio, range: {from: 0.2, to: 0.69, step: 0.01}}
  - {name: heads, key: array.heads, values: [1, 3, 6]}
  - {name: outputs, key: array.output_channels, values: [16, 24, 32]}
objectives:
  - minimize: latency_ms.mean
  - minimize: resources.dsps
)";

/// One point that can be simulated, and one whose array is larger than its tiles.
constexpr const char* two_points = R"(name: two
base: {model: deit_t, schedule: heatvit}
axes:
  - {name: outputs, key: array.output_channels, values: [16, 256]}
)";

/// The first line of a log that begins with a URL, when it is there.
std::string url_of(const std::string& log, const Running& program)
{
    for (;;) {
        const bool has_ended = program.has_ended();
        const auto text = content(log);
        const auto begin = text.find("http://");
        const auto end = text.find('\n', begin);
        if (begin != std::string::npos && end != std::string::npos)
            return text.substr(begin, end - begin);
        if (has_ended)
            throw std::runtime_error{"heatsim view ended: " + text};
        std::this_thread::sleep_for(milliseconds{5});
    }
}

/// `heatsim view` at work.
class View {
  public:
    View(const Folder& folder, std::vector<std::string> arguments)
        : log_{folder.path("view.log")}
        , program_{[&] {
                       arguments.insert(arguments.begin(), "view");
                       return arguments;
                   }(),
                   log_}
        , url_{url_of(log_, program_)}
    {}
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] std::uint16_t port() const
    {
        const auto colon = url_.rfind(':');
        return static_cast<std::uint16_t>(std::stoul(url_.substr(colon + 1)));
    }
    [[nodiscard]] test::HttpReply get(const std::string& path,
                                      const test::HttpHeaders& headers = {}) const
    {
        return http_request(port(), path, headers);
    }
    [[nodiscard]] json data() const { return json::parse(get("/data.json").body); }
    [[nodiscard]] std::string log() const { return content(log_); }
    [[nodiscard]] int end(int signal)
    {
        program_.send(signal);
        return program_.wait();
    }

  private:
    std::string log_;
    Running program_;
    std::string url_;
};

/// The document inside a page.
json document_of(const std::string& html)
{
    const std::string open = R"(<script type="application/json" id="report-data">)";
    const auto begin = html.find(open);
    if (begin == std::string::npos)
        return nullptr;
    const auto end = html.find("</script>", begin);
    return json::parse(html.substr(begin + open.size(), end - begin - open.size()));
}

void run_into(const std::string& folder, const std::string& schedule)
{
    ASSERT_EQ(heatsim({"run", "-s", schedule, "-q", "-o", folder}).exit_code, 0);
}

/// Waits for a point of a store.
void wait_for_store(const std::string& store)
{
    for (int tries = 0; heatsim({"export", store}).out.find("\n0,") == std::string::npos; ++tries) {
        ASSERT_LT(tries, 5000) << "no sweep";
        std::this_thread::sleep_for(milliseconds{20});
    }
}

} // namespace

TEST(View, ServesAPage)
{
    const Folder folder;
    run_into(folder.path("run"), "heatvit");
    View view{folder, {folder.path("run")}};
    EXPECT_THAT(view.url(), StartsWith("http://127.0.0.1:"));
    EXPECT_EQ(view.log(), view.url() + "\n");

    const auto page = view.get("/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.header("Cache-Control"), "no-store");
    EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(page.header("Content-Security-Policy"), "frame-ancestors 'none'");
    EXPECT_EQ(page.header("Access-Control-Allow-Origin"), "");
    EXPECT_THAT(page.body, AllOf(StartsWith("<!doctype html>"), HasSubstr("default-src 'none'")));
    const auto document = document_of(page.body);
    EXPECT_EQ(document["kind"], "run");
    EXPECT_EQ(document["live"]["url"], "data.json");

    const auto data = view.get("/data.json");
    EXPECT_EQ(data.status, 200);
    EXPECT_EQ(data.header("Content-Type"), "application/json");
    EXPECT_EQ(data.header("Cache-Control"), "no-cache");
    EXPECT_EQ(json::parse(data.body), document);
    const auto etag = data.header("ETag");
    EXPECT_THAT(etag, testing::MatchesRegex("\"[0-9a-f]+\""));
    const auto same = view.get("/data.json", {{"If-None-Match", etag}});
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.body, "");

    const auto head = http_request(view.port(), "/data.json", {}, "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), std::to_string(data.body.size()));
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(view.end(SIGTERM), 0);
}

TEST(View, AnotherRunInTheFolderIsAnotherPage)
{
    const Folder folder;
    run_into(folder.path("run"), "heatvit");
    View view{folder, {folder.path("run")}};
    const auto before = view.get("/data.json");
    run_into(folder.path("run"), "heatvit"); // the same bytes
    EXPECT_EQ(view.get("/data.json", {{"If-None-Match", before.header("ETag")}}).status, 304);
    run_into(folder.path("run"), "dense");
    test::HttpReply after;
    for (int tries = 0; tries < 5000 && after.status != 200; ++tries) {
        std::this_thread::sleep_for(milliseconds{20});
        after = view.get("/data.json", {{"If-None-Match", before.header("ETag")}});
    }
    ASSERT_EQ(after.status, 200);
    EXPECT_NE(after.header("ETag"), before.header("ETag"));
    EXPECT_THAT(json::parse(after.body)["title"].get<std::string>(), HasSubstr("dense"));

    std::filesystem::remove(folder.path("run/summary.json"));
    test::HttpReply gone;
    for (int tries = 0; tries < 5000 && gone.status != 422; ++tries) {
        std::this_thread::sleep_for(milliseconds{20});
        gone = view.get("/data.json");
    }
    EXPECT_EQ(gone.status, 422);
    EXPECT_EQ(gone.header("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_THAT(gone.body, HasSubstr("summary.json"));
    EXPECT_EQ(view.end(SIGINT), 0);
}

TEST(View, ComparesFolders)
{
    const Folder folder;
    run_into(folder.path("a"), "heatvit");
    run_into(folder.path("b"), "dense");
    const View view{folder, {folder.path("a"), folder.path("b")}};
    EXPECT_EQ(view.data()["kind"], "comparison");
}

TEST(View, HasNoOtherPages)
{
    const Folder folder;
    run_into(folder.path("run"), "dense");
    const View view{folder, {folder.path("run")}};
    for (const auto* path :
         {"/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "//etc/passwd",
          "/summary.json", "/run/summary.json", "/data.json/", "/./", "/point/0", "/point/",
          "/favicon.ico", "/index.html", "*", "http://127.0.0.1/"}) {
        const auto reply = view.get(path);
        EXPECT_EQ(reply.status, 404) << path;
        EXPECT_EQ(reply.body, "no such page; the report is at /\n") << path;
    }
    EXPECT_EQ(view.get("/", {{"Host", "evil.example"}}).status, 403);
    EXPECT_EQ(view.get("/data.json", {{"Host", "evil.example:80"}}).status, 403);
    EXPECT_EQ(http_request(view.port(), "/", {}, "POST").status, 405);
    EXPECT_EQ(http_request(view.port(), "/data.json", {}, "DELETE").status, 405);
}

TEST(View, IsOnLoopbackUnlessAskedFor)
{
    const Folder folder;
    run_into(folder.path("run"), "dense");
    {
        const View view{folder, {folder.path("run")}};
        // all of 127.0.0.0/8 is this machine, but one address is listened on
        EXPECT_THROW(HttpConnection(view.port(), "127.0.0.2"), std::runtime_error);
    }
    const Folder other;
    View everywhere{other, {folder.path("run"), "--host", "0.0.0.0"}};
    EXPECT_NO_THROW(HttpConnection(everywhere.port(), "127.0.0.2"));
    EXPECT_EQ(everywhere.get("/", {{"Host", "my-machine.example"}}).status, 200);
    EXPECT_THAT(everywhere.log(), HasSubstr("warning: everybody who can reach"));
    EXPECT_EQ(everywhere.end(SIGTERM), 0);
}

TEST(View, FollowsASweep)
{
    const Folder folder;
    const auto store = folder.path("store.sqlite");
    const auto space_path = folder.write("space.yaml", space);
    Running sweep{{"sweep", space_path, "-o", store, "-j", "1", "-q"}, folder.path("sweep.log")};
    wait_for_store(store);
    View view{folder, {store}};
    std::set<std::size_t> counts;
    std::set<std::string> etags;
    std::string etag;
    const auto look = [&] { // \returns whether somebody writes
        const auto reply = view.get("/data.json", {{"If-None-Match", etag}});
        if (reply.status == 304)
            return true;
        EXPECT_EQ(reply.status, 200) << reply.body;
        EXPECT_TRUE(etags.insert(reply.header("ETag")).second) << "the page did not change";
        etag = reply.header("ETag");
        const auto table = json::parse(reply.body)["sweep"];
        const auto points = table["points"].size();
        EXPECT_GE(points, counts.empty() ? 0U : *counts.rbegin());
        counts.insert(points);
        for (const auto& column : table["columns"]) // of the same moment
            EXPECT_EQ((column["numbers"].is_null() ? column["texts"] : column["numbers"]).size(),
                      points);
        for (const auto& row : table["front"])
            EXPECT_LT(row.get<std::size_t>(), points);
        EXPECT_EQ(table["point_url"], "point/");
        return table["running"].get<bool>();
    };
    while (counts.size() < 5 && !sweep.has_ended()) {
        EXPECT_TRUE(look() || sweep.has_ended());
        std::this_thread::sleep_for(milliseconds{20});
    }
    EXPECT_GE(counts.size(), 5U);
    sweep.send(SIGINT);
    EXPECT_EQ(sweep.wait(), 130);
    for (int tries = 0; tries < 5000 && look(); ++tries)
        std::this_thread::sleep_for(milliseconds{20});
    const auto last = view.data();
    EXPECT_EQ(last["sweep"]["running"], false);
    const auto table = heatsim({"export", store}).out;
    EXPECT_EQ(last["sweep"]["points"].size(),
              static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')) - 1);
    EXPECT_EQ(view.get("/data.json", {{"If-None-Match", etag}}).status, 304);
    EXPECT_EQ(view.end(SIGTERM), 0);
}

TEST(View, APointHasItsOwnReport)
{
    const Folder folder;
    const auto store = folder.path("store.sqlite");
    const auto space_path = folder.write("space.yaml", two_points);
    ASSERT_EQ(heatsim({"sweep", space_path, "-o", store, "-q"}).exit_code, 0);
    View view{folder, {store}};
    const auto sweep = view.data()["sweep"];
    ASSERT_EQ(sweep["status"], json({0, 2}));
    double latency_ms = 0.0;
    for (const auto& column : sweep["columns"])
        if (column["name"] == "latency_ms.mean")
            latency_ms = column["numbers"][0].get<double>();

    const auto page = view.get("/point/0");
    ASSERT_EQ(page.status, 200) << page.body;
    const auto document = document_of(page.body);
    EXPECT_EQ(document["kind"], "run");
    EXPECT_TRUE(document["live"].is_null());
    EXPECT_THAT(document["title"].get<std::string>(), StartsWith("Point 0 · deit_t"));
    EXPECT_THAT(
        document["command"].get<std::string>(),
        AllOf(StartsWith("heatsim run -m deit_t"), HasSubstr("--set array.output_channels=16")));
    EXPECT_NEAR(document["run"]["headline"][0]["value"].get<double>(), latency_ms,
                latency_ms * 1e-6);
    EXPECT_FALSE(document["run"]["timelines"].empty());
    EXPECT_EQ(view.get("/point/0").body, page.body);

    const auto refused = view.get("/point/1");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.header("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_THAT(refused.body, HasSubstr("tile.output_channels: found '192'"));
    for (const auto* path : {"/point/99999", "/point/18446744073709551615"}) {
        EXPECT_EQ(view.get(path).status, 404) << path;
        EXPECT_THAT(view.get(path).body, HasSubstr("no point")) << path;
    }
    for (const auto* path : {"/point/", "/point/x", "/point/-1", "/point/01", "/point/1/"})
        EXPECT_THAT(view.get(path).body, StartsWith("no such page")) << path;
    EXPECT_EQ(view.end(SIGTERM), 0);
}

TEST(View, RefusesBadOptions)
{
    const Folder folder;
    run_into(folder.path("run"), "dense");
    const View view{folder, {folder.path("run")}};
    const auto error_of = [&](const std::vector<std::string>& options) {
        std::vector<std::string> arguments{"view", folder.path("run")};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const auto outcome = heatsim(arguments);
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_EQ(outcome.out, "");
        return outcome.err;
    };
    EXPECT_THAT(error_of({"--port", "70000"}), HasSubstr("--port"));
    EXPECT_THAT(error_of({"--port", "http"}), HasSubstr("--port"));
    EXPECT_THAT(error_of({"--port", std::to_string(view.port())}),
                AllOf(HasSubstr("Address already in use"), HasSubstr("a free port")));
    EXPECT_THAT(error_of({"--host", "localhost"}), HasSubstr("an IP address of this machine"));
    EXPECT_THAT(error_of({"--host", "192.0.2.1"}), HasSubstr("an IP address of this machine"));
    EXPECT_THAT(error_of({"--sweep", "1"}), HasSubstr("no result store is viewed"));
    for (const auto* missing : {"nothing", "nothing.sqlite"}) {
        const auto viewed = heatsim({"view", folder.path(missing)});
        EXPECT_EQ(viewed.exit_code, 2);
        EXPECT_EQ(viewed.err, heatsim({"report", folder.path(missing)}).err);
    }
}

} // namespace heatsim::cli
