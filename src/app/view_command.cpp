// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/text_file.hpp"
#include "http/server.hpp"
#include "report/page.hpp"
#include "report/report_page.hpp"
#include "sweep/result_store.hpp"
#include "system/content_hash.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

using nlohmann::ordered_json;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr const char* html_type = "text/html; charset=utf-8";
constexpr const char* json_type = "application/json";
constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* data_url = "data.json";
constexpr const char* point_url = "point/";
constexpr std::size_t most_points = 32; ///< whose pages are kept

/// What tells that files have changed, without reading them.
class FileState {
  public:
    explicit FileState(const report::PageRequest& request)
    {
        for (const auto& path : report::files_of(request))
            add(path);
        for (const auto& path : request.paths)
            if (report::is_store(path))
                is_being_written_ = sweep::ResultStore::is_being_written(path);
    }

    [[nodiscard]] bool operator==(const FileState& other) const
    {
        return files_ == other.files_ && is_being_written_ == other.is_being_written_;
    }
    [[nodiscard]] bool operator!=(const FileState& other) const { return !(*this == other); }

    /// Whether what is written from now on will have another time: file systems count in steps, of
    /// 2 s at most.
    [[nodiscard]] bool has_settled() const
    {
        constexpr seconds longest_step{2};
        return newest_ + longest_step < std::chrono::system_clock::now().time_since_epoch();
    }

  private:
    void add(const std::string& path)
    {
        struct stat status {};
        if (stat(path.c_str(), &status) != 0 || status.st_size == 0) {
            files_.push_back({}); // SQLite makes an empty log to read a store
            return;
        }
        const auto written = seconds{status.st_mtim.tv_sec} + nanoseconds{status.st_mtim.tv_nsec};
        newest_ = std::max(newest_, written);
        files_.push_back(
            {written.count(), status.st_size, static_cast<std::int64_t>(status.st_ino)});
    }

    std::vector<std::array<std::int64_t, 3>> files_; ///< time, size, number of each
    nanoseconds newest_{0};
    bool is_being_written_ = false;
};

/// A page as it goes to browsers, or what they are told instead.
struct Document {
    unsigned status = http::ok;
    std::string title;
    std::string text; ///< JSON of the page; of an error: text
    std::string etag; ///< of the JSON

    [[nodiscard]] http::Response data() const
    {
        return status == http::ok ? http::Response{status, json_type, etag, text} : error();
    }
    [[nodiscard]] http::Response html() const
    {
        return status == http::ok
                   ? http::Response{status, html_type, "", report::page_html(title, text)}
                   : error();
    }

  private:
    [[nodiscard]] http::Response error() const { return {status, text_type, "", text}; }
};

[[nodiscard]] Document document_of(const ordered_json& page)
{
    Document document;
    document.title = page.at("title").get<std::string>();
    document.text = report::page_text(page);
    system::ContentHash hash;
    hash.add(document.text);
    document.etag = fmt::format("\"{}\"", hash.text());
    return document;
}

[[nodiscard]] Document error_document(unsigned status, const std::string& text)
{
    return {status, "", fmt::format("{}\n", text), ""};
}

/// Makes a document in a copy of this process: what is thrown becomes one, too.
template <typename MakePage>
[[nodiscard]] std::string made_aside(MakePage make_page)
{
    const auto document = [&]() -> Document {
        try {
            return document_of(make_page());
        } catch (const report::NoSuchPoint& error) {
            return error_document(http::not_found, error.what());
        } catch (const config::Error& error) {
            return error_document(http::unprocessable, error.what());
        } catch (const std::exception& error) {
            return error_document(http::server_error, error.what());
        }
    }();
    const auto bytes =
        ordered_json::to_cbor({document.status, document.title, document.text, document.etag});
    return {bytes.begin(), bytes.end()};
}

/// The other end of it.
[[nodiscard]] Document received(const http::WorkResult& result)
{
    if (!result.text)
        return error_document(result.too_many_wait ? http::unavailable : http::server_error,
                              result.failure);
    const auto parts = ordered_json::from_cbor(*result.text);
    return {parts[0], parts[1], parts[2], parts[3]};
}

using Take = std::function<void(const Document&)>;

/// The page of what is viewed: made again when its files have changed.
class LivePage {
  public:
    /// \throws config::Error or sweep::StoreError if there is no page now
    LivePage(http::Server& server, report::PageRequest request)
        : server_{server}
        , request_{std::move(request)}
        , is_of_store_{report::is_store(request_.paths.front())}
        , state_{request_}
        , has_settled_{state_.has_settled()}
    {
        const auto page = page_of(request_);
        document_ = document_of(page);
        if (is_of_store_) // a sweep that begins later has other points under the same numbers
            request_.sweep = page["sweep"]["id"].dump();
    }

    /// What it is of. \returns as it is asked for from now on
    [[nodiscard]] const report::PageRequest& request() const { return request_; }
    [[nodiscard]] bool is_of_store() const { return is_of_store_; }

    /// Hands the page to `take`, now or when it is made.
    void get(Take take)
    {
        if (waiting_.empty() && !is_old()) {
            take(document_);
            return;
        }
        waiting_.push_back(std::move(take));
        if (waiting_.size() == 1)
            make();
    }

