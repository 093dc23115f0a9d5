// Sending: when a POST is made, when none is, and what its answer does to those behind it.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/storage_errors.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::RejectionReason;
using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;

std::optional<absl::StatusOr<core::Topup>> Cancel(EngineWorld& world, const std::string& ref) {
  auto result = std::make_shared<std::optional<absl::StatusOr<core::Topup>>>();
  world.engine->Cancel({.caller = "shop", .ref = ref},
                       [result](absl::StatusOr<core::Topup> topup) { *result = topup; });
  return *result;
}

int Count(EngineWorld& world, TopupStatus status) {
  return static_cast<int>(world.store.CountByStatus(status).value());
}

EngineOptions FastBreaker() {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.rules.provider_timeout = absl::Seconds(1);
  options.rules.resend_grace = absl::Hours(2);
  return options;
}

TEST(DispatcherTest, ACancelAndAClaimThatMeetHaveOneWinnerAndNeverBoth) {
  // Whatever tasks have run before the cancel comes.
  for (int tasks = 0; tasks < 40; ++tasks) {
    EngineWorld world;
    ASSERT_THAT(world.Start(), IsOk());
    world.engine->Send(EngineWorld::Command("a"), [](absl::StatusOr<SendResult>) {});
    world.RunTasks(tasks);
    auto result = std::make_shared<std::optional<absl::StatusOr<core::Topup>>>();
    world.engine->Cancel({.caller = "shop", .ref = "a"},
                         [result](absl::StatusOr<core::Topup> topup) { *result = topup; });
    world.Advance(absl::Seconds(5));
    ASSERT_TRUE(result->has_value()) << tasks;
    if ((*result)->ok()) {
      EXPECT_EQ((**result)->status, TopupStatus::kCancelled);
      EXPECT_THAT(world.provider.posts(), SizeIs(0)) << tasks;
    } else if (!absl::IsNotFound((*result)->status())) {
      EXPECT_THAT(**result, HasReason("NOT_CANCELLABLE"));
      EXPECT_THAT(**result, HasMetadata("status", testing::Not("")));
      EXPECT_EQ(world.provider.accepted_count(), 1) << tasks;
    }
  }
}

TEST(DispatcherTest, OnlyWhatIsQueuedCanBeCancelledAndOnlyByItsCaller) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kDown});
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(3));
  std::optional<absl::Status> foreign;
  world.engine->Cancel({.caller = "kiosk", .topup_id = id},
                       [&](absl::StatusOr<core::Topup> topup) { foreign = topup.status(); });
  EXPECT_THAT(*foreign, HasReason("TOPUP_NOT_FOUND"));
  Cancel(world, "a");
  world.Advance(absl::Seconds(1));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kCancelled);
  EXPECT_EQ(world.Stored(id).advice, core::RefundAdvice::kRefund);
  world.provider.SetBehaviour(Call::kSend, {});
  world.Advance(absl::Minutes(5));
  EXPECT_EQ(world.provider.accepted_count(), 0);
}

TEST(DispatcherTest, DoubtInARowLetsOneTrialThroughEachInterval) {
  EngineWorld world(FastBreaker());
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kLostBefore});
  world.RecordMany(120);
  // Eight at a time, each for a second, until twenty are known to be in doubt.
  world.Advance(absl::Seconds(60));
  const size_t open = world.provider.posts().size();
  EXPECT_GE(open, 20u);
  EXPECT_THAT(world.engine->GetProvider().paused_reason, testing::HasSubstr("in doubt"));
  EXPECT_FALSE(world.engine->GetProvider().serving);
  world.Advance(absl::Seconds(30));
  const std::vector<FakeProvider::Post> posts = world.provider.posts();
  for (size_t i = 30; i < posts.size(); ++i) {
    EXPECT_GE(posts[i].time - posts[i - 1].time, absl::Seconds(1)) << i;
  }
  EXPECT_GT(posts.size(), open);
  // After a good one the next follows at once; five good ones open again.
  world.provider.SetBehaviour(Call::kSend, {});
  world.Advance(absl::Seconds(5));
  EXPECT_EQ(world.engine->GetProvider().paused_reason, "");
}

TEST(DispatcherTest, ThrottlingAndRefusalsDoNotOpenTheBreaker) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(Call::kSend, FakeProvider::Refusal(400, "ERR_PHONE"));
  world.RecordMany(30);
  world.Advance(absl::Minutes(2));
  EXPECT_EQ(Count(world, TopupStatus::kRejected), 30);
  EXPECT_EQ(world.engine->GetProvider().paused_reason, "");
}

