// The loop on a thread of its own. Its timers are moved by a clock of the test: a post wakes
// the loop, which then looks at the clock again, so that nothing here waits for real time.
#include "server/base/task_loop.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

#include "tests/fakes/fake_clock.h"

namespace topup::base {
namespace {

class TaskLoopTest : public testing::Test {
 protected:
  // Returns once everything posted before, and every timer due before, has run.
  void Settle() {
    for (int i = 0; i < 2; ++i) {  // due timers run after what was posted already
      std::promise<void> reached;
      loop_.Post([&reached] { reached.set_value(); });
      reached.get_future().wait();
    }
  }

  fakes::FakeClock clock_;
  std::vector<int> order_;  // touched on the loop only, and after Settle()
  ThreadTaskLoop loop_{"test_loop", clock_};
};

TEST_F(TaskLoopTest, RunsTasksInTheOrderTheyWerePosted) {
  for (int i = 0; i < 100; ++i) loop_.Post([this, i] { order_.push_back(i); });
  Settle();
  ASSERT_EQ(order_.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order_[i], i);
}

TEST_F(TaskLoopTest, RunsEverythingOnOneThread) {
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 10; ++i) {
    loop_.Post([&threads] { threads.push_back(std::this_thread::get_id()); });
  }
  Settle();
  EXPECT_EQ(threads, std::vector<std::thread::id>(10, threads[0]));
  EXPECT_NE(threads[0], std::this_thread::get_id());
}

TEST_F(TaskLoopTest, RunsATimerAtItsTimeAndNotBefore) {
  const TaskLoop::TimerId id = loop_.PostAfter(absl::Seconds(10), [this] { order_.push_back(1); });
  EXPECT_NE(id, 0u);
  clock_.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
  Settle();
  EXPECT_TRUE(order_.empty());
  clock_.Advance(absl::Nanoseconds(1));
  Settle();
  EXPECT_EQ(order_, std::vector<int>{1});
  Settle();
  EXPECT_EQ(order_.size(), 1u);
}

TEST_F(TaskLoopTest, RunsTimersByTimeAndThenInTheOrderTheyWereMade) {
  loop_.PostAfter(absl::Seconds(3), [this] { order_.push_back(4); });
  loop_.PostAfter(absl::Seconds(1), [this] { order_.push_back(1); });
  loop_.PostAfter(absl::Seconds(2), [this] { order_.push_back(2); });
  loop_.PostAfter(absl::Seconds(2), [this] { order_.push_back(3); });
  loop_.PostAfter(-absl::Seconds(1), [this] { order_.push_back(0); });
  clock_.Advance(absl::Seconds(5));
  Settle();
  EXPECT_EQ(order_, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(TaskLoopTest, JumpsOfTheWallClockMoveNoTimer) {
  loop_.PostAfter(absl::Seconds(10), [this] { order_.push_back(1); });
  clock_.SetNow(clock_.Now() + absl::Hours(24));
  Settle();
  EXPECT_TRUE(order_.empty());
}

TEST_F(TaskLoopTest, ForgetsACancelledTimer) {
  const auto id = loop_.PostAfter(absl::Seconds(1), [this] { order_.push_back(1); });
  loop_.PostAfter(absl::Seconds(1), [this] { order_.push_back(2); });
  loop_.Cancel(id);
  loop_.Cancel(id);
  loop_.Cancel(0);
  loop_.Cancel(12345);
  clock_.Advance(absl::Seconds(2));
  Settle();
  EXPECT_EQ(order_, std::vector<int>{2});
}

// Both are due at once: the second is already in line when the first one cancels it.
TEST_F(TaskLoopTest, ATimerCanCancelAnotherThatIsDueAlready) {
  TaskLoop::TimerId second = 0;
  loop_.Post([&] {
    loop_.PostAfter(absl::Seconds(1), [&] { loop_.Cancel(second); });
    second = loop_.PostAfter(absl::Seconds(1), [this] { order_.push_back(2); });
    clock_.Advance(absl::Seconds(1));
  });
  Settle();
  Settle();
  EXPECT_TRUE(order_.empty());
}

TEST_F(TaskLoopTest, RunsATimerThatIsDueAtOnceWithoutAnotherPost) {
  std::promise<void> ran;
  loop_.PostAfter(absl::ZeroDuration(), [&ran] { ran.set_value(); });
  ran.get_future().wait();
}

TEST_F(TaskLoopTest, TasksMayPostTasks) {
  loop_.Post([this] {
    order_.push_back(1);
    loop_.Post([this] { order_.push_back(3); });
    loop_.PostAfter(absl::ZeroDuration(), [this] { order_.push_back(4); });
    order_.push_back(2);
  });
  Settle();
  Settle();
  EXPECT_EQ(order_, (std::vector<int>{1, 2, 3, 4}));
}

TEST_F(TaskLoopTest, TimersDoNotKeepPostedTasksWaiting) {
  std::function<void()> again = [&] {
    order_.push_back(0);
    loop_.PostAfter(absl::ZeroDuration(), again);  // due at once, for ever
  };
  loop_.PostAfter(absl::ZeroDuration(), again);
  Settle();  // would not return
  loop_.Stop();
}

TEST_F(TaskLoopTest, StopRunsWhatIsPostedAndDropsTheRest) {
  std::promise<void> go;
  auto gate = std::make_shared<std::shared_future<void>>(go.get_future().share());
  loop_.Post([gate] { gate->wait(); });
  for (int i = 1; i <= 3; ++i) loop_.Post([this, i] { order_.push_back(i); });
  loop_.PostAfter(absl::Hours(1), [this] { order_.push_back(99); });
  go.set_value();
  loop_.Stop();
  EXPECT_EQ(order_, (std::vector<int>{1, 2, 3}));

  loop_.Post([this] { order_.push_back(4); });
  EXPECT_NE(loop_.PostAfter(absl::ZeroDuration(), [this] { order_.push_back(5); }), 0u);
  loop_.Stop();
  EXPECT_EQ(order_.size(), 3u);
}

// What a task holds is let go even where it never runs: a promise, a connection, a lock.
TEST_F(TaskLoopTest, LetsGoOfWhatItForgets) {
  auto held = std::make_shared<int>(1);
  const auto cancelled = loop_.PostAfter(absl::Hours(1), [held] {});
  loop_.PostAfter(absl::Hours(1), [held] {});
  EXPECT_EQ(held.use_count(), 3);
  loop_.Cancel(cancelled);
  EXPECT_EQ(held.use_count(), 2);
  loop_.Stop();
  loop_.Post([held] {});
  loop_.PostAfter(absl::Hours(1), [held] {});
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(TaskLoopTest, TakesTasksFromManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 250; ++j) {
        loop_.Post([this] { order_.push_back(0); });
        loop_.Cancel(loop_.PostAfter(absl::Hours(1), [] {}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Settle();
  EXPECT_EQ(order_.size(), 1000u);
}

}  // namespace
}  // namespace topup::base
