// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::test {

/// What a web server has answered.
struct HttpReply {
    int status = 0; ///< 0: nothing was answered
    std::string head;
    std::string body;

    /// Value of a header line; empty if there is none.
    [[nodiscard]] std::string header(const std::string& name) const;
};

/// A connection as a browser has one, which may ask what a browser never would.
class HttpConnection {
  public:
    /// \throws std::runtime_error if nobody listens
    explicit HttpConnection(std::uint16_t port, const std::string& address = "127.0.0.1");
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;
    ~HttpConnection();

    void send(const std::string& text) const;
    /// Everything that comes until the other side closes the connection.
    [[nodiscard]] HttpReply receive() const;

  private:
    int file_ = -1;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request over a connection of its own. \param headers beside `Host: 127.0.0.1`, or instead of
/// it
[[nodiscard]] HttpReply http_request(std::uint16_t port,
                                     const std::string& path,
                                     const HttpHeaders& headers = {},
                                     const std::string& method = "GET");

} // namespace heatsim::test
