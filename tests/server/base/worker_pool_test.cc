#include "server/base/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "tests/fakes/inline_executor.h"

namespace topup::base {
namespace {

// A task that says when it has begun and ends when it is told to.
class Gate {
 public:
  Task task() {
    return [this] {
      begun_.set_value();
      opened_.get_future().wait();
    };
  }
  void WaitUntilBegun() { begun_.get_future().wait(); }
  void Open() { opened_.set_value(); }

 private:
  std::promise<void> begun_;
  std::promise<void> opened_;
};

TEST(WorkerPoolTest, RunsEveryTaskThatItTook) {
  std::atomic<int> ran{0};
  WorkerPool pool("test_pool", 3, 1000);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.TryPost([&ran] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 500);
}

TEST(WorkerPoolTest, RunsTasksInOrderOnOneThread) {
  std::vector<int> order;
  WorkerPool pool("test_pool", 1, 1000);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.TryPost([&order, i] { order.push_back(i); }));
  pool.Stop();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
}

// Would hang if the pool had fewer threads than it was asked for.
TEST(WorkerPoolTest, WorksOnAsManyTasksAtOnceAsItHasThreads) {
  Gate gates[3];
  WorkerPool pool("test_pool", 3, 0);
  for (Gate& gate : gates) ASSERT_TRUE(pool.TryPost(gate.task()));
  for (Gate& gate : gates) gate.WaitUntilBegun();
  for (Gate& gate : gates) gate.Open();
}

TEST(WorkerPoolTest, RefusesWhatItsQueueCannotHold) {
  Gate busy;
  std::atomic<int> ran{0};
  WorkerPool pool("test_pool", 1, 2);
  ASSERT_TRUE(pool.TryPost(busy.task()));
  busy.WaitUntilBegun();
  EXPECT_TRUE(pool.TryPost([&ran] { ++ran; }));
  EXPECT_TRUE(pool.TryPost([&ran] { ++ran; }));
  EXPECT_FALSE(pool.TryPost([&ran] { ran += 100; }));
  busy.Open();
  pool.Stop();
  EXPECT_EQ(ran, 2);
}

TEST(WorkerPoolTest, TakesOneTaskForEachThreadWithoutAQueue) {
  Gate busy;
  WorkerPool pool("test_pool", 1, 0);
  ASSERT_TRUE(pool.TryPost(busy.task()));
  EXPECT_FALSE(pool.TryPost([] {}));
  busy.Open();
}

TEST(WorkerPoolTest, StopFinishesWhatIsQueuedAndRefusesTheRest) {
  Gate busy;
  std::atomic<int> ran{0};
  WorkerPool pool("test_pool", 1, 10);
  ASSERT_TRUE(pool.TryPost(busy.task()));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool.TryPost([&ran] { ++ran; }));
  busy.WaitUntilBegun();
  std::thread stopper([&pool] { pool.Stop(); });
  busy.Open();
  stopper.join();
  EXPECT_EQ(ran, 5);
  EXPECT_FALSE(pool.TryPost([&ran] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 5);
}

TEST(WorkerPoolTest, LetsGoOfATaskOnceItHasRun) {
  auto held = std::make_shared<int>(1);
  WorkerPool pool("test_pool", 1, 10);
  ASSERT_TRUE(pool.TryPost([held] {}));
  pool.Stop();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(InlineExecutorTest, RunsATaskBeforeItReturnsUnlessItIsFull) {
  fakes::InlineExecutor executor;
  int ran = 0;
  EXPECT_TRUE(executor.TryPost([&ran] { ++ran; }));
  EXPECT_EQ(ran, 1);
  executor.SetFull(true);
  EXPECT_FALSE(executor.TryPost([&ran] { ++ran; }));
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(executor.count(), 1);
}

}  // namespace
}  // namespace topup::base
