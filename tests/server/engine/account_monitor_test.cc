// The key, the plans and the pauses: at the start, at a change, and for as long as it lasts.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;

bool AllDown(EngineWorld& world) {
  world.provider.SetBehaviourOfAll({.mood = Mood::kDown});
  return true;
}

TEST(AccountMonitorTest, AKeyThatCannotSendStopsTheStart) {
  EngineWorld read_only;
  read_only.provider.SetKeyScope("READ-ONLY");
  EXPECT_THAT(read_only.Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EngineWorld disabled;
  disabled.provider.SetKeyScope("READ-WRITE", /*enabled=*/false);
  EXPECT_THAT(disabled.Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
  for (const auto& [status, code] : {std::pair(401, "INVALID_ACCESS_TOKEN"),
                                     std::pair(403, "API_DISABLED"), std::pair(400, "ERR_AUTH")}) {
    EngineWorld refused;
    refused.provider.SetBehaviour(Call::kValidate, FakeProvider::Refusal(status, code));
    EXPECT_THAT(refused.Start(), StatusIs(absl::StatusCode::kFailedPrecondition)) << code;
  }
}

TEST(AccountMonitorTest, AnAddressThatIsNotAllowedPausesAndDoesNotStopTheStart) {
  EngineWorld world;
  world.provider.SetBehaviourOfAll(FakeProvider::Refusal(403, "IP_NOT_ALLOWED"));
  EXPECT_THAT(world.Start(), IsOk());
  EXPECT_THAT(world.engine->GetProvider().paused_reason, testing::HasSubstr("IP_NOT_ALLOWED"));
  EXPECT_EQ(world.provider.calls(Call::kPlans), 0);
}

TEST(AccountMonitorTest, AKeyOfAnotherEnvironmentStopsTheStart) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetKeyType("PRODUCTION");
  world.CrashAndRestart();
  EXPECT_THAT(world.Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(AccountMonitorTest, AKeyOfAnotherEnvironmentIsNeverUsedAfterAReload) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Record("before");
  world.Advance(absl::Seconds(1));
  world.provider.SetKeyType("PRODUCTION");
  world.provider.SetLatency(absl::Seconds(1));
  world.engine->KeyChanged();
  const std::string id = world.Record("a");
  const int reads = world.provider.calls(Call::kById) + world.provider.calls(Call::kList);
  world.Advance(absl::Minutes(20));
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
  EXPECT_EQ(world.provider.calls(Call::kById) + world.provider.calls(Call::kList), reads);
  EXPECT_THAT(world.engine->GetProvider().paused_reason, testing::HasSubstr("PRODUCTION"));
  EXPECT_FALSE(world.engine->GetProvider().serving);
  // It is asked again on the schedule of a pause, and not in a loop.
  EXPECT_LE(world.provider.calls(Call::kValidate), 10);
  world.provider.SetKeyType("SANDBOX");
  world.engine->KeyChanged();
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(10)));
}

TEST(AccountMonitorTest, ANewKeyIsNotUsedBeforeItIsValidated) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetLatency(absl::Seconds(5));
  world.engine->KeyChanged();
  world.Record("a");
  world.Advance(absl::Seconds(4));
  EXPECT_THAT(world.provider.posts(), SizeIs(0));
  world.Advance(absl::Seconds(2));
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
}

TEST(AccountMonitorTest, AnAnswerAboutTheOldKeySaysNothingOfTheNewOne) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetLatency(absl::Seconds(10));
  world.engine->KeyChanged();
  world.Advance(absl::Seconds(5));
  // The first validate is still under way when the key changes again.
  world.provider.SetKeyType("PRODUCTION");
  world.engine->KeyChanged();
  world.Record("a");
  world.Advance(absl::Seconds(30));
  EXPECT_THAT(world.provider.posts(), SizeIs(0));
}

TEST(AccountMonitorTest, AProviderThatIsDownAtTheStartIsNoErrorAndIsTriedAgain) {
  EngineWorld world;
  ASSERT_TRUE(AllDown(world));
  ASSERT_THAT(world.Start(), IsOk());
  EXPECT_FALSE(world.engine->GetProvider().serving);
  EXPECT_THAT(*world.Send(EngineWorld::Command("a")), HasReason("CATALOGUE_UNAVAILABLE"));
  world.provider.SetBehaviourOfAll({});
  world.Advance(absl::Seconds(70));
  EXPECT_TRUE(world.engine->GetProvider().serving);
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(5)));
}

TEST(AccountMonitorTest, APauseThatTheProviderAsksForAtTheStartIsNotWaitedFor) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.CrashAndRestart();
  FakeProvider::Behaviour busy = FakeProvider::Refusal(429, "RATE_LIMITED");
  busy.retry_after = absl::Minutes(15);
  world.provider.Script(Call::kValidate, busy);
  const absl::Time before = world.clock.Now();
  ASSERT_THAT(world.Start(), IsOk());
  EXPECT_LE(world.clock.Now() - before, absl::Seconds(2));
  const std::string id = world.Record("a");
  const int reads = world.provider.calls(Call::kPlans);
  world.Advance(absl::Minutes(14));
  EXPECT_EQ(world.provider.calls(Call::kPlans), reads) << "the pause is kept";
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kQueued);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(2)));
  EXPECT_EQ(world.provider.calls(Call::kPlans), reads + 1);
}

