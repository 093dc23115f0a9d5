// What finds thousands of top-ups to change at once leaves room for everything else.
#include "server/engine/bulk_changes.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;
using testing::Each;
using testing::Le;
using testing::Ne;

constexpr int kTopups = 1300;

class BulkChangesTest : public testing::Test {
 protected:
  // QUEUED, of a provider that was out.
  void SetUp() override {
    world_.provider.SetBehaviour(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kDown});
    ASSERT_THAT(world_.Start(), IsOk());
    ids_ = world_.RecordMany(kTopups);
    world_.CrashAndRestart();
  }

  // Starts, and looks after each step how many top-ups are being changed; the most ever.
  int64_t StartAndRun(int steps) {
    world_.engine->Start([](const absl::Status& started) { EXPECT_THAT(started, IsOk()); });
    int64_t most = 0;
    base::Gauge* busy = world_.metrics.GetGauge("topup_engine_busy_topups", "");
    for (int i = 0; i < steps; ++i) {
      world_.RunTasks(1);
      most = std::max(most, busy->Value());
    }
    return most;
  }

  std::vector<TopupStatus> Statuses() {
    std::vector<TopupStatus> statuses;
    for (const std::string& id : ids_) statuses.push_back(world_.Stored(id).status);
    return statuses;
  }

  const int64_t most_allowed_ =
      BulkChanges::kUnderWayMax + EngineWorld::DefaultOptions().submit_concurrency;
  EngineWorld world_;
  std::vector<std::string> ids_;
};

TEST_F(BulkChangesTest, AStartLongAfterAnOutageExpiresThemAFewHundredAtATime) {
  world_.clock.Advance(absl::Hours(1));
  EXPECT_THAT(StartAndRun(4 * kTopups), Le(most_allowed_));
  world_.Advance(absl::Seconds(2));
  EXPECT_THAT(Statuses(), Each(Ne(TopupStatus::kQueued)));
}

TEST_F(BulkChangesTest, AClockThatWasSetBackMovesThemAFewHundredAtATime) {
  world_.clock.SetNow(world_.clock.Now() - absl::Hours(1));
  EXPECT_THAT(StartAndRun(4 * kTopups), Le(most_allowed_));
  world_.Advance(absl::Seconds(2));
  for (const std::string& id : ids_) {
    EXPECT_LE(world_.Stored(id).progress.next_action_time, world_.clock.Now() + absl::Minutes(1));
  }
}

}  // namespace
}  // namespace topup::engine
