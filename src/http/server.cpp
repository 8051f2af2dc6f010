// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include "system/forked_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <exception>
#include <string_view>
#include <utility>

namespace heatsim::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t most_connections = 64;
constexpr std::size_t most_copies = 2; ///< that work at a time
constexpr std::size_t most_waiting = 64;
constexpr std::uint32_t most_header_bytes = 16384;
constexpr std::uint64_t most_body_bytes = 65536; ///< of a request, which needs none
constexpr std::chrono::seconds idle_limit{60};
constexpr std::chrono::seconds write_limit{300};

/// Name or address of a `Host` header, without the port.
[[nodiscard]] std::string_view host_name(std::string_view host)
{
    const auto bracket = host.find(']');
    if (!host.empty() && host.front() == '[' && bracket != std::string_view::npos)
        return host.substr(1, bracket - 1);
    return host.substr(0, host.find(':'));
}

[[nodiscard]] bool names_this_machine(std::string_view host)
{
    const std::string name{host_name(host)};
    return beast::iequals(name, "localhost") || is_loopback(name).value_or(false);
}

/// In a copy: it keeps nothing of the server, neither a connection that would stay open with it nor
/// the signals, whose handler would write to a file that is now another one.
void leave_server(int file)
{
    (void)std::signal(SIGINT, SIG_DFL);  // NOLINT: the system's macro casts
    (void)std::signal(SIGTERM, SIG_DFL); // NOLINT
    constexpr unsigned last = ~0U;
    const auto kept = static_cast<unsigned>(file);
    if (kept > STDERR_FILENO + 1)
        (void)close_range(STDERR_FILENO + 1, kept - 1, 0);
    (void)close_range(kept + 1, last, 0);
}

