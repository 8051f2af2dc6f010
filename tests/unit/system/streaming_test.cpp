// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "support/temporary_folder.hpp"
#include "system/streaming.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::system {

namespace {

using testing::HasSubstr;

/// Service times that no two images share, 2 to 6 ms.
ServiceTimes uneven()
{
    ServiceTimes service;
    for (int i = 0; i < 97; ++i)
        service.alone_ms.push_back(2.0 + 4.0 * ((i * 31) % 97) / 96.0);
    return service;
}

double mean_service_ms(const ServiceTimes& service)
{
    return 1000.0 / saturation_fps(service);
}

class ArrivalFile : public testing::Test {
  protected:
    [[nodiscard]] std::string write(const std::string& text) const
    {
        return folder.write("arrivals.csv", text);
    }
    std::string message_of(const std::string& text)
    {
        try {
            (void)read_arrivals(write(text));
        } catch (const config::Error& error) {
            return error.what();
        }
        return "";
    }
    const test::TemporaryFolder folder;
    const std::string path = folder.path("arrivals.csv");
};

} // namespace

TEST(Arrivals, PoissonIntervalsAreExponential)
{
    const auto times = poisson_arrivals(100001, 7);
    EXPECT_EQ(times.front(), 0.0);
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    // mean of 100,000 exponentials of mean 1: standard error 0.0032
    EXPECT_NEAR(times.back() / 100000.0, 1.0, 0.013);
    int above_one = 0;
    for (std::size_t i = 1; i < times.size(); ++i)
        above_one += times[i] - times[i - 1] > 1.0 ? 1 : 0;
    EXPECT_NEAR(above_one / 100000.0, 0.36788, 0.006); // 1/e
    EXPECT_EQ(times, poisson_arrivals(100001, 7));
    EXPECT_NE(times, poisson_arrivals(100001, 8));
}

TEST(Arrivals, AreScaledToTheRate)
{
    EXPECT_EQ(arrival_times_ms(fixed_arrivals(4), 250.0), (std::vector<double>{0, 4, 8, 12}));
}

// The queue against others' arithmetic ----------------------------------------------------------

TEST(Serve, EqualsLindleysRecursion)
{
    const auto service = uneven();
    for (const double rate : {100.0, 200.0, 249.0, 300.0, 1000.0}) {
        const auto arrivals = arrival_times_ms(poisson_arrivals(5000, 3), rate);
        const auto frames = serve(arrivals, service, std::nullopt);
        double wait = 0.0; // W(k+1) = max(0, W(k) + S(k) - A(k+1) + A(k))
        for (std::size_t k = 0; k < frames.size(); ++k) {
            ASSERT_NEAR(frames[k].waiting_ms(), wait, 1e-6) << "frame " << k << " at " << rate;
            if (k + 1 < frames.size())
                wait = std::max(0.0, wait + service.alone_ms[k % service.alone_ms.size()] -
                                         (arrivals[k + 1] - arrivals[k]));
        }
    }
}

/// Steps through time in units of 1 ms: everything happens at whole ms.
TEST(Serve, EqualsASteppedQueueWithDrops)
{
    const std::size_t capacity = 2;
    ServiceTimes service;
    service.alone_ms = {3, 5, 2, 4, 7};
    std::vector<double> arrivals;
    arrivals.reserve(400);
    int time = 0;
    for (int i = 0; i < 400; ++i)
        arrivals.push_back(time += (i * 7) % 8);
    const auto frames = serve(arrivals, service, capacity);

    std::vector<std::size_t> waiting;
    std::vector<bool> dropped(arrivals.size(), false);
    std::vector<double> started(arrivals.size(), -1.0);
    double left = 0.0;
    std::size_t next = 0;
    for (int now = 0; now < time + 100; ++now) {
        const auto take = [&] {
            if (left <= 0.0 && !waiting.empty()) {
                started[waiting.front()] = now;
                left = service.alone_ms[waiting.front() % service.alone_ms.size()];
                waiting.erase(waiting.begin());
            }
        };
        take();
        for (; next < arrivals.size() && arrivals[next] <= now; ++next) {
            if (left > 0.0 && waiting.size() >= capacity) {
                dropped[next] = true;
            } else {
                waiting.push_back(next);
                take();
            }
        }
        left -= 1.0;
    }
    std::size_t drops = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        ASSERT_EQ(frames[i].dropped, dropped[i]) << i;
        if (!dropped[i]) {
            ASSERT_EQ(frames[i].start_ms, started[i]) << i;
        }
        drops += dropped[i] ? 1U : 0U;
    }
    EXPECT_GT(drops, 10U); // or it would show nothing
    EXPECT_LT(drops, 300U);
}

