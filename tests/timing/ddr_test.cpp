// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr.hpp"
#include "support/bench.hpp"
#include "support/protocol_checker.hpp"
#include "tlm/payload_pool.hpp"
#include "tlm/time.hpp"

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace heatsim::hw {
namespace {

using channel::now_fs;
using test::ns;
using test::wait_until;

constexpr std::uint64_t not_yet = ~std::uint64_t{0};

/// One burst as the initiator saw it; times in femtoseconds.
struct Seen {
    std::uint64_t sent = not_yet;
    std::uint64_t end_req = not_yet;
    std::uint64_t first_data = not_yet; ///< response, with its annotated delay
    std::uint64_t last_data = not_yet;
    std::uint64_t told = not_yet; ///< simulation time of the call that brought the response
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
};

/// An AXI-like initiator that notes when what comes.
class Initiator final : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};

    explicit Initiator(const sc_core::sc_module_name& name)
        : sc_module{name}
    {
        socket.register_nb_transport_bw(this, &Initiator::nb_transport_bw);
    }

    /// Sends a burst now; \returns its number.
    std::size_t send(std::uint64_t address, std::uint64_t bytes, tlm::tlm_command command)
    {
        auto* trans = pool_.allocate();
        trans->set_command(command);
        trans->set_address(address);
        trans->set_data_length(static_cast<unsigned>(bytes));
        trans->set_streaming_width(static_cast<unsigned>(bytes));
        trans->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        const auto index = seen.size();
        auto& burst = seen.emplace_back();
        open_[trans] = index;
        burst.sent = now_fs();
        request_ = trans;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        auto delay = sc_core::SC_ZERO_TIME;
        const auto answer = socket->nb_transport_fw(*trans, phase, delay);
        if (answer != tlm::TLM_ACCEPTED)
            accepted(*trans, sc_core::SC_ZERO_TIME);
        if (answer == tlm::TLM_COMPLETED)
            finish(*trans, delay);
        return index;
    }
    std::size_t read(std::uint64_t address, std::uint64_t bytes = 64)
    {
        return send(address, bytes, tlm::TLM_READ_COMMAND);
    }
    std::size_t write(std::uint64_t address, std::uint64_t bytes = 64)
    {
        return send(address, bytes, tlm::TLM_WRITE_COMMAND);
    }
    [[nodiscard]] bool may_send() const { return request_ == nullptr; }
    [[nodiscard]] bool idle() const { return open_.empty(); }

    std::deque<Seen> seen;
    std::vector<std::size_t> order; ///< of the responses

  private:
    tlm::tlm_sync_enum
    nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase, sc_core::sc_time& delay)
    {
        if (open_.count(&trans) == 0) {
            ADD_FAILURE() << "call for a completed burst";
            return tlm::TLM_COMPLETED;
        }
        if (request_ == &trans) // a response implies the END_REQ that did not come
            accepted(trans, delay);
        if (phase == tlm::END_REQ)
            return tlm::TLM_ACCEPTED;
        finish(trans, delay);
        return tlm::TLM_COMPLETED;
    }

    void accepted(const tlm::tlm_generic_payload& trans, const sc_core::sc_time& delay)
    {
        seen[open_.at(&trans)].end_req = now_fs() + delay.value();
        request_ = nullptr;
    }
    void finish(tlm::tlm_generic_payload& trans, const sc_core::sc_time& delay)
    {
        const auto index = open_[&trans];
        auto& burst = seen[index];
        burst.told = now_fs();
        burst.first_data = now_fs() + delay.value();
        burst.last_data = trans.get_extension<channel::BurstExtension>()->last_data_fs;
        burst.status = trans.get_response_status();
        order.push_back(index);
        open_.erase(&trans);
        trans.release();
    }

    channel::PayloadPool pool_;
    std::map<const tlm::tlm_generic_payload*, std::size_t> open_;
    tlm::tlm_generic_payload* request_ = nullptr;
};

/// initiators[i] → checkers[i] → port i of the memory under test. Memory clock of 1 ns: cycles are
/// nanoseconds.
class DdrTest : public testing::Test {
  protected:
    DdrTest()
    {
        test::use_femtoseconds();
        config.clock_mhz = 1000.0;
        config.mapping = AddressMapping::RowBankColumn;
        config.t_refi = 1000000000;
        config.controller_latency_ns = 40.0; // 20 ns each way
        config.request_cycles = 0;
    }

