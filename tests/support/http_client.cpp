// SPDX-License-Identifier: Apache-2.0
#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace heatsim::test {

std::string HttpReply::header(const std::string& name) const
{
    std::string wanted = "\r\n";
    wanted.append(name).append(": ");
    const auto begin = head.find(wanted);
    if (begin == std::string::npos)
        return "";
    const auto value = begin + wanted.size();
    return head.substr(value, head.find("\r\n", value) - value);
}

HttpConnection::HttpConnection(std::uint16_t port, const std::string& address)
    : file_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as sockets want it
    const auto* const any = reinterpret_cast<const sockaddr*>(&to);
    if (inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1 ||
        connect(file_, any, sizeof to) != 0) {
        close(file_);
        throw std::runtime_error{"nobody listens"};
    }
}

HttpConnection::~HttpConnection()
{
    close(file_);
}

void HttpConnection::send(const std::string& text) const
{
    (void)::send(file_, text.data(), text.size(), MSG_NOSIGNAL);
}

HttpReply HttpConnection::receive() const
{
    constexpr std::size_t chunk_bytes = 65536;
    std::string text;
    std::array<char, chunk_bytes> chunk{};
    for (;;) {
        const auto count = recv(file_, chunk.data(), chunk.size(), 0);
        if (count <= 0)
            break;
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
    HttpReply reply;
    const std::string version = "HTTP/1.1 ";
    const auto end = text.find("\r\n\r\n");
    if (text.compare(0, version.size(), version) != 0 || end == std::string::npos)
        return reply;
    reply.status = std::atoi(text.c_str() + version.size()); // NOLINT(cert-err34-c)
    reply.head = text.substr(0, end + 2);
    reply.body = text.substr(end + 4);
    return reply;
}

HttpReply http_request(std::uint16_t port,
                       const std::string& path,
                       const HttpHeaders& headers,
                       const std::string& method)
{
    auto text = method;
    text.append(" ").append(path).append(" HTTP/1.1\r\nConnection: close\r\n");
    const bool has_host = std::any_of(headers.begin(), headers.end(),
                                      [](const auto& header) { return header.first == "Host"; });
    if (!has_host)
        text += "Host: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers)
        text.append(name).append(": ").append(value).append("\r\n");
    const HttpConnection connection{port};
    connection.send(text.append("\r\n"));
    return connection.receive();
}

} // namespace heatsim::test
