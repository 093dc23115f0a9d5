// The one test that reads the real clocks: it shows only what holds on every machine.
#include "server/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace topup::base {
namespace {

TEST(ClockTest, NowIsTheWallClock) {
  const absl::Time before = absl::FromTimeT(std::time(nullptr));
  // A day's tolerance: the machine's clock may be set while the test runs.
  EXPECT_LT(absl::AbsDuration(RealClock().Now() - before), absl::Hours(24));
}

TEST(ClockTest, ElapsedNeverGoesBack) {
  absl::Duration last = RealClock().Elapsed();
  EXPECT_GT(last, absl::ZeroDuration());
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = RealClock().Elapsed();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ClockTest, ElapsedCountsTheTimeOfTheMachineAndNotOfTheCalendar) {
  timespec boot{};
  ASSERT_EQ(clock_gettime(CLOCK_BOOTTIME, &boot), 0);
  const absl::Duration elapsed = RealClock().Elapsed();
  EXPECT_GE(elapsed, absl::DurationFromTimespec(boot));
  EXPECT_LT(elapsed, absl::DurationFromTimespec(boot) + absl::Minutes(10));
}

TEST(ClockTest, IsOneForTheWholeProcess) { EXPECT_EQ(&RealClock(), &RealClock()); }

}  // namespace
}  // namespace topup::base
