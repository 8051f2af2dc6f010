// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr.hpp"
#include "hw/dma/axi_dma.hpp"
#include "hw/dma/word_serial_dma.hpp"
#include "support/bench.hpp"
#include "support/protocol_checker.hpp"
#include "support/random.hpp"
#include "tlm/time.hpp"

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace heatsim::hw {
namespace {

using channel::now_fs;
using channel::Stream;
using channel::Transfer;
using testing::ElementsAre;
using testing::Pair;

constexpr std::uint64_t cycle_fs = 10000000; ///< fabric clock of 100 MHz

std::uint64_t cycle_now()
{
    return now_fs() / cycle_fs;
}

/// A memory that answers every burst after a known time, without contention: as many channels as it
/// takes.
class StubMemory final : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<StubMemory> socket{"socket"};

    SC_HAS_PROCESS(StubMemory);
    explicit StubMemory(const sc_core::sc_module_name& name)
        : sc_module{name}
    {
        socket.register_nb_transport_fw(this, &StubMemory::nb_transport_fw);
        SC_METHOD(answer);
        sensitive << answer_event_;
        dont_initialize();
        SC_METHOD(end_request);
        sensitive << end_request_event_;
        dont_initialize();
    }

    struct Request {
        std::uint64_t cycle;
        std::uint64_t address;
        std::uint64_t bytes;
        bool write;
    };

    std::uint64_t latency_cycles = 20; ///< request to first data
    std::uint64_t slow_address =
        ~std::uint64_t{0};            ///< a burst at this address takes 80 cycles more
    std::uint64_t data_cycles = 0;    ///< first to last data
    bool answers_at_once = true;      ///< TLM_COMPLETED, else BEGIN_RESP when the data is there
    std::uint64_t end_req_cycles = 0; ///< END_REQ this much later (not answers_at_once)
    std::uint64_t edge_fs = cycle_fs; ///< clock period of the port
    std::vector<Request> requests;

  private:
    tlm::tlm_sync_enum
    nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase, sc_core::sc_time& delay)
    {
        const auto sent_fs = now_fs() + delay.value();
        EXPECT_EQ(sent_fs % edge_fs, 0U) << "off the clock edge";
        requests.push_back(
            {sent_fs / cycle_fs, trans.get_address(), trans.get_data_length(), trans.is_write()});
        const auto more = trans.get_address() == slow_address ? 80U : 0U;
        const auto first_fs = sent_fs + (latency_cycles + more) * cycle_fs;
        trans.get_extension<channel::BurstExtension>()->set(first_fs,
                                                            first_fs + data_cycles * cycle_fs);
        if (answers_at_once) {
            trans.set_response_status(tlm::TLM_OK_RESPONSE);
            delay = channel::to_time(first_fs - now_fs());
            return tlm::TLM_COMPLETED;
        }
        trans.acquire();
        waiting_.emplace(first_fs, &trans);
        answer_event_.notify(channel::to_time(waiting_.begin()->first - now_fs()));
        if (end_req_cycles > 0) {
            held_ = &trans;
            end_request_event_.notify(delay + channel::to_time(end_req_cycles * cycle_fs));
            return tlm::TLM_ACCEPTED;
        }
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    void answer()
    {
        auto* trans = waiting_.begin()->second;
        waiting_.erase(waiting_.begin());
        trans->set_response_status(tlm::TLM_OK_RESPONSE);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        auto delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_bw(*trans, phase, delay);
        trans->release();
        if (!waiting_.empty())
            answer_event_.notify(channel::to_time(waiting_.begin()->first - now_fs()));
    }

    void end_request()
    {
        auto* trans = std::exchange(held_, nullptr);
        tlm::tlm_phase phase = tlm::END_REQ;
        auto delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_bw(*trans, phase, delay);
    }

    std::multimap<std::uint64_t, tlm::tlm_generic_payload*> waiting_; ///< by the time of the answer
    tlm::tlm_generic_payload* held_ = nullptr;
    sc_core::sc_event answer_event_{"answer_event"};
    sc_core::sc_event end_request_event_{"end_request_event"};
};

/// Writes down when which stream completes.
class Completions final : public sc_core::sc_module, public channel::CompletionIf {
  public:
    sc_core::sc_export<channel::CompletionIf> completion_export{"completion_export"};
    explicit Completions(const sc_core::sc_module_name& name)
        : sc_module{name}
    {
        completion_export.bind(*this);
    }
    void transfer_done(Stream stream) override
    {
        EXPECT_FALSE(in_call) << "completion within submit";
        EXPECT_EQ(now_fs() % cycle_fs, 0U) << "off the clock edge";
        done.emplace_back(stream, cycle_now());
    }
    void work_done(channel::Worker /*worker*/) override { ADD_FAILURE(); }

    bool in_call = false;
    std::vector<std::pair<Stream, std::uint64_t>> done;
};

Transfer linear(Stream stream, std::uint64_t address, std::uint64_t bytes)
{
    Transfer transfer;
    transfer.stream = stream;
    transfer.address = address;
    transfer.row_bytes = transfer.row_stride_bytes = transfer.plane_stride_bytes = bytes;
    return transfer;
}

/// Engine under test → protocol checker → stub memory. 16-byte port, bursts of 64 bytes (4 beats),
/// 8 in flight, 8 cycles a descriptor, 20 cycles of memory latency.
class AxiDmaTest : public testing::Test {
  protected:
    AxiDmaTest()
    {
        test::use_femtoseconds();
        config.width_bytes = 16;
        config.burst_bytes = 64;
    }

    void build()
    {
        dma = std::make_unique<AxiDma>("dma", config, port_clock, Clock{100.0});
        memory = std::make_unique<StubMemory>("memory");
        completions = std::make_unique<Completions>("completions");
        checker = std::make_unique<test::ProtocolChecker>("checker");
        dma->memory_socket.bind(checker->target_socket);
        checker->initiator_socket.bind(memory->socket);
        dma->completion_port.bind(completions->completion_export);
    }
    void TearDown() override
    {
        checker->expect_kept();
        EXPECT_EQ(checker->begun(), memory->requests.size());
    }
    void submit(const Transfer& transfer)
    {
        completions->in_call = true;
        dma->submit(transfer);
        completions->in_call = false;
    }
    /// Runs the transfers, all submitted in cycle 0.
    void run(const std::vector<Transfer>& transfers)
    {
        test::run_bench([&] {
            for (const auto& transfer : transfers)
                submit(transfer);
            test::wait_until(100000 * cycle_fs);
        });
    }
    [[nodiscard]] std::vector<std::uint64_t> sent() const
    {
        std::vector<std::uint64_t> cycles;
        for (const auto& request : memory->requests)
            cycles.push_back(request.cycle);
        return cycles;
    }

    AxiDmaConfig config;
    Clock port_clock{100.0};
    std::unique_ptr<AxiDma> dma;
    std::unique_ptr<StubMemory> memory;
    std::unique_ptr<test::ProtocolChecker> checker;
    std::unique_ptr<Completions> completions;
};

TEST_F(AxiDmaTest, PipelinesReadBursts)
{
    build();
    run({linear(Stream::Input, 0, 256)});
    // descriptor 8, then one address a cycle
    EXPECT_THAT(sent(), ElementsAre(8, 9, 10, 11));
    // first data 28, then 4 bursts of 4 beats back to back
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 28 + 16)));
}

