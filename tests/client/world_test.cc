#include "client/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/client/recorded_world.h"

namespace topup::client {
namespace {

TEST(WorldTest, RefsAreOfTheFormThatTheContractTakes) {
  const std::string ref = MakeRef(RealWorld());
  EXPECT_EQ(ref.size(), 26u);
  EXPECT_EQ(ref.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos) << ref;
}

TEST(WorldTest, RefsOfLaterTimesSortLater) {
  tests::RecordedWorld recorded;
  const World world = recorded.Make();
  const std::string earlier = MakeRef(world);
  recorded.now += absl::Milliseconds(1);
  EXPECT_LT(earlier, MakeRef(world));
}

TEST(WorldTest, RefsOfOneMillisecondDiffer) {
  tests::RecordedWorld recorded;
  World world = recorded.Make();
  world.random_bits = RealWorld().random_bits;
  std::set<std::string> refs;
  for (int i = 0; i < 1000; ++i) refs.insert(MakeRef(world));
  EXPECT_EQ(refs.size(), 1000u);
}

TEST(CancellationTest, EndsAWaitAtOnce) {
  Cancellation cancellation;
  std::thread canceller([&] { cancellation.Cancel(); });
  // Only a cancellation ends this.
  EXPECT_TRUE(cancellation.WaitFor(absl::InfiniteDuration()));
  canceller.join();
}

TEST(CancellationTest, RunsTheActionOfALivingWatcherOnce) {
  Cancellation cancellation;
  int runs = 0;
  const Cancellation::Watcher watcher(&cancellation, [&] { ++runs; });
  EXPECT_EQ(runs, 0);
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_EQ(runs, 1);
}

TEST(CancellationTest, RunsTheActionOfALateWatcherAtOnce) {
  Cancellation cancellation;
  cancellation.Cancel();
  int runs = 0;
  const Cancellation::Watcher watcher(&cancellation, [&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

TEST(CancellationTest, LeavesTheActionOfAWatcherThatIsGone) {
  Cancellation cancellation;
  int runs = 0;
  {
    const Cancellation::Watcher watcher(&cancellation, [&] { ++runs; });
  }
  cancellation.Cancel();
  EXPECT_EQ(runs, 0);
}

}  // namespace
}  // namespace topup::client
