// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr.hpp"
#include "support/bench.hpp"
#include "support/protocol_checker.hpp"
#include "support/random.hpp"
#include "tlm/payload_pool.hpp"
#include "tlm/time.hpp"

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

namespace heatsim::hw {
namespace {

using channel::now_fs;
using test::ns;

enum class Load {
    Heavy, ///< four bursts in flight, stretches without and stretches with pauses
    Light, ///< one burst in flight, a pause before each: the memory is idle most of the time
};

struct Burst {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    bool write = false;
    std::uint64_t pause_fs = 0; ///< before it
};

/// Half of the port's bursts continue a stream, the others go anywhere.
std::vector<Burst> mixture(test::Random& random, Load load, std::size_t bursts)
{
    constexpr std::uint64_t footprint = 1U << 23U;
    constexpr std::size_t stretch = 40;
    std::vector<Burst> found;
    std::uint64_t stream = random.between(0, footprint - 1) & ~std::uint64_t{4095};
    bool pauses = false;
    for (std::size_t i = 0; i < bursts; ++i) {
        if (i % stretch == 0)
            pauses = random.chance(50);
        Burst burst;
        burst.bytes = std::uint64_t{64} << random.between(0, 6);
        burst.write = random.chance(35);
        const auto jump = random.between(0, footprint - 1);
        const auto place = random.chance(50) ? jump : stream;
        burst.address = place & ~(burst.bytes - 1); // crosses no 4 KiB boundary
        stream = (burst.address + burst.bytes) % footprint;
        if (load == Load::Light)
            burst.pause_fs = ns(random.between(1, 100));
        else if (pauses && random.chance(50))
            burst.pause_fs = ns(random.between(1, 400));
        found.push_back(burst);
    }
    return found;
}

/// Sends bursts one after the other, some of them in flight at a time.
class Port final : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<Port> socket{"socket"};

    SC_HAS_PROCESS(Port);
    Port(const sc_core::sc_module_name& name, std::vector<Burst> bursts, std::size_t outstanding)
        : sc_module{name}
        , bursts_{std::move(bursts)}
        , outstanding_{outstanding}
    {
        socket.register_nb_transport_bw(this, &Port::nb_transport_bw);
        SC_THREAD(run);
    }
    [[nodiscard]] bool finished() const { return answered_ == bursts_.size(); }
    /// End of the last burst's data.
    [[nodiscard]] std::uint64_t end_fs() const { return end_fs_; }
    [[nodiscard]] std::size_t answered_reads_at_once() const { return at_once_; }

  private:
    void run()
    {
        for (const auto& burst : bursts_) {
            if (burst.pause_fs > 0)
                sc_core::wait(channel::to_time(burst.pause_fs));
            while (request_ != nullptr || in_flight_ == outstanding_)
                sc_core::wait(progress_event_);
            send(burst);
        }
    }

    void send(const Burst& burst)
    {
        auto* trans = pool_.allocate();
        trans->set_command(burst.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        trans->set_address(burst.address);
        trans->set_data_length(static_cast<unsigned>(burst.bytes));
        trans->set_streaming_width(static_cast<unsigned>(burst.bytes));
        trans->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        request_ = trans;
        ++in_flight_;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        auto delay = sc_core::SC_ZERO_TIME;
        const auto answer = socket->nb_transport_fw(*trans, phase, delay);
        if (answer != tlm::TLM_ACCEPTED)
            request_ = nullptr;
        if (answer == tlm::TLM_COMPLETED) {
            at_once_ += burst.write ? 0U : 1U;
            finish(*trans);
        }
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans,
                                       tlm::tlm_phase& phase,
                                       sc_core::sc_time& /*delay*/)
    {
        if (request_ == &trans)
            request_ = nullptr;
        if (phase == tlm::BEGIN_RESP)
            finish(trans);
        else
            progress_event_.notify(sc_core::SC_ZERO_TIME);
        return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
    }

    /// Its place is free when its last beat has arrived.
    void finish(tlm::tlm_generic_payload& trans)
    {
        EXPECT_TRUE(trans.is_response_ok());
        const auto last_fs = trans.get_extension<channel::BurstExtension>()->last_data_fs;
        trans.release();
        end_fs_ = std::max(end_fs_, last_fs);
        ++answered_;
        sc_core::sc_spawn([this, last_fs] {
            test::wait_until(last_fs);
            --in_flight_;
            progress_event_.notify(sc_core::SC_ZERO_TIME);
        });
    }

    const std::vector<Burst> bursts_;
    const std::size_t outstanding_;
    channel::PayloadPool pool_;
    const tlm::tlm_generic_payload* request_ = nullptr;
    std::size_t in_flight_ = 0;
    std::size_t answered_ = 0;
    std::size_t at_once_ = 0;
    std::uint64_t end_fs_ = 0;
    sc_core::sc_event progress_event_{"progress_event"};
};

/// Ports → checkers → memory.
struct Bench {
    Bench(const std::string& name,
          const DdrConfig& config,
          const std::vector<std::vector<Burst>>& bursts,
          std::size_t outstanding)
        : ddr{name.c_str(), config, bursts.size()}
    {
        for (std::size_t i = 0; i < bursts.size(); ++i) {
            const auto port = name + std::to_string(i);
            ports.push_back(std::make_unique<Port>(port.c_str(), bursts[i], outstanding));
            checkers.push_back(
                std::make_unique<test::ProtocolChecker>((port + "_checker").c_str()));
            ports[i]->socket.bind(checkers[i]->target_socket);
            checkers[i]->initiator_socket.bind(ddr.port_sockets[i]);
        }
    }
    [[nodiscard]] bool finished() const
    {
        return std::all_of(ports.begin(), ports.end(),
                           [](const auto& port) { return port->finished(); });
    }
    [[nodiscard]] std::uint64_t end_fs() const
    {
        std::uint64_t end = 0;
        for (const auto& port : ports)
            end = std::max(end, port->end_fs());
        return end;
    }
    [[nodiscard]] std::size_t answered_reads_at_once() const
    {
        std::size_t sum = 0;
        for (const auto& port : ports)
            sum += port->answered_reads_at_once();
        return sum;
    }