TEST_F(AxiDmaTest, OutstandingBurstsLimitThePipeline)
{
    config.outstanding_reads = 2;
    build();
    run({linear(Stream::Input, 0, 256)});
    // data of the first two until 28 + 4 = 32 and 36; the next two are sent then,
    // and are complete 20 + 4 cycles later
    EXPECT_THAT(sent(), ElementsAre(8, 9, 32, 36));
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 60)));
}

TEST_F(AxiDmaTest, OneOutstandingBurstIsARoundTripEach)
{
    config.outstanding_reads = 1;
    build();
    run({linear(Stream::Input, 0, 256)});
    EXPECT_THAT(sent(), ElementsAre(8, 32, 56, 80));
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 104)));
}

TEST_F(AxiDmaTest, DescriptorsAreDecodedUnderTheBurstsBefore)
{
    config.descriptor_cycles = 30;
    build();
    test::run_bench([&] {
        submit(linear(Stream::Input, 0, 128));
        submit(linear(Stream::Weight, 4096, 128));
        test::wait_until(50 * cycle_fs);
        submit(linear(Stream::Input, 0, 64));
        test::wait_until(1000 * cycle_fs);
    });
    // both known at 0: 30, 31 and right behind 32, 33; the third 30 cycles after 50
    EXPECT_THAT(sent(), ElementsAre(30, 31, 32, 33, 80));
    // first data 50, 4 beats a burst
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 58), Pair(Stream::Weight, 66),
                                               Pair(Stream::Input, 104)));
}

TEST_F(AxiDmaTest, ASlowMemoryStreamsABurstAtItsOwnPace)
{
    build();
    memory->data_cycles = 10; // of a burst that the port takes in 4
    run({linear(Stream::Input, 0, 64)});
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 28 + 10)));
}

