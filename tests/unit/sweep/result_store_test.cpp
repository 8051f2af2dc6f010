// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_folder.hpp"
#include "sweep/database.hpp"
#include "sweep/result_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace heatsim::sweep {

namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const ResultStore::Format format{"1.2.3", {"resources.dsps", "of \"quotes\""}, {"m.a", "m.b", "c"}};

SweepRecord sweep_record(const std::string& name = "first")
{
    SweepRecord record;
    record.name = name;
    record.identity = name;
    record.identity.append(" of a space\nwith lines");
    record.inputs = {"clock_mhz", "ratio"};
    record.objectives = {"-m.a", "+ratio"};
    record.axes = 1;
    record.settings = {{"model", "deit_t"}};
    record.keys = {"clock_mhz", ""};
    return record;
}

PointRecord point_record(std::uint64_t point, const std::string& evaluation = "")
{
    PointRecord record;
    record.point = point;
    record.inputs = {"100", "0.5"};
    record.statics = {1.5, nan};
    record.evaluation = evaluation;
    return record;
}

PointRecord failed_record(std::uint64_t point, const std::string& evaluation)
{
    auto record = point_record(point, evaluation);
    record.status = PointStatus::Failed;
    record.reason = "crash";
    return record;
}

Evaluation evaluation(const std::string& key, double metric = 1.0)
{
    Evaluation made;
    made.key = key;
    made.done = true;
    made.version = "1.2.3";
    made.configuration = "c0ffee";
    made.metrics = {metric, nan, -metric};
    return made;
}

Evaluation failed_evaluation(const std::string& key)
{
    Evaluation made;
    made.key = key;
    made.reason = "crash";
    made.attempts = 2;
    made.version = "1.2.3";
    return made;
}

std::string error_of(const std::function<void()>& action)
{
    try {
        action();
    } catch (const StoreError& error) {
        return error.what();
    }
    return "no error";
}

std::vector<std::uint64_t> points_of(const ResultStore& store, std::int64_t sweep)
{
    std::vector<std::uint64_t> points;
    store.for_each_point(sweep,
                         [&points](const PointRow& row) { points.push_back(row.point.point); });
    return points;
}

void expect_same(const NumberRow& found, const NumberRow& expected)
{
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(std::isnan(found[i]), std::isnan(expected[i])) << i;
        if (!std::isnan(expected[i])) {
            EXPECT_EQ(found[i], expected[i]) << i;
        }
    }
}

void expect_same(const PointRecord& found, const PointRecord& expected)
{
    EXPECT_EQ(found.point, expected.point);
    EXPECT_EQ(found.status, expected.status);
    EXPECT_EQ(found.reason, expected.reason);
    EXPECT_EQ(found.inputs, expected.inputs);
    EXPECT_EQ(found.evaluation, expected.evaluation);
    expect_same(found.statics, expected.statics);
}

void expect_same(const Evaluation& found, const Evaluation& expected)
{
    EXPECT_EQ(found.key, expected.key);
    EXPECT_EQ(found.done, expected.done);
    EXPECT_EQ(found.reason, expected.reason);
    EXPECT_EQ(found.attempts, expected.attempts);
    EXPECT_EQ(found.version, expected.version);
    EXPECT_EQ(found.configuration, expected.configuration);
    expect_same(found.metrics, expected.metrics);
}

/// A copy of this process; `body` writes a byte to the file when others may go on.
class Child {
  public:
    explicit Child(const std::function<void(int file)>& body)
    {
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0)
            throw std::runtime_error{"no pipe"};
        pid_ = fork();
        if (pid_ == 0) {
            try {
                body(ends[1]);
            } catch (...) { // or it would run the other tests
                _exit(1);
            }
            _exit(0);
        }
        close(ends[1]);
        char byte = 0;
        (void)!read(ends[0], &byte, 1);
        close(ends[0]);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { (void)wait(); }

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool is_running() { return !ended_ && waitpid(pid_, &status_, WNOHANG) == 0; }
    /// \returns whether it ended well
    bool wait()
    {
        if (!ended_)
            (void)waitpid(pid_, &status_, 0);
        ended_ = true;
        return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
    }

  private:
    pid_t pid_ = -1;
    int status_ = 0;
    bool ended_ = false;
};

void say_go_on(int file)
{
    (void)!write(file, "x", 1);
}