  private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] static ordered_json page_of(const report::PageRequest& request)
    {
        auto page = report::make_page(request);
        page["live"] = {{"url", data_url}};
        return page;
    }

    [[nodiscard]] bool is_old() const
    {
        return Clock::now() >= look_again_ && (!has_settled_ || FileState{request_} != state_);
    }

    void make()
    {
        const auto start = Clock::now();
        state_ = FileState{request_}; // what changes while it is made is news
        has_settled_ = state_.has_settled();
        server_.run_aside(
            [this] { return made_aside([this] { return page_of(request_); }); },
            [this, start](const http::WorkResult& result) { finish(received(result), start); });
    }

    void finish(Document document, Clock::time_point start)
    {
        constexpr int most_tries = 5;
        if (!is_of_store_ && FileState{request_} != state_ && ++tries_ < most_tries) {
            make(); // files of two runs
            return;
        }
        tries_ = 0;
        has_settled_ = has_settled_ && document.status == http::ok;
        document_ = std::move(document);
        constexpr int rest = 4; // a fifth of one core at most, or the sweep would get too little
        look_again_ = Clock::now() + rest * (Clock::now() - start);
        for (const auto& take : std::exchange(waiting_, {}))
            take(document_);
    }

    http::Server& server_;
    report::PageRequest request_;
    bool is_of_store_;
    FileState state_;  ///< when the document was begun
    bool has_settled_; ///< `state_` then
    Document document_;
    Clock::time_point look_again_;
    int tries_ = 0;
    std::vector<Take> waiting_;
};

/// Pages of points, each simulated when somebody asks for it.
class PointPages {
  public:
    /// \param request of the sweep
    PointPages(http::Server& server, const report::PageRequest& request)
        : server_{server}
        , request_{request}
    {}

    void get(std::uint64_t point, Take take)
    {
        for (auto page = pages_.begin(); page != pages_.end(); ++page) {
            if (page->first == point) {
                pages_.splice(pages_.begin(), pages_, page);
                take(page->second);
                return;
            }
        }
        auto& waiting = waiting_[point];
        waiting.push_back(std::move(take));
        if (waiting.size() > 1)
            return;
        server_.run_aside(
            [this, point] {
                return made_aside([this, point] {
                    return report::make_point_page(request_.paths.front(), request_.sweep, point);
                });
            },
            [this, point](const http::WorkResult& result) { finish(point, received(result)); });
    }

  private:
    void finish(std::uint64_t point, Document document)
    {
        const auto waiting = std::exchange(waiting_[point], {});
        waiting_.erase(point);
        for (const auto& take : waiting)
            take(document);
        if (document.status != http::ok)
            return;
        pages_.emplace_front(point, std::move(document));
        if (pages_.size() > most_points)
            pages_.pop_back();
    }

    http::Server& server_;
    const report::PageRequest& request_;
    std::list<std::pair<std::uint64_t, Document>> pages_; ///< the last asked for first
    std::map<std::uint64_t, std::vector<Take>> waiting_;
};

/// A number as its only way of writing.
[[nodiscard]] std::optional<std::uint64_t> point_of(const std::string& text)
{
    const auto number = config::to_number<std::uint64_t>(text);
    return number && std::to_string(*number) == text ? number : std::nullopt;
}

[[nodiscard]] http::Handler handler_of(LivePage& page, PointPages& points)
{
    return [&page, &points](const http::Request& request, const http::Answer& answer) {
        const std::string points_path = fmt::format("/{}", point_url);
        if (request.path == "/") {
            page.get([answer](const Document& document) { answer(document.html()); });
            return;
        }
        if (request.path == fmt::format("/{}", data_url)) {
            page.get([answer](const Document& document) { answer(document.data()); });
            return;
        }
        if (page.is_of_store() && config::starts_with(request.path, points_path)) {
            if (const auto point = point_of(request.path.substr(points_path.size()))) {
                points.get(*point, [answer](const Document& document) { answer(document.html()); });
                return;
            }
        }
        answer({http::not_found, text_type, "", "no such page; the report is at /\n"});
    };
}

struct Checked {
    report::PageRequest request;
    std::uint16_t port = 0;
};

[[nodiscard]] Checked read(const ViewOptions& options)
{
    std::vector<config::Violation> violations;
    Checked checked;
    checked.request.paths = options.paths;
    checked.request.sweep = options.sweep;
    checked.request.point_url = point_url;
    checked.port = static_cast<std::uint16_t>(integer_option(
        "--port", options.port, 0, std::numeric_limits<std::uint16_t>::max(), violations));
    if (!http::is_loopback(options.host))
        refuse_option(violations, "--host", config::quoted(options.host),
                      "an IP address of this machine, e.g. 127.0.0.1");
    const bool of_store = options.paths.size() == 1 && report::is_store(options.paths.front());
    if (!options.sweep.empty() && !of_store)
        refuse_option(violations, "--sweep", "no result store is viewed",
                      "a result store of `heatsim sweep`");
    throw_if_any(std::move(violations));
    return checked;
}

/// \throws config::Error if nobody can listen there
[[nodiscard]] std::unique_ptr<http::Server> listen(const ViewOptions& options, std::uint16_t port)
{
    try {
        return std::make_unique<http::Server>(options.host, port);
    } catch (const http::ListenError& error) {
        std::vector<config::Violation> violations;
        const auto reason = error.code().message();
        if (error.is_of_port())
            refuse_option(violations, "--port", fmt::format("{}: {}", port, reason),
                          "a free port, or 0 to get one");
        else
            refuse_option(violations, "--host", fmt::format("{}: {}", options.host, reason),
                          "an IP address of this machine, e.g. 127.0.0.1");
        throw config::Error{std::move(violations)};
    }
}

} // namespace

void view_command(const ViewOptions& options)
{
    auto checked = read(options);
    const auto server = listen(options, checked.port);
    LivePage page{*server, std::move(checked.request)};
    PointPages points{*server, page.request()};
    if (!http::is_loopback(options.host).value_or(false))
        std::fputs(fmt::format("warning: everybody who can reach {} can read what is viewed\n",
                               server->url())
                       .c_str(),
                   stderr);
    print(fmt::format("{}\n", server->url()));
    server->serve(handler_of(page, points));
}

} // namespace heatsim::app
