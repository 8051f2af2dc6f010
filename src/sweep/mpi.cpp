// SPDX-License-Identifier: Apache-2.0
#include "sweep/mpi.hpp"

#include "sweep/fork_pool.hpp"
#include "sweep/mpi_messages.hpp"
#include "sweep/point_setup.hpp"
#include "system/byte_archive.hpp"
#include "system/process.hpp"
#include "system/simulation.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>
#include <vector>

namespace heatsim::sweep {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int leader = 0;
constexpr auto heartbeat = std::chrono::seconds{1};
constexpr auto silence_of_a_lost_worker = std::chrono::seconds{10};
constexpr auto silence_of_a_lost_leader = std::chrono::seconds{30};
constexpr auto nap = std::chrono::microseconds{200}; // blocking calls of Open MPI burn a core
/// One that is simulated, and the next one, so that a worker need not wait for the leader.
constexpr std::size_t tasks_of_a_worker = 2;
constexpr unsigned most_attempts = 2;

/// What a message is about: its tag.
enum Tag : int {
    Hello,     ///< worker: what it is, as text
    Work,      ///< leader: WorkMessage
    Result,    ///< worker: ResultHeader and text
    Heartbeat, ///< from both sides: nothing
    Finish,    ///< leader: nothing is left; MPI ends as it should
    Leave,     ///< leader: nothing is left, and a worker is lost: MPI cannot end as it should
};

struct WorkMessage {
    std::uint64_t ticket = 0;
    std::uint64_t point = 0;
};

struct ResultHeader {
    std::uint64_t ticket = 0;
    std::uint32_t attempts = 1;
    bool done = false;
};

/// What speaks MPI: heatsim_mpi.so beside the executable, whatever the working folder.
[[nodiscard]] const MpiMessages& load_messages()
{
    const auto path =
        std::filesystem::read_symlink("/proc/self/exe").replace_filename("heatsim_mpi.so");
    // global: Debian's Open MPI loads plugins that look for its symbols in the whole program
    auto* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    const void* const messages =
        library == nullptr ? nullptr : dlsym(library, "heatsim_mpi_messages");
    if (messages == nullptr)
        throw system::ToolError{fmt::format(
            "sweep: started by MPI, but MPI cannot be loaded: {}; expected a heatsim that was "
            "built with MPI (libopenmpi-dev) with its heatsim_mpi.so beside it, or --shard",
            dlerror())}; // NOLINT(concurrency-mt-unsafe): one thread
    return *static_cast<const MpiMessages*>(messages);
}

[[nodiscard]] const MpiMessages& mpi()
{
    static const auto& messages = load_messages();
    return messages;
}

/// Does not wait for the receiver, who may be lost: the message goes into a buffer. Where that is
/// full, waits for room as long as a living receiver would need.
void send(int rank, Tag tag, const std::string& body)
{
    const auto end = Clock::now() + silence_of_a_lost_worker;
    while (!mpi().send({rank, tag, body}) && Clock::now() < end)
        std::this_thread::sleep_for(nap);
}

class MpiPool final : public WorkerPool {
  public:
    explicit MpiPool(const DesignSpace& space)
        : identity_{space.identity()}
    {
        const int size = mpi().start();
        for (int rank = leader + 1; rank < size; ++rank)
            workers_[rank].last_heard = Clock::now();
    }
    MpiPool(const MpiPool&) = delete;
    MpiPool& operator=(const MpiPool&) = delete;
    ~MpiPool() override
    {
        for (const auto& [rank, worker] : workers_)
            send(rank, has_lost_ ? Tag::Leave : Tag::Finish, "");
        if (!has_lost_) // it would wait for the lost one
            mpi().finish();
    }