    void build(std::size_t ports)
    {
        ddr = std::make_unique<Ddr>("ddr", config, ports);
        bind(ports);
    }
    void build_shared(const std::vector<std::size_t>& controller_ports)
    {
        ddr = std::make_unique<Ddr>("ddr", config, controller_ports);
        bind(controller_ports.size());
    }
    void bind(std::size_t ports)
    {
        for (std::size_t i = 0; i < ports; ++i) {
            const auto name = "port" + std::to_string(i);
            initiators.push_back(std::make_unique<Initiator>(name.c_str()));
            checkers.push_back(
                std::make_unique<test::ProtocolChecker>(("checker" + std::to_string(i)).c_str()));
            initiators.back()->socket.bind(checkers.back()->target_socket);
            checkers.back()->initiator_socket.bind(ddr->port_sockets[i]);
        }
    }
    void TearDown() override
    {
        for (const auto& checker : checkers)
            checker->expect_kept();
    }
    Initiator& port(std::size_t index) { return *initiators[index]; }
    const Seen& seen(std::size_t port_index, std::size_t burst)
    {
        return port(port_index).seen[burst];
    }
    void wait_for_all()
    {
        for (int i = 0; i < 100000; ++i) {
            bool idle = true;
            for (const auto& initiator : initiators)
                idle = idle && initiator->idle();
            if (idle)
                return;
            sc_core::wait(channel::to_time(ns(1)));
        }
        ADD_FAILURE() << "a burst is never answered";
    }
    /// Address of row `row` of bank `bank` (over all bank groups).
    static std::uint64_t at(std::uint64_t row, std::uint64_t bank)
    {
        return (row * 16 + bank) * 8192;
    }

    DdrConfig config;
    std::unique_ptr<Ddr> ddr;
    std::vector<std::unique_ptr<Initiator>> initiators;
    std::vector<std::unique_ptr<test::ProtocolChecker>> checkers;
};

TEST_F(DdrTest, AnswersAReadWhenIdle)
{
    build(1);
    test::run_bench([&] {
        wait_until(ns(100));
        port(0).read(0);
        // 20 ns to the controller, tRCD 17 + CL 17, 20 ns back = 74; 4 cycles of data
        EXPECT_EQ(seen(0, 0).end_req, ns(100));
        EXPECT_EQ(seen(0, 0).first_data, ns(174));
        EXPECT_EQ(seen(0, 0).last_data, ns(178));
        EXPECT_EQ(seen(0, 0).status, tlm::TLM_OK_RESPONSE);
        wait_until(ns(1000));
        port(0).read(64);
        // row hit: 20 + CL 17 + 20
        EXPECT_EQ(seen(0, 1).first_data, ns(1057));
    });
}

TEST_F(DdrTest, AnswersAWriteFromTheController)
{
    build(1);
    test::run_bench([&] {
        port(0).write(0);
        // 20 ns there and 20 back: the banks take the data later
        EXPECT_EQ(seen(0, 0).first_data, ns(40));
        EXPECT_EQ(seen(0, 0).last_data, ns(40));
    });
}

TEST_F(DdrTest, RoundsTheArrivalUpToItsClock)
{
    config.controller_latency_ns = 41.0; // 20.5 ns each way
    build(1);
    test::run_bench([&] {
        port(0).read(0);
        // known at cycle 21; 34 cycles; 20.5 ns back
        EXPECT_EQ(seen(0, 0).first_data, ns(55) + ns(41) / 2);
    });
}

TEST_F(DdrTest, ABurstBehindAnotherFollowsItOnTheBus)
{
    build(1);
    test::run_bench([&] {
        port(0).read(0); // column at 37
        port(0).read(64);
        // column tCCD_L behind it at 43, CL 17, 20 ns back
        EXPECT_EQ(seen(0, 1).first_data, ns(80));
        EXPECT_EQ(seen(0, 1).told, 0U) << "an open row: nobody can come before it";
        port(0).read(at(1, 0)); // another row of the bank: who comes first is open
        EXPECT_EQ(seen(0, 2).end_req, 0U) << "the queue has room";
        EXPECT_EQ(seen(0, 2).first_data, not_yet);
        wait_for_all();
        // activate 20, tRAS 39, tRP + tRCD + CL 51, 20 ns back
        EXPECT_EQ(seen(0, 2).first_data, ns(20 + 39 + 51 + 20));
    });
}

