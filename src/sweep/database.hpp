// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

/// SQLite with exceptions and owners.
namespace heatsim::sweep {

/// What SQLite says went wrong.
class DatabaseError : public std::runtime_error {
  public:
    DatabaseError(int result_code, const std::string& message)
        : runtime_error{message}
        , code{result_code}
    {}
    int code; ///< primary result code, https://www.sqlite.org/rescode.html
};

/// One open database file.
class Database {
  public:
    enum class Access : std::uint8_t { Read, Write };
    Database(const std::string& path, Access access);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// One or more statements without results.
    void execute(const std::string& sql);
    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

  private:
    sqlite3* handle_ = nullptr;
};

/// A prepared statement. Parameters and columns count from 0.
class Statement {
  public:
    Statement(const Database& database, const std::string& sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    /// Forgets rows and parameters.
    Statement& restart();
    Statement& bind(const std::string& text);
    Statement& bind(std::int64_t number);
    /// Not a number is stored as NULL.
    Statement& bind(double number);
    /// \returns whether there is a row
    bool step();
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    /// NULL is not a number.
    [[nodiscard]] double real(int column) const;

  private:
    void check(int code) const;

    sqlite3_stmt* handle_ = nullptr;
    sqlite3* database_ = nullptr;
    int next_parameter_ = 1;
};

} // namespace heatsim::sweep
