// SPDX-License-Identifier: Apache-2.0
#include "sweep/database.hpp"

#include <sqlite3.h>

#include <cmath>
#include <limits>

namespace heatsim::sweep {

namespace {

constexpr int primary_code = 0xff; // the others are details of it

[[noreturn]] void fail(sqlite3* database, int code)
{
    throw DatabaseError{code & primary_code,
                        database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database)};
}

} // namespace

Database::Database(const std::string& path, Access access)
{
    const auto flags = access == Access::Read ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                              : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const auto code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
    if (code == SQLITE_OK)
        return;
    const std::string message = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
    (void)sqlite3_close(handle_);
    throw DatabaseError{code & primary_code, message};
}

Database::~Database()
{
    (void)sqlite3_close(handle_);
}

void Database::execute(const std::string& sql)
{
    const auto code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        fail(handle_, code);
}

Statement::Statement(const Database& database, const std::string& sql)
    : database_{database.handle()}
{
    check(sqlite3_prepare_v2(database_, sql.c_str(), static_cast<int>(sql.size()), &handle_,
                             nullptr));
}

Statement::~Statement()
{
    (void)sqlite3_finalize(handle_);
}

void Statement::check(int code) const
{
    if (code != SQLITE_OK)
        fail(database_, code);
}

Statement& Statement::restart()
{
    (void)sqlite3_reset(handle_); // repeats the error that `step` threw, if any
    check(sqlite3_clear_bindings(handle_));
    next_parameter_ = 1;
    return *this;
}

Statement& Statement::bind(const std::string& text)
{
    check(sqlite3_bind_text(handle_, next_parameter_++, text.data(), static_cast<int>(text.size()),
                            SQLITE_TRANSIENT)); // NOLINT: the library's macro casts
    return *this;
}

Statement& Statement::bind(std::int64_t number)
{
    check(sqlite3_bind_int64(handle_, next_parameter_++, number));
    return *this;
}

Statement& Statement::bind(double number)
{
    check(std::isnan(number) ? sqlite3_bind_null(handle_, next_parameter_++)
                             : sqlite3_bind_double(handle_, next_parameter_++, number));
    return *this;
}

bool Statement::step()
{
    const auto code = sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        fail(database_, code);
    return code == SQLITE_ROW;
}

std::string Statement::text(int column) const
{
    const auto* const bytes = sqlite3_column_blob(handle_, column);
    const auto count = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
    return bytes == nullptr ? std::string{} : std::string{static_cast<const char*>(bytes), count};
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const
{
    return sqlite3_column_type(handle_, column) == SQLITE_NULL
               ? std::numeric_limits<double>::quiet_NaN()
               : sqlite3_column_double(handle_, column);
}

} // namespace heatsim::sweep