TEST(DispatcherTest, AttemptsOrphanedByACrashDoNotOpenTheBreaker) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.breaker_failures = 3;
  EngineWorld world(options);
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kLostAnswer});
  world.RecordMany(5);
  world.Advance(absl::Seconds(3));
  world.CrashAndRestart();
  world.provider.SetBehaviour(Call::kSend, {});
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("after");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(10)));
  world.Advance(absl::Seconds(30));
  EXPECT_EQ(world.engine->GetProvider().paused_reason, "");
  EXPECT_EQ(world.provider.accepted_count(), 6);
}

TEST(DispatcherTest, A429SlowsEverythingForAsLongAsItSays) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(Call::kSend, {.refuse_status = 429,
                                      .refuse_code = "RATE_LIMIT_EXCEEDED",
                                      .retry_after = absl::Seconds(40)});
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(1));
  const int reads = world.provider.calls(Call::kByRef);
  world.Record("b");
  world.Advance(absl::Seconds(38));
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
  EXPECT_EQ(world.provider.calls(Call::kByRef), reads);
  // One valid not-found, and it is sent again, without the grace.
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(15)));
  EXPECT_THAT(world.provider.posts(), SizeIs(3));
  EXPECT_EQ(world.provider.accepted_count(), 2);
}

TEST(DispatcherTest, A429ToAnyReadSlowsSendsToo) {
  for (const Call call : {Call::kPlans, Call::kBalance, Call::kPing, Call::kValidate}) {
    EngineWorld world;
    ASSERT_THAT(world.Start(), IsOk());
    world.provider.SetBehaviour(call, {.refuse_status = 429,
                                       .refuse_code = "RATE_LIMIT_EXCEEDED",
                                       .retry_after = absl::Minutes(10)});
    const int before = world.provider.calls(call);
    while (world.provider.calls(call) == before) world.Advance(absl::Seconds(10));
    world.Advance(absl::Seconds(1));
    world.Record("a");
    world.Advance(absl::Minutes(8));
    EXPECT_THAT(world.provider.posts(), SizeIs(0)) << static_cast<int>(call);
    world.Advance(absl::Minutes(3));
    EXPECT_THAT(world.provider.posts(), SizeIs(1)) << static_cast<int>(call);
  }
}

TEST(DispatcherTest, WithoutMoneyTheBalanceIsReadAtOnceAndThenEveryFifteenSeconds) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Seconds(20));
  world.provider.SetBalance(core::Money());
  world.Record("a");
  const size_t before = world.provider.times(Call::kBalance).size();
  world.Advance(absl::Seconds(61));
  const std::vector<absl::Time> times = world.provider.times(Call::kBalance);
  ASSERT_EQ(times.size(), before + 5);
  EXPECT_LT(times[before] - world.provider.posts()[0].time, absl::Seconds(1));
  for (size_t i = before + 1; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], absl::Seconds(15));
    EXPECT_LE(times[i] - times[i - 1], absl::Seconds(16));
  }
  EXPECT_EQ(world.Stored(world.store.AllTopups()[0].id).rejection_reason,
            RejectionReason::kProviderInsufficientBalance);
}

TEST(DispatcherTest, ABalanceThatCoversOneLetsOneGoAndTheOthersWait) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetLatency(absl::Seconds(1));
  world.provider.SetBalance(core::Money());
  // All recorded before the first refusal is known.
  world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kDown});
  world.RecordMany(6);
  world.Advance(absl::Seconds(2));
  world.provider.SetBehaviour(Call::kSend, {});
  world.Advance(absl::Seconds(10));
  const int refused = Count(world, TopupStatus::kRejected);
  const int waiting = Count(world, TopupStatus::kQueued);
  EXPECT_EQ(refused + waiting, 6);
  ASSERT_GE(waiting, 3);
  world.provider.SetBalance(core::Money::Centimes(96'000));
  world.Advance(absl::Seconds(60));
  EXPECT_EQ(world.provider.accepted_count(), 1);
  EXPECT_EQ(Count(world, TopupStatus::kRejected), refused);
  EXPECT_EQ(Count(world, TopupStatus::kQueued), waiting - 1);
  EXPECT_THAT(*world.Send(EngineWorld::Command("more")), HasReason("PROVIDER_BALANCE_LOW"));
  world.provider.SetBalance(core::Money::Centimes(100'000'000));
  world.Advance(absl::Seconds(60));
  EXPECT_EQ(Count(world, TopupStatus::kQueued), 0);
  EXPECT_EQ(Count(world, TopupStatus::kRejected), refused);
  EXPECT_EQ(world.engine->GetProvider().paused_reason, "");
}

TEST(DispatcherTest, OurOwnConfigurationPausesSendsAndNotReads) {
  const FakeProvider::Behaviour answers[] = {
      FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"),
      FakeProvider::Refusal(403, "IP_NOT_ALLOWED"),
      {.refuse_status = 404, .bare = true},
      {.refuse_status = 302, .bare = true},
  };
  for (const FakeProvider::Behaviour& answer : answers) {
    EngineWorld world;
    ASSERT_THAT(world.Start(), IsOk());
    const std::string accepted = world.Record("accepted");
    world.Advance(absl::Seconds(1));
    world.provider.Script(Call::kSend, answer);
    // What validate says is another matter: it ends the pause.
    world.provider.SetBehaviour(Call::kValidate, {.mood = Mood::kServerError});
    const std::string id = world.Record("a");
    world.Advance(absl::Seconds(1));
    EXPECT_EQ(world.Stored(id).status, TopupStatus::kQueued) << answer.refuse_status;
    EXPECT_NE(world.engine->GetProvider().paused_reason, "");
    world.provider.SetStatus(world.Stored(accepted).provider_ref,
                             core::ProviderTopup::Status::kFulfilled);
    EXPECT_TRUE(world.AdvanceUntil(accepted, TopupStatus::kFulfilled, absl::Minutes(1)));
    EXPECT_THAT(world.provider.posts(), SizeIs(2));
    world.provider.SetBehaviour(Call::kValidate, {});
    EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(16)));
  }
}