    Ddr ddr;
    std::vector<std::unique_ptr<Port>> ports;
    std::vector<std::unique_ptr<test::ProtocolChecker>> checkers;
};

std::ostream& operator<<(std::ostream& out, Load load)
{
    return out << (load == Load::Light ? "light" : "heavy");
}

/// Scheduling decisions that fall otherwise change the time of a thousand bursts by up to 2 %, to
/// either side.
constexpr std::size_t bursts_of_a_mixture = 6000;

using Mixture = std::tuple<AddressMapping, Load, std::uint64_t>; ///< seed

class DdrGranularity : public testing::TestWithParam<Mixture> {
  protected:
    DdrGranularity() { test::use_femtoseconds(); }
};

/// Two memories side by side, the same bursts to both.
TEST_P(DdrGranularity, RunsTakeAsLongAsSingleCommandsWithinOnePercent)
{
    const auto [mapping, load, seed] = GetParam();
    test::Random random{seed};
    std::vector<std::vector<Burst>> bursts(load == Load::Light ? 2 : 2 + seed % 3);
    for (auto& port : bursts)
        port = mixture(random, load, bursts_of_a_mixture);
    DdrConfig config;
    config.mapping = mapping;
    config.granularity = CommandGranularity::Command;
    const std::size_t outstanding = load == Load::Light ? 1 : 4;
    Bench exact{"exact", config, bursts, outstanding};
    config.granularity = CommandGranularity::Run;
    Bench runs{"runs", config, bursts, outstanding};
    test::run_bench([&] {
        while (!exact.finished() || !runs.finished()) {
            sc_core::wait(channel::to_time(ns(1000)));
            ASSERT_LT(now_fs(), ns(100000000)) << "a burst is never answered";
        }
    });
    for (const auto* bench : {&exact, &runs})
        for (const auto& checker : bench->checkers)
            checker->expect_kept();
    EXPECT_EQ(exact.answered_reads_at_once(), 0U);
    if (load == Load::Light) {
        EXPECT_GT(runs.answered_reads_at_once(), 20U);
    }
    const auto reference = static_cast<double>(exact.end_fs());
    const auto deviation = static_cast<double>(runs.end_fs()) / reference - 1.0;
    RecordProperty("deviation_percent", std::to_string(100.0 * deviation));
    EXPECT_NEAR(deviation, 0.0, 0.01) << bursts.size() << " ports";
}

std::string name_of(const Mixture& mixture)
{
    const auto [mapping, load, seed] = mixture;
    return std::string{config::name_of(mapping, address_mapping_names)} +
           (load == Load::Light ? "_light_" : "_heavy_") + std::to_string(seed);
}

INSTANTIATE_TEST_SUITE_P(Mappings,
                         DdrGranularity,
                         testing::Combine(testing::Values(AddressMapping::RowBankColumn,
                                                          AddressMapping::BankGroupInterleaved,
                                                          AddressMapping::BankGroupXor,
                                                          AddressMapping::Mop4ClXor),
                                          testing::Values(Load::Heavy, Load::Light),
                                          testing::Range<std::uint64_t>(1, 3)),
                         [](const auto& mixture) { return name_of(mixture.param); });

} // namespace
} // namespace heatsim::hw
