// What an owner is told before prices change: exact sums, the moves that matter, and nothing that
// a flood of failures could hide.
#include "server/engine/price_simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::Money;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

store::PricedTopup Sold(const std::string& id, int64_t price, int64_t cost = 0) {
  return {.id = id, .cost = Money::Centimes(cost), .price = Money::Centimes(price)};
}

core::PriceBreakdown Candidate(int64_t price, int64_t cost = 0) {
  return {.cost = Money::Centimes(cost),
          .price = Money::Centimes(price),
          .profit = Money::Centimes(price - cost)};
}

std::vector<std::string> Ids(const Simulation& simulation) {
  std::vector<std::string> ids;
  for (const PriceMove& move : simulation.moves) ids.push_back(move.topup_id);
  return ids;
}

TEST(PriceSimulationTest, OfNothingTheSumsAreNothing) {
  const auto done = PriceSimulation(20).Finish();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->topups, 0);
  EXPECT_EQ(done->old_revenue, Money());
  EXPECT_THAT(done->moves, IsEmpty());
  EXPECT_THAT(done->histogram, IsEmpty());
}

TEST(PriceSimulationTest, SumsAreExactAndFailuresCountInTheOldOnesOnly) {
  PriceSimulation simulation(20);
  simulation.Add(Sold("a", 102900, 98000), Candidate(103880, 98000));
  simulation.Add(Sold("b", 52107, 49625), Candidate(52107, 49625));
  simulation.Add(Sold("c", 1000, 900), absl::UnavailableError("no"));
  const auto done = simulation.Finish();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->topups, 3);
  EXPECT_EQ(done->failures, 1);
  EXPECT_EQ(done->old_revenue, Money::Centimes(102900 + 52107 + 1000));
  EXPECT_EQ(done->new_revenue, Money::Centimes(103880 + 52107));
  EXPECT_EQ(done->old_profit, Money::Centimes(4900 + 2482 + 100));
  EXPECT_EQ(done->new_profit, Money::Centimes(5880 + 2482));
}

TEST(PriceSimulationTest, KeepsTheBiggestMoversOfEitherDirectionAndTheBiggestFailures) {
  PriceSimulation simulation(2);
  simulation.Add(Sold("a", 1000), Candidate(1001));
  simulation.Add(Sold("b", 1000), Candidate(1000));
  simulation.Add(Sold("c", 1000), Candidate(400));
  simulation.Add(Sold("d", 1000), Candidate(1500));
  simulation.Add(Sold("e", 1000), Candidate(1002));
  simulation.Add(Sold("f", 10), absl::UnavailableError("why f"));
  simulation.Add(Sold("g", 30), absl::UnavailableError("why g"));
  simulation.Add(Sold("h", 20), absl::UnavailableError("why h"));
  const auto done = simulation.Finish();
  ASSERT_THAT(done, IsOk());
  EXPECT_THAT(Ids(*done), ElementsAre("c", "d", "g", "h"));
  EXPECT_EQ(done->moves[0].new_price, Money::Centimes(400));
  EXPECT_THAT(done->moves[0].failure, IsOk());
  EXPECT_EQ(done->moves[2].new_price, std::nullopt);
  EXPECT_EQ(done->moves[2].failure.message(), "why g");
}

TEST(PriceSimulationTest, OfEqualMoversTheEarlierTopupsAreShown) {
  PriceSimulation simulation(2);
  for (const char* id : {"b", "d", "a", "c"}) {
    simulation.Add(Sold(id, 1000), Candidate(1100));
    simulation.Add(Sold(std::string("x") + id, 1000), absl::UnavailableError("no"));
  }
  EXPECT_THAT(Ids(*simulation.Finish()), ElementsAre("a", "b", "xa", "xb"));
}

TEST(PriceSimulationTest, NoMoversAreKeptWhereNoneAreWanted) {
  PriceSimulation simulation(0);
  simulation.Add(Sold("a", 1000), Candidate(1100));
  simulation.Add(Sold("b", 1000), absl::UnavailableError("no"));
  EXPECT_THAT(Ids(*simulation.Finish()), IsEmpty());
}

TEST(PriceSimulationTest, EveryMoveFallsIntoTheOneBucketThatHoldsIt) {
  const std::vector<int64_t> moves = {-10001, -10000, -9999, -101, -100, -1,
                                      0,      1,      99,    100,  9999, 10000};
  PriceSimulation simulation(0);
  for (const int64_t move : moves) {
    simulation.Add(Sold("a", 20000), Candidate(20000 + move));
  }
  const auto done = simulation.Finish();
  ASSERT_THAT(done, IsOk());
  int64_t total = 0;
  for (size_t i = 0; i < done->histogram.size(); ++i) {
    const PriceMoveBucket& bucket = done->histogram[i];
    total += bucket.topups;
    if (i > 0) {
      EXPECT_EQ(bucket.min_centimes, done->histogram[i - 1].max_centimes) << "without a gap";
    }
    int64_t expected = 0;
    for (const int64_t move : moves) {
      expected += move >= bucket.min_centimes && move < bucket.max_centimes ? 1 : 0;
    }
    EXPECT_EQ(bucket.topups, expected) << bucket.min_centimes;
  }
  EXPECT_EQ(total, static_cast<int64_t>(moves.size()));
  EXPECT_EQ(done->histogram.front().min_centimes, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(done->histogram.back().max_centimes, std::numeric_limits<int64_t>::max());
}

TEST(PriceSimulationTest, TheHistogramBeginsAndEndsWhereThereIsSomething) {
  PriceSimulation simulation(0);
  simulation.Add(Sold("a", 1000), Candidate(1000));
  simulation.Add(Sold("a", 1000), Candidate(1150));
  const auto done = simulation.Finish();
  ASSERT_THAT(done, IsOk());
  ASSERT_EQ(done->histogram.size(), 3u);
  EXPECT_EQ(done->histogram[0].min_centimes, 0);
  EXPECT_EQ(done->histogram[0].max_centimes, 1);
  EXPECT_EQ(done->histogram[1].topups, 0);
  EXPECT_EQ(done->histogram[2].min_centimes, 100);
  EXPECT_EQ(done->histogram[2].max_centimes, 200);
}

TEST(PriceSimulationTest, SumsBeyondWhatMoneyHoldsAreAnError) {
  PriceSimulation simulation(0);
  const int64_t huge = std::numeric_limits<int64_t>::max();
  simulation.Add(Sold("a", huge), Candidate(huge));
  simulation.Add(Sold("b", 1), Candidate(1));
  EXPECT_THAT(simulation.Finish(), StatusIs(absl::StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace topup::engine
