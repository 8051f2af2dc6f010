// SPDX-License-Identifier: Apache-2.0
#include "sweep/result_store.hpp"

#include "config/text_file.hpp"
#include "sweep/database.hpp"
#include "tlm/check.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <utility>

namespace heatsim::sweep {

namespace {

using nlohmann::json;

/// Value of the key `format` of table heatsim.
constexpr const char* format_name = "heatsim result store ";
constexpr const char* store_format = "heatsim result store 3";

constexpr std::array<std::pair<PointStatus, const char*>, 4> status_names{{
    {PointStatus::Ok, "ok"},
    {PointStatus::Violated, "violated"},
    {PointStatus::Infeasible, "infeasible"},
    {PointStatus::Failed, "failed"},
}};

[[nodiscard]] PointStatus status_of(const std::string& name)
{
    for (const auto& [status, known] : status_names)
        if (name == known)
            return status;
    throw StoreError{fmt::format("status '{}' in a result store", name)};
}

/// A name as an SQL identifier.
[[nodiscard]] std::string identifier(const std::string& name)
{
    std::string text = "\"";
    for (const char letter : name) {
        text += letter;
        if (letter == '"')
            text += letter;
    }
    return text + '"';
}

[[nodiscard]] std::string identifiers(const std::vector<std::string>& names, const char* type = "")
{
    std::string text;
    for (const auto& name : names)
        text += fmt::format(", {}{}", identifier(name), type);
    return text;
}

/// `, ?, ?, ?`
[[nodiscard]] std::string parameters(std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += ", ?";
    return text;
}

[[nodiscard]] std::string list_text(const std::vector<std::string>& values)
{
    return json(values).dump(-1, ' ', false, json::error_handler_t::replace);
}

[[nodiscard]] std::vector<std::string> list_of(const std::string& text)
{
    return json::parse(text).get<std::vector<std::string>>();
}

[[nodiscard]] std::string settings_text(const std::vector<RunSetting>& settings)
{
    auto list = json::array();
    for (const auto& [key, value] : settings)
        list.push_back({key, value});
    return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

[[nodiscard]] std::vector<RunSetting> settings_of(const std::string& text)
{
    std::vector<RunSetting> settings;
    for (const auto& pair : json::parse(text))
        settings.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::string>()});
    return settings;
}

/// What a user can do about an error of the database.
[[nodiscard]] StoreError store_error(const std::string& path, const DatabaseError& error)
{
    switch (error.code) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return StoreError{fmt::format(
            "{}: cannot be written: {}; all points finished so far are kept, make room and run the "
            "same command again",
            path, error.what())};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return StoreError{fmt::format("{}: {}; expected a file and a folder that can be written",
                                      path, error.what())};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return StoreError{
            fmt::format("{}: no result store, or a damaged one: {}", path, error.what())};
    default:
        return StoreError{fmt::format("{}: {}", path, error.what())};
    }
}