TEST_F(DdrTest, AFullQueueHoldsEndReqBack)
{
    config.read_queue_entries = 2;
    build(2);
    test::run_bench([&] {
        port(0).read(at(0, 0)); // served at once
        port(0).read(at(1, 0)); // rows that have to be opened wait
        port(1).read(at(2, 0));
        EXPECT_EQ(seen(1, 0).end_req, 0U);
        port(1).read(at(3, 0)); // third in a queue of two
        EXPECT_FALSE(port(1).may_send());
        wait_for_all();
        // activate 20, precharge tRAS later at 59, tRP + tRCD: the read at 93 frees an entry, which
        // the port sees when the controller's clock has come to it
        EXPECT_EQ(seen(1, 1).end_req, ns(93 - 20));
        for (const auto& initiator : initiators)
            for (const auto& burst : initiator->seen)
                EXPECT_EQ(burst.status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(ddr->stats().bursts.value(), 4U);
    });
}

TEST_F(DdrTest, AFullQueueHoldsAWriteBack)
{
    config.write_queue_entries = config.write_high_watermark = 2;
    config.write_low_watermark = 0;
    build(1);
    test::run_bench([&] {
        port(0).write(at(0, 0));
        port(0).write(at(0, 0) + 64);
        port(0).write(at(0, 0) + 128); // third in a queue of two
        EXPECT_FALSE(port(0).may_send());
        wait_for_all();
        // activate 20, tRCD: the write at 37 frees an entry; 20 ns back
        EXPECT_EQ(seen(0, 2).first_data, ns(37 + 20));
        EXPECT_EQ(seen(0, 2).end_req, seen(0, 2).first_data) << "implied by the response";
        EXPECT_EQ(seen(0, 2).status, tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(port(0).may_send());
    });
}

TEST_F(DdrTest, EveryHeldPortIsLetInInTheEnd)
{
    config.read_queue_entries = 1;
    config.granularity = CommandGranularity::Command;
    build(4);
    test::run_bench([&] {
        // four ports that send as fast as they may
        std::vector<std::size_t> sent(4, 0);
        while (*std::min_element(sent.begin(), sent.end()) < 20) {
            for (std::size_t i = 0; i < 4; ++i) {
                if (sent[i] < 20 && port(i).may_send()) {
                    port(i).read(at(0, i) + sent[i] * 64);
                    ++sent[i];
                }
            }
            sc_core::wait(channel::to_time(ns(1)));
            ASSERT_LT(now_fs(), ns(20000)) << "a port starves";
        }
        wait_for_all();
        EXPECT_EQ(ddr->stats().bursts.value(), 80U);
        EXPECT_EQ(ddr->stats().read_bytes.value(), 80U * 64U);
    });
}

/// Port 0 opens row 0 of bank 0; while its data moves, port 1 asks for another row of that bank and
/// port 2, later, for the open one.
class DdrSchedulingTest : public DdrTest {
  protected:
    void contend()
    {
        build(3);
        test::run_bench([&] {
            port(0).read(at(0, 0));
            port(1).read(at(1, 0));
            port(2).read(at(0, 0) + 64);
            wait_for_all();
        });
    }
};

TEST_F(DdrSchedulingTest, FcfsServesTheOldest)
{
    config.scheduling = DdrScheduling::Fcfs;
    contend();
    EXPECT_LT(seen(1, 0).first_data, seen(2, 0).first_data);
    // activate 20; precharge tRAS later at 59, tRP + tRCD + CL, 20 back
    EXPECT_EQ(seen(1, 0).first_data, ns(59 + 51 + 20));
}

TEST_F(DdrSchedulingTest, FrFcfsServesTheRowHitFirst)
{
    config.scheduling = DdrScheduling::FrFcfs;
    contend();
    // tCCD_L behind the column at 37: 43 + CL, 20 back
    EXPECT_EQ(seen(2, 0).first_data, ns(43 + 17 + 20));
    EXPECT_GT(seen(1, 0).first_data, seen(2, 0).first_data);
    // its precharge waits for tRAS (59), past the hit's tRTP (43 + 9)
    EXPECT_EQ(seen(1, 0).first_data, ns(59 + 51 + 20));
}

TEST_F(DdrTest, FewWritesWaitUntilNobodyReads)
{
    build(3);
    test::run_bench([&] {
        port(0).read(at(0, 0));
        port(1).write(at(0, 0) + 64); // older, a hit, but a turnaround
        port(2).read(at(0, 0) + 128);
        wait_for_all();
        EXPECT_EQ(ddr->stats().turnarounds.value(), 0U);
        sc_core::wait(channel::to_time(ns(1000)));
        EXPECT_EQ(ddr->stats().turnarounds.value(), 1U);
        EXPECT_EQ(ddr->stats().row_hits.value(), 2U);
    });
}

TEST_F(DdrTest, ChannelsWorkSideBySide)
{
    config.channels = 2;
    build(2);
    test::run_bench([&] {
        port(0).read(0);
        port(1).read(4096); // the next interleave block: the other channel
        EXPECT_EQ(seen(0, 0).first_data, ns(74));
        EXPECT_EQ(seen(1, 0).first_data, ns(74));
        port(0).read(8192); // the first channel again
        // byte 4096 of the channel, in the open row: column 43, 43 + 17 + 20
        EXPECT_EQ(seen(0, 1).first_data, ns(80));
    });
}

TEST_F(DdrTest, SocketsOfOneControllerPortShareItsDataPath)
{
    config.port_width_bits = 64; // at half of 1 GHz: 16 ns for 64 bytes, where the pins take 4
    build_shared({0, 0, 1});
    test::run_bench([&] {
        port(0).read(0);
        port(1).read(64);
        port(2).read(128);
        EXPECT_EQ(seen(0, 0).first_data, ns(74));
        EXPECT_EQ(seen(0, 0).last_data, ns(74 + 16));
        EXPECT_EQ(seen(1, 0).first_data, ns(90)) << "the memory had it at 80";
        EXPECT_EQ(seen(1, 0).last_data, ns(90 + 16));
        EXPECT_EQ(seen(2, 0).first_data, ns(86)) << "a port of its own";
        wait_until(ns(1000));
        port(0).write(0);
        port(1).write(64); // 20 ns to the controller, 20 ns back
        EXPECT_EQ(seen(0, 1).first_data, ns(1040));
        EXPECT_EQ(seen(1, 1).first_data, ns(1040 + 16)) << "a write in the other's way";
    });
}

TEST_F(DdrTest, RefusesABurstOverAChannelBoundary)
{
    config.channels = 2;
    build(1);
    test::run_bench([&] {
        port(0).read(4096 - 32);
        EXPECT_EQ(seen(0, 0).status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        port(0).read(4096 - 64);
        EXPECT_EQ(seen(0, 1).status, tlm::TLM_OK_RESPONSE);
    });
}

TEST_F(DdrTest, RefusesAnAddressOutsideTheMemory)
{
    config.capacity_bytes = 1U << 30U;
    build(1);
    test::run_bench([&] {
        port(0).read((1U << 30U) - 64);
        EXPECT_EQ(seen(0, 0).status, tlm::TLM_OK_RESPONSE);
        port(0).read((1U << 30U) - 64, 128);
        EXPECT_EQ(seen(0, 1).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    });
}

TEST_F(DdrTest, RefusesACommandThatIsNeitherReadNorWrite)
{
    build(1);
    test::run_bench([&] {
        port(0).send(0, 64, tlm::TLM_IGNORE_COMMAND);
        EXPECT_EQ(seen(0, 0).status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(ddr->stats().bursts.value(), 0U);
    });
}

TEST_F(DdrTest, CountsBytesRowsAndDirections)
{
    build(1);
    test::run_bench([&] {
        port(0).read(at(0, 0), 512); // miss
        wait_until(ns(1000));
        port(0).write(at(0, 0), 128); // hit
        wait_until(ns(2000));
        port(0).write(at(1, 0), 64); // conflict
        wait_until(ns(3000));        // writes are posted
        auto& stats = ddr->stats();
        EXPECT_EQ(stats.read_bytes.value(), 512U);
        EXPECT_EQ(stats.write_bytes.value(), 192U);
        EXPECT_EQ(stats.bursts.value(), 3U);
        EXPECT_EQ(stats.row_misses.value(), 1U);
        EXPECT_EQ(stats.row_hits.value(), 7U + 2U) << "column accesses";
        EXPECT_EQ(stats.row_conflicts.value(), 1U);
        EXPECT_EQ(stats.turnarounds.value(), 1U);
        EXPECT_EQ(stats.data_cycles.value(), 11U * 4U);
    });
}

TEST_F(DdrTest, RestartIsTheStartState)
{
    config.t_refi = 5000;
    build(1);
    test::run_bench([&] {
        const auto image = [&] {
            const auto start = now_fs();
            std::vector<std::uint64_t> times;
            for (int i = 0; i < 40; ++i) {
                const auto burst = port(0).read(at(static_cast<std::uint64_t>(i % 3), 0), 1024);
                wait_for_all();
                times.push_back(seen(0, burst).last_data - start);
                sc_core::wait(channel::to_time(ns(200)));
            }
            return times;
        };
        const auto first = image();
        EXPECT_GT(ddr->stats().refreshes.value(), 0U);
        wait_until(ns(123456) + 789); // between two edges of the memory clock
        ddr->restart();
        EXPECT_EQ(ddr->stats().bursts.value(), 0U);
        EXPECT_EQ(image(), first);
    });
}

} // namespace
} // namespace heatsim::hw
