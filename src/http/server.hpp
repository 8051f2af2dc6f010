// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

/// A small web server: GET and HEAD, no files.
///
/// It has one thread, because it makes copies of this process: what takes long is done in a copy,
/// and a copy of a process with threads may inherit a lock that nobody gives back.
namespace heatsim::http {

/// What a handler is asked for. The server has looked at everything else of the request.
struct Request {
    std::string path; ///< as it was sent, without what is behind a `?`; nothing is decoded
};

inline constexpr unsigned ok = 200;
inline constexpr unsigned not_found = 404;
inline constexpr unsigned unprocessable = 422;
inline constexpr unsigned server_error = 500;
inline constexpr unsigned unavailable = 503;

struct Response {
    unsigned status = ok;
    std::string type = "text/plain; charset=utf-8";
    /// Changes when the body does: who has this body already gets 304 and no body. Empty: nobody
    /// may keep the body.
    std::string etag;
    std::string body;
};

/// Takes the response to one request, at once or later, but once.
using Answer = std::function<void(Response)>;
using Handler = std::function<void(const Request&, const Answer&)>;

/// What became of work in a copy of this process.
struct WorkResult {
    std::optional<std::string> text; ///< what it returned
    std::string failure;             ///< why it returned nothing
    bool too_many_wait = false;      ///< it was not begun
};

/// The address cannot be listened on.
class ListenError : public std::system_error {
  public:
    using std::system_error::system_error;
    /// Whether another port may do.
    [[nodiscard]] bool is_of_port() const;
};

/// Whether an address reaches this machine only. \returns nothing if it is no IP address
[[nodiscard]] std::optional<bool> is_loopback(const std::string& address);

/// On a loopback address it answers to loopback names only (`Host`), so that no page of the web
/// gets at it by a name of its own.
class Server {
  public:
    /// Listens, but answers nobody before `serve`.
    /// \param address an IP address of this machine \param port 0: a free one
    /// \throws ListenError
    Server(const std::string& address, std::uint16_t port);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::uint16_t port() const;
    /// `http://127.0.0.1:8000/`
    [[nodiscard]] std::string url() const;

    /// Answers until SIGINT or SIGTERM comes, or `stop` is called. \param handle asked for every
    /// GET and HEAD; an exception of it is answered as error 500
    void serve(const Handler& handle);
    void stop();

    /// Has `work` done in a copy of this process, of which there are a few at a time, in the order
    /// of the calls. \param done called by `serve`, unless that ends before
    void run_aside(std::function<std::string()> work, std::function<void(WorkResult)> done);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace heatsim::http
