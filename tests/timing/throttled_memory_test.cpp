// SPDX-License-Identifier: Apache-2.0
#include "hw/throttled_memory/throttled_memory.hpp"
#include "support/bench.hpp"
#include "support/protocol_checker.hpp"
#include "tlm/payload_pool.hpp"
#include "tlm/time.hpp"

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace heatsim::hw {
namespace {

using channel::now_fs;

constexpr std::size_t ports = 3;

/// Sends bursts and notes, in cycles, when their data come.
class Port final : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<Port> socket{"socket"};

    Port(const sc_core::sc_module_name& name, Clock clock)
        : sc_module{name}
        , clock_{clock}
    {
        socket.register_nb_transport_bw(this, &Port::nb_transport_bw);
    }

    void send(int number, std::uint64_t bytes, tlm::tlm_command command = tlm::TLM_READ_COMMAND)
    {
        auto* trans = pool_.allocate();
        trans->set_command(command);
        trans->set_address(0);
        trans->set_data_length(static_cast<unsigned>(bytes));
        trans->set_streaming_width(static_cast<unsigned>(bytes));
        trans->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        numbers_[trans] = number;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        auto delay = sc_core::SC_ZERO_TIME;
        if (socket->nb_transport_fw(*trans, phase, delay) == tlm::TLM_COMPLETED)
            finish(*trans);
    }

    std::map<int, std::uint64_t> first_cycle; ///< by the burst's number
    std::map<int, std::uint64_t> last_cycle;
    std::map<int, tlm::tlm_response_status> status;

  private:
    tlm::tlm_sync_enum
    nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase, sc_core::sc_time&)
    {
        if (phase != tlm::BEGIN_RESP)
            return tlm::TLM_ACCEPTED;
        finish(trans);
        return tlm::TLM_COMPLETED;
    }
    void finish(tlm::tlm_generic_payload& trans)
    {
        const auto number = numbers_.at(&trans);
        numbers_.erase(&trans);
        const auto* const times = trans.get_extension<channel::BurstExtension>();
        first_cycle[number] = clock_.floor_cycles(times->first_data_fs);
        last_cycle[number] = clock_.floor_cycles(times->last_data_fs);
        status[number] = trans.get_response_status();
        trans.release();
    }

    const Clock clock_;
    channel::PayloadPool pool_;
    std::map<tlm::tlm_generic_payload*, int> numbers_;
};

class ThrottledMemoryBench : public testing::Test {
  protected:
    void build(std::uint64_t latency, std::uint64_t bytes_per_cycle)
    {
        test::use_femtoseconds();
        memory = std::make_unique<ThrottledMemory>(
            "memory", ThrottledMemoryConfig{latency, bytes_per_cycle}, clock, ports);
        for (std::size_t i = 0; i < ports; ++i) {
            const auto name = std::to_string(i);
            port.at(i) = std::make_unique<Port>(("port" + name).c_str(), clock);
            checker.at(i) = std::make_unique<test::ProtocolChecker>(("checker" + name).c_str());
            port.at(i)->socket.bind(checker.at(i)->target_socket);
            checker.at(i)->initiator_socket.bind(memory->port_sockets[i]);
        }
    }
    /// Waits until the start of a cycle.
    void at(std::uint64_t cycle) const { test::wait_until(clock.to_fs(cycle)); }
    void expect_protocol_kept() const
    {
        for (const auto& one : checker)
            EXPECT_TRUE(one->violations().empty()) << one->violations().front();
    }

    Clock clock{200.0};
    std::unique_ptr<ThrottledMemory> memory;
    std::array<std::unique_ptr<Port>, ports> port;
    std::array<std::unique_ptr<test::ProtocolChecker>, ports> checker;
};

// latency 10, 1024 bytes at 16 a cycle: cycles 10 to 74
TEST_F(ThrottledMemoryBench, FirstBurstTakesLatencyAndItsBytes)
{
    build(10, 16);
    test::run_bench([this] {
        for (int i = 0; i < 3; ++i) {
            memory->restart();
            const auto start = clock.floor_cycles(now_fs());
            port.at(static_cast<std::size_t>(i))->send(i, 1024);
            at(start + 1000);
            EXPECT_EQ(port.at(static_cast<std::size_t>(i))->first_cycle[i], start + 10);
            EXPECT_EQ(port.at(static_cast<std::size_t>(i))->last_cycle[i], start + 74);
        }
        expect_protocol_kept();
    });
}

// port 2 first, then 0 and 1 in the same cycle 3: turns 10, 13 (port 0), 13 (port 1), bus of 64
// each
TEST_F(ThrottledMemoryBench, ServesInOrderOfArrivalAndOfPorts)
{
    build(10, 16);
    test::run_bench([this] {
        port[2]->send(0, 1024);
        at(3);
        port[1]->send(1, 1024);
        port[0]->send(2, 1024);
        at(1000);
        EXPECT_EQ(port[2]->first_cycle[0], 10U);
        EXPECT_EQ(port[0]->first_cycle[2], 74U);
        EXPECT_EQ(port[1]->first_cycle[1], 138U);
        EXPECT_EQ(port[1]->last_cycle[1], 202U);
        expect_protocol_kept();
    });
}

// 17 bytes take two cycles of 16; a write is answered at its end: 10 + 2, then 12 + 1
TEST_F(ThrottledMemoryBench, RoundsUpAndAnswersWritesAtTheirEnd)
{
    build(10, 16);
    test::run_bench([this] {
        port[2]->send(0, 17, tlm::TLM_WRITE_COMMAND);
        at(1);
        port[0]->send(1, 16);
        at(1000);
        EXPECT_EQ(port[2]->first_cycle[0], 12U);
        EXPECT_EQ(port[0]->first_cycle[1], 12U);
        EXPECT_EQ(port[0]->last_cycle[1], 13U);
        EXPECT_EQ(memory->stats().write_bytes.value(), 17U);
        EXPECT_EQ(memory->stats().busy_cycles.value(), 3U);
        expect_protocol_kept();
    });
}

// bursts of the same port follow each other without a gap once the first has its turn
TEST_F(ThrottledMemoryBench, PipelinesTheLatency)
{
    build(100, 64);
    test::run_bench([this] {
        for (int i = 0; i < 4; ++i) {
            at(static_cast<std::uint64_t>(i));
            port[1]->send(i, 1024);
        }
        at(1000);
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ(port[1]->last_cycle[i], 100U + 16U * (static_cast<unsigned>(i) + 1U)) << i;
        expect_protocol_kept();
    });
}

TEST_F(ThrottledMemoryBench, RefusesOtherCommands)
{
    build(10, 16);
    test::run_bench([this] {
        port[1]->send(0, 64, tlm::TLM_IGNORE_COMMAND);
        EXPECT_EQ(port[1]->status[0], tlm::TLM_COMMAND_ERROR_RESPONSE);
    });
}

} // namespace
} // namespace heatsim::hw