TEST(DispatcherTest, WhatIsPausedExpiresInTimeHoweverFarBackInTheQueue) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviourOfAll(FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"));
  world.RecordMany(50);
  world.Advance(absl::Seconds(10));
  SendCommand soon = EngineWorld::Command("soon");
  soon.send_before = world.clock.Now() + absl::Seconds(30);
  const std::string id = world.Record(soon);
  world.Advance(absl::Seconds(29));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kQueued);
  world.Advance(absl::Seconds(3));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kRejected);
  EXPECT_EQ(world.Stored(id).rejection_reason, RejectionReason::kExpired);
  EXPECT_EQ(Count(world, TopupStatus::kQueued), 50);
  world.Advance(absl::Minutes(30));
  EXPECT_EQ(Count(world, TopupStatus::kQueued), 0);
  // Also for what an earlier process left.
  world.Record("left");
  world.CrashAndRestart();
  static_cast<void>(world.Start());
  EXPECT_EQ(Count(world, TopupStatus::kQueued), 1);
}

TEST(DispatcherTest, AConnectionThatFailsForManyAtOnceIsOneFailure) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kDown});
  const std::vector<std::string> ids = world.RecordMany(6);
  world.Advance(absl::Milliseconds(500));
  world.provider.SetBehaviour(Call::kSend, {});
  world.Advance(absl::Seconds(8));
  EXPECT_EQ(world.provider.accepted_count(), 6);
}

TEST(DispatcherTest, ADrainWaitsForPostsAndTheirRecordAndClaimsNothingMore) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetLatency(absl::Seconds(3));
  SendCommand command = EngineWorld::Command("a");
  command.wait_for = WaitFor::kSettled;
  std::optional<TopupStatus> answered;
  world.engine->Send(command,
                     [&](absl::StatusOr<SendResult> result) { answered = result->topup.status; });
  world.Advance(absl::Seconds(1));
  bool drained = false;
  world.engine->Drain([&] { drained = true; });
  const std::string later = world.Record("later");
  world.Advance(absl::Seconds(1));
  EXPECT_FALSE(drained);
  world.Advance(absl::Seconds(2));
  EXPECT_TRUE(drained);
  EXPECT_EQ(answered, TopupStatus::kPending);
  EXPECT_EQ(world.Stored(later).status, TopupStatus::kQueued);
  // Whoever waits from now on is answered at once.
  answered.reset();
  world.engine->Send(command,
                     [&](absl::StatusOr<SendResult> result) { answered = result->topup.status; });
  world.RunReady();
  EXPECT_EQ(answered, TopupStatus::kPending);
}

TEST(DispatcherTest, AWaitEndsAtItsTimeWithWhatIsKnown) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetLatency(absl::Seconds(10));
  SendCommand command = EngineWorld::Command("a");
  command.wait_for = WaitFor::kSubmitted;
  command.answer_by = world.clock.Now() + absl::Seconds(4);
  std::optional<TopupStatus> answered;
  world.engine->Send(command,
                     [&](absl::StatusOr<SendResult> result) { answered = result->topup.status; });
  world.Advance(absl::Seconds(3));
  EXPECT_FALSE(answered.has_value());
  world.Advance(absl::Seconds(1));
  EXPECT_EQ(answered, TopupStatus::kSubmitting);
}

}  // namespace
}  // namespace topup::engine
