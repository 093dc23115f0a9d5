// Found by the simulator: after the wall clock had been set back, whatever waited for a time by
// the old clock waited until the new one got there.
#include "server/core/clock_setback.h"

#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;

void SetBack(EngineWorld& world, absl::Duration by) {
  // The provider has a clock of its own; this one would not show what it takes for the future.
  world.provider.SetVisibilityDelay(-by);
  world.clock.SetNow(world.clock.Now() - by);
}

TEST(ClockSetbackTest, AnAcceptedTopupIsFollowedAtItsPace) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(5)));
  SetBack(world, absl::Hours(25));
  world.provider.SetStatus(world.Stored(id).provider_ref, core::ProviderTopup::Status::kFulfilled);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Seconds(15)));
}

TEST(ClockSetbackTest, AQueuedTopupIsSentWithoutWaitingForTheOldTime) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kDown});
  const std::string id = world.Record("a");
  world.Advance(absl::Minutes(1));
  ASSERT_EQ(world.Stored(id).status, TopupStatus::kQueued);
  SetBack(world, absl::Hours(1));
  world.provider.SetBehaviour(FakeProvider::Call::kSend, {});
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(1)));
}

TEST(ClockSetbackTest, DoubtIsSettledByNotFoundsOfTheNewTime) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(40));
  ASSERT_TRUE(core::IsInDoubt(world.Stored(id)));
  SetBack(world, absl::Hours(25));
  // Two not-founds that count, the grace, and the resend.
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(5)));
}

TEST(ClockSetbackTest, ItIsNoticedWhereItHappenedWhileNobodyRan) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(5)));
  world.CrashAndRestart();
  SetBack(world, absl::Hours(25));
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetStatus(world.Stored(id).provider_ref, core::ProviderTopup::Status::kFulfilled);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Seconds(15)));
}

// Found by the simulator: each setting began the interval anew.
TEST(ClockSetbackTest, SettingItAgainAndAgainPutsNoReadOff) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(5)));
  const auto last_read = [&] { return world.Stored(id).progress.last_read_start; };
  // By now it is read every ten minutes.
  world.Advance(absl::Hours(2));
  const auto before = last_read();
  while (last_read() == before) world.Advance(absl::Seconds(10));
  const auto read = last_read();
  world.Advance(absl::Minutes(6));
  ASSERT_EQ(last_read(), read);
  SetBack(world, absl::Hours(1));
  world.Advance(absl::Minutes(6));
  EXPECT_NE(last_read(), read);
}

TEST(ClockSetbackTest, ARowThatIsOnTimeIsLeftAlone) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(5)));
  const core::Topup row = world.Stored(id);
  EXPECT_FALSE(
      core::FollowClockSetBack(row, world.options.rules, {.now = world.clock.Now()}).changed);
  EXPECT_FALSE(core::FollowClockSetBack(row, world.options.rules,
                                        {.now = world.clock.Now() + absl::Hours(48)})
                   .changed);
}

}  // namespace
}  // namespace topup::engine
