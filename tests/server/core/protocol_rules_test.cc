// When a top-up is looked at next, at each boundary of each schedule.
#include "server/core/protocol_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace topup::core {
namespace {

using absl::Hours;
using absl::Milliseconds;
using absl::Minutes;
using absl::Seconds;

const absl::Time kStart = absl::FromUnixSeconds(1'790'000'000);
constexpr absl::Duration kWeek = absl::Hours(24 * 7);

// Every moment at which the schedule looks, up to `until`, where each look takes no time.
template <typename Next>
std::vector<absl::Duration> Steps(Next next, absl::Duration until) {
  std::vector<absl::Duration> steps;
  absl::Time now = next(kStart);
  while (now <= kStart + until) {
    steps.push_back(now - kStart);
    const absl::Time after = next(now);
    if (after <= now) {
      ADD_FAILURE() << "a schedule stands still at " << (now - kStart);
      break;
    }
    now = after;
  }
  return steps;
}

std::vector<absl::Duration> Periodic(absl::Duration first, absl::Duration period,
                                     absl::Duration last) {
  std::vector<absl::Duration> steps;
  for (absl::Duration step = first; step <= last; step += period) steps.push_back(step);
  return steps;
}

void Append(std::vector<absl::Duration>& steps, const std::vector<absl::Duration>& more) {
  steps.insert(steps.end(), more.begin(), more.end());
}

TEST(DoubtScheduleTest, AsksAfterSecondsThenMinutesThenQuartersThenEverySixHoursForEver) {
  std::vector<absl::Duration> expected = {Seconds(2), Seconds(5), Seconds(15), Seconds(30),
                                          Seconds(60)};
  Append(expected, Periodic(Minutes(2), Minutes(1), Minutes(30)));
  Append(expected, Periodic(Minutes(45), Minutes(15), Hours(24)));
  Append(expected, Periodic(Hours(30), Hours(6), Hours(72)));
  EXPECT_EQ(Steps([](absl::Time now) { return NextDoubtRead(kStart, now); }, Hours(72)), expected);
}

TEST(DoubtScheduleTest, AStepThatIsReachedIsDone) {
  EXPECT_EQ(NextDoubtRead(kStart, kStart + Seconds(2) - Milliseconds(1)), kStart + Seconds(2));
  EXPECT_EQ(NextDoubtRead(kStart, kStart + Seconds(2)), kStart + Seconds(5));
  EXPECT_EQ(NextDoubtRead(kStart, kStart + Minutes(30)), kStart + Minutes(45));
  EXPECT_EQ(NextDoubtRead(kStart, kStart + Hours(24)), kStart + Hours(30));
}

TEST(DoubtScheduleTest, StillAsksAfterAYear) {
  const absl::Time year = kStart + 365 * Hours(24);
  EXPECT_EQ(NextDoubtRead(kStart, year), year + Hours(6));
}

TEST(DoubtScheduleTest, AClockThatWasSetBackDoesNotSilenceTheQuestions) {
  EXPECT_EQ(NextDoubtRead(kStart, kStart - Seconds(10)), kStart + Seconds(2));
  EXPECT_EQ(NextDoubtRead(kStart, kStart - Hours(25)), kStart - Hours(25) + Minutes(1));
}

TEST(StatusScheduleTest, ThePaceSlowsWithAge) {
  const ProtocolRules rules;
  const auto pace = [&](absl::Duration age) {
    return NextStatusRead(rules, kStart, kStart + age) - (kStart + age);
  };
  EXPECT_EQ(pace(Seconds(0)), Seconds(5));
  EXPECT_EQ(pace(Minutes(2) - Milliseconds(1)), Seconds(5));
  EXPECT_EQ(pace(Minutes(2)), Seconds(15));
  EXPECT_EQ(pace(Minutes(5) - Milliseconds(1)), Seconds(15));
  EXPECT_EQ(pace(Minutes(5)), Minutes(1));
  EXPECT_EQ(pace(Hours(1) - Milliseconds(1)), Minutes(1));
  EXPECT_EQ(pace(Hours(1)), Minutes(10));
  EXPECT_EQ(pace(Hours(1000)), Minutes(10));
  EXPECT_EQ(pace(-Hours(1)), Seconds(5));  // the clock was set back
}

TEST(StatusScheduleTest, NoPaceIsBelowThePollInterval) {
  ProtocolRules rules;
  rules.poll_interval = Seconds(40);
  EXPECT_EQ(NextStatusRead(rules, kStart, kStart + Minutes(3)), kStart + Minutes(3) + Seconds(40));
  EXPECT_EQ(NextStatusRead(rules, kStart, kStart + Minutes(6)), kStart + Minutes(7));
  rules.poll_interval = Milliseconds(50);
  EXPECT_EQ(NextStatusRead(rules, kStart, kStart), kStart + Milliseconds(50));
}

TEST(UnknownScheduleTest, AsksAfterMinutesThenHourlyThenEverySixHoursForEver) {
  const ProtocolRules rules;
  std::vector<absl::Duration> expected = {Minutes(5), Minutes(15)};
  Append(expected, Periodic(Hours(1), Hours(1), Hours(24)));
  Append(expected, Periodic(Hours(30), Hours(6), Hours(96)));
  EXPECT_EQ(Steps([&](absl::Time now) { return NextUnknownRead(rules, kStart, now); }, Hours(96)),
            expected);
}

TEST(UnknownScheduleTest, StepsScaleWithTheReviewTimeDownToThePollInterval) {
  ProtocolRules rules;
  rules.unknown_review_after = Minutes(24);
  rules.poll_interval = Seconds(1);
  std::vector<absl::Duration> expected = {Seconds(5), Seconds(15)};
  Append(expected, Periodic(Minutes(1), Minutes(1), Minutes(24)));
  Append(expected, Periodic(Minutes(30), Minutes(6), Minutes(48)));
  EXPECT_EQ(Steps([&](absl::Time now) { return NextUnknownRead(rules, kStart, now); }, Minutes(48)),
            expected);
}

TEST(UnknownScheduleTest, LooksAtTheReviewTimeItselfWhateverTheScale) {
  for (const absl::Duration review : {Seconds(10), Seconds(7), Seconds(61), Minutes(7), Hours(24),
                                      Hours(25), Milliseconds(999)}) {
    ProtocolRules rules;
    rules.unknown_review_after = review;
    rules.poll_interval = Milliseconds(10);
    const auto steps =
        Steps([&](absl::Time now) { return NextUnknownRead(rules, kStart, now); }, review * 2);
    EXPECT_EQ(std::count(steps.begin(), steps.end(), review), 1) << review;
  }
}

TEST(UnknownScheduleTest, ReadsAreNeverCloserThanThePollInterval) {
  ProtocolRules rules;
  rules.unknown_review_after = Seconds(10);  // all steps of the first hours are below 5 s
  const auto steps =
      Steps([&](absl::Time now) { return NextUnknownRead(rules, kStart, now); }, Seconds(60));
  for (size_t i = 1; i < steps.size(); ++i) EXPECT_GE(steps[i] - steps[i - 1], Seconds(5));
  EXPECT_EQ(steps.front(), Seconds(5));
}

TEST(UnknownScheduleTest, AClockThatWasSetBackBeginsTheStepsAnew) {
  const ProtocolRules rules;
  const absl::Time back = kStart - Hours(25);
  EXPECT_EQ(NextUnknownRead(rules, kStart, back), back + Minutes(5));
}

TEST(UnknownScheduleTest, AVanishinglyShortReviewTimeIsNoDivisionByZero) {
  ProtocolRules rules;
  rules.unknown_review_after = absl::Nanoseconds(1);
  EXPECT_EQ(NextUnknownRead(rules, kStart, kStart + Hours(1)), kStart + Hours(1) + Seconds(5));
}

TEST(SettledScheduleTest, LooksAfterMinutesThenEverySixHoursForAWeek) {
  std::vector<absl::Duration> expected = {Minutes(1), Minutes(10), Minutes(60)};
  Append(expected, Periodic(Hours(6), Hours(6), kWeek));
  EXPECT_EQ(Steps([](absl::Time now) { return NextSettledRead(kStart, now); }, 2 * kWeek),
            expected);
  EXPECT_EQ(NextSettledRead(kStart, kStart + kWeek), absl::InfiniteFuture());
}

TEST(UnsentBackoffTest, DoublesFromASecondToHalfAMinute) {
  const std::vector<int> seconds = {1, 1, 2, 4, 8, 16, 30, 30};
  for (int unsent = 0; unsent < static_cast<int>(seconds.size()); ++unsent) {
    EXPECT_EQ(UnsentBackoff(unsent), Seconds(seconds[unsent])) << unsent;
  }
  EXPECT_EQ(UnsentBackoff(1'000'000), Seconds(30));
}

}  // namespace
}  // namespace topup::core