TEST_F(AxiDmaTest, AWriteIsSentWhenItsLastBeatHasLeft)
{
    build();
    run({linear(Stream::Output, 0, 256)});
    // descriptor 8, 4 beats a burst
    EXPECT_THAT(sent(), ElementsAre(12, 16, 20, 24));
    // response 20 cycles behind the last
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Output, 44)));
}

TEST_F(AxiDmaTest, OutstandingWritesLimitThePipeline)
{
    config.outstanding_writes = 1;
    build();
    run({linear(Stream::Output, 0, 128)});
    // response at 32, then 4 beats, then 20 cycles
    EXPECT_THAT(sent(), ElementsAre(12, 36));
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Output, 56)));
}

TEST_F(AxiDmaTest, ReadsAndWritesDoNotWaitForEachOther)
{
    build();
    run({linear(Stream::Output, 0, 256), linear(Stream::Input, 4096, 256)});
    // each as if alone
    EXPECT_THAT(completions->done,
                testing::UnorderedElementsAre(Pair(Stream::Output, 44), Pair(Stream::Input, 44)));
}

TEST_F(AxiDmaTest, AnUnalignedFirstBeatCostsABeat)
{
    build();
    run({linear(Stream::Input, 8, 64)});
    // 56 bytes to the end of the burst: 4 beats; the last 8 bytes: 1 beat
    ASSERT_EQ(memory->requests.size(), 2U);
    EXPECT_EQ(memory->requests[0].bytes, 56U);
    EXPECT_EQ(memory->requests[1].address, 64U);
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 28 + 5)));
    EXPECT_EQ(dma->stats().read_busy_cycles.value(), 5U);
}

TEST_F(AxiDmaTest, CompletesTheTransfersOfAStreamInOrder)
{
    build();
    std::vector<Transfer> transfers;
    for (std::uint64_t i = 0; i < 6; ++i)
        transfers.push_back(linear(i % 2 == 0 ? Stream::Input : Stream::Weight, 4096 * i, 64));
    run(transfers);
    // 4 beats each behind the first data at 28
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 32), Pair(Stream::Weight, 36),
                                               Pair(Stream::Input, 40), Pair(Stream::Weight, 44),
                                               Pair(Stream::Input, 48), Pair(Stream::Weight, 52)));
}

TEST_F(AxiDmaTest, APartOfATileSaysNothing)
{
    build();
    auto part = linear(Stream::Weight, 0, 64);
    part.completes = false;
    run({part, linear(Stream::Weight, 4096, 64)});
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Weight, 36)));
}

TEST_F(AxiDmaTest, APortOfItsOwnClockHandsOverAtFabricEdges)
{
    port_clock = Clock{250.0}; // 4 ns, the fabric has 10
    build();
    memory->edge_fs = port_clock.period_fs();
    run({linear(Stream::Input, 0, 128)});
    // descriptor 8·4 = 32 ns; first data 200 ns later at 232: 8 beats of 4 ns end at 264, in the
    // fabric's cycle 27
    EXPECT_EQ(memory->requests.size(), 2U);
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 27)));
    EXPECT_EQ(dma->stats().read_busy_cycles.value(), 8U);
}

/// Channels of a memory: the first burst's is busy, those behind it are answered early, at once or
/// with a phase of their own.
class AxiDmaReorderTest : public AxiDmaTest, public testing::WithParamInterface<bool> {};

TEST_P(AxiDmaReorderTest, ReadsCompleteInOrderOfIssue)
{
    build();
    memory->answers_at_once = GetParam();
    memory->slow_address = 0;
    run({linear(Stream::Input, 0, 128), linear(Stream::Weight, 4096, 64)});
    // sent at 8, 9, 10; first data at 108, 29, 30: the port takes 4 beats of each from 108 on
    EXPECT_THAT(completions->done,
                ElementsAre(Pair(Stream::Input, 116), Pair(Stream::Weight, 120)));
}

TEST_P(AxiDmaReorderTest, WritesCompleteInOrderOfIssue)
{
    build();
    memory->answers_at_once = GetParam();
    memory->slow_address = 0;
    run({linear(Stream::Output, 0, 128), linear(Stream::Output, 4096, 64)});
    // sent at 12, 16, 20; responses at 112, 36, 40
    EXPECT_THAT(completions->done,
                ElementsAre(Pair(Stream::Output, 112), Pair(Stream::Output, 112)));
}