[[nodiscard]] int work_in_copy(const std::function<std::string()>& work, int file)
{
    leave_server(file);
    try {
        return system::write_all(file, work()) ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (...) { // nothing of the server may run in a copy
        return EXIT_FAILURE;
    }
}

/// A copy at work, and what it has written so far.
class Copy {
  public:
    Copy(asio::io_context& context, const std::function<std::string()>& work)
        : process_{[&work](int file) { return work_in_copy(work, file); }}
        , pipe_{context, fcntl(process_.file(), F_DUPFD_CLOEXEC, 0)} // NOLINT: it is of the system
    {}

    /// \param done called when it has ended \param self keeps this alive
    static void read(const std::shared_ptr<Copy>& self, std::function<void(WorkResult)> done)
    {
        self->pipe_.async_read_some(
            asio::buffer(self->chunk_),
            [self, done = std::move(done)](const ErrorCode& error, std::size_t bytes) mutable {
                if (error == asio::error::operation_aborted)
                    return;
                self->text_.append(self->chunk_.data(), bytes);
                if (error)
                    done(self->result());
                else
                    read(self, std::move(done));
            });
    }

  private:
    [[nodiscard]] WorkResult result()
    {
        const auto status = process_.wait();
        if (status != 0)
            return {std::nullopt,
                    fmt::format("the process that worked on it {}", system::ending_text(status))};
        return {std::move(text_), ""};
    }

    static constexpr std::size_t chunk_bytes = 65536;
    system::ForkedProcess process_;
    asio::posix::stream_descriptor pipe_;
    std::array<char, chunk_bytes> chunk_{};
    std::string text_;
};

/// One connection, request by request.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(tcp::socket socket,
            const Handler& handler,
            bool local_only,
            std::shared_ptr<std::size_t> connections)
        : stream_{std::move(socket)}
        , handler_{handler}
        , local_only_{local_only}
        , connections_{std::move(connections)}
    {
        ++*connections_;
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session()
    {
        ErrorCode ignored; // the other side may have gone
        (void)stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
        --*connections_;
    }

    void read()
    {
        parser_.emplace();
        parser_->header_limit(most_header_bytes);
        parser_->body_limit(most_body_bytes);
        stream_.expires_after(idle_limit);
        beast::http::async_read(
            stream_, buffer_, *parser_,
            [self = shared_from_this()](const ErrorCode& error, std::size_t /*bytes*/) {
                if (!error)
                    self->answer();
                else if (self->parser_->got_some() && error != beast::error::timeout &&
                         error != asio::error::operation_aborted)
                    self->refuse(beast::http::status::bad_request, "no request of HTTP/1.1");
            });
    }

  private:
    using Fields = beast::http::fields;
    using Status = beast::http::status;

    void answer()
    {
        const auto& request = parser_->get();
        keep_alive_ = request.keep_alive();
        is_head_ = request.method() == beast::http::verb::head;
        if (local_only_ && !names_this_machine(text_of(request[beast::http::field::host]))) {
            refuse(Status::forbidden, "this server answers to names of this machine only");
            return;
        }
        if (!is_head_ && request.method() != beast::http::verb::get) {
            refuse(Status::method_not_allowed, "GET and HEAD only");
            return;
        }
        known_etags_ = text_of(request[beast::http::field::if_none_match]);
        const auto target = text_of(request.target());
        const Answer answer = [self = shared_from_this()](Response response) {
            self->stream_.expires_after(write_limit);
            self->send(std::move(response));
        };
        stream_.expires_never(); // the answer may take its time
        try {
            handler_({target.substr(0, target.find('?'))}, answer);
        } catch (const std::exception& error) {
            answer(
                {server_error, "text/plain; charset=utf-8", "", fmt::format("{}\n", error.what())});
        }
    }

    /// Says what is wrong with the request, and that nothing else will be answered.
    void refuse(Status status, const char* why)
    {
        keep_alive_ = false;
        send({static_cast<unsigned>(status), "text/plain; charset=utf-8", "",
              fmt::format("{}\n", why)});
    }

    void send(Response response)
    {
        const bool is_known = response.status == ok && !response.etag.empty() &&
                              known_etags_.find(response.etag) != std::string::npos;
        if (is_known)
            write<beast::http::empty_body>(static_cast<unsigned>(Status::not_modified), response,
                                           [](auto& /*message*/) {});
        else if (is_head_)
            write<beast::http::empty_body>(response.status, response, [&response](auto& message) {
                message.content_length(response.body.size());
            });
        else
            write<beast::http::string_body>(response.status, response, [&response](auto& message) {
                message.body() = std::move(response.body);
                message.prepare_payload();
            });
    }

    template <typename Body, typename Fill>
    void write(unsigned status, const Response& response, Fill fill)
    {
        constexpr unsigned http_1_1 = 11;
        using Message = beast::http::response<Body>;
        const auto message = std::make_shared<Message>(static_cast<Status>(status), http_1_1);
        message->keep_alive(keep_alive_);
        if (status == static_cast<unsigned>(Status::method_not_allowed))
            message->set(beast::http::field::allow, "GET, HEAD");
        message->set(beast::http::field::content_type, response.type);
        if (response.etag.empty()) {
            message->set(beast::http::field::cache_control, "no-store");
        } else {
            message->set(beast::http::field::cache_control, "no-cache");
            message->set(beast::http::field::etag, response.etag);
        }
        // the page's own policy says the rest
        message->set("Content-Security-Policy", "frame-ancestors 'none'");
        message->set("Cross-Origin-Resource-Policy", "same-origin");
        message->set("Referrer-Policy", "no-referrer");
        message->set("X-Content-Type-Options", "nosniff");
        fill(*message);
        beast::http::async_write(
            stream_, *message,
            [self = shared_from_this(), message](const ErrorCode& error, std::size_t /*bytes*/) {
                if (!error && self->keep_alive_)
                    self->read();
            });
    }

    [[nodiscard]] static std::string text_of(beast::string_view text)
    {
        return {text.data(), text.size()};
    }

    beast::tcp_stream stream_;
    const Handler& handler_;
    bool local_only_;
    std::shared_ptr<std::size_t> connections_;
    beast::flat_buffer buffer_;
    std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
    std::string known_etags_;
    bool keep_alive_ = false;
    bool is_head_ = false;
};

} // namespace