TEST(Serve, WaitsAsLongAsPollaczekAndKhinchineSay)
{
    // M/D/1: mean wait = load * service / (2 * (1 - load))
    ServiceTimes service;
    service.alone_ms = {4.0};
    for (const double load : {0.3, 0.5, 0.7}) {
        const auto frames = serve(arrival_times_ms(poisson_arrivals(400000, 11), load * 250.0),
                                  service, std::nullopt);
        const auto summary = summarize(frames, 100.0, 2);
        const double expected = load * 4.0 / (2.0 * (1.0 - load));
        EXPECT_NEAR(summary.waiting_ms.mean, expected, 0.03 * expected) << load;
        EXPECT_NEAR(summary.utilization, load, 0.01);
    }
}

TEST(Serve, MG1WaitsWithTheSpreadOfTheServiceTimes)
{
    // M/G/1: mean wait = rate * E[S^2] / (2 * (1 - load)); the images' order does not repeat with
    // the arrivals, which are random
    const auto service = uneven();
    double squares = 0.0;
    for (const double time : service.alone_ms)
        squares += time * time / static_cast<double>(service.alone_ms.size());
    const double load = 0.5;
    const double rate = load / mean_service_ms(service);
    const auto frames =
        serve(arrival_times_ms(poisson_arrivals(400000, 5), 1000.0 * rate), service, std::nullopt);
    const double expected = rate * squares / (2.0 * (1.0 - load));
    EXPECT_NEAR(summarize(frames, 100.0, 2).waiting_ms.mean, expected, 0.03 * expected);
}

TEST(Serve, NobodyWaitsWhereArrivalsAreFurtherApartThanTheSlowestImage)
{
    const auto service = uneven();
    const auto frames = serve(arrival_times_ms(fixed_arrivals(1000), 1000.0 / 6.001), service, {});
    const auto summary = summarize(frames, 6.0, 10);
    EXPECT_EQ(summary.waiting_ms.max, 0.0);
    EXPECT_EQ(summary.missed(), 0U);
    EXPECT_EQ(summary.most_queue_depth, 0U);
}

TEST(Serve, QueueGrowsAboveSaturation)
{
    const auto service = uneven();
    const double rate = 1.2 * saturation_fps(service);
    const auto arrivals = arrival_times_ms(fixed_arrivals(9700), rate);
    const auto summary = summarize(serve(arrivals, service, {}), 6.0, 10);
    // of 9700 images a sixth is still there at the last arrival
    EXPECT_NEAR(static_cast<double>(summary.waiting_at_last_arrival), 9700.0 / 6.0, 3.0);
    EXPECT_NEAR(summary.utilization, 1.0, 1e-4); // idle behind the first image, a short one
    EXPECT_NEAR(summary.completed_fps, saturation_fps(service), 0.1);
}

TEST(Serve, NoImageIsLost)
{
    const auto service = uneven();
    for (const std::size_t capacity : {0U, 1U, 5U}) {
        const auto arrivals = arrival_times_ms(poisson_arrivals(3000, 9), 300.0);
        const auto frames = serve(arrivals, service, capacity);
        const auto summary = summarize(frames, 10.0, 10);
        EXPECT_EQ(summary.served + summary.dropped, 3000U);
        EXPECT_GT(summary.dropped, 0U);
        EXPECT_LE(summary.most_queue_depth, capacity);
        for (const double now : {arrivals[100], arrivals[1500], arrivals.back()}) {
            std::size_t arrived = 0;
            std::size_t finished = 0;
            std::size_t working = 0;
            std::size_t waiting = 0;
            std::size_t dropped = 0;
            for (const auto& frame : frames) {
                if (frame.arrival_ms > now)
                    continue;
                ++arrived;
                dropped += frame.dropped ? 1U : 0U;
                finished += !frame.dropped && frame.finish_ms <= now ? 1U : 0U;
                working +=
                    !frame.dropped && frame.start_ms <= now && frame.finish_ms > now ? 1U : 0U;
                waiting += !frame.dropped && frame.start_ms > now ? 1U : 0U;
            }
            EXPECT_EQ(arrived, finished + working + waiting + dropped);
            EXPECT_LE(working, 1U);
            EXPECT_LE(waiting, capacity);
        }
    }
}

