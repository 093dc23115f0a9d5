#include "client/cli/simulation_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace topup::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

v1::Money Dinars(int64_t centimes) {
  v1::Money money;
  money.set_currency_code("DZD");
  money.set_centimes(centimes);
  return money;
}

admin::v1::PriceMoveBucket Bucket(int64_t min, int64_t max, int64_t topups = 0) {
  admin::v1::PriceMoveBucket bucket;
  bucket.set_min_centimes(min);
  bucket.set_max_centimes(max);
  bucket.set_topups(topups);
  return bucket;
}

SimulationAnswer Answer() {
  SimulationAnswer answer;
  answer.totals.set_topups(100);
  *answer.totals.mutable_old_revenue() = Dinars(10'290'000);
  *answer.totals.mutable_new_revenue() = Dinars(10'305'050);
  return answer;
}

std::string Printed(const SimulationAnswer& answer, bool draws_blocks = false) {
  std::ostringstream out;
  PrintSimulation(answer, Style(false), draws_blocks, out);
  return out.str();
}

TEST(SimulationTextTest, BucketsAreInDinarsAndTheOutermostOpen) {
  EXPECT_EQ(BucketText(Bucket(-500, -200)), "-5.00 to -2.00");
  EXPECT_EQ(BucketText(Bucket(-50, 5)), "-0.50 to 0.05");
  EXPECT_EQ(BucketText(Bucket(kLowest, -10'000)), "below -100.00");
  EXPECT_EQ(BucketText(Bucket(10'000, kHighest)), "100.00 and more");
  EXPECT_EQ(BucketText(Bucket(0, 1)), "unchanged");
  EXPECT_EQ(BucketText(Bucket(0, 100)), "0.00 to 1.00");
  EXPECT_EQ(BucketText(Bucket(kLowest, kHighest)), "any");
}

TEST(SimulationTextTest, BarsAreInProportionAndTheLargestFillsTheWidth) {
  EXPECT_EQ(BarLength(100, 100, 40), 40);
  EXPECT_EQ(BarLength(50, 100, 40), 20);
  EXPECT_EQ(BarLength(49, 100, 40), 19);
  EXPECT_EQ(BarLength(kHighest, kHighest, 40), 40);
  EXPECT_EQ(BarLength(kHighest / 2, kHighest, 40), 19);
}

TEST(SimulationTextTest, NothingHasNoBarAndALittleHasOne) {
  EXPECT_EQ(BarLength(0, 100, 40), 0);
  EXPECT_EQ(BarLength(0, 0, 40), 0);
  EXPECT_EQ(BarLength(-1, 100, 40), 0);
  EXPECT_EQ(BarLength(1, 1'000'000, 40), 1);
}

TEST(SimulationTextTest, DifferencesHaveASignAndNoRounding) {
  EXPECT_EQ(DifferenceText(Dinars(102'900), Dinars(103'900)), "+10.00 DZD");
  EXPECT_EQ(DifferenceText(Dinars(102'900), Dinars(102'850)), "-0.50 DZD");
  EXPECT_EQ(DifferenceText(Dinars(5), Dinars(5)), "0.00 DZD");
  EXPECT_EQ(DifferenceText(Dinars(kHighest), Dinars(kLowest)), "out of range");
}

TEST(SimulationTextTest, ShowsOldAndNewWithWhatIsBetween) {
  EXPECT_EQ(Printed(Answer()),
            "                    OLD            NEW   DIFFERENCE\n"
            "revenue   102900.00 DZD  103050.50 DZD  +150.50 DZD\n"
            "top-ups             100            100            0\n"
            "failures                             0\n");
}

TEST(SimulationTextTest, ShowsProfitsOnlyWhereTheyMayBeSeen) {
  SimulationAnswer answer = Answer();
  EXPECT_THAT(Printed(answer), Not(HasSubstr("profit")));
  *answer.totals.mutable_old_profit() = Dinars(490'000);
  *answer.totals.mutable_new_profit() = Dinars(389'999);
  EXPECT_THAT(Printed(answer), HasSubstr("-1000.01 DZD\n"));
}

TEST(SimulationTextTest, WhatCouldNotBePricedIsNamedWithItsReason) {
  SimulationAnswer answer = Answer();
  answer.totals.set_failures(2);
  admin::v1::PriceMove& failure = answer.failures.emplace_back();
  failure.set_topup_id("T1");
  *failure.mutable_old_price() = Dinars(10'500);
  failure.set_failure_reason("guardrail max_profit_percent");
  const std::string text = Printed(answer);
  EXPECT_THAT(text, HasSubstr("2 could not be priced: they are in the old sums only.\n"));
  EXPECT_THAT(text, HasSubstr("98           -2\n"));
  EXPECT_THAT(text, HasSubstr("T1      105.00 DZD  guardrail max_profit_percent\n"));
}

TEST(SimulationTextTest, DrawsTheHistogramAsBars) {
  SimulationAnswer answer = Answer();
  *answer.totals.add_histogram() = Bucket(kLowest, -100, 0);
  *answer.totals.add_histogram() = Bucket(-100, 0, 20);
  *answer.totals.add_histogram() = Bucket(0, kHighest, 80);
  const std::string text = Printed(answer);
  EXPECT_THAT(text, HasSubstr("\n  below -1.00   0\n"));
  EXPECT_THAT(text, HasSubstr("\n-1.00 to 0.00  20  " + std::string(10, '#') + "\n"));
  EXPECT_THAT(text, HasSubstr("\n0.00 and more  80  " + std::string(40, '#') + "\n"));
  EXPECT_THAT(Printed(answer, /*draws_blocks=*/true), HasSubstr("20  \u2588\u2588"));
}

}  // namespace
}  // namespace topup::cli