bool ListenError::is_of_port() const
{
    return code() == std::errc::address_in_use || code() == std::errc::permission_denied;
}

std::optional<bool> is_loopback(const std::string& address)
{
    ErrorCode error;
    const auto parsed = asio::ip::make_address(address, error);
    return error ? std::nullopt : std::optional{parsed.is_loopback()};
}

struct Server::Impl {
    struct Work {
        std::function<std::string()> work;
        std::function<void(WorkResult)> done;
    };

    asio::io_context context{1};
    tcp::acceptor acceptor{context};
    tcp::endpoint endpoint; ///< kept: a copy of the process has no acceptor to ask
    asio::signal_set signals{context};
    Handler handler;
    std::shared_ptr<std::size_t> connections = std::make_shared<std::size_t>(0);
    std::size_t copies = 0;
    std::deque<Work> waiting;

    void accept()
    {
        acceptor.async_accept([this](const ErrorCode& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted)
                return;
            if (!error && *connections < most_connections) // one too many is closed
                std::make_shared<Session>(std::move(socket), handler,
                                          endpoint.address().is_loopback(), connections)
                    ->read();
            accept();
        });
    }

    void start_waiting()
    {
        while (copies < most_copies && !waiting.empty()) {
            const auto next = std::move(waiting.front());
            waiting.pop_front();
            ++copies;
            const auto finish = [this, done = next.done](WorkResult result) {
                --copies;
                done(std::move(result));
                start_waiting();
            };
            try {
                Copy::read(std::make_shared<Copy>(context, next.work), finish);
            } catch (const std::exception& error) { // no process, no file left
                asio::post(context, [finish, what = std::string{error.what()}] {
                    finish({std::nullopt, what});
                });
            }
        }
    }
};

Server::Server(const std::string& address, std::uint16_t port)
    : impl_{std::make_unique<Impl>()}
{
    ErrorCode error;
    const tcp::endpoint endpoint{asio::ip::make_address(address, error), port};
    auto& acceptor = impl_->acceptor;
    const auto check = [&] {
        if (error)
            throw ListenError{error, fmt::format("{} port {}", address, port)};
    };
    check();
    (void)acceptor.open(endpoint.protocol(), error);
    check();
    (void)acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
    check();
    (void)acceptor.bind(endpoint, error);
    check();
    (void)acceptor.listen(tcp::acceptor::max_listen_connections, error);
    check();
    impl_->endpoint = acceptor.local_endpoint();
}

Server::~Server() = default;

std::uint16_t Server::port() const
{
    return impl_->endpoint.port();
}

std::string Server::url() const
{
    const auto address = impl_->endpoint.address();
    return fmt::format(address.is_v6() ? "http://[{}]:{}/" : "http://{}:{}/", address.to_string(),
                       port());
}

void Server::serve(const Handler& handle)
{
    impl_->handler = handle;
    impl_->signals.add(SIGINT);
    impl_->signals.add(SIGTERM);
    impl_->signals.async_wait([this](const ErrorCode& error, int /*signal*/) {
        if (!error)
            stop();
    });
    impl_->accept();
    (void)impl_->context.run();
}

void Server::stop()
{
    impl_->context.stop();
}

void Server::run_aside(std::function<std::string()> work, std::function<void(WorkResult)> done)
{
    if (impl_->waiting.size() >= most_waiting) {
        asio::post(impl_->context, [done = std::move(done)] {
            done({std::nullopt, "too many others wait", true});
        });
        return;
    }
    impl_->waiting.push_back({std::move(work), std::move(done)});
    impl_->start_waiting();
}

} // namespace heatsim::http