/// The right to write a store: a lock on a file beside it, which goes with its owner. (SQLite gives
/// all locks on its own file back, also those it did not take.) The system takes it back when this
/// process ends, whatever ends it; its copies do not have it.
class WriteLock {
  public:
    WriteLock(const std::string& store, const std::function<void(int)>& waiting)
        : store_{store}
        , path_{lock_path(store)}
    {
        bool has_told = false;
        do { // its last owner may have removed the file between our opening and locking it
            close_file();
            open_file();
            if (set(F_SETLK))
                continue;
            if (errno != EAGAIN && errno != EACCES)
                fail("cannot be locked");
            flock other = whole_file();
            if (waiting && !std::exchange(has_told, true))
                waiting(fcntl(file_, F_GETLK, &other) == 0 && other.l_type != F_UNLCK ? other.l_pid
                                                                                      : 0);
            if (!set(F_SETLKW))
                fail("another process writes it");
        } while (!is_the_file());
    }
    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;
    /// Whether another process has it.
    [[nodiscard]] static bool is_held(const std::string& store)
    {
        const auto path = lock_path(store);
        const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0)
            return false;
        flock other = whole_file();
        const bool held = fcntl(file, F_GETLK, &other) == 0 && other.l_type != F_UNLCK;
        (void)close(file);
        return held;
    }
    ~WriteLock()
    {
        (void)unlink(path_.c_str());
        close_file();
    }

  private:
    [[nodiscard]] static std::string lock_path(const std::string& store) { return store + "-lock"; }
    void open_file()
    {
        constexpr mode_t everybody = 0666; // less the user's mask
        file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, everybody);
        if (file_ < 0)
            fail("cannot be written");
    }
    void close_file()
    {
        if (file_ >= 0)
            (void)close(file_);
        file_ = -1;
    }
    [[nodiscard]] static flock whole_file()
    {
        flock lock{};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        return lock;
    }
    [[nodiscard]] bool set(int command) const
    {
        flock lock = whole_file();
        return fcntl(file_, command, &lock) == 0;
    }
    /// Whether the locked file is still the one at the path.
    [[nodiscard]] bool is_the_file() const
    {
        struct stat locked {};
        struct stat there {};
        return fstat(file_, &locked) == 0 && stat(path_.c_str(), &there) == 0 &&
               locked.st_ino == there.st_ino && locked.st_dev == there.st_dev;
    }
    [[noreturn]] void fail(const char* what)
    {
        const auto reason = errno;
        close_file();
        throw StoreError{fmt::format("{}: {}: {}", store_, what, std::strerror(reason))};
    }

    std::string store_;
    std::string path_;
    int file_ = -1;
};

/// A path as a URI of a file that nobody changes, which SQLite reads without files beside it.
[[nodiscard]] std::string immutable_uri(const std::string& path)
{
    std::string text = "file:";
    for (const char letter : std::filesystem::absolute(path).string()) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalnum(byte) != 0 || std::strchr("/._-", letter) != nullptr)
            text += letter;
        else
            text += fmt::format("%{:02x}", byte);
    }
    return text + "?immutable=1";
}

} // namespace

const char* name_of(PointStatus status)
{
    for (const auto& [known, name] : status_names)
        if (known == status)
            return name;
    return "";
}

struct ResultStore::Impl {
    std::string path;
    Format format;
    std::unique_ptr<WriteLock> lock; ///< null: for reading
    std::unique_ptr<Database> database;
    mutable std::map<std::string, Statement> statements; ///< by their text

    [[nodiscard]] Statement& prepared(const std::string& sql) const
    {
        return statements.try_emplace(sql, *database, sql).first->second.restart();
    }

    /// Runs `action`; what SQLite complains about becomes a StoreError.
    template <typename Action>
    auto guarded(Action action) const
    {
        try {
            return action();
        } catch (const DatabaseError& error) {
            throw store_error(path, error);
        } catch (const json::exception& error) {
            throw StoreError{fmt::format("{}: damaged: {}", path, error.what())};
        }
    }

    /// All of `action` or nothing.
    template <typename Action>
    void transaction(Action action)
    {
        guarded([&] {
            database->execute("BEGIN IMMEDIATE");
            try {
                action();
                database->execute("COMMIT");
            } catch (...) {
                try {
                    database->execute("ROLLBACK");
                } catch (const DatabaseError&) { // SQLite has done so itself
                }
                throw;
            }
        });
    }

    void wait_for_others() const
    {
        constexpr int busy_milliseconds = 60'000; // readers' checkpoints
        (void)sqlite3_busy_timeout(database->handle(), busy_milliseconds);
    }

    void configure()
    {
        database->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    }