class ResultStoreTest : public testing::Test {
  protected:
    [[nodiscard]] std::string path() const { return folder.path("results.db"); }

    test::TemporaryFolder folder;
};

} // namespace

TEST(PointStatus, HasNames)
{
    EXPECT_STREQ(name_of(PointStatus::Ok), "ok");
    EXPECT_STREQ(name_of(PointStatus::Violated), "violated");
    EXPECT_STREQ(name_of(PointStatus::Infeasible), "infeasible");
    EXPECT_STREQ(name_of(PointStatus::Failed), "failed");
}

TEST_F(ResultStoreTest, KeepsEveryField)
{
    auto point = point_record(9'000'000'000'000'000U, "key");
    point.status = PointStatus::Violated;
    point.reason = std::string{"violates \xff\xfe 'x' \"y\"\nand \0 more", 30};
    point.inputs = {"", "a \"b\" \\ \xc3\xa9", "0.1"};
    point.statics = {0.1, -std::numeric_limits<double>::max()};
    auto of = evaluation("key");
    of.metrics = {1.0 / 3.0, 5e-324, -0.25};
    of.attempts = 2;
    std::int64_t id = 0;
    {
        ResultStore store{path(), format};
        id = store.add_sweep(sweep_record());
        store.record(id, point, &of);
        EXPECT_EQ(store.path(), path());
    }
    const ResultStore store{path()};
    EXPECT_EQ(store.format().version, "1.2.3");
    EXPECT_EQ(store.format().statics, format.statics);
    EXPECT_EQ(store.format().metrics, format.metrics);
    const auto sweeps = store.sweeps();
    ASSERT_EQ(sweeps.size(), 1U);
    EXPECT_EQ(sweeps.front().id, id);
    EXPECT_EQ(sweeps.front().name, "first");
    EXPECT_EQ(sweeps.front().identity, sweep_record().identity);
    EXPECT_EQ(sweeps.front().inputs, sweep_record().inputs);
    EXPECT_EQ(sweeps.front().axes, sweep_record().axes);
    ASSERT_EQ(sweeps.front().settings.size(), 1U);
    EXPECT_EQ(sweeps.front().settings.front().key, "model");
    EXPECT_EQ(sweeps.front().settings.front().value, "deit_t");
    EXPECT_EQ(sweeps.front().keys, sweep_record().keys);
    EXPECT_EQ(sweeps.front().objectives, sweep_record().objectives);
    const auto found = store.find_point(id, point.point);
    ASSERT_TRUE(found && found->evaluation);
    expect_same(found->point, point);
    expect_same(*found->evaluation, of);
    const auto found_evaluation = store.find_evaluation("key");
    ASSERT_TRUE(found_evaluation);
    expect_same(*found_evaluation, of);
}

TEST_F(ResultStoreTest, KeepsWhatIsNotKnown)
{
    ResultStore store{path(), format};
    const auto id = store.add_sweep(sweep_record());
    auto rejected = point_record(1);
    rejected.status = PointStatus::Infeasible;
    rejected.reason = "does not fit";
    rejected.statics = {nan, nan};
    store.record(id, rejected, nullptr);
    const auto of = failed_evaluation("bad");
    store.record(id, failed_record(2, "bad"), &of);
    const auto first = store.find_point(id, 1);
    ASSERT_TRUE(first);
    expect_same(first->point, rejected);
    EXPECT_FALSE(first->evaluation);
    const auto second = store.find_point(id, 2);
    ASSERT_TRUE(second && second->evaluation);
    auto expected = of;
    expected.metrics = {nan, nan, nan};
    expect_same(*second->evaluation, expected);
}

TEST_F(ResultStoreTest, FindsOnlyWhatIsThere)
{
    ResultStore store{path(), format};
    const auto id = store.add_sweep(sweep_record());
    const auto of = evaluation("key");
    store.record(id, point_record(1, "key"), &of);
    EXPECT_FALSE(store.find_point(id, 2));
    EXPECT_FALSE(store.find_point(id + 1, 1));
    EXPECT_FALSE(store.find_evaluation("other"));
    EXPECT_TRUE(store.find_point(id, 1));
}

TEST_F(ResultStoreTest, AddsASweepOnce)
{
    ResultStore store{path(), format};
    const auto first = store.add_sweep(sweep_record("first"));
    const auto second = store.add_sweep(sweep_record("second"));
    EXPECT_NE(first, second);
    EXPECT_EQ(store.add_sweep(sweep_record("first")), first);
    auto same_name = sweep_record("first");
    same_name.identity = "another one";
    EXPECT_NE(store.add_sweep(same_name), first);
    const auto sweeps = store.sweeps();
    ASSERT_EQ(sweeps.size(), 3U);
    EXPECT_EQ(sweeps[0].name, "first");
    EXPECT_EQ(sweeps[1].name, "second");
    EXPECT_EQ(sweeps[2].identity, "another one");
}

TEST_F(ResultStoreTest, GoesThroughPointsInTheirOrder)
{
    ResultStore store{path(), format};
    const auto id = store.add_sweep(sweep_record("first"));
    const auto other = store.add_sweep(sweep_record("second"));
    for (const std::uint64_t point : {30U, 4U, 100U, 1U})
        store.record(id, point_record(point), nullptr);
    store.record(other, point_record(5), nullptr);
    EXPECT_THAT(points_of(store, id), ElementsAre(1, 4, 30, 100));
    EXPECT_THAT(points_of(store, other), ElementsAre(5));
}

TEST_F(ResultStoreTest, GivesTheSimulationWithEachPoint)
{
    ResultStore store{path(), format};
    const auto id = store.add_sweep(sweep_record());
    const auto of = evaluation("key", 7.0);
    store.record(id, point_record(1, "key"), &of);
    store.record(id, point_record(2, "key"), nullptr); // the same simulation
    store.record(id, point_record(3), nullptr);
    std::vector<double> metrics;
    store.for_each_point(id, [&metrics](const PointRow& row) {
        metrics.push_back(row.evaluation ? row.evaluation->metrics.front() : 0.0);
    });
    EXPECT_THAT(metrics, ElementsAre(7.0, 7.0, 0.0));
}

TEST_F(ResultStoreTest, TheLastRecordCounts)
{
    ResultStore store{path(), format};
    const auto id = store.add_sweep(sweep_record());
    const auto failed = failed_evaluation("key");
    store.record(id, failed_record(1, "key"), &failed);
    const auto done = evaluation("key", 3.0);
    store.record(id, point_record(1, "key"), &done);
    EXPECT_THAT(points_of(store, id), ElementsAre(1));
    const auto found = store.find_point(id, 1);
    ASSERT_TRUE(found && found->evaluation);
    EXPECT_EQ(found->point.status, PointStatus::Ok);
    expect_same(*found->evaluation, done);
}

TEST_F(ResultStoreTest, ForgetsWhatFailedInOneSweep)
{
    ResultStore store{path(), format};
    const auto id = store.add_sweep(sweep_record("first"));
    const auto other = store.add_sweep(sweep_record("second"));
    const auto done = evaluation("good");
    const auto failed = failed_evaluation("bad");
    const auto others_failed = failed_evaluation("worse");
    store.record(id, point_record(1, "good"), &done);
    store.record(id, failed_record(2, "bad"), &failed);
    store.record(other, failed_record(2, "worse"), &others_failed);
    store.forget_failed(id);
    EXPECT_THAT(points_of(store, id), ElementsAre(1));
    EXPECT_TRUE(store.find_evaluation("good"));
    EXPECT_FALSE(store.find_evaluation("bad"));
    EXPECT_THAT(points_of(store, other), ElementsAre(2));
    EXPECT_TRUE(store.find_evaluation("worse"));
}

// ---------------------------------------------------------------- merging

TEST_F(ResultStoreTest, MergeIsTheUnion)
{
    ResultStore ours{path(), format};
    ResultStore theirs{folder.path("theirs.db"), format};
    const auto id = ours.add_sweep(sweep_record("first"));
    const auto their_other = theirs.add_sweep(sweep_record("second"));
    const auto their_id = theirs.add_sweep(sweep_record("first"));
    ASSERT_NE(their_id, id);
    const auto a = evaluation("a", 1.0);
    const auto b = evaluation("b", 2.0);
    const auto c = evaluation("c", 3.0);
    ours.record(id, point_record(1, "a"), &a);
    theirs.record(their_id, point_record(2, "b"), &b);
    theirs.record(their_other, point_record(1, "c"), &c);
    ours.merge(theirs);
    EXPECT_THAT(points_of(ours, id), ElementsAre(1, 2));
    const auto sweeps = ours.sweeps();
    ASSERT_EQ(sweeps.size(), 2U);
    EXPECT_EQ(sweeps[1].name, "second");
    EXPECT_EQ(sweeps[1].inputs, sweep_record().inputs);
    EXPECT_THAT(points_of(ours, sweeps[1].id), ElementsAre(1));
    expect_same(ours.find_point(id, 2)->evaluation.value(), b);
    expect_same(ours.find_point(sweeps[1].id, 1)->evaluation.value(), c);
    EXPECT_THAT(points_of(theirs, their_id), ElementsAre(2));
    ours.merge(theirs); // once more changes nothing
    EXPECT_THAT(points_of(ours, id), ElementsAre(1, 2));
    EXPECT_EQ(ours.sweeps().size(), 2U);
}

TEST_F(ResultStoreTest, MergePrefersWhatWasDone)
{
    ResultStore ours{path(), format};
    ResultStore theirs{folder.path("theirs.db"), format};
    const auto id = ours.add_sweep(sweep_record());
    const auto their_id = theirs.add_sweep(sweep_record());
    const auto ours_done = evaluation("a", 1.0);
    const auto ours_failed = failed_evaluation("b");
    ours.record(id, point_record(1, "a"), &ours_done);
    ours.record(id, failed_record(2, "b"), &ours_failed);
    const auto theirs_failed = failed_evaluation("a");
    const auto theirs_done = evaluation("b", 2.0);
    theirs.record(their_id, failed_record(1, "a"), &theirs_failed);
    theirs.record(their_id, point_record(2, "b"), &theirs_done);
    ours.merge(theirs);
    EXPECT_EQ(ours.find_point(id, 1)->point.status, PointStatus::Ok);
    expect_same(ours.find_point(id, 1)->evaluation.value(), ours_done);
    EXPECT_EQ(ours.find_point(id, 2)->point.status, PointStatus::Ok);
    expect_same(ours.find_point(id, 2)->evaluation.value(), theirs_done);
}

// two sweeps share simulations: what failed in theirs is no result of ours
TEST_F(ResultStoreTest, MergeKeepsSimulationsThatWereDone)
{
    ResultStore ours{path(), format};
    ResultStore theirs{folder.path("theirs.db"), format};
    const auto id = ours.add_sweep(sweep_record("first"));
    const auto their_id = theirs.add_sweep(sweep_record("second"));
    const auto done = evaluation("key", 1.0);
    const auto failed = failed_evaluation("key");
    ours.record(id, point_record(1, "key"), &done);
    theirs.record(their_id, failed_record(7, "key"), &failed);
    ours.merge(theirs);
    expect_same(ours.find_point(id, 1)->evaluation.value(), done);
    EXPECT_THAT(points_of(ours, ours.sweeps().at(1).id), ElementsAre(7));
}

TEST_F(ResultStoreTest, MergeRefusesOtherVersions)
{
    auto other = format;
    other.version = "9.9.9";
    ResultStore ours{path(), format};
    ResultStore theirs{folder.path("theirs.db"), other};
    EXPECT_THAT(error_of([&] { ours.merge(theirs); }),
                AllOf(HasSubstr("theirs.db"), HasSubstr("9.9.9"), HasSubstr("1.2.3")));
}

// ---------------------------------------------------------------- opening

TEST_F(ResultStoreTest, RefusesAnotherVersion)
{
    {
        const ResultStore store{path(), format};
    }
    auto other = format;
    other.version = "9.9.9";
    EXPECT_THAT(error_of([&] { ResultStore(path(), other); }),
                AllOf(HasSubstr("results.db"), HasSubstr("1.2.3"), HasSubstr("9.9.9")));
    EXPECT_EQ(ResultStore{path()}.format().version, "1.2.3");
}

TEST_F(ResultStoreTest, RefusesOtherColumns)
{
    {
        const ResultStore store{path(), format};
    }
    auto other = format;
    other.metrics.emplace_back("more");
    EXPECT_THAT(error_of([&] { ResultStore(path(), other); }), HasSubstr("1.2.3"));
    other = format;
    other.statics.pop_back();
    EXPECT_THAT(error_of([&] { ResultStore(path(), other); }), HasSubstr("1.2.3"));
}

TEST_F(ResultStoreTest, LeavesOtherFilesAlone)
{
    const std::string text = "name: a space\nand not a store, of more than a hundred bytes so that "
                             "it might have a header of SQLite at its beginning\n";
    const auto file = folder.write("notes.txt", text);
    EXPECT_THAT(error_of([&] { ResultStore(file, format); }), HasSubstr("notes.txt: "));
    EXPECT_THAT(error_of([&] { const ResultStore store{file}; }), HasSubstr("notes.txt: "));
    EXPECT_EQ(folder.read("notes.txt"), text);
}

TEST_F(ResultStoreTest, LeavesOtherDatabasesAlone)
{
    const auto file = folder.path("other.db");
    {
        Database database{file, Database::Access::Write};
        database.execute("CREATE TABLE heatsim_not (x); INSERT INTO heatsim_not VALUES (1)");
    }
    const auto before = folder.read("other.db");
    EXPECT_THAT(error_of([&] { ResultStore(file, format); }), HasSubstr("no result store"));
    EXPECT_THAT(error_of([&] { const ResultStore store{file}; }), HasSubstr("no result store"));
    EXPECT_EQ(folder.read("other.db"), before);
}

TEST_F(ResultStoreTest, SaysWhenAFileIsDamaged)
{
    {
        ResultStore store{path(), format};
        const auto id = store.add_sweep(sweep_record());
        for (std::uint64_t point = 0; point < 200; ++point)
            store.record(id, point_record(point), nullptr);
    }
    auto bytes = folder.read("results.db");
    bytes.replace(4096, bytes.size() - 4096, bytes.size() - 4096, '\xaa');
    (void)folder.write("results.db", bytes);
    EXPECT_THAT(error_of([&] {
                    const ResultStore store{path()};
                    (void)points_of(store, 1);
                }),
                HasSubstr("results.db: no result store, or a damaged one"));
}

TEST_F(ResultStoreTest, NeedsAFolder)
{
    const auto missing = folder.path("no_folder/results.db");
    EXPECT_THAT(error_of([&] { ResultStore(missing, format); }),
                AllOf(HasSubstr("no_folder/results.db"), HasSubstr("No such file or directory")));
    EXPECT_THAT(error_of([&] { const ResultStore store{missing}; }), HasSubstr("no such file"));
    EXPECT_NE(error_of([&] { ResultStore(folder.path(""), format); }), "no error");
}

TEST_F(ResultStoreTest, ReadingMakesNoFile)
{
    EXPECT_THAT(error_of([&] { const ResultStore store{path()}; }),
                AllOf(HasSubstr("results.db: no such file"), HasSubstr("heatsim sweep")));
    EXPECT_FALSE(fs::exists(path()));
}

TEST_F(ResultStoreTest, IsOneFileWhenItIsClosed)
{
    {
        ResultStore store{path(), format};
        store.record(store.add_sweep(sweep_record()), point_record(1), nullptr);
    }
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator{folder.path("")})
        files.push_back(entry.path().filename().string());
    EXPECT_THAT(files, ElementsAre("results.db"));
}