TEST(AccountMonitorTest, ALowCeilingDelaysTheFirstPlansAndDoesNotFailThem) {
  EngineWorld world;
  world.requests_per_minute = 20;  // one in three seconds
  world.CrashAndRestart();
  ASSERT_THAT(world.Start(), IsOk());
  EXPECT_TRUE(world.Send(EngineWorld::Command("a"))->ok());
}

TEST(AccountMonitorTest, WithTheKeptCatalogueSendsAreTakenWhileTheProviderIsDown) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.CrashAndRestart();
  ASSERT_TRUE(AllDown(world));
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  world.Advance(absl::Minutes(1));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kQueued);
  world.provider.SetBehaviourOfAll({});
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(20)));
}

TEST(AccountMonitorTest, APauseSeenByAReadStopsEverythingAndValidateComesAtItsSteps) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Record("open");
  world.Advance(absl::Seconds(1));
  // A URL that leads elsewhere.
  world.provider.SetBehaviourOfAll({.refuse_status = 302, .bare = true});
  world.Advance(absl::Seconds(10));
  ASSERT_NE(world.engine->GetProvider().paused_reason, "");
  std::vector<absl::Time> before = world.provider.times(Call::kValidate);
  const int others = world.provider.calls(Call::kById) + world.provider.calls(Call::kList) +
                     world.provider.calls(Call::kPing) + world.provider.calls(Call::kBalance);
  world.Advance(absl::Minutes(40));
  const std::vector<absl::Time> times = world.provider.times(Call::kValidate);
  ASSERT_EQ(times.size(), before.size() + 7);
  const int steps[] = {30, 60, 120, 300, 900, 900};
  for (int i = 0; i < 6; ++i) {
    const absl::Duration step = times[before.size() + i + 1] - times[before.size() + i];
    EXPECT_GE(step, absl::Seconds(steps[i]));
    EXPECT_LE(step, absl::Seconds(steps[i] + 2));
  }
  EXPECT_EQ(world.provider.calls(Call::kById) + world.provider.calls(Call::kList) +
                world.provider.calls(Call::kPing) + world.provider.calls(Call::kBalance),
            others);
}

TEST(AccountMonitorTest, WhatWaitsToBeSentAgainIsAskedAboutWhileSendsArePaused) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.submit_concurrency = 1;
  options.rules.resend_grace = absl::Seconds(3);
  EngineWorld world(options);
  ASSERT_THAT(world.Start(), IsOk());
  world.Record("known");
  world.Advance(absl::Seconds(1));
  world.provider.Script(Call::kSend, {.mood = Mood::kLostBefore});
  FakeProvider::Behaviour blocked = FakeProvider::Refusal(403, "IP_BLOCKED");
  blocked.latency = absl::Seconds(19);
  world.provider.SetBehaviour(Call::kSend, blocked);
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(1));
  world.Record("blocked");
  // Not found twice; the other POST keeps the only slot until its answer pauses all of them.
  world.Advance(absl::Seconds(30));
  ASSERT_EQ(world.Stored(id).progress.next_action, core::NextAction::kResend);
  core::ProviderTopup late;
  late.id = "dddd";
  late.ref = world.Stored(id).provider_ref;
  late.status = core::ProviderTopup::Status::kPending;
  world.provider.Show(late);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(2)));
  EXPECT_NE(world.engine->GetProvider().paused_reason, "");
}

TEST(AccountMonitorTest, DoubtIsAskedAboutWhileSendsArePaused) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Record("known");
  world.Advance(absl::Seconds(1));
  world.provider.Script(Call::kSend, {.mood = Mood::kLostAnswer});
  world.provider.Script(Call::kSend, FakeProvider::Refusal(403, "IP_BLOCKED"));
  const std::string id = world.Record("a");
  world.Record("blocked");
  world.Advance(absl::Seconds(18));
  ASSERT_THAT(world.engine->GetProvider().paused_reason, testing::HasSubstr("IP_BLOCKED"));
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(20)));
}

TEST(AccountMonitorTest, ARefusedKeyIsTriedEveryQuarterOfAnHourOnly) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviourOfAll(FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"));
  world.Record("a");
  world.Advance(absl::Seconds(1));
  const int before = world.provider.calls(Call::kValidate);
  world.Advance(absl::Minutes(14));
  EXPECT_EQ(world.provider.calls(Call::kValidate), before);
  world.Advance(absl::Minutes(31));
  EXPECT_EQ(world.provider.calls(Call::kValidate), before + 3);
}

