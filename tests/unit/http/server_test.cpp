// SPDX-License-Identifier: Apache-2.0
// The server asks itself: what a copy of this process gets is what a browser would.
#include "http/server.hpp"
#include "support/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::http {

namespace {

using test::http_request;
using test::HttpConnection;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* local = "127.0.0.1";

/// Serves while a copy of this process is a client. \returns what the client returns
std::string served(Server& server, const Handler& handler, std::function<std::string()> client)
{
    std::string text;
    server.run_aside(std::move(client), [&](const WorkResult& result) {
        text = result.text.value_or(result.failure);
        server.stop();
    });
    server.serve(handler);
    return text;
}

/// Answers with what was asked for.
void echo(const Request& request, const Answer& answer)
{
    answer({ok, "text/plain", "", request.path});
}

} // namespace

TEST(HttpServer, TellsWhereItListens)
{
    const Server server{local, 0};
    EXPECT_GT(server.port(), 0);
    EXPECT_EQ(server.url(), "http://127.0.0.1:" + std::to_string(server.port()) + "/");
}

TEST(HttpServer, RefusesAPortInUseAndAnAddressOfOthers)
{
    const Server first{local, 0};
    try {
        const Server second{local, first.port()};
        FAIL() << "two servers on one port";
    } catch (const ListenError& error) {
        EXPECT_TRUE(error.is_of_port());
    }
    try {
        const Server other{"192.0.2.1", 0}; // reserved for documentation
        FAIL() << "an address of nobody";
    } catch (const ListenError& error) {
        EXPECT_FALSE(error.is_of_port());
    }
}

TEST(HttpServer, KnowsLoopbackAddresses)
{
    EXPECT_EQ(is_loopback("127.0.0.1"), true);
    EXPECT_EQ(is_loopback("127.1.2.3"), true);
    EXPECT_EQ(is_loopback("::1"), true);
    EXPECT_EQ(is_loopback("0.0.0.0"), false);
    EXPECT_EQ(is_loopback("192.168.0.1"), false);
    EXPECT_EQ(is_loopback("localhost"), std::nullopt);
    EXPECT_EQ(is_loopback(""), std::nullopt);
}

TEST(HttpServer, GivesPathsAsTheyWereSent)
{
    Server server{local, 0};
    const auto text = served(server, echo, [&server] {
        std::string paths;
        for (const auto* path : {"/", "/a/%2e%2e/b", "/../c", "/d?e=/f"})
            paths.append(http_request(server.port(), path).body).append("\n");
        return paths;
    });
    EXPECT_EQ(text, "/\n/a/%2e%2e/b\n/../c\n/d\n");
}

TEST(HttpServer, AnswersOneRequestAfterTheOther)
{
    Server server{local, 0};
    const auto text = served(server, echo, [&server] {
        const HttpConnection idle{server.port()}; // holds nobody up
        const HttpConnection connection{server.port()};
        connection.send("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        connection.send("GET /2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        const auto both = connection.receive();
        return both.body;
    });
    EXPECT_THAT(text, StartsWith("/1HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\n\r\n/2"));
}

TEST(HttpServer, WhoHasTheBodyGetsNone)
{
    Server server{local, 0};
    const Handler handler = [](const Request& /*request*/, const Answer& answer) {
        answer({ok, "text/plain", "\"one\"", "body"});
    };
    const auto text = served(server, handler, [&server] {
        const auto fresh = http_request(server.port(), "/");
        const auto other = http_request(server.port(), "/", {{"If-None-Match", "\"two\""}});
        const auto same = http_request(server.port(), "/", {{"If-None-Match", "\"one\""}});
        const auto head = http_request(server.port(), "/", {}, "HEAD");
        return std::to_string(fresh.status) + fresh.header("ETag") + fresh.body + " " +
               std::to_string(other.status) + other.body + " " + std::to_string(same.status) +
               same.header("ETag") + same.body + " " + std::to_string(head.status) +
               head.header("Content-Length") + head.body;
    });
    EXPECT_EQ(text, "200\"one\"body 200body 304\"one\" 2004");
}

TEST(HttpServer, AnswersToNamesOfThisMachineOnly)
{
    Server server{local, 0};
    const auto text = served(server, echo, [&server] {
        std::string statuses;
        const auto port = ":" + std::to_string(server.port());
        for (const auto& host :
             {"127.0.0.1" + port, std::string{"LOCALHOST"}, std::string{"[::1]:80"},
              "evil.example" + port, "127.0.0.1.evil.example" + port, std::string{"192.168.0.1"},
              std::string{}})
            statuses +=
                std::to_string(http_request(server.port(), "/", {{"Host", host}}).status) + " ";
        return statuses;
    });
    EXPECT_EQ(text, "200 200 200 403 403 403 403 ");
}

TEST(HttpServer, AnswersGetAndHeadOnly)
{
    Server server{local, 0};
    const auto text = served(server, echo, [&server] {
        const auto post = http_request(server.port(), "/", {{"Content-Length", "0"}}, "POST");
        const HttpConnection connection{server.port()};
        connection.send("nonsense\r\n\r\n");
        return std::to_string(post.status) + post.header("Allow") + " " +
               std::to_string(connection.receive().status);
    });
    EXPECT_EQ(text, "405GET, HEAD 400");
}

TEST(HttpServer, AnExceptionIsAnAnswer)
{
    Server server{local, 0};
    const Handler handler = [](const Request& /*request*/, const Answer& /*answer*/) {
        throw std::runtime_error{"no luck"};
    };
    const auto text = served(server, handler, [&server] {
        const auto reply = http_request(server.port(), "/");
        return std::to_string(reply.status) + reply.body;
    });
    EXPECT_EQ(text, "500no luck\n");
}

TEST(HttpServer, WorksAside)
{
    Server server{local, 0};
    std::vector<std::string> results;
    const auto take = [&](const WorkResult& result) {
        results.push_back(result.text.value_or("none"));
        if (results.size() == 4)
            server.stop();
    };
    std::string long_text(1'000'000, 'x');
    server.run_aside([&long_text] { return long_text; }, take);
    server.run_aside([]() -> std::string { throw std::runtime_error{"no luck"}; },
                     [&](const WorkResult& result) {
                         EXPECT_THAT(result.failure, HasSubstr("exit code 1"));
                         take(result);
                     });
    server.run_aside([]() -> std::string { std::abort(); },
                     [&](const WorkResult& result) {
                         EXPECT_THAT(result.failure, HasSubstr("signal 6"));
                         take(result);
                     });
    server.run_aside([] { return std::string{}; }, take);
    server.serve(echo);
    EXPECT_THAT(results, testing::UnorderedElementsAre(long_text, "none", "none", ""));
}

TEST(HttpServer, RefusesMoreWorkThanCanWait)
{
    Server server{local, 0};
    std::size_t done = 0;
    std::size_t refused = 0;
    constexpr std::size_t works = 100;
    for (std::size_t i = 0; i < works; ++i)
        server.run_aside([] { return std::string{"done"}; },
                         [&](const WorkResult& result) {
                             ++(result.too_many_wait ? refused : done);
                             if (done + refused == works)
                                 server.stop();
                         });
    server.serve(echo);
    EXPECT_GT(refused, 0U);
    EXPECT_GT(done, refused);
}

} // namespace heatsim::http