TEST(Serve, ResponseNeverFallsWithTheRate)
{
    const auto service = uneven();
    for (const auto& pattern : {fixed_arrivals(2000), poisson_arrivals(2000, 1)}) {
        double mean = 0.0;
        double p99 = 0.0;
        for (double rate = 50.0; rate < 500.0; rate *= 1.1) {
            const auto summary =
                summarize(serve(arrival_times_ms(pattern, rate), service, {}), 10.0, 2);
            EXPECT_GE(summary.response_ms.mean, mean - 1e-9);
            EXPECT_GE(summary.response_ms.p99, p99 - 1e-9);
            mean = summary.response_ms.mean;
            p99 = summary.response_ms.p99;
        }
    }
}

TEST(Serve, OnlyAnImageThatWaitedWhenTheOneBeforeStartedIsRightBehindIt)
{
    ServiceTimes service;
    service.alone_ms = {10.0};
    service.behind_ms = [](std::size_t, std::size_t) { return 8.0; };
    // starts at 0; waits from 5 on, but not when the first started; waits when the second starts
    const auto frames = serve({0.0, 5.0, 6.0, 100.0}, service, {});
    EXPECT_EQ(frames[1].service_ms(), 10.0);
    EXPECT_EQ(frames[2].service_ms(), 8.0);
    EXPECT_EQ(frames[3].service_ms(), 10.0);
    EXPECT_EQ(saturation_fps(service), 125.0);
}

TEST(Serve, ABatchStartsWithItsLastImageBehindTheBatchBeforeIt)
{
    ServiceTimes service;
    service.batch_images = 2;
    service.alone_ms = {10.0, 10.0, 4.0, 4.0};
    const auto frames = serve({0.0, 1.0, 2.0, 3.0, 50.0, 60.0}, service, std::nullopt);
    const std::vector<double> starts{1.0, 1.0, 11.0, 11.0, 60.0, 60.0};
    const std::vector<double> finishes{11.0, 11.0, 15.0, 15.0, 70.0, 70.0};
    const std::vector<std::size_t> depths{1, 0, 1, 2, 1, 0};
    for (std::size_t i = 0; i < frames.size(); ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(frames[i].image, i % 4);
        EXPECT_EQ(frames[i].start_ms, starts[i]);
        EXPECT_EQ(frames[i].finish_ms, finishes[i]);
        EXPECT_EQ(frames[i].queue_depth, depths[i]);
    }
    EXPECT_DOUBLE_EQ(saturation_fps(service), 2 * 1000.0 / 7.0);
    const auto summary = summarize(frames, 20.0, 10, service.batch_images);
    EXPECT_EQ(summary.served, 6U);
    EXPECT_DOUBLE_EQ(summary.utilization, 24.0 / 70.0);
    EXPECT_DOUBLE_EQ(summary.response_ms.max, 20.0);
    EXPECT_EQ(summary.late, 0U);
}

TEST(Serve, BatchesOfOneAreImages)
{
    const auto service = uneven();
    const auto arrivals = arrival_times_ms(poisson_arrivals(500, 3), 240.0);
    auto twice = service; // every image in two halves that arrive together
    twice.batch_images = 2;
    twice.alone_ms.clear();
    std::vector<double> pairs;
    for (const double time : service.alone_ms)
        twice.alone_ms.insert(twice.alone_ms.end(), {time, time});
    for (const double time : arrivals)
        pairs.insert(pairs.end(), {time, time});
    const auto frames = serve(arrivals, service, std::nullopt);
    const auto halves = serve(pairs, twice, std::nullopt);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(halves[2 * i].start_ms, frames[i].start_ms);
        EXPECT_EQ(halves[2 * i + 1].finish_ms, frames[i].finish_ms);
    }
}

