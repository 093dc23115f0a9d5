#include "server/base/metrics.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/match.h"

namespace topup::base {
namespace {

// True where `text` has `line` as a whole line.
bool HasLine(const std::string& text, const std::string& line) {
  return absl::StrContains("\n" + text, "\n" + line + "\n");
}

TEST(MetricsTest, CountersOnlyEverAddUp) {
  Metrics metrics;
  Counter* const sends =
      metrics.GetCounter("topup_upstream_sends_total", "Sends.", {{"kind", "sale"}});
  EXPECT_EQ(sends->Value(), 0);
  sends->Increment();
  sends->Add(41);
  EXPECT_EQ(sends->Value(), 42);
  const std::string text = metrics.Text();
  EXPECT_TRUE(HasLine(text, "# HELP topup_upstream_sends_total Sends.")) << text;
  EXPECT_TRUE(HasLine(text, "# TYPE topup_upstream_sends_total counter")) << text;
  EXPECT_TRUE(HasLine(text, "topup_upstream_sends_total{kind=\"sale\"} 42")) << text;
}

TEST(MetricsTest, GaugesShowTheLastValue) {
  Metrics metrics;
  Gauge* const balance = metrics.GetGauge("topup_upstream_balance_centimes", "Balance.");
  balance->Set(7);
  balance->Set(-3);
  EXPECT_EQ(balance->Value(), -3);
  EXPECT_TRUE(HasLine(metrics.Text(), "topup_upstream_balance_centimes -3")) << metrics.Text();
}

TEST(MetricsTest, HistogramsCountByDurationInSeconds) {
  Metrics metrics;
  DurationHistogram* const waits = metrics.GetDurationHistogram("topup_store_commit_seconds", "W.");
  waits->Observe(absl::Microseconds(50));
  waits->Observe(absl::Milliseconds(20));
  waits->Observe(absl::Minutes(2));
  const std::string text = metrics.Text();
  EXPECT_TRUE(HasLine(text, "topup_store_commit_seconds_count 3")) << text;
  EXPECT_TRUE(HasLine(text, "topup_store_commit_seconds_bucket{le=\"0.0001\"} 1")) << text;
  EXPECT_TRUE(HasLine(text, "topup_store_commit_seconds_bucket{le=\"0.025\"} 2")) << text;
  EXPECT_TRUE(HasLine(text, "topup_store_commit_seconds_bucket{le=\"60\"} 2")) << text;
  EXPECT_TRUE(HasLine(text, "topup_store_commit_seconds_bucket{le=\"+Inf\"} 3")) << text;
}

TEST(MetricsTest, OneNameAndLabelsAreOneMetric) {
  Metrics metrics;
  Counter* const a = metrics.GetCounter("topup_api_calls_total", "Calls.", {{"code", "OK"}});
  Counter* const b = metrics.GetCounter("topup_api_calls_total", "Calls.", {{"code", "ABORTED"}});
  EXPECT_NE(a, b);
  EXPECT_EQ(a, metrics.GetCounter("topup_api_calls_total", "Calls.", {{"code", "OK"}}));
  Gauge* const g = metrics.GetGauge("topup_api_open_calls", "Open.");
  EXPECT_EQ(g, metrics.GetGauge("topup_api_open_calls", "Open."));
  DurationHistogram* const h = metrics.GetDurationHistogram("topup_api_call_seconds", "Time.");
  EXPECT_EQ(h, metrics.GetDurationHistogram("topup_api_call_seconds", "Time."));
}

TEST(MetricsTest, CountsFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      Counter* const counter = metrics.GetCounter("topup_base_things_total", "Things.");
      for (int j = 0; j < 1000; ++j) counter->Increment();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.GetCounter("topup_base_things_total", "Things.")->Value(), 4000);
}

TEST(MetricsDeathTest, AnImpossibleNameEndsTheProcessWithTheName) {
  Metrics metrics;
  EXPECT_DEATH(metrics.GetCounter("not a name", "Help."), "not a name");
}

TEST(MetricsDeathTest, OneNameOfTwoKindsEndsTheProcessWithTheName) {
  Metrics metrics;
  metrics.GetCounter("topup_twice", "Help.");
  EXPECT_DEATH(metrics.GetGauge("topup_twice", "Help."), "topup_twice");
}

}  // namespace
}  // namespace topup::base
