// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heatsim::sweep {

/// The store cannot be opened, read or written; its message says why and what is kept. The command
/// line exits with code 2.
class StoreError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What became of a point.
enum class PointStatus : std::uint8_t {
    Ok,         ///< simulated, keeps all constraints
    Violated,   ///< simulated, but a constraint does not hold
    Infeasible, ///< rejected before the simulation
    Failed,     ///< the simulation did not end well
};
/// \returns `ok`, `violated`, `infeasible`, `failed`
[[nodiscard]] const char* name_of(PointStatus status);

/// Numbers in the order of a list of names; not a number where one is not known.
using NumberRow = std::vector<double>;

/// Result of one simulation. What has the same `key` is the same simulation.
struct Evaluation {
    std::string key; ///< hash of the program and everything the result depends on
    bool done = false;
    std::string reason; ///< why not
    unsigned attempts = 1;
    std::string version;       ///< of heatsim
    std::string configuration; ///< hash of the resolved configuration
    NumberRow metrics;         ///< in the order of the store's metrics
};

/// One point of a sweep.
struct PointRecord {
    std::uint64_t point = 0; ///< number on the grid of its space
    PointStatus status = PointStatus::Ok;
    std::string reason;              ///< of everything but Ok
    std::vector<std::string> inputs; ///< axes as written, then derived numbers
    NumberRow statics;               ///< in the order of the store's statics
    std::string evaluation;          ///< key; empty: none
};

/// A key of a run and its value: `model` or another word that chooses a file, or a key of one.
struct RunSetting {
    std::string key;
    std::string value;
};

/// One sweep: a space and a strategy.
struct SweepRecord {
    std::int64_t id = 0;
    std::string name;
    std::string identity;            ///< what makes it another sweep
    std::vector<std::string> inputs; ///< names of axes and derived numbers
    /// `-latency_ms.mean` is minimized, `+top1_percent` is maximized.
    std::vector<std::string> objectives;
    std::size_t axes = 0; ///< of the inputs, those in front that are axes; the others are derived
    /// How a point is simulated by itself: the settings, then each input under its key. Empty: no
    /// run of `heatsim run` does it.
    std::vector<RunSetting> settings;
    std::vector<std::string> keys; ///< per input: `clock_mhz`; empty: it is not passed on
};

/// A point with its simulation.
struct PointRow {
    PointRecord point;
    std::optional<Evaluation> evaluation;
};

/// Results of sweeps in one SQLite file (write-ahead log). Every finished point is a transaction:
/// a process that is killed loses none. One process writes at a time.
class ResultStore {
  public:
    /// What a store holds: the version of heatsim, and the names of the numbers, each a column.
    struct Format {
        std::string version;
        std::vector<std::string> statics; ///< of a point
        std::vector<std::string> metrics; ///< of a simulation
    };

    /// Opens a store for writing, and makes it where there is none. Waits while another process
    /// writes. \param waiting called once if it has to wait, with the other's process number
    /// \throws StoreError if it cannot, or is of another version
    ResultStore(const std::string& path,
                const Format& format,
                const std::function<void(int)>& waiting = {});
    /// Opens an existing store for reading. \throws StoreError
    explicit ResultStore(const std::string& path);
    ResultStore(const ResultStore&) = delete;
    ResultStore& operator=(const ResultStore&) = delete;
    ~ResultStore();

    [[nodiscard]] const std::string& path() const noexcept;
    [[nodiscard]] const Format& format() const noexcept;

    /// Whether another process has the right to write the store now: a sweep or a merge is at work.
    /// \pre this store is open for reading
    [[nodiscard]] bool is_being_written() const;
    /// The same of a store that need not be open. \pre this process has not opened it for writing
    [[nodiscard]] static bool is_being_written(const std::string& path);

    /// Adds a sweep, or finds the one of the same identity. \returns its id
    [[nodiscard]] std::int64_t add_sweep(const SweepRecord& sweep);
    /// In the order in which they were added.
    [[nodiscard]] std::vector<SweepRecord> sweeps() const;

    [[nodiscard]] std::optional<PointRow> find_point(std::int64_t sweep, std::uint64_t point) const;
    [[nodiscard]] std::optional<Evaluation> find_evaluation(const std::string& key) const;
    /// Writes a point, and its simulation where it is a new one, in one transaction.
    void record(std::int64_t sweep, const PointRecord& point, const Evaluation* evaluation);
    /// Removes points that failed and their simulations, so that they are tried again.
    void forget_failed(std::int64_t sweep);
    /// The files of a store: what is written last is in the second one at first.
    [[nodiscard]] static std::vector<std::string> files(const std::string& path);

    /// From here on everything that is read is what the store holds now, whatever others write.
    /// \pre this store is open for reading
    void freeze();
    /// Every point of a sweep in the order of their numbers.
    void for_each_point(std::int64_t sweep, const std::function<void(const PointRow&)>& take) const;
    /// Adds what another store has and this one has not. \throws StoreError
    void merge(const ResultStore& other);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace heatsim::sweep