TEST(AccountMonitorTest, AKeyRevokedWhileNothingIsOpenIsNoticedByTheNextRead) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Minutes(1));
  world.provider.SetBehaviourOfAll(FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"));
  world.Advance(absl::Minutes(2));
  EXPECT_NE(world.engine->GetProvider().paused_reason, "");
  EXPECT_EQ(world.log.CountWith("account.paused"), 1);
  EXPECT_THAT(world.metrics.Text(), testing::HasSubstr("topup_engine_account_paused 1"));
  world.provider.SetBehaviourOfAll({});
  world.Advance(absl::Minutes(16));
  EXPECT_EQ(world.log.CountWith("account.resumed"), 1);
  EXPECT_THAT(world.metrics.Text(), testing::HasSubstr("topup_engine_account_paused 0"));
}

TEST(AccountMonitorTest, AMissingOptionalEndpointPausesNothing) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  for (const Call call : {Call::kPing, Call::kBalance, Call::kList}) {
    world.provider.SetBehaviour(call, {.refuse_status = 404, .bare = true});
  }
  world.provider.SetFulfilAfter(absl::Seconds(10));
  const std::vector<std::string> ids = world.RecordMany(5);
  for (const std::string& id : ids) {
    EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(2)));
  }
  world.Advance(absl::Minutes(10));
  EXPECT_EQ(world.engine->GetProvider().paused_reason, "");
}

TEST(AccountMonitorTest, RefreshesShareOneReadWithinTheBudget) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Minutes(2));
  const int before = world.provider.calls(Call::kPlans);
  int answered = 0;
  for (int i = 0; i < 150; ++i) {
    world.engine->RefreshPlans([&](const absl::StatusOr<RefreshResult>&) { ++answered; });
  }
  world.Advance(absl::Seconds(5));
  EXPECT_EQ(answered, 150);
  EXPECT_LE(world.provider.calls(Call::kPlans), before + 2);
  world.provider.SetBehaviourOfAll(FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"));
  std::optional<absl::Status> refused;
  world.engine->RefreshPlans(
      [&](const absl::StatusOr<RefreshResult>& result) { refused = result.status(); });
  world.Advance(absl::Seconds(5));
  EXPECT_THAT(*refused, HasReason("CATALOGUE_UNAVAILABLE"));
  refused.reset();
  world.engine->RefreshPlans(
      [&](const absl::StatusOr<RefreshResult>& result) { refused = result.status(); });
  world.RunReady();
  EXPECT_THAT(*refused, HasReason("CATALOGUE_UNAVAILABLE"));
}

TEST(AccountMonitorTest, PlansSayWhatChangedAndWhenTheyAreStale) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.plan_refresh_interval = absl::Minutes(30);
  EngineWorld world(options);
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Minutes(29));
  EXPECT_FALSE(world.engine->ListPlans({.caller = "shop"})->stale);
  // While it is being read again it is not stale yet.
  world.provider.SetBehaviour(Call::kPlans, {.latency = absl::Seconds(10)});
  world.Advance(absl::Seconds(65));
  EXPECT_FALSE(world.engine->ListPlans({.caller = "shop"})->stale);
  world.provider.SetBehaviour(Call::kPlans, {.mood = Mood::kServerError});
  world.Advance(absl::Minutes(32));
  EXPECT_TRUE(world.engine->ListPlans({.caller = "shop"})->stale);
  std::vector<core::Plan> plans = FakeProvider::SomePlans();
  plans[2].enabled = false;
  plans.pop_back();
  world.provider.SetPlans(plans);
  world.provider.SetBehaviour(Call::kPlans, {});
  std::vector<std::string> changes;
  world.engine->RefreshPlans([&](absl::StatusOr<RefreshResult> r) { changes = r->changes; });
  world.Advance(absl::Seconds(5));
  EXPECT_THAT(changes,
              testing::UnorderedElementsAre("PIXX_500 is switched off", "PREPAID_OOREDOO is gone"));
  EXPECT_FALSE(world.engine->ListPlans({.caller = "shop"})->stale);
}

TEST(AccountMonitorTest, AListingPricesWhatCanBeSoldAndFiltersByNumber) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const auto listing = world.engine->ListPlans(
      {.caller = "shop", .phone = core::PhoneNumber::Parse("0661234567"), .amount_dzd = 500});
  ASSERT_THAT(listing, IsOk());
  std::vector<std::string> codes;
  for (const PricedPlan& plan : listing->plans) codes.push_back(plan.plan.code);
  EXPECT_THAT(codes, testing::ElementsAre("GROS_MOBILIS", "PIXX_500", "PREPAID_MOBILIS"));
  EXPECT_FALSE(listing->plans[0].price.has_value());
  EXPECT_EQ(listing->plans[2].price->price, core::Money::Centimes(50'400));
  const auto all = world.engine->ListPlans({.caller = "shop", .include_unsellable = true});
  EXPECT_THAT(all->plans, SizeIs(6));
}

}  // namespace
}  // namespace topup::engine
