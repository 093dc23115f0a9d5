#include "server/core/clock_record.h"

#include "gtest/gtest.h"

namespace topup::core {
namespace {

using absl::Hours;
using absl::Minutes;
using absl::Seconds;

const absl::Time kNoon = absl::FromUnixSeconds(1'790'000'000);

// Looks every second from noon on; the clock is ahead of the true time by `ahead`.
class Watched {
 public:
  void Pass(absl::Duration time) {
    for (; time > absl::ZeroDuration(); time -= Seconds(1)) {
      elapsed_ += Seconds(1);
      Look();
    }
  }
  void Set(absl::Duration by) { ahead_ += by; }
  void Look() { record.Note(now(), elapsed_); }
  absl::Time now() const { return kNoon + elapsed_ + ahead_; }
  absl::Duration Since(absl::Time date) const { return now() - record.Redate(date); }

  ClockRecord record;

 private:
  absl::Duration elapsed_;
  absl::Duration ahead_;
};

TEST(ClockRecordTest, AnEmptyOneTakesDatesAsTheyStand) {
  EXPECT_EQ(ClockRecord().Redate(kNoon), kNoon);
  EXPECT_EQ(ClockRecord().begin(), absl::InfinitePast());
}

TEST(ClockRecordTest, WithoutASettingDatesStand) {
  Watched clock;
  clock.Look();
  clock.Pass(Minutes(5));
  for (const absl::Duration offset : {-Hours(30), -Seconds(1), Seconds(10), Minutes(5), Hours(3)}) {
    EXPECT_EQ(clock.record.Redate(kNoon + offset), kNoon + offset);
  }
  EXPECT_EQ(clock.record.begin(), kNoon);
  EXPECT_EQ(clock.record.At(Seconds(7)), kNoon + Seconds(7));
}

TEST(ClockRecordTest, TheTimeSinceADateIsWhatHasPassedHoweverTheClockIsSet) {
  for (const absl::Duration step :
       {Seconds(3), Seconds(90), Hours(25), Hours(100000), -Seconds(3), -Seconds(90), -Hours(1)}) {
    Watched clock;
    clock.Look();
    clock.Pass(Minutes(10));
    const absl::Time before = clock.now();
    clock.Pass(Minutes(2));
    clock.Set(step);
    clock.Pass(Minutes(1));
    const absl::Duration since = clock.Since(before);
    EXPECT_LE(since, Minutes(3)) << step;
    // A clock that was set back shows some times twice, and the second one counts.
    if (step > absl::ZeroDuration() || step < -Minutes(3)) {
      EXPECT_EQ(since, Minutes(3)) << step;
    }
    const absl::Time after = clock.now();
    clock.Pass(Minutes(1));
    EXPECT_EQ(clock.Since(after), Minutes(1)) << step;
  }
}

TEST(ClockRecordTest, SeveralSettingsAddUp) {
  Watched clock;
  clock.Look();
  clock.Pass(Minutes(1));
  const absl::Time first = clock.now();
  for (const absl::Duration step : {Hours(25), -Hours(2), Hours(24 * 365)}) {
    clock.Pass(Minutes(1));
    clock.Set(step);
    clock.Look();
  }
  EXPECT_EQ(clock.Since(first), Minutes(3));
}

TEST(ClockRecordTest, WhatIsOlderThanTheProcessIsNotMadeOlderByASetting) {
  Watched clock;
  clock.Look();
  const absl::Time before = kNoon - Hours(2);
  clock.Pass(Minutes(1));
  clock.Set(Hours(25));
  clock.Look();
  EXPECT_EQ(clock.Since(before), Hours(2) + Minutes(1));
  clock.Set(-Hours(50));
  clock.Look();
  EXPECT_LE(clock.Since(before), Hours(2) + Minutes(1));
}

// A machine that starts in 1970 and is set right: nobody knows which clock made the old dates.
TEST(ClockRecordTest, NothingOlderThanTheProcessIsPutAfterItsBegin) {
  Watched clock;
  clock.Set(-Hours(24 * 365 * 50));
  clock.Look();
  clock.Pass(Minutes(1));
  clock.Set(Hours(24 * 365 * 50));
  clock.Look();
  EXPECT_EQ(clock.Since(kNoon - Hours(2)), Minutes(1));
  EXPECT_EQ(clock.record.begin(), kNoon);
}

TEST(ClockRecordTest, ADateThatIsStillToComeIsJumpedOverAndStaysToCome) {
  Watched clock;
  clock.Look();
  clock.Pass(Seconds(5));
  const absl::Time watchdog_end = clock.now() + Seconds(20);
  clock.Pass(Seconds(1));
  EXPECT_EQ(clock.record.Redate(watchdog_end), watchdog_end);
  clock.Set(Hours(1));
  clock.Look();
  EXPECT_EQ(clock.Since(watchdog_end), -Seconds(19));
  clock.Pass(Seconds(30));
  EXPECT_EQ(clock.Since(watchdog_end), Seconds(11));
}

// Between two looks it is not known by which clock something was dated.
TEST(ClockRecordTest, ADateBetweenTwoLooksIsNotMadeOlder) {
  ClockRecord record;
  record.Note(kNoon, Seconds(0));
  // Set forward by two minutes at some time within a minute without a look.
  record.Note(kNoon + Minutes(3), Minutes(1));
  EXPECT_EQ(record.Redate(kNoon + Seconds(59)), kNoon + Minutes(2) + Seconds(59));
  EXPECT_EQ(record.Redate(kNoon + Minutes(2) + Seconds(30)), kNoon + Minutes(2) + Seconds(30));
}

TEST(ClockRecordTest, WhoSetsTheClockAllTheTimeOnlyMakesTheProcessYounger) {
  Watched clock;
  clock.Look();
  const absl::Time first = clock.now();
  for (int i = 0; i < 1000; ++i) {
    clock.Pass(Seconds(2));
    clock.Set(i % 2 == 0 ? Hours(1) : -Hours(1));
    clock.Look();
  }
  EXPECT_LE(clock.Since(first), Seconds(2000));
  EXPECT_GE(clock.record.begin(), clock.now() - Seconds(200));
}

}  // namespace
}  // namespace topup::core