TEST_P(AxiDmaReorderTest, PlacesAreGivenBackInOrderOfIssue)
{
    config.outstanding_reads = 2;
    build();
    memory->answers_at_once = GetParam();
    memory->slow_address = 0;
    run({linear(Stream::Input, 0, 256)});
    // sent at 8 and 9; complete at 112 and 116, where the next two are sent
    EXPECT_THAT(sent(), ElementsAre(8, 9, 112, 116));
}

INSTANTIATE_TEST_SUITE_P(Answers, AxiDmaReorderTest, testing::Bool());

TEST_F(AxiDmaTest, LateResponsesAreTheSameAsAnnotatedOnes)
{
    build();
    memory->answers_at_once = false;
    run({linear(Stream::Input, 0, 256), linear(Stream::Output, 4096, 256)});
    EXPECT_THAT(completions->done,
                testing::UnorderedElementsAre(Pair(Stream::Output, 44), Pair(Stream::Input, 44)));
}

TEST_F(AxiDmaTest, WaitsForEndReqBeforeTheNextRequest)
{
    build();
    memory->answers_at_once = false;
    memory->end_req_cycles = 5;
    run({linear(Stream::Input, 0, 192)});
    // one request every 5 cycles; data of the last at 18 + 20, 4 beats
    EXPECT_THAT(sent(), ElementsAre(8, 13, 18));
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 42)));
}

TEST_F(AxiDmaTest, CountsTransfersBurstsBytesAndBeats)
{
    build();
    run({linear(Stream::Input, 0, 256), linear(Stream::Residual, 4096, 16),
         linear(Stream::Output, 8192, 100)});
    const auto& stats = dma->stats();
    EXPECT_EQ(stats.read_transfers.value(), 2U);
    EXPECT_EQ(stats.read_bursts.value(), 5U);
    EXPECT_EQ(stats.read_bytes.value(), 272U);
    EXPECT_EQ(stats.read_busy_cycles.value(), 17U);
    EXPECT_EQ(stats.write_transfers.value(), 1U);
    EXPECT_EQ(stats.write_bursts.value(), 2U);
    EXPECT_EQ(stats.write_bytes.value(), 100U);
    EXPECT_EQ(stats.write_busy_cycles.value(), 7U); // 4 beats and 36 bytes in 3
}

TEST_F(AxiDmaTest, EverythingSentIsAnswered)
{
    config.outstanding_reads = 3;
    config.outstanding_writes = 2;
    build();
    memory->answers_at_once = false;
    memory->end_req_cycles = 1;
    test::Random random{8};
    std::vector<Transfer> transfers;
    std::uint64_t bytes = 0;
    for (int i = 0; i < 100; ++i) {
        auto transfer = linear(static_cast<Stream>(random.between(0, 3)), random.between(0, 100000),
                               random.between(1, 300));
        transfer.rows = random.between(1, 4);
        transfer.row_stride_bytes += random.between(0, 1000);
        bytes += transfer.bytes();
        transfers.push_back(transfer);
    }
    run(transfers);
    ASSERT_EQ(completions->done.size(), 100U);
    for (const auto stream : {Stream::Input, Stream::Weight, Stream::Residual, Stream::Output}) {
        const auto asked = std::count_if(transfers.begin(), transfers.end(),
                                         [&](const auto& t) { return t.stream == stream; });
        const auto answered = std::count_if(completions->done.begin(), completions->done.end(),
                                            [&](const auto& d) { return d.first == stream; });
        EXPECT_EQ(asked, answered);
    }
    EXPECT_EQ(dma->stats().read_bytes.value() + dma->stats().write_bytes.value(), bytes);
    dma->restart(); // refuses while anything is in flight
    EXPECT_EQ(dma->stats().read_bytes.value(), 0U);
}

TEST_F(AxiDmaTest, RestartCountsFabricEdgesFromTheImagesStart)
{
    build();
    test::run_bench([&] {
        submit(linear(Stream::Input, 0, 64));
        test::wait_until(1000 * cycle_fs);
        dma->restart();
        submit(linear(Stream::Input, 0, 64));
        test::wait_until(2000 * cycle_fs);
    });
    EXPECT_THAT(completions->done, ElementsAre(Pair(Stream::Input, 32), Pair(Stream::Input, 1032)));
}