TEST_F(ResultStoreTest, CanBeReadWhereNothingCanBeWritten)
{
    {
        ResultStore store{path(), format};
        store.record(store.add_sweep(sweep_record()), point_record(1), nullptr);
    }
    fs::permissions(path(), fs::perms::owner_read);
    fs::permissions(folder.path(""), fs::perms::owner_read | fs::perms::owner_exec);
    const auto error = error_of([&] {
        const ResultStore store{path()};
        EXPECT_THAT(points_of(store, store.sweeps().at(0).id), ElementsAre(1));
    });
    fs::permissions(folder.path(""), fs::perms::owner_all);
    EXPECT_EQ(error, "no error");
}

// ---------------------------------------------------------------- several processes

TEST_F(ResultStoreTest, ASecondWriterWaits)
{
    using namespace std::chrono_literals;
    Child child{[this](int file) {
        ResultStore store{path(), format};
        say_go_on(file);
        std::this_thread::sleep_for(200ms);
        store.record(store.add_sweep(sweep_record()), point_record(1), nullptr);
    }};
    int calls = 0;
    int other = 0;
    ResultStore store{path(), format, [&](int pid) {
                          ++calls;
                          other = pid;
                      }};
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(other, child.pid());
    EXPECT_TRUE(child.wait());
    ASSERT_EQ(store.sweeps().size(), 1U); // its last word is in
    EXPECT_THAT(points_of(store, store.sweeps().front().id), ElementsAre(1));
}

