#include "server/upstream/request_budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace topup::upstream {
namespace {

constexpr RequestKind kAllKinds[] = {RequestKind::kDoubt, RequestKind::kSend, RequestKind::kStatus,
                                     RequestKind::kOther};
const BudgetDemand kNobody;

BudgetDemand Demand(bool doubt, bool send, bool status, bool other) {
  BudgetDemand demand;
  demand.doubt = doubt;
  demand.send = send;
  demand.status = status;
  demand.other = other;
  return demand;
}

bool Wants(RequestKind kind, const BudgetDemand& demand) {
  const bool wants[] = {demand.doubt, demand.send, demand.status, demand.other};
  return wants[static_cast<int>(kind)];
}

struct Start {
  absl::Duration time;
  RequestKind kind;
};

// Offers every kind that wants to go its chance, in an order that changes, whenever the budget
// says that there is one.
std::vector<Start> Load(RequestBudget& budget, absl::Duration from, absl::Duration to,
                        const BudgetDemand& demand, std::mt19937& random) {
  std::vector<Start> starts;
  std::vector<RequestKind> order(std::begin(kAllKinds), std::end(kAllKinds));
  absl::Duration now = from;
  while (now < to) {
    std::shuffle(order.begin(), order.end(), random);
    absl::Duration next = to;
    for (RequestKind kind : order) {
      if (!Wants(kind, demand)) continue;
      if (budget.TryTake(kind, now, demand)) starts.push_back({now, kind});
      next = std::min(next, budget.NextChance(kind, now, demand));
    }
    now = next;
  }
  return starts;
}

std::map<RequestKind, int> CountKinds(const std::vector<Start>& starts) {
  std::map<RequestKind, int> counts;
  for (const Start& start : starts) ++counts[start.kind];
  return counts;
}

// The most starts in any window that is closed at both ends.
int MostInAny(absl::Duration window, const std::vector<Start>& starts) {
  size_t first = 0;
  size_t most = 0;
  for (size_t last = 0; last < starts.size(); ++last) {
    while (starts[last].time - starts[first].time > window) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<int>(most);
}

TEST(RequestBudgetTest, NeverExceedsTheCeilingInAnyMinuteNorATwentiethInAnyThreeSeconds) {
  for (int ceiling : {1, 2, 7, 20, 60, 119, 120, 6000}) {
    for (uint32_t seed = 1; seed <= 5; ++seed) {
      std::mt19937 random(seed);
      RequestBudget budget(ceiling);
      std::vector<Start> starts;
      absl::Duration now;
      const int tries = ceiling > 1000 ? 40'000 : 4'000;
      for (int i = 0; i < tries; ++i) {
        now += absl::Microseconds(random() % (ceiling > 1000 ? 20'000 : 900'000));
        const uint32_t bits = random();
        const BudgetDemand demand = Demand(bits & 1, bits & 2, bits & 4, bits & 8);
        const RequestKind kind = kAllKinds[(bits >> 4) % 4];
        if (budget.TryTake(kind, now, demand)) starts.push_back({now, kind});
      }
      EXPECT_LE(MostInAny(absl::Seconds(60), starts), ceiling) << "seed " << seed;
      EXPECT_LE(MostInAny(absl::Seconds(3), starts), std::max(1, ceiling / 20)) << "seed " << seed;
      EXPECT_GT(starts.size(), 0u);
    }
  }
}

TEST(RequestBudgetTest, ARequestCountsUntilMoreThanItsWindowHasPassed) {
  RequestBudget budget(20);  // one in 3 s
  ASSERT_TRUE(budget.TryTake(RequestKind::kSend, absl::Seconds(10), kNobody));
  EXPECT_FALSE(budget.TryTake(RequestKind::kSend, absl::Seconds(13), kNobody));
  const absl::Duration next = budget.NextChance(RequestKind::kSend, absl::Seconds(13), kNobody);
  EXPECT_GT(next, absl::Seconds(13));
  EXPECT_LE(next, absl::Seconds(13) + absl::Milliseconds(1));
  EXPECT_TRUE(budget.TryTake(RequestKind::kSend, next, kNobody));
}

TEST(RequestBudgetTest, OneKindAloneMayUseWhatTheOthersLeave) {
  for (RequestKind kind : kAllKinds) {
    std::mt19937 random(7);
    RequestBudget budget(120);
    BudgetDemand alone = kNobody;
    alone.doubt = kind == RequestKind::kDoubt;
    alone.send = kind == RequestKind::kSend;
    alone.status = kind == RequestKind::kStatus;
    alone.other = kind == RequestKind::kOther;
    const std::vector<Start> starts =
        Load(budget, absl::ZeroDuration(), absl::Seconds(600), alone, random);
    EXPECT_GE(starts.size(), 1150u) << static_cast<int>(kind);  // 1,200 are allowed
  }
}

TEST(RequestBudgetTest, SendsGetHalfAndStatusReadsAQuarterWhereAllWantToGo) {
  for (int ceiling : {20, 60, 120, 600}) {
    std::mt19937 random(11);
    RequestBudget budget(ceiling);
    const BudgetDemand all_but_doubt = Demand(false, true, true, true);
    const auto starts =
        Load(budget, absl::ZeroDuration(), absl::Seconds(1200), all_but_doubt, random);
    auto counts = CountKinds(starts);
    const int total = static_cast<int>(starts.size());
    EXPECT_GE(total, ceiling * 19);  // 20 minutes, give or take the edges
    EXPECT_GE(2 * counts[RequestKind::kSend], total);
    EXPECT_GE(4 * counts[RequestKind::kStatus], total);
    EXPECT_GE(10 * counts[RequestKind::kOther], total);
  }
}

TEST(RequestBudgetTest, SharesHoldAmongTheKindsThatWantToGo) {
  std::mt19937 random(13);
  RequestBudget budget(120);
  auto counts = CountKinds(Load(budget, absl::ZeroDuration(), absl::Seconds(600),
                                Demand(false, true, true, false), random));
  EXPECT_NEAR(counts[RequestKind::kSend], 2 * counts[RequestKind::kStatus], 20);
  EXPECT_EQ(counts[RequestKind::kOther], 0);
}

TEST(RequestBudgetTest, AKindThatWasAloneIsNotShutOutWhenAnotherComes) {
  std::mt19937 random(17);
  RequestBudget budget(120);
  Load(budget, absl::ZeroDuration(), absl::Seconds(600), Demand(false, false, true, false), random);
  auto counts = CountKinds(Load(budget, absl::Seconds(600), absl::Seconds(660),
                                Demand(false, true, true, false), random));
  EXPECT_GE(counts[RequestKind::kSend], 60);
  EXPECT_GE(counts[RequestKind::kStatus], 30);
}

TEST(RequestBudgetTest, SettlingDoubtComesFirst) {
  std::mt19937 random(19);
  RequestBudget budget(120);
  auto counts = CountKinds(Load(budget, absl::ZeroDuration(), absl::Seconds(600),
                                Demand(true, true, true, false), random));
  EXPECT_GE(counts[RequestKind::kDoubt], 1150);
  EXPECT_EQ(counts[RequestKind::kSend], 0);
  EXPECT_EQ(counts[RequestKind::kStatus], 0);
}

TEST(RequestBudgetTest, OthersGoNowAndThenEvenWhileDoubtHasNoEnd) {
  for (int ceiling : {1, 5, 20, 120}) {
    std::mt19937 random(23);
    RequestBudget budget(ceiling);
    const auto starts = Load(budget, absl::ZeroDuration(), absl::Minutes(200),
                             Demand(true, true, true, true), random);
    auto counts = CountKinds(starts);
    EXPECT_GE(counts[RequestKind::kOther], std::min(180, 200 * ceiling / 21)) << ceiling;
    // ... and doubt keeps nearly all of it.
    EXPECT_LE(16 * counts[RequestKind::kOther], static_cast<int>(starts.size()) + 16) << ceiling;
  }
}

TEST(RequestBudgetTest, NobodyStarvesAtACeilingOfOne) {
  std::mt19937 random(29);
  RequestBudget budget(1);
  auto counts = CountKinds(Load(budget, absl::ZeroDuration(), absl::Minutes(100),
                                Demand(false, true, true, true), random));
  EXPECT_GE(counts[RequestKind::kSend], 50);
  EXPECT_GE(counts[RequestKind::kStatus], 25);
  EXPECT_GE(counts[RequestKind::kOther], 12);
}

TEST(RequestBudgetTest, NextChanceIsWhenTheLimitsAllowItAndNeverInThePast) {
  std::mt19937 random(31);
  RequestBudget budget(60);
  absl::Duration now;
  for (int i = 0; i < 2'000; ++i) {
    const absl::Duration next = budget.NextChance(RequestKind::kSend, now, kNobody);
    ASSERT_GE(next, now);
    if (next > now) {
      EXPECT_FALSE(budget.TryTake(RequestKind::kSend, now, kNobody));
      EXPECT_FALSE(budget.TryTake(RequestKind::kSend, next - absl::Nanoseconds(1), kNobody));
    }
    now = next;
    ASSERT_TRUE(budget.TryTake(RequestKind::kSend, now, kNobody));
    now += absl::Milliseconds(random() % 700);
  }
}

TEST(RequestBudgetTest, EverythingWaitsForAsLongAsTheProviderAsks) {
  RequestBudget budget(120);
  budget.SlowDown(absl::Seconds(30), absl::Seconds(100));
  for (RequestKind kind : kAllKinds) {
    EXPECT_FALSE(budget.TryTake(kind, absl::Seconds(129), kNobody));
    EXPECT_EQ(budget.NextChance(kind, absl::Seconds(101), kNobody), absl::Seconds(130));
  }
  EXPECT_TRUE(budget.TryTake(RequestKind::kSend, absl::Seconds(130), kNobody));
}

TEST(RequestBudgetTest, AnAbsurdRetryAfterIsCutAndAShorterOneDoesNotEndAPause) {
  RequestBudget budget(120);
  budget.SlowDown(absl::Hours(1000), absl::ZeroDuration());
  budget.SlowDown(-absl::Seconds(5), absl::Seconds(1));
  EXPECT_EQ(budget.NextChance(RequestKind::kSend, absl::Seconds(2), kNobody), absl::Minutes(15));
}

TEST(RequestBudgetTest, PausesGrowWhereTheProviderDoesNotSayHowLong) {
  RequestBudget budget(120);
  absl::Duration now = absl::Seconds(1000);
  for (int seconds : {5, 10, 20, 40, 60, 60}) {
    budget.SlowDown(std::nullopt, now);
    budget.SlowDown(std::nullopt, now);  // the other requests that were under way
    const absl::Duration next = budget.NextChance(RequestKind::kSend, now, kNobody);
    EXPECT_EQ(next - now, absl::Seconds(seconds));
    now = next + absl::Seconds(1);
  }
  now += absl::Minutes(2);
  budget.SlowDown(std::nullopt, now);
  EXPECT_EQ(budget.NextChance(RequestKind::kSend, now, kNobody) - now, absl::Seconds(5));
}

TEST(RequestBudgetTest, TellsHowManyStartedInTheLastMinute) {
  RequestBudget budget(120);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(budget.TryTake(RequestKind::kStatus, absl::Seconds(i), kNobody));
  }
  EXPECT_EQ(budget.UsedLastMinute(absl::Seconds(4)), 5);
  EXPECT_EQ(budget.UsedLastMinute(absl::Seconds(62)), 3);
  EXPECT_EQ(budget.UsedLastMinute(absl::Seconds(70)), 0);
}

TEST(RequestBudgetTest, TimeThatGoesBackOpensNothing) {
  RequestBudget budget(20);
  ASSERT_TRUE(budget.TryTake(RequestKind::kSend, absl::Seconds(10), kNobody));
  EXPECT_FALSE(budget.TryTake(RequestKind::kSend, absl::Seconds(2), kNobody));
}

}  // namespace
}  // namespace topup::upstream
