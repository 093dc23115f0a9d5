// The engine's tests stand on this loop, so that it has tests of its own.
#include "tests/fakes/manual_task_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace topup::fakes {
namespace {

class ManualTaskLoopTest : public testing::Test {
 protected:
  base::Task Note(int number) {
    return [this, number] { order_.push_back(number); };
  }

  FakeClock clock_;
  const absl::Duration start_ = clock_.Elapsed();
  std::vector<int> order_;
  ManualTaskLoop loop_{clock_};
};

TEST_F(ManualTaskLoopTest, RunsNothingBeforeItIsTold) {
  loop_.Post(Note(1));
  EXPECT_TRUE(order_.empty());
  EXPECT_EQ(loop_.pending_tasks(), 1);
  EXPECT_EQ(loop_.RunReady(), 1);
  EXPECT_EQ(order_, std::vector<int>{1});
  EXPECT_EQ(loop_.RunReady(), 0);
}

TEST_F(ManualTaskLoopTest, RunsWhatTasksPostAndTimersThatAreDue) {
  loop_.Post([this] {
    order_.push_back(1);
    loop_.PostAfter(absl::ZeroDuration(), Note(3));
    loop_.Post(Note(2));
  });
  loop_.PostAfter(absl::Nanoseconds(1), Note(9));
  EXPECT_EQ(loop_.RunReady(), 3);
  EXPECT_EQ(order_, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(clock_.Elapsed(), start_);
}

TEST_F(ManualTaskLoopTest, AdvancesFromTimerToTimerEachAtItsOwnTime) {
  std::vector<absl::Duration> times;
  const absl::Time now = clock_.Now();
  std::function<void()> tick = [&] {
    times.push_back(clock_.Elapsed() - start_);
    loop_.PostAfter(absl::Seconds(2), tick);
  };
  loop_.PostAfter(absl::Seconds(2), tick);
  EXPECT_EQ(loop_.AdvanceBy(absl::Seconds(7)), 3);
  EXPECT_EQ(times,
            (std::vector<absl::Duration>{absl::Seconds(2), absl::Seconds(4), absl::Seconds(6)}));
  EXPECT_EQ(clock_.Elapsed() - start_, absl::Seconds(7));
  EXPECT_EQ(clock_.Now() - now, absl::Seconds(7));
  EXPECT_EQ(loop_.NextTimer(), start_ + absl::Seconds(8));
}

TEST_F(ManualTaskLoopTest, RunsATimerThatIsDueExactlyAtTheEnd) {
  loop_.PostAfter(absl::Seconds(5), Note(1));
  EXPECT_EQ(loop_.AdvanceBy(absl::Seconds(5) - absl::Nanoseconds(1)), 0);
  EXPECT_EQ(loop_.AdvanceBy(absl::Nanoseconds(1)), 1);
}

TEST_F(ManualTaskLoopTest, RunsTimersByTimeAndThenInTheOrderTheyWereMade) {
  loop_.PostAfter(absl::Seconds(2), Note(2));
  loop_.PostAfter(absl::Seconds(2), Note(3));
  loop_.PostAfter(absl::Seconds(1), Note(1));
  loop_.AdvanceBy(absl::Seconds(3));
  EXPECT_EQ(order_, (std::vector<int>{1, 2, 3}));
}

TEST_F(ManualTaskLoopTest, ForgetsCancelledTimers) {
  const auto id = loop_.PostAfter(absl::Seconds(1), Note(1));
  const auto other = loop_.PostAfter(absl::Seconds(1), Note(2));
  EXPECT_NE(id, other);
  loop_.Cancel(id);
  loop_.Cancel(id);
  loop_.Cancel(0);
  EXPECT_EQ(loop_.pending_timers(), 1);
  loop_.AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(order_, std::vector<int>{2});
  loop_.Cancel(other);
}

TEST_F(ManualTaskLoopTest, AJumpOfTheWallClockMovesNoTimer) {
  loop_.PostAfter(absl::Seconds(1), Note(1));
  clock_.SetNow(clock_.Now() - absl::Hours(24));
  EXPECT_EQ(loop_.RunReady(), 0);
  EXPECT_EQ(loop_.AdvanceBy(absl::Seconds(1)), 1);
}

TEST_F(ManualTaskLoopTest, ASuspendedMachineRunsItsTimersLate) {
  loop_.PostAfter(absl::Seconds(1), Note(1));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(loop_.RunReady(), 1);
  EXPECT_EQ(clock_.Elapsed(), start_ + absl::Hours(1));
}

TEST_F(ManualTaskLoopTest, DropsAndLetsGoOfEverythingWhenStopped) {
  auto held = std::make_shared<int>(1);
  loop_.Post([held] {});
  loop_.PostAfter(absl::Seconds(1), [held] {});
  loop_.Stop();
  loop_.Post([held] {});
  EXPECT_NE(loop_.PostAfter(absl::Seconds(1), [held] {}), 0u);
  EXPECT_EQ(loop_.AdvanceBy(absl::Seconds(2)), 0);
  EXPECT_EQ(held.use_count(), 1);
}

using ManualTaskLoopDeathTest = ManualTaskLoopTest;

TEST_F(ManualTaskLoopDeathTest, EndsTheProcessWhereTasksPostEachOtherForEver) {
  std::function<void()> again = [&] { loop_.Post(again); };
  loop_.Post(again);
  EXPECT_DEATH(loop_.RunReady(), "without end");
}

}  // namespace
}  // namespace topup::fakes