TEST_F(ResultStoreTest, ASecondWriterOfAnOldStoreWaits)
{
    {
        const ResultStore store{path(), format};
    }
    Child child{[this](int file) {
        const ResultStore store{path(), format};
        say_go_on(file);
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }};
    int other = 0;
    const ResultStore store{path(), format, [&other](int pid) { other = pid; }};
    EXPECT_EQ(other, child.pid());
    EXPECT_TRUE(child.wait());
}

TEST_F(ResultStoreTest, ManyWritersTakeTurns)
{
    constexpr std::uint64_t writers = 8;
    const auto start = folder.path("start");
    std::vector<std::unique_ptr<Child>> children;
    children.reserve(writers);
    for (std::uint64_t i = 0; i < writers; ++i)
        children.push_back(std::make_unique<Child>([&, i](int file) {
            say_go_on(file);
            while (!fs::exists(start))
                std::this_thread::yield();
            ResultStore store{path(), format};
            const auto id = store.add_sweep(sweep_record());
            for (std::uint64_t point = 0; point < 10; ++point)
                store.record(id, point_record(10 * i + point), nullptr);
        }));
    (void)folder.write("start", "");
    for (auto& child : children)
        EXPECT_TRUE(child->wait());
    const ResultStore store{path()};
    EXPECT_EQ(store.sweeps().size(), 1U);
    EXPECT_EQ(points_of(store, 1).size(), 10 * writers);
}

