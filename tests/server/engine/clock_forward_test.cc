// What a wall clock that is set forward must not shorten: whatever safety waits for counts time
// that has certainly passed. The shortest of these waits are tried in core/protocol_clock_test. In
// this world the provider's clock is set with ours, so that it is
// no second opinion.
#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::RefundAdvice;
using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;
using Shows = core::ProviderTopup::Status;

void SetForward(EngineWorld& world, absl::Duration by) {
  world.clock.SetNow(world.clock.Now() + by);
}

// Lets time pass second by second; false where `id` leaves `status` before the end.
bool Stays(EngineWorld& world, const std::string& id, TopupStatus status, absl::Duration time) {
  for (; time > absl::ZeroDuration(); time -= absl::Seconds(1)) {
    if (world.Stored(id).status != status) return false;
    world.Advance(std::min<absl::Duration>(time, absl::Seconds(1)));
  }
  return world.Stored(id).status == status;
}

std::string RecordPending(EngineWorld& world) {
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(5)));
  return id;
}

// A POST that is lost on the way, up to the end of its watchdog.
std::string RecordInDoubt(EngineWorld& world) {
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(21));
  EXPECT_TRUE(core::IsInDoubt(world.Stored(id)));
  return id;
}

void SeeRefundedOnce(EngineWorld& world, const std::string& id) {
  world.provider.SetStatus(world.Stored(id).provider_ref, Shows::kRefunded);
  for (int i = 0; i < 100 && !world.Stored(id).progress.refund_seen_time.has_value(); ++i) {
    world.Advance(absl::Milliseconds(100));
  }
  ASSERT_TRUE(world.Stored(id).progress.refund_seen_time.has_value());
  ASSERT_EQ(world.Stored(id).status, TopupStatus::kPending);
}

TEST(ClockForwardTest, TheSameRefIsNotSentAgainBeforeTheGraceHasPassed) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = RecordInDoubt(world);
  SetForward(world, absl::Minutes(10));
  EXPECT_TRUE(Stays(world, id, TopupStatus::kSubmitting, absl::Seconds(85)));
  EXPECT_EQ(world.provider.posts().size(), 1u);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(2)));
}

TEST(ClockForwardTest, TheGraceCountsFromTheStartWhereTheClockWasSetWhileNobodyRan) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = RecordInDoubt(world);
  world.CrashAndRestart();
  SetForward(world, absl::Minutes(10));
  ASSERT_THAT(world.Start(), IsOk());
  EXPECT_TRUE(Stays(world, id, TopupStatus::kSubmitting, absl::Seconds(85)));
  EXPECT_EQ(world.provider.posts().size(), 1u);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(2)));
}

TEST(ClockForwardTest, RefundedSeenByAnEarlierProcessNeedsAPollIntervalInThisOne) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = RecordPending(world);
  SeeRefundedOnce(world, id);
  world.CrashAndRestart();
  SetForward(world, absl::Hours(1));
  ASSERT_THAT(world.Start(), IsOk());
  EXPECT_TRUE(Stays(world, id, TopupStatus::kPending, absl::Seconds(4)));
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kRefunded, absl::Seconds(30)));
}

TEST(ClockForwardTest, NeverAcceptedTakesItsWholeTime) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  const std::string id = RecordInDoubt(world);
  world.Advance(absl::Minutes(3));
  SetForward(world, absl::Hours(25));
  EXPECT_TRUE(Stays(world, id, TopupStatus::kSubmitting, absl::Hours(23)));
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kRejected, absl::Hours(2)));
}

TEST(ClockForwardTest, AReviewIsAdvisedAfterItsWholeTime) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = RecordPending(world);
  world.provider.SetStatus(world.Stored(id).provider_ref, Shows::kUnknownError);
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kUnknownError, absl::Seconds(30)));
  SetForward(world, absl::Hours(25));
  for (int hours = 0; hours < 23; ++hours) {
    world.Advance(absl::Hours(1));
    ASSERT_EQ(world.Stored(id).advice, RefundAdvice::kWait) << hours;
  }
  world.Advance(absl::Hours(2));
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kReview);
}

// It would be a day old by its dates, and be looked at every six hours.
TEST(ClockForwardTest, DoubtIsAskedForAtItsPace) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  const std::string id = RecordInDoubt(world);
  SetForward(world, absl::Hours(25));
  world.Advance(absl::Seconds(10));
  EXPECT_LE(world.Stored(id).progress.next_action_time - world.clock.Now(), absl::Seconds(30));
}

TEST(ClockForwardTest, AnAcceptedTopupIsFollowedAtItsPace) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = RecordPending(world);
  SetForward(world, absl::Hours(25));
  world.Advance(absl::Seconds(10));
  EXPECT_LE(world.Stored(id).progress.next_action_time - world.clock.Now(),
            world.options.rules.poll_interval);
}

TEST(ClockForwardTest, APersonMayNotDecideBeforeTheProvidersTimeIsOver) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = RecordPending(world);
  SetForward(world, absl::Hours(25));
  world.Advance(absl::Seconds(10));
  absl::StatusOr<Resolved> resolved = absl::UnknownError("no answer");
  world.engine->Resolve({.topup_id = id,
                         .status = TopupStatus::kRejected,
                         .decided_by = "ops",
                         .reason = "a day has passed, it seems"},
                        [&resolved](absl::StatusOr<Resolved> answer) { resolved = answer; });
  world.RunReady();
  EXPECT_THAT(resolved, support::HasReason("NOT_RESOLVABLE"));
}

}  // namespace
}  // namespace topup::engine