    void make_tables()
    {
        transaction([&] {
            database->execute(
                "CREATE TABLE IF NOT EXISTS heatsim (key TEXT PRIMARY KEY, value TEXT NOT NULL) "
                "WITHOUT ROWID;"
                "CREATE TABLE IF NOT EXISTS sweeps (sweep INTEGER PRIMARY KEY, name TEXT NOT NULL, "
                "identity TEXT NOT NULL UNIQUE, inputs TEXT NOT NULL, objectives TEXT NOT NULL, "
                "axes INTEGER NOT NULL, settings TEXT NOT NULL, keys TEXT NOT NULL)");
            database->execute(fmt::format(
                "CREATE TABLE IF NOT EXISTS points (sweep INTEGER NOT NULL, point INTEGER NOT "
                "NULL, status TEXT NOT NULL, reason TEXT NOT NULL, inputs TEXT NOT NULL, "
                "evaluation TEXT NOT NULL{}, PRIMARY KEY (sweep, point)) WITHOUT ROWID",
                identifiers(format.statics, " REAL")));
            database->execute(
                fmt::format("CREATE TABLE IF NOT EXISTS evaluations (evaluation TEXT PRIMARY KEY, "
                            "done INTEGER NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT "
                            "NULL, version TEXT NOT NULL, configuration TEXT NOT NULL{})",
                            identifiers(format.metrics, " REAL")));
            database->execute(
                "CREATE VIEW IF NOT EXISTS results AS SELECT sweeps.name, points.*, evaluations.* "
                "FROM points JOIN sweeps USING (sweep) LEFT JOIN evaluations USING (evaluation)");
            auto& insert = prepared("INSERT INTO heatsim VALUES (?, ?)");
            const auto add = [&insert](const char* key, const std::string& value) {
                (void)insert.restart().bind(key).bind(value).step();
            };
            add("format", store_format);
            add("version", format.version);
            add("statics", list_text(format.statics));
            add("metrics", list_text(format.metrics));
        });
    }

    [[nodiscard]] bool is_empty() const
    {
        Statement any{*database, "SELECT count(*) FROM sqlite_master"};
        return any.step() && any.integer(0) == 0;
    }

    /// Reads what the store says of itself.
    [[nodiscard]] Format stored_format() const
    {
        std::map<std::string, std::string> values;
        try {
            Statement rows{*database, "SELECT key, value FROM heatsim"};
            while (rows.step())
                values.emplace(rows.text(0), rows.text(1));
        } catch (const DatabaseError& error) {
            if (error.code != SQLITE_ERROR) // no such table
                throw;
        }
        const auto& stored = values["format"];
        if (stored != store_format && config::starts_with(stored, format_name))
            throw StoreError{
                fmt::format("{}: a {} of another version of heatsim, which this one does not read; "
                            "expected a {}",
                            path, stored, store_format)};
        if (stored != store_format)
            throw StoreError{fmt::format("{}: no result store of heatsim", path)};
        return {values["version"], list_of(values["statics"]), list_of(values["metrics"])};
    }

    /// \throws StoreError if the store is another one's
    void check_format() const
    {
        const auto stored = stored_format();
        if (stored.version != format.version || stored.statics != format.statics ||
            stored.metrics != format.metrics)
            throw StoreError{fmt::format(
                "{}: made by heatsim {}, whose results have other columns than those of heatsim "
                "{}; expected another file: `heatsim export` reads this one",
                path, stored.version, format.version)};
    }

    [[nodiscard]] std::string select_point() const
    {
        return fmt::format("SELECT point, status, reason, inputs, evaluation{} FROM points ",
                           identifiers(format.statics));
    }

    /// \param column where `select_point` starts in the row; where it ends
    [[nodiscard]] PointRecord point_of(const Statement& row, int& column) const
    {
        PointRecord record;
        record.point = static_cast<std::uint64_t>(row.integer(column++));
        record.status = status_of(row.text(column++));
        record.reason = row.text(column++);
        record.inputs = list_of(row.text(column++));
        record.evaluation = row.text(column++);
        record.statics.reserve(format.statics.size());
        for (std::size_t i = 0; i < format.statics.size(); ++i)
            record.statics.push_back(row.real(column++));
        return record;
    }

    [[nodiscard]] std::string select_evaluation() const
    {
        return fmt::format(
            "SELECT evaluation, done, reason, attempts, version, configuration{} FROM "
            "evaluations ",
            identifiers(format.metrics));
    }

    /// \param column where `select_evaluation` starts in the row; where it ends
    [[nodiscard]] Evaluation evaluation_of(const Statement& row, int& column) const
    {
        Evaluation evaluation;
        evaluation.key = row.text(column++);
        evaluation.done = row.integer(column++) != 0;
        evaluation.reason = row.text(column++);
        evaluation.attempts = static_cast<unsigned>(row.integer(column++));
        evaluation.version = row.text(column++);
        evaluation.configuration = row.text(column++);
        evaluation.metrics.reserve(format.metrics.size());
        for (std::size_t i = 0; i < format.metrics.size(); ++i)
            evaluation.metrics.push_back(row.real(column++));
        return evaluation;
    }
};