TEST(SustainedRate, OfBatchesIsTheHighestThatMeetsTheDeadlineAlthoughLowOnesDoNot)
{
    ServiceTimes service;
    service.batch_images = 4;
    service.alone_ms.assign(4, 10.0);
    const auto pattern = fixed_arrivals(4000);
    const auto p99_at = [&](double rate) {
        return summarize(serve(arrival_times_ms(pattern, rate), service, {}), 20.0, 2, 4)
            .response_ms.p99;
    };
    EXPECT_GT(p99_at(100.0), 25.0) << "three intervals of 10 ms until the batch is full";
    EXPECT_DOUBLE_EQ(sustained_fps(pattern, service, 25.0).value(), 400.0);
    EXPECT_FALSE(sustained_fps(pattern, service, 15.0)) << "7.5 ms to fill and 10 ms of service";
    const auto random = poisson_arrivals(4000, 1);
    const auto rate = sustained_fps(random, service, 60.0).value();
    EXPECT_LT(rate, 400.0);
    EXPECT_LE(
        summarize(serve(arrival_times_ms(random, rate), service, {}), 60.0, 2, 4).response_ms.p99,
        60.0);
}

TEST(Summarize, QueueOverTimeFollowsLittlesLaw)
{
    const auto service = uneven();
    const auto frames =
        serve(arrival_times_ms(poisson_arrivals(5000, 2), 200.0), service, std::nullopt);
    const auto summary = summarize(frames, 10.0, 20001);
    double mean = 0.0;
    for (const auto& sample : summary.queue)
        mean += static_cast<double>(sample.waiting) / 20001.0;
    EXPECT_NEAR(mean, summary.mean_queue_depth, 0.02 * summary.mean_queue_depth);
    EXPECT_NEAR(summary.mean_queue_depth, summary.completed_fps / 1000.0 * summary.waiting_ms.mean,
                1e-9);
}

TEST(SustainedRate, IsTheHighestAtWhichP99MeetsTheDeadline)
{
    const auto service = uneven();
    const auto pattern = poisson_arrivals(5000, 4);
    const auto p99_at = [&](double rate) {
        return summarize(serve(arrival_times_ms(pattern, rate), service, {}), 20.0, 2)
            .response_ms.p99;
    };
    const auto rate = sustained_fps(pattern, service, 20.0).value();
    EXPECT_LE(p99_at(rate), 20.0);
    EXPECT_GT(p99_at(rate * 1.001), 20.0);
    EXPECT_LT(rate, saturation_fps(service));
}

TEST(SustainedRate, IsNothingBelowTheServiceTimeAndSaturationWithoutAnyHurry)
{
    const auto service = uneven();
    EXPECT_FALSE(sustained_fps(fixed_arrivals(1000), service, 5.0).has_value());
    EXPECT_EQ(sustained_fps(fixed_arrivals(1000), service, 1e9).value(), saturation_fps(service));
}

TEST_F(ArrivalFile, IsTheFirstColumn)
{
    const auto arrivals = read_arrivals(write("# camera 1\narrival_ms,note\n5,a\n\n7.5,b\n15\n"));
    EXPECT_EQ(arrivals.times_ms, (std::vector<double>{5.0, 7.5, 15.0}));
    EXPECT_EQ(arrivals.mean_interval_ms(), 5.0);
    EXPECT_EQ(arrivals.pattern(), (ArrivalPattern{0.0, 0.5, 2.0}));
}

TEST_F(ArrivalFile, MistakesHaveTheirLine)
{
    EXPECT_THAT(message_of("0\n5\nx\n"), HasSubstr(path + ":3:1: arrival time: 'x'"));
    EXPECT_THAT(message_of("0\n5\n-1\n"), HasSubstr(":3:1: arrival time: '-1'; expected a time"));
    EXPECT_THAT(message_of("0\n5\ninf\n"), HasSubstr(":3:1"));
    EXPECT_THAT(message_of("0\n5\n4\n"), HasSubstr(":3:1: arrival time: '4', earlier"));
    EXPECT_THAT(message_of("arrival_ms\n"), HasSubstr("none"));
    EXPECT_THAT(message_of("3\n3\n"), HasSubstr("at least two arrivals at different times"));
    EXPECT_THAT(message_of("a\nb\n1\n2\n"), HasSubstr(":2:1"));
    EXPECT_THROW((void)read_arrivals("no_such_file.csv"), config::Error);
}

} // namespace heatsim::system