TEST_F(ResultStoreTest, NobodyWaitsForAWriterThatWasKilled)
{
    Child child{[this](int file) {
        ResultStore store{path(), format};
        store.record(store.add_sweep(sweep_record()), point_record(1), nullptr);
        say_go_on(file);
        (void)pause();
    }};
    (void)kill(child.pid(), SIGKILL);
    EXPECT_FALSE(child.wait());
    ResultStore store{path(), format, [](int) { ADD_FAILURE() << "waits"; }};
    EXPECT_THAT(points_of(store, store.sweeps().at(0).id), ElementsAre(1)); // and nothing is lost
}

TEST_F(ResultStoreTest, ReadersLeaveTheWritersLockAlone)
{
    Child child{[this](int file) {
        ResultStore store{path(), format};
        {
            const ResultStore reader{path()};
        }
        say_go_on(file);
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }};
    int other = 0;
    const ResultStore store{path(), format, [&other](int pid) { other = pid; }};
    EXPECT_EQ(other, child.pid());
}

TEST_F(ResultStoreTest, AFrozenStoreStaysAsItWas)
{
    ResultStore writer{path(), format};
    const auto id = writer.add_sweep(sweep_record());
    writer.record(id, point_record(1), nullptr);
    ResultStore reader{path()};
    reader.freeze();
    writer.record(id, point_record(2), nullptr);
    writer.record(id, failed_record(1, ""), nullptr);
    EXPECT_THAT(points_of(reader, id), ElementsAre(1));
    EXPECT_EQ(reader.find_point(id, 1)->point.status, PointStatus::Ok);
    EXPECT_THAT(points_of(ResultStore{path()}, id), ElementsAre(1, 2));
}

TEST_F(ResultStoreTest, CanBeReadWhileAnotherProcessWrites)
{
    constexpr std::uint64_t count = 400;
    Child child{[this](int file) {
        ResultStore store{path(), format};
        const auto id = store.add_sweep(sweep_record());
        for (std::uint64_t point = 0; point < count; ++point) {
            const auto of = evaluation(std::to_string(point));
            store.record(id, point_record(point, of.key), &of);
            if (point == 0)
                say_go_on(file);
        }
    }};
    std::size_t seen = 0;
    unsigned reads = 0;
    bool is_last = false;
    while (!is_last) {
        is_last = !child.is_running();
        const ResultStore store{path()};
        std::size_t points = 0;
        store.for_each_point(1, [&points](const PointRow& row) {
            EXPECT_TRUE(row.evaluation); // a point is never there without its simulation
            EXPECT_EQ(row.point.point, points);
            ++points;
        });
        EXPECT_GE(points, seen);
        seen = points;
        ++reads;
    }
    EXPECT_EQ(seen, count);
    EXPECT_GT(reads, 1U);
}

} // namespace heatsim::sweep