ResultStore::ResultStore(const std::string& path,
                         const Format& format,
                         const std::function<void(int)>& waiting)
    : impl_{std::make_unique<Impl>()}
{
    impl_->path = path;
    impl_->format = format;
    impl_->lock = std::make_unique<WriteLock>(path, waiting);
    impl_->guarded([&] {
        impl_->database = std::make_unique<Database>(path, Database::Access::Write);
        impl_->wait_for_others();
        if (!impl_->is_empty())
            impl_->check_format(); // before anything of it changes
        impl_->configure();
        if (impl_->is_empty())
            impl_->make_tables();
    });
}

ResultStore::ResultStore(const std::string& path)
    : impl_{std::make_unique<Impl>()}
{
    impl_->path = path;
    if (!std::filesystem::exists(path))
        throw StoreError{fmt::format("{}: no such file; `heatsim sweep` makes one", path)};
    impl_->guarded([&] {
        impl_->database = std::make_unique<Database>(path, Database::Access::Read);
        impl_->wait_for_others();
        try {
            impl_->format = impl_->stored_format();
        } catch (const DatabaseError& error) {
            if (error.code != SQLITE_CANTOPEN) // a folder where its log cannot be made
                throw;
            impl_->database =
                std::make_unique<Database>(immutable_uri(path), Database::Access::Read);
            impl_->format = impl_->stored_format();
        }
    });
}

ResultStore::~ResultStore() = default;

const std::string& ResultStore::path() const noexcept
{
    return impl_->path;
}

const ResultStore::Format& ResultStore::format() const noexcept
{
    return impl_->format;
}

bool ResultStore::is_being_written() const
{
    return WriteLock::is_held(impl_->path);
}

bool ResultStore::is_being_written(const std::string& path)
{
    return WriteLock::is_held(path);
}

std::vector<std::string> ResultStore::files(const std::string& path)
{
    return {path, path + "-wal"};
}

void ResultStore::freeze()
{
    impl_->guarded([&] { // a transaction begins with its first read
        impl_->database->execute("BEGIN; SELECT count(*) FROM heatsim");
    });
}