/// Two engines on a memory of two channels whose queues are soon full, and which runs at a clock
/// that is no multiple of theirs.
TEST(AxiDmaOnDdr, BothEndsKeepTheProtocol)
{
    test::use_femtoseconds();
    constexpr std::size_t ports = 2;
    DdrConfig memory;
    memory.clock_mhz = 1066.666667;
    memory.channels = 2;
    memory.read_queue_entries = 6;
    memory.write_queue_entries = memory.write_high_watermark = 6;
    memory.t_refi = 3000;
    Ddr ddr{"ddr", memory, ports};
    AxiDmaConfig config;
    std::vector<std::unique_ptr<AxiDma>> engines;
    std::vector<std::unique_ptr<test::ProtocolChecker>> checkers;
    std::vector<std::unique_ptr<Completions>> completions;
    for (std::size_t i = 0; i < ports; ++i) {
        const auto number = std::to_string(i);
        config.burst_bytes = i == 0 ? 256 : 4096; // the longer ones are longer than the queues
        engines.push_back(
            std::make_unique<AxiDma>(("dma" + number).c_str(), config, Clock{250.0}, Clock{100.0}));
        checkers.push_back(std::make_unique<test::ProtocolChecker>(("checker" + number).c_str()));
        completions.push_back(std::make_unique<Completions>(("completions" + number).c_str()));
        engines[i]->memory_socket.bind(checkers[i]->target_socket);
        checkers[i]->initiator_socket.bind(ddr.port_sockets[i]);
        engines[i]->completion_port.bind(completions[i]->completion_export);
    }
    constexpr std::size_t transfers = 200;
    std::uint64_t bytes = 0;
    test::run_bench([&] {
        test::Random random{3};
        for (std::size_t i = 0; i < transfers; ++i) {
            for (auto& engine : engines) {
                auto transfer =
                    linear(static_cast<Stream>(random.between(0, 3)), random.between(0, 1000000),
                           random.pick<std::uint64_t>({1, 64, 100, 1000, 8192}));
                transfer.rows = random.between(1, 4);
                transfer.row_stride_bytes += random.pick<std::uint64_t>({0, 1000, 65536});
                bytes += transfer.bytes();
                engine->submit(transfer);
            }
            if (random.chance(20)) // else they queue up
                test::wait_until(now_fs() + random.between(1, 500) * cycle_fs);
        }
        test::wait_until(now_fs() + 100000 * cycle_fs);
    });
    for (std::size_t i = 0; i < ports; ++i) {
        checkers[i]->expect_kept();
        EXPECT_GT(checkers[i]->begun(), transfers);
        EXPECT_EQ(completions[i]->done.size(), transfers);
    }
    EXPECT_EQ(ddr.stats().read_bytes.value() + ddr.stats().write_bytes.value(), bytes);
}

TEST(WordSerialDma, MovesOneTransferAfterTheOther)
{
    test::use_femtoseconds();
    WordSerialConfig config;
    config.word_bytes = 8;
    config.read_request_cycles = 8;
    config.read_word_cycles = 9;
    config.write_request_cycles = 9;
    config.write_word_cycles = 2;
    config.phase_cycles = 4;
    WordSerialDma dma{"dma", config, Clock{100.0}};
    Completions completions{"completions"};
    dma.completion_port.bind(completions.completion_export);
    test::run_bench([&] {
        // load of 3 words: 8 + 3·9 + 4 = 39; store of 3 words: 9 + 3·2 + 4·2 = 23, behind it
        dma.submit(linear(Stream::Input, 0, 24));
        dma.submit(linear(Stream::Output, 0, 24));
        auto part = linear(Stream::Weight, 0, 24);
        part.completes = false;
        dma.submit(part);
        dma.submit(linear(Stream::Weight, 0, 8)); // 8 + 9 + 4 = 21
        test::wait_until(1000 * cycle_fs);
    });
    EXPECT_THAT(completions.done, ElementsAre(Pair(Stream::Input, 39), Pair(Stream::Output, 62),
                                              Pair(Stream::Weight, 62 + 39 + 21)));
    EXPECT_EQ(dma.stats().busy_cycles.value(), 122U);
    EXPECT_EQ(dma.stats().read_bytes.value(), 56U);
    EXPECT_EQ(dma.stats().write_bytes.value(), 24U);
}

TEST(IdealDma, TakesNoTimeButADelta)
{
    test::use_femtoseconds();
    IdealDma dma{"dma"};
    Completions completions{"completions"};
    dma.completion_port.bind(completions.completion_export);
    test::run_bench([&] {
        completions.in_call = true;
        dma.submit(linear(Stream::Input, 0, 1 << 20));
        dma.submit(linear(Stream::Output, 0, 100));
        completions.in_call = false;
        test::wait_until(cycle_fs);
    });
    EXPECT_THAT(completions.done, ElementsAre(Pair(Stream::Input, 0), Pair(Stream::Output, 0)));
    EXPECT_EQ(dma.stats().read_bytes.value(), 1048576U);
}

} // namespace
} // namespace heatsim::hw
