// SPDX-License-Identifier: Apache-2.0
#include "system/child_process.hpp"

#include "system/byte_archive.hpp"
#include "system/forked_process.hpp"
#include "system/simulation.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

namespace heatsim::system {

namespace {

/// What a message of a worker is.
enum class Mark : std::uint8_t {
    Result,          ///< of one task
    Gathered,        ///< over all of its tasks; its last message
    SimulationError, ///< text
    OtherError,      ///< text
};

/// In front of every message.
struct Header {
    Mark mark = Mark::Result;
    std::uint64_t task = 0;
    std::uint64_t bytes = 0; ///< behind the header
};

/// The number of the next task, in memory that all workers share.
class TaskCounter {
  public:
    TaskCounter()
    {
        memory_ = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0);
        if (memory_ == MAP_FAILED) // NOLINT: the system's macro casts
            throw SimulationError{"no memory to share with the worker processes"};
        counter_ = new (memory_) Counter{0}; // NOLINT(cppcoreguidelines-owning-memory): placed
    }
    TaskCounter(const TaskCounter&) = delete;
    TaskCounter& operator=(const TaskCounter&) = delete;
    ~TaskCounter() { munmap(memory_, sizeof(Counter)); }
    [[nodiscard]] std::size_t next() { return counter_->fetch_add(1); }

  private:
    using Counter = std::atomic<std::size_t>;
    static_assert(Counter::is_always_lock_free, "a lock is no lock between processes");
    void* memory_ = nullptr;
    Counter* counter_ = nullptr;
};

/// Ends the process if nobody is there to read.
void send(int file, Mark mark, std::size_t task, const std::string& body)
{
    std::string message;
    append_bytes(message, Header{mark, task, body.size()});
    message += body;
    if (!write_all(file, message))
        _exit(EXIT_FAILURE);
}

/// A worker's whole life.
[[nodiscard]] int work_on(const SharedWork& work, TaskCounter& tasks, int file)
{
    try {
        for (auto task = tasks.next(); task < work.tasks; task = tasks.next())
            send(file, Mark::Result, task, work.run(task));
        send(file, Mark::Gathered, 0, work.finish ? work.finish() : std::string{});
    } catch (const SimulationError& error) {
        send(file, Mark::SimulationError, 0, error.what());
    } catch (const std::exception& error) {
        send(file, Mark::OtherError, 0, error.what());
    }
    return EXIT_SUCCESS;
}

/// One copy of this process and what came from it so far.
class Worker {
  public:
    Worker(const SharedWork& work, TaskCounter& tasks)
        : process_{[&](int file) { return work_on(work, tasks, file); }}
    {}

    [[nodiscard]] int file() const noexcept { return process_.file(); }
    [[nodiscard]] bool ended() const noexcept { return process_.ended(); }
    [[nodiscard]] double cpu_seconds() const noexcept { return process_.cpu_seconds(); }

    /// Reads what is there and hands complete messages on.
    void receive(const SharedWork& work)
    {
        constexpr std::size_t chunk_bytes = 65536;
        std::array<char, chunk_bytes> chunk{};
        const auto count = read(process_.file(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            return;
        if (count <= 0) {
            end();
            return;
        }
        received_.append(chunk.data(), static_cast<std::size_t>(count));
        std::size_t done = 0;
        while (received_.size() - done >= sizeof(Header)) {
            ByteReader reader{std::string_view{received_}.substr(done)};
            const auto header = reader.get<Header>();
            if (reader.left() < header.bytes)
                break;
            take(work, header, reader.get_bytes(header.bytes));
            done += sizeof(Header) + header.bytes;
        }
        received_.erase(0, done);
    }

  private:
    void take(const SharedWork& work, const Header& header, std::string_view body)
    {
        switch (header.mark) {
        case Mark::Result:
            work.take(header.task, body);
            break;
        case Mark::Gathered:
            gathered_ = true;
            if (work.take_gathered)
                work.take_gathered(body);
            break;
        case Mark::SimulationError:
            throw SimulationError{std::string{body}};
        case Mark::OtherError:
            throw std::runtime_error{std::string{body}};
        }
    }

    void end()
    {
        const auto status = process_.wait();
        if (!gathered_)
            throw SimulationError{fmt::format("a worker process {}", ending_text(status))};
    }

    ForkedProcess process_;
    std::string received_; ///< the beginning of a message
    bool gathered_ = false;
};

} // namespace

double run_in_workers(const SharedWork& work, std::size_t workers)
{
    TaskCounter tasks;
    std::vector<Worker> running;
    running.reserve(workers);
    for (std::size_t i = 0; i < workers; ++i)
        running.emplace_back(work, tasks);
    double cpu_seconds = 0.0;
    while (!running.empty()) {
        std::vector<pollfd> files;
        files.reserve(running.size());
        for (const auto& worker : running)
            files.push_back({worker.file(), POLLIN, 0});
        if (poll(files.data(), files.size(), -1) < 0 && errno != EINTR)
            throw SimulationError{fmt::format("poll: {}", std::strerror(errno))};
        for (std::size_t i = 0; i < files.size(); ++i)
            if (files[i].revents != 0)
                running[i].receive(work);
        for (const auto& worker : running)
            cpu_seconds += worker.ended() ? worker.cpu_seconds() : 0.0;
        std::vector<Worker> left;
        left.reserve(running.size());
        for (auto& worker : running)
            if (!worker.ended())
                left.push_back(std::move(worker));
        running.swap(left);
    }
    return cpu_seconds;
}

std::string text_of_child(const std::function<std::string()>& body)
{
    std::string text;
    SharedWork work;
    work.tasks = 1;
    work.run = [&body](std::size_t) { return body(); };
    work.take = [&text](std::size_t, std::string_view bytes) { text = bytes; };
    try {
        (void)run_in_workers(work, 1);
    } catch (const SimulationError&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw SimulationError{error.what()};
    }
    return text;
}

std::vector<double> in_child(const std::function<std::vector<double>()>& body)
{
    const auto bytes = text_of_child([&body] {
        std::string text;
        for (const auto value : body())
            append_bytes(text, value);
        return text;
    });
    ByteReader reader{bytes};
    std::vector<double> values;
    values.reserve(reader.left() / sizeof(double));
    while (reader.left() > 0)
        values.push_back(reader.get<double>());
    return values;
}

std::size_t available_cores()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return static_cast<std::size_t>(std::max(CPU_COUNT(&set), 1));
}

} // namespace heatsim::system