std::int64_t ResultStore::add_sweep(const SweepRecord& sweep)
{
    std::int64_t id = 0;
    impl_->transaction([&] {
        (void)impl_
            ->prepared("INSERT OR IGNORE INTO sweeps (name, identity, inputs, objectives, axes, "
                       "settings, keys) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(sweep.name)
            .bind(sweep.identity)
            .bind(list_text(sweep.inputs))
            .bind(list_text(sweep.objectives))
            .bind(static_cast<std::int64_t>(sweep.axes))
            .bind(settings_text(sweep.settings))
            .bind(list_text(sweep.keys))
            .step();
        auto& find = impl_->prepared("SELECT sweep FROM sweeps WHERE identity = ?");
        HEATSIM_CHECK(find.bind(sweep.identity).step(), "a sweep that was just added");
        id = find.integer(0);
        (void)find.restart();
    });
    return id;
}

std::vector<SweepRecord> ResultStore::sweeps() const
{
    return impl_->guarded([&] {
        std::vector<SweepRecord> sweeps;
        Statement rows{*impl_->database,
                       "SELECT sweep, name, identity, inputs, objectives, axes, settings, keys "
                       "FROM sweeps ORDER BY sweep"};
        while (rows.step())
            sweeps.push_back({rows.integer(0), rows.text(1), rows.text(2), list_of(rows.text(3)),
                              list_of(rows.text(4)), static_cast<std::size_t>(rows.integer(5)),
                              settings_of(rows.text(6)), list_of(rows.text(7))});
        return sweeps;
    });
}

std::optional<PointRow> ResultStore::find_point(std::int64_t sweep, std::uint64_t point) const
{
    return impl_->guarded([&]() -> std::optional<PointRow> {
        auto& row = impl_->prepared(impl_->select_point().append("WHERE sweep = ? AND point = ?"));
        if (!row.bind(sweep).bind(static_cast<std::int64_t>(point)).step())
            return std::nullopt;
        int column = 0;
        PointRow found{impl_->point_of(row, column), {}};
        (void)row.restart(); // or it would hold back the log
        if (!found.point.evaluation.empty())
            found.evaluation = find_evaluation(found.point.evaluation);
        return found;
    });
}

std::optional<Evaluation> ResultStore::find_evaluation(const std::string& key) const
{
    return impl_->guarded([&]() -> std::optional<Evaluation> {
        auto& row = impl_->prepared(impl_->select_evaluation().append("WHERE evaluation = ?"));
        if (!row.bind(key).step())
            return std::nullopt;
        int column = 0;
        auto evaluation = impl_->evaluation_of(row, column);
        (void)row.restart();
        return evaluation;
    });
}

void ResultStore::record(std::int64_t sweep, const PointRecord& point, const Evaluation* evaluation)
{
    impl_->transaction([&] {
        if (evaluation != nullptr) {
            auto& insert = impl_->prepared(
                fmt::format("INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?, ?, ?, ?{})",
                            parameters(impl_->format.metrics.size())));
            insert.bind(evaluation->key)
                .bind(std::int64_t{evaluation->done})
                .bind(evaluation->reason)
                .bind(std::int64_t{evaluation->attempts})
                .bind(evaluation->version)
                .bind(evaluation->configuration);
            for (std::size_t i = 0; i < impl_->format.metrics.size(); ++i)
                insert.bind(evaluation->done ? evaluation->metrics[i]
                                             : std::numeric_limits<double>::quiet_NaN());
            (void)insert.step();
        }
        auto& insert =
            impl_->prepared(fmt::format("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?{})",
                                        parameters(impl_->format.statics.size())));
        insert.bind(sweep)
            .bind(static_cast<std::int64_t>(point.point))
            .bind(name_of(point.status))
            .bind(point.reason)
            .bind(list_text(point.inputs))
            .bind(point.evaluation);
        for (const auto number : point.statics)
            insert.bind(number);
        (void)insert.step();
    });
}

void ResultStore::forget_failed(std::int64_t sweep)
{
    impl_->transaction([&] {
        (void)impl_
            ->prepared("DELETE FROM evaluations WHERE evaluation IN (SELECT evaluation FROM points "
                       "WHERE sweep = ? AND status = 'failed')")
            .bind(sweep)
            .step();
        (void)impl_->prepared("DELETE FROM points WHERE sweep = ? AND status = 'failed'")
            .bind(sweep)
            .step();
    });
}

void ResultStore::for_each_point(std::int64_t sweep,
                                 const std::function<void(const PointRow&)>& take) const
{
    impl_->guarded([&] {
        Statement rows{*impl_->database,
                       fmt::format("SELECT * FROM ({}WHERE sweep = ?) AS p LEFT JOIN ({}) AS e ON "
                                   "e.evaluation = p.evaluation ORDER BY p.point",
                                   impl_->select_point(), impl_->select_evaluation())};
        rows.bind(sweep);
        while (rows.step()) {
            int column = 0;
            PointRow row{impl_->point_of(rows, column), {}};
            auto evaluation = impl_->evaluation_of(rows, column);
            if (!evaluation.key.empty()) // of a point without one all is NULL
                row.evaluation = std::move(evaluation);
            take(row);
        }
    });
}

void ResultStore::merge(const ResultStore& other)
{
    const auto& theirs = other.format();
    const auto& ours = impl_->format;
    if (theirs.version != ours.version || theirs.statics != ours.statics ||
        theirs.metrics != ours.metrics)
        throw StoreError{fmt::format("{}: made by heatsim {}; expected a store of heatsim {}",
                                     other.path(), theirs.version, ours.version)};
    for (const auto& sweep : other.sweeps()) {
        const auto id = add_sweep(sweep);
        other.for_each_point(sweep.id, [&](const PointRow& row) {
            const auto known = find_point(id, row.point.point);
            // what failed on one machine may have been done on another one
            if (known && (known->point.status != PointStatus::Failed ||
                          row.point.status == PointStatus::Failed))
                return;
            const auto have = find_evaluation(row.point.evaluation);
            const bool is_news = row.evaluation && (!have || !have->done); // another sweep's, too
            record(id, row.point, is_news ? &*row.evaluation : nullptr);
        });
    }
}

} // namespace heatsim::sweep