    [[nodiscard]] bool has_room() const override
    {
        return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) {
            return worker.second.tasks.size() < tasks_of_a_worker;
        });
    }
    [[nodiscard]] std::size_t running() const override
    {
        auto count = waiting_.size();
        for (const auto& [rank, worker] : workers_)
            count += worker.tasks.size();
        return count;
    }

    void start(Task task) override
    {
        waiting_.push_back({task.ticket, task.point, 1});
        hand_out();
    }

    void keep_alive() override
    {
        if (Clock::now() < next_heartbeat_)
            return;
        next_heartbeat_ = Clock::now() + heartbeat;
        for (const auto& [rank, worker] : workers_)
            send(rank, Tag::Heartbeat, "");
    }

    [[nodiscard]] std::vector<TaskResult> wait() override
    {
        std::vector<TaskResult> results;
        while (results.empty()) {
            keep_alive();
            auto message = mpi().receive();
            if (!message) {
                look_for_lost_workers(results);
                std::this_thread::sleep_for(nap);
                if (Clock::now() >= next_return_)
                    break; // the caller may want to stop
                continue;
            }
            const auto worker = workers_.find(message->rank);
            if (worker == workers_.end())
                continue; // given up before; somebody else has its tasks
            worker->second.last_heard = Clock::now();
            if (message->tag == Tag::Hello)
                check(*message);
            else if (message->tag == Tag::Result)
                take(worker->second, message->body, results);
            hand_out();
        }
        next_return_ = Clock::now() + heartbeat;
        return results;
    }

  private:
    struct Assigned {
        std::uint64_t ticket = 0;
        std::uint64_t point = 0;
        unsigned attempts = 1;
    };
    struct Worker {
        Clock::time_point last_heard;
        std::vector<Assigned> tasks;
    };

    void hand_out()
    {
        while (!waiting_.empty()) {
            const auto idlest = std::min_element(
                workers_.begin(), workers_.end(), [](const auto& a, const auto& b) {
                    return a.second.tasks.size() < b.second.tasks.size();
                });
            if (idlest == workers_.end() || idlest->second.tasks.size() >= tasks_of_a_worker)
                return;
            const auto task = waiting_.front();
            waiting_.pop_front();
            std::string body;
            system::append_bytes(body, WorkMessage{task.ticket, task.point});
            send(idlest->first, Tag::Work, body);
            idlest->second.tasks.push_back(task);
        }
    }

    void check(const MpiMessage& hello) const
    {
        if (hello.body != identity_)
            throw system::SimulationError{
                fmt::format("MPI process {} has another heatsim or design space than process 0; "
                            "expected the same program and files on all machines",
                            hello.rank)};
    }

    static void take(Worker& worker, std::string_view body, std::vector<TaskResult>& results)
    {
        system::ByteReader reader{body};
        const auto header = reader.get<ResultHeader>();
        const auto task =
            std::find_if(worker.tasks.begin(), worker.tasks.end(),
                         [&header](const auto& known) { return known.ticket == header.ticket; });
        if (task == worker.tasks.end())
            return;
        results.push_back({header.ticket, header.done, std::string{reader.get_bytes(reader.left())},
                           header.attempts + task->attempts - 1});
        worker.tasks.erase(task);
    }

    void look_for_lost_workers(std::vector<TaskResult>& results)
    {
        const auto now = Clock::now();
        for (auto worker = workers_.begin(); worker != workers_.end();) {
            if (now - worker->second.last_heard < silence_of_a_lost_worker) {
                ++worker;
                continue;
            }
            std::fputs(fmt::format("note: MPI process {} is lost; its points go to others\n",
                                   worker->first)
                           .c_str(),
                       stderr);
            for (auto task : worker->second.tasks) {
                if (task.attempts == most_attempts)
                    results.push_back({task.ticket, false,
                                       "crash: the MPI process that simulated it was lost, twice",
                                       task.attempts});
                else
                    waiting_.push_front({task.ticket, task.point, task.attempts + 1});
            }
            worker = workers_.erase(worker);
            has_lost_ = true;
            if (workers_.empty())
                throw system::SimulationError{"all MPI processes that simulate are lost"};
            hand_out();
        }
    }

    std::string identity_;
    std::map<int, Worker> workers_; ///< by rank
    std::deque<Assigned> waiting_;  ///< that nobody works on
    bool has_lost_ = false;
    Clock::time_point next_return_ = Clock::now() + heartbeat;
    Clock::time_point next_heartbeat_;
};

/// Tasks and messages of a worker.
class MpiWorker {
  public:
    MpiWorker(const DesignSpace& space, const Measure& measure, const TaskLimits& limits)
        : space_{space}
        , measure_{measure}
        , preparer_{space}
        , pool_{1, limits}
    {}

    /// \returns how the leader ended it \throws SimulationError if the leader is lost
    [[nodiscard]] int run()
    {
        tell(Tag::Hello, space_.identity());
        auto last_heard = Clock::now();
        while (true) {
            if (const auto message = pool_.has_room() ? mpi().receive() : std::nullopt) {
                last_heard = Clock::now();
                if (message->tag == Tag::Work)
                    start(message->body);
                else if (message->tag != Tag::Heartbeat)
                    return message->tag;
            } else if (pool_.running() > 0) {
                for (const auto& result : pool_.wait_for(heartbeat))
                    tell_result(result);
                last_heard = Clock::now(); // nobody listened meanwhile
            } else if (Clock::now() - last_heard > silence_of_a_lost_leader) {
                throw system::SimulationError{"the leading MPI process is lost"};
            } else {
                std::this_thread::sleep_for(nap);
            }
            if (Clock::now() >= next_heartbeat_)
                tell(Tag::Heartbeat, "");
        }
    }

  private:
    void tell(Tag tag, const std::string& body)
    {
        send(leader, tag, body);
        next_heartbeat_ = Clock::now() + heartbeat;
    }

    void start(std::string_view body)
    {
        system::ByteReader reader{body};
        const auto work = reader.get<WorkMessage>();
        Task task;
        task.ticket = work.ticket;
        task.work = [this, point = work.point] {
            auto prepared = preparer_.prepare(space_.point_of(point));
            if (!prepared.setup)
                throw system::SimulationError{
                    fmt::format("rejected here, but not by the leader: {}", prepared.rejected)};
            return bytes_of(measure_(*prepared.setup));
        };
        pool_.start(std::move(task));
    }

    void tell_result(const TaskResult& result)
    {
        std::string body;
        system::append_bytes(body, ResultHeader{result.ticket, result.attempts, result.done});
        body += result.text;
        tell(Tag::Result, body);
    }

    const DesignSpace& space_;
    const Measure& measure_;
    const PointPreparer preparer_;
    ForkPool pool_;
    Clock::time_point next_heartbeat_;
};

} // namespace

void load_mpi()
{
    (void)mpi();
}

std::unique_ptr<WorkerPool> make_mpi_pool(const DesignSpace& space)
{
    return std::make_unique<MpiPool>(space);
}

void work_for_mpi_leader(const DesignSpace& space, const Measure& measure, const TaskLimits& limits)
{
    (void)mpi().start();
    if (MpiWorker{space, measure, limits}.run() == Tag::Finish)
        mpi().finish();
}

} // namespace heatsim::sweep
