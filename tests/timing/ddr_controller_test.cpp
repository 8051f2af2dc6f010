// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr_controller.hpp"
#include "support/random.hpp"
#include "support/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

namespace heatsim::hw {
namespace {

/// All gates different, so that none can stand in for another.
DdrConfig distinct()
{
    DdrConfig config;
    config.mapping = AddressMapping::RowBankColumn;
    config.t_refi = 10000000; // not in these tests
    return config;
}

AccessRun one(std::uint8_t group, std::uint8_t bank, std::uint64_t row, std::uint16_t rank = 0)
{
    AccessRun run;
    run.group = group;
    run.bank = bank;
    run.row = row;
    run.rank = rank;
    return run;
}

/// Banks of one rank: group · 4 + bank.
constexpr std::uint32_t bank_of(std::uint32_t group, std::uint32_t bank)
{
    return group * 4 + bank;
}

constexpr bool read = false;
constexpr bool write = true;

// ---------------------------------------------------------------- gates, one by one

class Gates : public testing::Test {
  protected:
    void access(std::uint8_t group, std::uint8_t bank, bool is_write, std::uint64_t cycle)
    {
        channel.access(one(group, bank, 7), 0, 1, is_write, cycle, config.t_ccd_l);
    }
    DdrConfig config = distinct();
    DramChannel channel{config};
};

TEST_F(Gates, ActivateToColumnIsTrcd)
{
    channel.activate(bank_of(0, 0), 7, 100);
    EXPECT_EQ(channel.earliest_column(bank_of(0, 0), read), 100 + config.t_rcd);
    EXPECT_EQ(channel.earliest_column(bank_of(0, 0), write), 100 + config.t_rcd);
}

TEST_F(Gates, ActivateToPrechargeIsTras)
{
    channel.activate(bank_of(0, 0), 7, 100);
    EXPECT_EQ(channel.earliest_precharge(bank_of(0, 0)), 100 + config.t_ras);
}

TEST_F(Gates, ActivateToActivateOfTheBankIsTrasAndTrp)
{
    channel.activate(bank_of(0, 0), 7, 100);
    EXPECT_EQ(channel.earliest_activate(bank_of(0, 0)), 100 + config.t_ras + config.t_rp);
}

TEST_F(Gates, ActivateToActivateIsTrrdOfTheGroup)
{
    channel.activate(bank_of(0, 0), 7, 100);
    EXPECT_EQ(channel.earliest_activate(bank_of(0, 1)), 100 + config.t_rrd_l);
    EXPECT_EQ(channel.earliest_activate(bank_of(1, 0)), 100 + config.t_rrd_s);
}

TEST_F(Gates, FifthActivateWaitsForTfaw)
{
    for (std::uint32_t group = 0; group < 4; ++group)
        channel.activate(bank_of(group, 0), 7, 100 + group * config.t_rrd_s);
    // tRRD_S alone would allow 100 + 4 · 4 = 116, tFAW 126
    EXPECT_EQ(channel.earliest_activate(bank_of(0, 1)), 100 + config.t_faw);
    channel.activate(bank_of(0, 1), 7, 126);
    // tRRD_S 130, window of the second activate 104 + 26 = 130
    EXPECT_EQ(channel.earliest_activate(bank_of(1, 1)), 130U);
}

TEST_F(Gates, PrechargeToActivateIsTrp)
{
    channel.activate(bank_of(0, 0), 7, 100);
    channel.precharge(bank_of(0, 0), 500, true);
    EXPECT_EQ(channel.row(bank_of(0, 0)), DramChannel::closed);
    EXPECT_EQ(channel.earliest_activate(bank_of(0, 0)), 500 + config.t_rp);
}

TEST_F(Gates, ColumnToColumnIsTccdOfTheGroup)
{
    for (const bool is_write : {read, write}) {
        channel.restart();
        channel.activate(bank_of(0, 0), 7, 100);
        channel.activate(bank_of(1, 0), 7, 110);
        access(0, 0, is_write, 500);
        EXPECT_EQ(channel.earliest_column(bank_of(0, 0), is_write), 500 + config.t_ccd_l);
        EXPECT_EQ(channel.earliest_column(bank_of(1, 0), is_write), 500 + config.t_ccd_s);
    }
}

TEST_F(Gates, WriteToReadIsTwtrOfTheGroup)
{
    channel.activate(bank_of(0, 0), 7, 100);
    channel.activate(bank_of(1, 0), 7, 110);
    access(0, 0, write, 500);
    // end of the data: 500 + CWL 12 + 4
    EXPECT_EQ(channel.earliest_column(bank_of(0, 0), read), 516 + config.t_wtr_l);
    EXPECT_EQ(channel.earliest_column(bank_of(1, 0), read), 516 + config.t_wtr_s);
}

TEST_F(Gates, ReadToWriteIsThePreambleOnTheBus)
{
    channel.activate(bank_of(0, 0), 7, 100);
    channel.activate(bank_of(1, 0), 7, 110);
    access(0, 0, read, 500);
    // CL 17 + BL/2 4 + 2 - CWL 12 = 11, in every group
    EXPECT_EQ(channel.earliest_column(bank_of(0, 0), write), 511U);
    EXPECT_EQ(channel.earliest_column(bank_of(1, 0), write), 511U);
}

TEST_F(Gates, ReadToPrechargeIsTrtpAndWriteToPrechargeTwr)
{
    channel.activate(bank_of(0, 0), 7, 100);
    access(0, 0, read, 500);
    EXPECT_EQ(channel.earliest_precharge(bank_of(0, 0)), 500 + config.t_rtp);
    access(0, 0, write, 600);
    EXPECT_EQ(channel.earliest_precharge(bank_of(0, 0)), 616 + config.t_wr);
}

TEST_F(Gates, RefreshPrechargesAndKeepsTheRankForTrfc)
{
    config.t_refi = 1000;
    DramChannel refreshed{config};
    refreshed.activate(bank_of(0, 0), 7, 990); // may be precharged at 990 + tRAS 39 = 1029
    refreshed.refresh(0);
    // due 1000, precharge 1029, tRP 17, tRFC 420
    EXPECT_EQ(refreshed.earliest_activate(bank_of(3, 3)), 1029 + config.t_rp + config.t_rfc);
    EXPECT_EQ(refreshed.row(bank_of(0, 0)), DramChannel::closed);
    EXPECT_EQ(refreshed.next_refresh(0), 2000U);
    EXPECT_EQ(refreshed.counts().refresh_cycles, 466U);
}

TEST_F(Gates, AnotherRankNeedsAGapOnTheBusOnly)
{
    config.ranks = 2;
    DramChannel two{config};
    two.activate(0, 7, 100);
    two.activate(16, 7, 101); // no tRRD between ranks
    two.access(one(0, 0, 7), 0, 1, write, 500, 6);
    // data 512 to 516, tRTRS 1, CL 17
    EXPECT_EQ(two.earliest_column(16, read), 500U);
    EXPECT_EQ(two.earliest_column(16, write), 516 + config.t_rtrs - config.cwl);
}

TEST_F(Gates, ARunCountsEachBankFromItsOwnLastAccess)
{
    config.mapping = AddressMapping::BankGroupInterleaved;
    DramChannel interleaved{config};
    for (std::uint32_t group = 0; group < 4; ++group)
        interleaved.activate(bank_of(group, 0), 0, 100 + group * 10);
    const auto run = interleaved.map().run(0, 6); // groups 0 1 2 3 0 1
    EXPECT_EQ(run.accesses, 6U);
    EXPECT_EQ(interleaved.access(run, 0, 6, read, 500, 4), 500 + 5 * 4 + 17 + 4U);
    EXPECT_EQ(interleaved.earliest_precharge(bank_of(1, 0)), 520 + config.t_rtp);
    EXPECT_EQ(interleaved.earliest_precharge(bank_of(2, 0)), 508 + config.t_rtp);
}

// ---------------------------------------------------------------- unloaded latency

std::uint64_t read_latency(DdrController& controller, const AccessRun& run, std::uint64_t cycle)
{
    controller.advance(cycle);
    controller.served().clear();
    controller.accept(run, read, cycle, 0);
    while (!controller.is_empty())
        controller.step();
    return controller.served().back().last_data - cycle;
}

TEST(DdrController, UnloadedReadLatencyIsTheFormula)
{
    const auto config = distinct();
    DdrController controller{config};
    const auto column = config.cl + config.access_cycles();
    EXPECT_EQ(read_latency(controller, one(0, 0, 7), 1000), // row closed
              config.request_cycles + config.t_rcd + column);
    EXPECT_EQ(read_latency(controller, one(0, 0, 7), 2000), // row open
              config.request_cycles + column);
    EXPECT_EQ(read_latency(controller, one(0, 0, 8), 3000), // another row open
              config.request_cycles + config.t_rp + config.t_rcd + column);
}

TEST(DdrController, AClosedPagePolicyPrechargesBehindTheAccess)
{
    auto config = distinct();
    config.page_policy = PagePolicy::Closed;
    DdrController controller{config};
    const auto miss = config.request_cycles + config.t_rcd + config.cl + config.access_cycles();
    EXPECT_EQ(read_latency(controller, one(0, 0, 7), 1000), miss);
    EXPECT_EQ(read_latency(controller, one(0, 0, 7), 2000), miss);
    EXPECT_EQ(read_latency(controller, one(0, 0, 8), 3000), miss);
}

TEST(DdrController, ATimeoutClosesARowThatNobodyWants)
{
    auto config = distinct();
    config.page_policy = PagePolicy::Timeout;
    config.page_timeout_cycles = 200;
    DdrController controller{config};
    const auto hit = config.request_cycles + config.cl + config.access_cycles();
    (void)read_latency(controller, one(0, 0, 7), 1000); // its read is at 1018
    EXPECT_EQ(read_latency(controller, one(0, 0, 7), 1217), hit);
    // the read before is at 1218, the timeout at 1418
    EXPECT_EQ(read_latency(controller, one(0, 0, 7), 1418), hit + config.t_rp + config.t_rcd - 1);
    EXPECT_EQ(read_latency(controller, one(0, 0, 8), 3000), hit + config.t_rcd);
}

// ---------------------------------------------------------------- scheduling

/// Order of service of requests that all arrive at cycle 0.
std::vector<std::uint32_t> order_of(const DdrConfig& config,
                                    const std::vector<std::pair<AccessRun, bool>>& requests)
{
    DdrController controller{config};
    std::uint32_t tag = 0;
    for (const auto& [run, is_write] : requests)
        controller.accept(run, is_write, 0, tag++);
    while (!controller.is_empty())
        controller.step();
    std::vector<std::uint32_t> order;
    for (const auto& served : controller.served())
        order.push_back(served.tag);
    return order;
}

TEST(DdrController, FrFcfsServesRowHitsFirst)
{
    auto config = distinct();
    const std::vector<std::pair<AccessRun, bool>> requests{
        {one(0, 0, 7), read}, {one(0, 0, 8), read}, {one(0, 0, 7), read}};
    EXPECT_EQ(order_of(config, requests), (std::vector<std::uint32_t>{0, 2, 1}));
    config.scheduling = DdrScheduling::Fcfs;
    EXPECT_EQ(order_of(config, requests), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(DdrController, RowHitsPassAnOlderRequestUpToTheLimit)
{
    // hits of bank group 0 come every fifth access, 20 cycles apart: its precharge (tRTP 9) fits in
    std::vector<std::pair<AccessRun, bool>> requests{{one(0, 0, 7), read}, {one(0, 0, 8), read}};
    for (int i = 0; i < 6; ++i) {
        for (const auto group : std::vector<std::uint8_t>{1, 2, 3, 1})
            requests.emplace_back(one(group, 0, 7), read);
        requests.emplace_back(one(0, 0, 7), read);
    }
    const auto hits_before = [&](std::uint64_t limit) {
        auto config = distinct();
        config.row_hit_limit = limit;
        const auto order = order_of(config, requests);
        const auto passed = std::find(order.begin(), order.end(), 1U);
        return std::count_if(order.begin(), passed,
                             [](auto tag) { return tag == 0 || (tag > 1 && tag % 5 == 1); });
    };
    EXPECT_EQ(hits_before(1000), 7);
    EXPECT_LT(hits_before(2), hits_before(4));
    EXPECT_LT(hits_before(4), 7);
}

TEST(DdrController, ReadsGoFirstUntilTheWritesReachTheirWatermark)
{
    auto config = distinct();
    config.write_high_watermark = 8;
    config.write_low_watermark = 2;
    std::vector<std::pair<AccessRun, bool>> requests(7, {one(0, 0, 7), write});
    requests.insert(requests.end(), 3, {one(1, 0, 7), read});
    EXPECT_EQ(order_of(config, requests),
              (std::vector<std::uint32_t>{7, 8, 9, 0, 1, 2, 3, 4, 5, 6}));
    requests.emplace_back(one(0, 0, 7), write); // the eighth: drained until two are left
    EXPECT_EQ(order_of(config, requests),
              (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 7, 8, 9, 6, 10}));
}

TEST(DdrController, AFullQueueTakesNoMore)
{
    auto config = distinct();
    config.read_queue_entries = 2;
    DdrController controller{config};
    controller.accept(one(0, 0, 7), read, 0, 0);
    EXPECT_TRUE(controller.can_accept(read));
    controller.accept(one(0, 0, 7), read, 0, 1);
    EXPECT_FALSE(controller.can_accept(read));
    EXPECT_TRUE(controller.can_accept(write));
}

// ---------------------------------------------------------------- every gate, over random traffic

/// Checks commands against the gates, written down independently of the model: pairs of commands
/// and the distance they need.
class Oracle {
  public:
    explicit Oracle(const DdrConfig& config)
        : config_{config}
    {}

    /// Earliest legal cycle of `command` behind all before it.
    [[nodiscard]] std::uint64_t earliest(const DramCommand& command) const
    {
        std::uint64_t cycle = 0;
        std::vector<std::uint64_t> activates;
        for (const auto& before : commands_) {
            const auto distance = needed(before, command);
            cycle = std::max(cycle, distance == 0 ? 0 : before.cycle + distance);
            if (before.kind == DramCommandKind::Activate && rank(before) == rank(command))
                activates.push_back(before.cycle);
        }
        if (command.kind == DramCommandKind::Activate && activates.size() >= 4) {
            std::sort(activates.begin(), activates.end());
            cycle = std::max(cycle, activates[activates.size() - 4] + config_.t_faw);
        }
        return cycle;
    }
    void add(const DramCommand& command)
    {
        commands_.push_back(command);
        if (commands_.size() > 400) // older ones are too far away to matter
            commands_.erase(commands_.begin(), commands_.begin() + 200);
    }

  private:
    [[nodiscard]] std::uint64_t rank(const DramCommand& c) const
    {
        return c.bank / config_.banks_per_rank();
    }
    [[nodiscard]] std::uint64_t group(const DramCommand& c) const
    {
        return c.bank / config_.banks_per_group;
    }
    [[nodiscard]] std::uint64_t needed(const DramCommand& a, const DramCommand& b) const
    {
        using Kind = DramCommandKind;
        const auto& c = config_;
        const auto data = c.burst_length / 2;
        const bool same_bank = a.bank == b.bank;
        const bool same_group = group(a) == group(b);
        const bool same_rank = rank(a) == rank(b);
        const auto column = [](Kind kind) { return kind == Kind::Read || kind == Kind::Write; };
        if (a.kind == Kind::Refresh)
            return same_rank && b.kind != Kind::Refresh ? c.t_rfc : 0;
        if (a.kind == Kind::Activate && b.kind == Kind::Activate)
            return same_bank    ? c.t_ras + c.t_rp
                   : same_group ? c.t_rrd_l
                   : same_rank  ? c.t_rrd_s
                                : 0;
        if (a.kind == Kind::Activate && column(b.kind))
            return same_bank ? c.t_rcd : 0;
        if (a.kind == Kind::Activate && b.kind == Kind::Precharge)
            return same_bank ? c.t_ras : 0;
        if (a.kind == Kind::Precharge && b.kind == Kind::Activate)
            return same_bank ? c.t_rp : 0;
        if (a.kind == Kind::Precharge && b.kind == Kind::Refresh)
            return same_rank ? c.t_rp : 0;
        if (a.kind == Kind::Read && b.kind == Kind::Precharge)
            return same_bank ? c.t_rtp : 0;
        if (a.kind == Kind::Write && b.kind == Kind::Precharge)
            return same_bank ? c.cwl + data + c.t_wr : 0;
        if (a.kind == b.kind && column(a.kind))
            return same_group ? c.t_ccd_l : same_rank ? c.t_ccd_s : data + c.t_rtrs;
        if (a.kind == Kind::Read && b.kind == Kind::Write)
            return c.cl + data + std::max<std::uint64_t>(2, same_rank ? 0 : c.t_rtrs) - c.cwl;
        if (a.kind == Kind::Write && b.kind == Kind::Read) {
            if (same_rank)
                return c.cwl + data + (same_group ? c.t_wtr_l : c.t_wtr_s);
            return c.cwl + data + c.t_rtrs > c.cl ? c.cwl + data + c.t_rtrs - c.cl : 0;
        }
        return 0;
    }

    const DdrConfig config_;
    std::vector<DramCommand> commands_;
};

// ---------------------------------------------------------------- every gate, tight from both
// sides

/// One request on its way to the controller.
struct Arrival {
    AccessRun run;
    bool write = false;
    std::uint64_t cycle = 0;
};

/// A few requests in which one parameter decides when one command is issued, or when data moves.
struct TightGate {
    const char* name;
    std::uint64_t DdrConfig::*parameter;
    std::vector<Arrival> arrivals;
    DramCommandKind kind; ///< of the command
    std::size_t number;   ///< of those of its kind, in order of time
    int effect = 1;       ///< cycles that the command moves with the parameter
    bool data = false;    ///< look at the command's data instead
    std::function<void(DdrConfig&)> adapt = {};
};
std::ostream& operator<<(std::ostream& out, const TightGate& gate)
{
    return out << gate.name;
}

/// All commands of a controller that gets `arrivals`, in order of time.
std::vector<DramCommand> commands_of(DdrController& controller,
                                     const std::vector<Arrival>& arrivals)
{
    std::vector<DramCommand> commands;
    controller.channel().observe([&](const DramCommand& c) { commands.push_back(c); });
    std::uint32_t tag = 0;
    for (const auto& arrival : arrivals) {
        controller.advance(arrival.cycle);
        controller.accept(arrival.run, arrival.write, arrival.cycle, tag++);
    }
    while (!controller.is_empty())
        controller.step();
    controller.channel().observe({});
    std::stable_sort(commands.begin(), commands.end(),
                     [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
    return commands;
}

/// Index of the `number`-th command of a kind.
std::size_t
index_of(const std::vector<DramCommand>& commands, DramCommandKind kind, std::size_t number)
{
    for (std::size_t i = 0; i < commands.size(); ++i)
        if (commands[i].kind == kind && number-- == 0)
            return i;
    ADD_FAILURE() << "no such command";
    return 0;
}

class TightGates : public testing::TestWithParam<std::tuple<TightGate, CommandGranularity>> {
  protected:
    static const TightGate& gate() { return std::get<TightGate>(GetParam()); }
    static DdrConfig config()
    {
        auto found = distinct();
        found.granularity = std::get<CommandGranularity>(GetParam());
        if (gate().adapt)
            gate().adapt(found);
        return found;
    }
    /// When the command is issued, or its data begins.
    static std::uint64_t time_of(const DdrConfig& config)
    {
        EXPECT_EQ(test::broken_rules(config), std::vector<std::string>{});
        DdrController controller{config};
        const auto commands = commands_of(controller, gate().arrivals);
        if (!gate().data)
            return commands.at(index_of(commands, gate().kind, gate().number)).cycle;
        auto number = gate().number;
        for (const auto& served : controller.served())
            if (served.write == (gate().kind == DramCommandKind::Write) && number-- == 0)
                return served.first_data;
        ADD_FAILURE() << "no such data";
        return 0;
    }
};

TEST_P(TightGates, TheCommandMovesWithItsParameter)
{
    const auto shifted = [&](std::uint64_t by) {
        auto other = config();
        other.*gate().parameter += by - 1;
        return static_cast<std::int64_t>(time_of(other));
    };
    EXPECT_EQ(shifted(2) - shifted(1), gate().effect) << "raised by 1";
    EXPECT_EQ(shifted(0) - shifted(1), -gate().effect) << "lowered by 1";
}

TEST_P(TightGates, TheCommandIsIssuedInItsFirstLegalCycle)
{
    if (gate().data || gate().kind == DramCommandKind::Refresh ||
        gate().parameter == &DdrConfig::request_cycles)
        return; // not a command that another one holds back
    DdrController controller{config()};
    const auto commands = commands_of(controller, gate().arrivals);
    const auto index = index_of(commands, gate().kind, gate().number);
    Oracle oracle{config()};
    for (std::size_t i = 0; i < index; ++i)
        oracle.add(commands[i]);
    EXPECT_EQ(commands[index].cycle, oracle.earliest(commands[index]));
}

/// Bank 0 of bank groups 0 and 1 with row 7 open.
std::vector<Arrival> with_rows_open(const std::vector<Arrival>& then)
{
    std::vector<Arrival> found{{one(0, 0, 7), read, 0}, {one(1, 0, 7), read, 0}};
    found.insert(found.end(), then.begin(), then.end());
    return found;
}

/// Bank 0 of both ranks with row 7 open.
std::vector<Arrival> with_ranks_open(const std::vector<Arrival>& then)
{
    std::vector<Arrival> found{{one(0, 0, 7, 0), read, 0}, {one(0, 0, 7, 1), read, 0}};
    found.insert(found.end(), then.begin(), then.end());
    return found;
}

void short_bursts(DdrConfig& config) // tCCD_S may be shorter, too
{
    config.burst_length = 4;
}
void late_columns(DdrConfig& config) // none comes between the activates
{
    config.t_rcd = 40;
    config.t_ras = 60;
}
void often_refreshed(DdrConfig& config)
{
    config.t_refi = 1000;
}
void writes_at_once(DdrConfig& config)
{
    config.write_high_watermark = 1;
    config.write_low_watermark = 0;
}
void two_ranks(DdrConfig& config)
{
    config.ranks = 2;
    config.t_rtrs = 4; // more than the gap between reading and writing
    writes_at_once(config);
}

std::vector<TightGate> tight_gates()
{
    using Kind = DramCommandKind;
    using Config = DdrConfig;
    const std::vector<Arrival> first{{one(0, 0, 7), read, 0}};
    const std::vector<Arrival> two_rows{{one(0, 0, 7), read, 0}, {one(0, 0, 8), read, 0}};
    const std::vector<Arrival> two_rows_written{{one(0, 0, 7), write, 0}, {one(0, 0, 8), write, 0}};
    const std::vector<Arrival> two_banks{{one(0, 0, 7), read, 0}, {one(0, 1, 7), read, 0}};
    const std::vector<Arrival> two_groups{{one(0, 0, 7), read, 0}, {one(1, 0, 7), read, 0}};
    const std::vector<Arrival> five_banks{{one(0, 0, 7), read, 0},
                                          {one(1, 0, 7), read, 0},
                                          {one(2, 0, 7), read, 0},
                                          {one(3, 0, 7), read, 0},
                                          {one(0, 1, 7), read, 0}};
    const auto same_group = [](bool a, bool b, std::uint64_t later) {
        return with_rows_open({{one(0, 0, 7), a, 500}, {one(0, 0, 7), b, 500 + later}});
    };
    const auto other_group = [](bool a, bool b, std::uint64_t later) {
        return with_rows_open({{one(0, 0, 7), a, 500}, {one(1, 0, 7), b, 500 + later}});
    };
    const auto other_rank = [](bool a, bool b, std::uint64_t later) {
        return with_ranks_open({{one(0, 0, 7, 0), a, 500}, {one(0, 0, 7, 1), b, 500 + later}});
    };
    const std::vector<Arrival> late{{one(0, 0, 7), read, 3010}}; // behind three refreshes
    return {
        {"t_rcd_read", &Config::t_rcd, first, Kind::Read, 0},
        {"t_rcd_write", &Config::t_rcd, two_rows_written, Kind::Write, 0},
        {"t_rp", &Config::t_rp, two_rows, Kind::Activate, 1},
        {"t_ras", &Config::t_ras, two_rows, Kind::Precharge, 0},
        {"t_rrd_s", &Config::t_rrd_s, two_groups, Kind::Activate, 1},
        {"t_rrd_l", &Config::t_rrd_l, two_banks, Kind::Activate, 1},
        {"t_faw", &Config::t_faw, five_banks, Kind::Activate, 4, 1, false, late_columns},
        {"t_ccd_s_read", &Config::t_ccd_s, other_group(read, read, 0), Kind::Read, 3, 1, false,
         short_bursts},
        {"t_ccd_s_write", &Config::t_ccd_s, other_group(write, write, 0), Kind::Write, 1, 1, false,
         short_bursts},
        {"t_ccd_l_read", &Config::t_ccd_l, same_group(read, read, 0), Kind::Read, 3},
        {"t_ccd_l_write", &Config::t_ccd_l, same_group(write, write, 0), Kind::Write, 1},
        {"t_wr", &Config::t_wr, two_rows_written, Kind::Precharge, 0},
        {"cwl_to_precharge", &Config::cwl, two_rows_written, Kind::Precharge, 0},
        {"t_wtr_s", &Config::t_wtr_s, other_group(write, read, 5), Kind::Read, 2, 1, false,
         writes_at_once},
        {"t_wtr_l", &Config::t_wtr_l, same_group(write, read, 5), Kind::Read, 2, 1, false,
         writes_at_once},
        {"cwl_to_read", &Config::cwl, same_group(write, read, 5), Kind::Read, 2, 1, false,
         writes_at_once},
        {"t_rtp", &Config::t_rtp,
         with_rows_open({{one(0, 0, 7), read, 500}, {one(0, 0, 8), read, 500}}), Kind::Precharge,
         0},
        {"read_to_write_cl", &Config::cl, same_group(read, write, 3), Kind::Write, 0, 1, false,
         writes_at_once},
        {"read_to_write_cwl", &Config::cwl, other_group(read, write, 3), Kind::Write, 0, -1, false,
         writes_at_once},
        {"cl_of_the_data", &Config::cl, same_group(read, read, 0), Kind::Read, 2, 1, true},
        {"cwl_of_the_data", &Config::cwl, same_group(write, write, 0), Kind::Write, 0, 1, true},
        {"t_rtrs_read", &Config::t_rtrs, other_rank(read, read, 0), Kind::Read, 3, 1, false,
         two_ranks},
        {"t_rtrs_write", &Config::t_rtrs, other_rank(write, write, 0), Kind::Write, 1, 1, false,
         two_ranks},
        {"t_rtrs_read_to_write", &Config::t_rtrs, other_rank(read, write, 3), Kind::Write, 0, 1,
         false, two_ranks},
        {"t_rtrs_write_to_read", &Config::t_rtrs, other_rank(write, read, 2), Kind::Read, 2, 1,
         false, two_ranks},
        {"t_rfc", &Config::t_rfc, late, Kind::Activate, 0, 1, false, often_refreshed},
        {"t_refi_first", &Config::t_refi, late, Kind::Refresh, 0, 1, false, often_refreshed},
        {"t_refi_second", &Config::t_refi, late, Kind::Refresh, 1, 2, false, often_refreshed},
        {"t_refi_third", &Config::t_refi, late, Kind::Refresh, 2, 3, false, often_refreshed},
        {"t_refi_to_activate", &Config::t_refi, late, Kind::Activate, 0, 3, false, often_refreshed},
        {"request_cycles", &Config::request_cycles, first, Kind::Activate, 0},
    };
}

std::string name_of(const std::tuple<TightGate, CommandGranularity>& gate)
{
    return std::string{std::get<0>(gate).name} + "_" +
           std::string{config::name_of(std::get<1>(gate), command_granularity_names)};
}

INSTANTIATE_TEST_SUITE_P(Parameters,
                         TightGates,
                         testing::Combine(testing::ValuesIn(tight_gates()),
                                          testing::Values(CommandGranularity::Command,
                                                          CommandGranularity::Run)),
                         [](const auto& gate) { return name_of(gate.param); });

/// The gap of two cycles between read and write data is the standard's, not a parameter.
TEST(DdrController, ReadToWriteIsTheFormula)
{
    auto config = distinct();
    writes_at_once(config);
    DdrController controller{config};
    const auto commands = commands_of(
        controller, with_rows_open({{one(0, 0, 7), read, 500}, {one(1, 0, 7), write, 503}}));
    const auto read_cycle = commands.at(index_of(commands, DramCommandKind::Read, 2)).cycle;
    const auto write_cycle = commands.at(index_of(commands, DramCommandKind::Write, 0)).cycle;
    EXPECT_EQ(read_cycle, 501U);
    EXPECT_EQ(write_cycle, read_cycle + config.cl + config.access_cycles() + 2 - config.cwl);
}

TEST(DdrController, RefreshesAreDueEveryTrefi)
{
    auto config = distinct();
    often_refreshed(config);
    DdrController controller{config};
    const auto commands = commands_of(controller, {{one(0, 0, 7), read, 3010}});
    ASSERT_GE(commands.size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(commands[i].kind, DramCommandKind::Refresh);
        EXPECT_EQ(commands[i].cycle, (i + 1) * config.t_refi);
    }
    EXPECT_EQ(commands[3].cycle, 3 * config.t_refi + config.t_rfc);
}

/// A refresh that finds a row open: precharge as soon as tRTP and tRAS allow, tRP, tRFC.
TEST(DdrController, ARefreshWaitsForThePrecharge)
{
    auto config = distinct();
    often_refreshed(config);
    DdrController controller{config};
    // activate 981, read 998; precharge 981 + tRAS 39 = 1020, refresh 1037, activate 1457
    const auto commands =
        commands_of(controller, {{one(0, 0, 7), read, 980}, {one(0, 0, 7), read, 1010}});
    ASSERT_EQ(commands.size(), 6U);
    EXPECT_EQ(commands[2].kind, DramCommandKind::Precharge);
    EXPECT_EQ(commands[2].cycle, 1020U);
    EXPECT_EQ(commands[3].kind, DramCommandKind::Refresh);
    EXPECT_EQ(commands[3].cycle, 1037U);
    EXPECT_EQ(commands[4].kind, DramCommandKind::Activate);
    EXPECT_EQ(commands[4].cycle, 1037 + config.t_rfc);
}

struct Mixture {
    const char* name;
    std::uint64_t seed;
    AddressMapping mapping;
    CommandGranularity granularity;
    PagePolicy page_policy;
    std::uint64_t ranks;
};
std::ostream& operator<<(std::ostream& out, const Mixture& mixture)
{
    return out << mixture.name;
}

DdrConfig config_of(const Mixture& mixture)
{
    DdrConfig config;
    config.mapping = mixture.mapping;
    config.granularity = mixture.granularity;
    config.page_policy = mixture.page_policy;
    config.page_timeout_cycles = 60;
    config.ranks = mixture.ranks;
    config.t_refi = 3000;
    config.t_rfc = 300;
    return config;
}

/// Bursts of 1 to 16 accesses to few rows, reads and writes, with pauses. \returns the last cycle
std::uint64_t send_mixture(DdrController& controller, std::uint64_t seed, int bursts)
{
    test::Random random{seed};
    std::uint64_t cycle = 0;
    for (int i = 0; i < bursts; ++i) {
        const bool is_write = random.chance(35);
        auto address =
            random.between(0, 63) * 8192 * random.between(1, 3) + random.between(0, 31) * 64;
        auto accesses = random.pick<std::uint64_t>({1, 1, 2, 4, 16});
        if (random.chance(10))
            cycle += random.between(1, 400);
        while (accesses > 0) {
            controller.advance(cycle);
            while (!controller.can_accept(is_write)) {
                cycle = std::max(cycle, controller.next_time()) + 1;
                controller.step();
            }
            const auto run =
                controller.map().run(address, std::min(accesses, controller.longest_run(is_write)));
            controller.accept(run, is_write, cycle, 0);
            accesses -= run.accesses;
            address += std::uint64_t{run.accesses} * 64;
        }
        ++cycle;
    }
    while (controller.next_time() != DdrController::never)
        controller.step();
    std::uint64_t last = 0;
    for (const auto& served : controller.served())
        last = std::max(last, served.last_data);
    return last;
}

class RandomMixture : public testing::TestWithParam<Mixture> {};

TEST_P(RandomMixture, BreaksNoGate)
{
    const auto config = config_of(GetParam());
    DdrController controller{config};
    std::vector<DramCommand> commands;
    controller.channel().observe([&](const DramCommand& c) { commands.push_back(c); });
    (void)send_mixture(controller, GetParam().seed, 2000);
    // runs place their accesses ahead of row commands of other banks
    std::stable_sort(commands.begin(), commands.end(),
                     [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
    Oracle oracle{config};
    std::size_t tight = 0;
    for (const auto& command : commands) {
        const auto earliest = oracle.earliest(command);
        ASSERT_GE(command.cycle, earliest)
            << "command " << static_cast<int>(command.kind) << " of bank " << command.bank;
        tight += command.cycle == earliest ? 1U : 0U;
        oracle.add(command);
    }
    EXPECT_GT(commands.size(), 5000U);
    EXPECT_GT(tight, commands.size() / 10) << "gates that are never reached prove nothing";
}

TEST_P(RandomMixture, ServesWhatItAcceptsOnceAndNeverAboveThePins)
{
    const auto config = config_of(GetParam());
    DdrController controller{config};
    const auto last = send_mixture(controller, GetParam().seed, 2000);
    std::uint64_t accesses = 0;
    for (const auto& served : controller.served()) {
        accesses += served.accesses;
        EXPECT_GE(served.last_data, served.first_data + served.accesses * config.access_cycles());
    }
    EXPECT_EQ(accesses, controller.counts().accesses);
    EXPECT_LE(controller.counts().data_cycles, last);
    EXPECT_TRUE(controller.is_empty());
}

INSTANTIATE_TEST_SUITE_P(
    All,
    RandomMixture,
    testing::Values(Mixture{"rbc_command", 1, AddressMapping::RowBankColumn,
                            CommandGranularity::Command, PagePolicy::Open, 1},
                    Mixture{"rbc_run", 2, AddressMapping::RowBankColumn, CommandGranularity::Run,
                            PagePolicy::Open, 1},
                    Mixture{"bgi_command", 3, AddressMapping::BankGroupInterleaved,
                            CommandGranularity::Command, PagePolicy::Closed, 1},
                    Mixture{"bgi_run", 4, AddressMapping::BankGroupInterleaved,
                            CommandGranularity::Run, PagePolicy::Open, 1},
                    Mixture{"bgi_run_timeout", 5, AddressMapping::BankGroupInterleaved,
                            CommandGranularity::Run, PagePolicy::Timeout, 1},
                    Mixture{"xor_run_closed", 6, AddressMapping::BankGroupXor,
                            CommandGranularity::Run, PagePolicy::Closed, 1},
                    Mixture{"mop_command_ranks", 7, AddressMapping::Mop4ClXor,
                            CommandGranularity::Command, PagePolicy::Open, 2},
                    Mixture{"bgi_run_ranks", 8, AddressMapping::BankGroupInterleaved,
                            CommandGranularity::Run, PagePolicy::Open, 2}),
    [](const auto& mixture) { return std::string{mixture.param.name}; });

class Granularity : public testing::TestWithParam<AddressMapping> {};

TEST_P(Granularity, RunsTakeAsLongAsSingleCommandsWithinOnePercent)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        DdrConfig config;
        config.mapping = GetParam();
        config.granularity = CommandGranularity::Command;
        DdrController exact{config};
        config.granularity = CommandGranularity::Run;
        DdrController runs{config};
        const auto reference = static_cast<double>(send_mixture(exact, seed, 20000));
        const auto cycles = static_cast<double>(send_mixture(runs, seed, 20000));
        EXPECT_NEAR(cycles, reference, 0.01 * reference) << "seed " << seed;
        if (GetParam() != AddressMapping::RowBankColumn) { // its accesses leave gaps for others
            EXPECT_LT(runs.served().size(), exact.served().size());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Mappings,
                         Granularity,
                         testing::Values(AddressMapping::RowBankColumn,
                                         AddressMapping::BankGroupInterleaved,
                                         AddressMapping::BankGroupXor,
                                         AddressMapping::Mop4ClXor),
                         [](const auto& mixture) {
                             return std::string{
                                 config::name_of(mixture.param, address_mapping_names)};
                         });

// ---------------------------------------------------------------- address mapping

TEST(AddressMap, PlacesEveryAccessOnceAndRunsAgreeWithSingleAccesses)
{
    for (const auto mapping : {AddressMapping::RowBankColumn, AddressMapping::BankGroupInterleaved,
                               AddressMapping::BankGroupXor, AddressMapping::Mop4ClXor}) {
        DdrConfig config;
        config.mapping = mapping;
        const AddressMap map{config};
        std::vector<std::uint64_t> accesses(std::size_t{16} * 8, 0); // per bank and row of 8 rows
        for (std::uint64_t access = 0; access < std::uint64_t{16} * 8 * 128;) {
            const auto run = map.run(access * 64, 64);
            ASSERT_GE(run.accesses, 1U);
            for (std::uint32_t i = 0; i < run.accesses; ++i) {
                const auto single = map.run((access + i) * 64, 1);
                EXPECT_EQ(map.bank_of(run, i), map.bank_of(single, 0));
                EXPECT_EQ(run.row, single.row);
                ASSERT_LT(single.row, 8U);
                ++accesses[std::size_t{map.bank_of(single, 0)} * 8 + single.row];
            }
            access += run.accesses;
        }
        for (const auto count : accesses)
            EXPECT_EQ(count, 128U) << config::name_of(mapping, address_mapping_names);
    }
}

} // namespace
} // namespace heatsim::hw
