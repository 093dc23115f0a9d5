#include "server/ops/signals.h"

#include <signal.h>
#include <unistd.h>

#include <future>

#include "gtest/gtest.h"

namespace topup::ops {
namespace {

TEST(SignalsTest, EachSighupReloadsAndTheFirstSigtermTerminates) {
  BlockSignals();
  std::promise<void> reloaded;
  std::promise<void> terminated;
  const SignalWatcher watcher(
      {.terminate = [&] { terminated.set_value(); }, .reload = [&] { reloaded.set_value(); }});
  kill(getpid(), SIGHUP);
  reloaded.get_future().wait();
  kill(getpid(), SIGTERM);
  terminated.get_future().wait();
}

TEST(SignalsTest, AWatcherThatSawNothingEndsByItself) {
  BlockSignals();
  bool called = false;
  {
    const SignalWatcher watcher(
        {.terminate = [&] { called = true; }, .reload = [&] { called = true; }});
  }
  EXPECT_FALSE(called);
}

TEST(SignalsDeathTest, ASecondSigtermEndsTheProcessAtOnce) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        BlockSignals();
        std::promise<void> terminated;
        const SignalWatcher watcher(
            {.terminate = [&] { terminated.set_value(); }, .reload = [] {}});
        kill(getpid(), SIGTERM);
        terminated.get_future().wait();
        kill(getpid(), SIGINT);
        std::promise<void>().get_future().wait();
      },
      testing::ExitedWithCode(130), "");
}

TEST(SignalsTest, AReaderThatWentAwayDoesNotEndTheProcess) {
  BlockSignals();
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  close(pipe_ends[0]);
  EXPECT_EQ(write(pipe_ends[1], "x", 1), -1);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace topup::ops
