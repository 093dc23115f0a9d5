// Following what was sent: batches, proof of the key, doubt, contradictions, days of unknown.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::RefundAdvice;
using core::RejectionReason;
using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;
using Shown = core::ProviderTopup::Status;

std::vector<std::string> Kinds(EngineWorld& world) {
  std::vector<std::string> kinds;
  for (const core::Incident& incident : world.Incidents()) kinds.push_back(incident.kind);
  return kinds;
}

bool AllHave(EngineWorld& world, const std::vector<std::string>& ids, TopupStatus status) {
  return std::all_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return world.Stored(id).status == status; });
}

TEST(ReconcilerTest, OneBatchServesAllThatAreDueAndBatchesKeepTheirDistance) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::vector<std::string> ids = world.RecordMany(60);
  world.Advance(absl::Seconds(60));
  ASSERT_TRUE(AllHave(world, ids, TopupStatus::kPending));
  const size_t before = world.provider.times(Call::kList).size();
  const int singles = world.provider.calls(Call::kById);
  for (const std::string& id : ids) {
    world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kFulfilled);
  }
  world.Advance(absl::Seconds(12));
  EXPECT_TRUE(AllHave(world, ids, TopupStatus::kFulfilled));
  const std::vector<absl::Time> times = world.provider.times(Call::kList);
  EXPECT_LE(times.size() - before, 3u);
  EXPECT_EQ(world.provider.calls(Call::kById), singles);
  for (size_t i = 1; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], absl::Seconds(5));
  }
}

TEST(ReconcilerTest, WhatFillsSeveralPagesIsReadByPagesAlsoWhereTheBudgetIsShort) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::vector<std::string> ids = world.RecordMany(250);
  world.Advance(absl::Minutes(4));
  ASSERT_TRUE(AllHave(world, ids, TopupStatus::kPending));
  const int singles = world.provider.calls(Call::kById);
  // Doubt takes what it wants of the budget.
  world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kLostAnswer});
  world.RecordMany(20, "doubtful");
  for (const std::string& id : ids) {
    world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kFulfilled);
  }
  world.Advance(absl::Minutes(3));
  EXPECT_TRUE(AllHave(world, ids, TopupStatus::kFulfilled));
  EXPECT_LE(world.provider.calls(Call::kById), singles + 10);
}

TEST(ReconcilerTest, NoMoreReadsAreUnderWayThanTheProviderHasThreadsFor) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.RecordMany(30);
  world.Advance(absl::Minutes(1));
  world.provider.SetLatency(absl::Seconds(19));
  world.RecordMany(20, "doubtful");
  world.Advance(absl::Minutes(10));
  std::vector<absl::Time> starts;
  for (const Call call : {Call::kByRef, Call::kById, Call::kList, Call::kPlans, Call::kBalance,
                          Call::kPing, Call::kValidate}) {
    for (const absl::Time time : world.provider.times(call)) starts.push_back(time);
  }
  std::sort(starts.begin(), starts.end());
  constexpr size_t threads = upstream::kReadsAtOnce;
  for (size_t i = threads; i < starts.size(); ++i) {
    ASSERT_GE(starts[i] - starts[i - threads], absl::Seconds(19))
        << "one waited, and started later";
  }
}

TEST(ReconcilerTest, WhatTheListDoesNotShowIsReadByItself) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetFulfilAfter(absl::Seconds(8));
  // Its list shows them with another date: outside of what is asked for.
  const std::vector<std::string> ids = world.RecordMany(4);
  world.Advance(absl::Seconds(2));
  for (const std::string& id : ids) {
    core::ProviderTopup shown = *world.provider.Held(world.Stored(id).provider_ref);
    shown.create_time = world.clock.Now() - absl::Hours(5);
    world.provider.Show(shown);
  }
  world.Advance(absl::Seconds(20));
  EXPECT_TRUE(AllHave(world, ids, TopupStatus::kFulfilled));
  EXPECT_GE(world.provider.calls(Call::kById), 4);
}

TEST(ReconcilerTest, ALookAtAnOpenTopupPullsItsReadForwardAndNoCloserThanTheInterval) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  world.Advance(absl::Minutes(4));  // read every 15 s by now
  world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kFulfilled);
  for (int i = 0; i < 60 && world.Stored(id).status != TopupStatus::kFulfilled; ++i) {
    world.engine->Get({.caller = "shop", .topup_id = id}, [](absl::StatusOr<core::Topup>) {});
    world.Advance(absl::Milliseconds(100));
  }
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kFulfilled);
  const std::vector<absl::Time> times = world.provider.times(Call::kById);
  for (size_t i = 1; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], absl::Seconds(5)) << i;
  }
}

TEST(ReconcilerTest, ATopupOfOursThatWeDoNotKnowIsReportedOnce) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.RecordMany(3);
  core::ProviderTopup stranger;
  stranger.id = "ffff";
  stranger.ref = "s-TESTDEPL-" + world.store.AllTopups()[0].provider_ref.substr(11);
  stranger.ref.back() = stranger.ref.back() == '0' ? '1' : '0';
  stranger.status = Shown::kPending;
  stranger.create_time = world.clock.Now();
  world.provider.Show(stranger);
  stranger.ref = "s-OTHERDEP-" + stranger.ref.substr(11);
  stranger.id = "eeee";
  world.provider.Show(stranger);
  world.Advance(absl::Minutes(1));
  EXPECT_THAT(Kinds(world), testing::ElementsAre("UNKNOWN_PROVIDER_TOPUP"));
  // Another process says it under the same words, whatever the status is by then.
  world.CrashAndRestart();
  world.provider.SetStatus(stranger.ref, Shown::kFulfilled);
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Minutes(2));
  EXPECT_THAT(Kinds(world), SizeIs(1));
}

TEST(ReconcilerTest, AFulfilledTopupThatTurnsIsAnIncidentAndStaysFulfilled) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetFulfilAfter(absl::Seconds(10));
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(1)));
  world.provider.SetFulfilAfter(absl::InfiniteDuration());
  world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kRefunded);
  const int64_t revision = world.Stored(id).revision;
  world.RecordMany(3);
  world.Advance(absl::Minutes(1));
  EXPECT_THAT(Kinds(world), testing::ElementsAre("LATE_REVERSAL"));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kFulfilled);
  EXPECT_EQ(world.Stored(id).revision, revision);
}

TEST(ReconcilerTest, ARejectedTopupThatWasTakenAfterAllIsAnIncident) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(Call::kSend, FakeProvider::Refusal(400, "ERR_PHONE"));
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kRejected, absl::Seconds(10)));
  core::ProviderTopup late;
  late.id = "dddd";
  late.ref = world.Stored(id).provider_ref;
  late.status = Shown::kPending;
  world.provider.Show(late);
  world.Advance(absl::Minutes(2));
  EXPECT_THAT(Kinds(world), testing::ElementsAre("ACCEPTED_AFTER_REJECTED"));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kRejected);
}

TEST(ReconcilerTest, ANotFoundCountsOnlyWithAProofOfTheKey) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string known = world.Record("known");
  world.Advance(absl::Seconds(10));
  world.provider.SetStatus(world.Stored(known).provider_ref, Shown::kFulfilled);
  ASSERT_TRUE(world.AdvanceUntil(known, TopupStatus::kFulfilled, absl::Seconds(20)));
  world.Advance(absl::Minutes(6));
  // An account that is not ours: it validates, and has none of our top-ups.
  world.provider.SetVisibilityDelay(absl::Hours(1000));
  world.provider.Script(Call::kSend, {.mood = Mood::kLostAnswer});
  const std::string id = world.Record("a");
  world.Advance(absl::Minutes(10));
  EXPECT_THAT(world.provider.posts(), SizeIs(2)) << "sent again on the word of a foreign account";
  const std::vector<core::Check> checks = world.store.Checks(id).value();
  for (const core::Check& check : checks) {
    EXPECT_FALSE(check.valid_not_found);
  }
  // Also where a restart has forgotten what was shown, as long as something is open.
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kSubmitting);
  world.provider.SetVisibilityDelay(absl::ZeroDuration());
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(2)));
}

TEST(ReconcilerTest, AfterARestartOpenTopupsProveTheKey) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Record("open");
  world.Advance(absl::Seconds(10));
  world.provider.SetLatency(absl::Seconds(3));
  world.provider.Script(Call::kSend, {.mood = Mood::kLostBefore});
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(1));
  world.provider.SetLatency(absl::Milliseconds(10));
  world.CrashAndRestart();
  world.provider.SetVisibilityDelay(absl::Hours(1000));
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Minutes(10));
  EXPECT_THAT(world.provider.posts(), SizeIs(2));
  world.provider.SetVisibilityDelay(absl::ZeroDuration());
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(10)));
  EXPECT_THAT(world.provider.posts(), SizeIs(3));
}

TEST(ReconcilerTest, AnAnswerAboutAnotherTopupProvesNothing) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string open = world.Record("open");
  world.Advance(absl::Seconds(1));
  world.provider.SetBehaviour(Call::kById, {.wrong_ref = "s-OTHERDEP-someone"});
  world.provider.SetBehaviour(Call::kList, {.mood = Mood::kServerError});
  world.Advance(absl::Minutes(6));
  world.provider.Script(Call::kSend, {.mood = Mood::kLostBefore});
  world.provider.SetBehaviour(Call::kByRef, FakeProvider::Refusal(404, "NOT_FOUND"));
  const std::string id = world.Record("a");
  world.Advance(absl::Minutes(10));
  EXPECT_EQ(world.Stored(id).progress.valid_not_founds, 0);
  EXPECT_EQ(world.Stored(open).status, TopupStatus::kPending);
}

TEST(ReconcilerTest, AnAcceptedTopupThatIsMissingIsAnIncidentAfterTenMinutes) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string settled = world.Record("settled");
  world.Advance(absl::Seconds(6));
  world.provider.SetStatus(world.Stored(settled).provider_ref, Shown::kFulfilled);
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(settled, TopupStatus::kFulfilled, absl::Seconds(30)));
  world.provider.Forget(world.Stored(id).provider_ref);
  world.Advance(absl::Minutes(9));
  EXPECT_THAT(Kinds(world), SizeIs(0));
  world.Advance(absl::Minutes(6));
  EXPECT_THAT(Kinds(world), testing::ElementsAre("ACCEPTED_NOT_FOUND"));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kPending);
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kWait);
}

TEST(ReconcilerTest, ADuplicateIsAdoptedWhereItIsOursAndNeverSentAgain) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.rules.never_accepted_after = absl::Hours(1);
  EngineWorld world(options);
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(Call::kByRef, FakeProvider::Refusal(404, "NOT_FOUND"));
  world.provider.Script(Call::kSend, FakeProvider::Refusal(403, "DUPLICATED_REF"));
  const std::string id = world.Record("a");
  world.Advance(absl::Minutes(9));
  EXPECT_THAT(Kinds(world), SizeIs(0));
  world.Advance(absl::Minutes(3));
  EXPECT_THAT(Kinds(world), testing::ElementsAre("DUPLICATE_NOT_FOUND"));
  world.Advance(absl::Hours(2));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kSubmitting);
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
  core::ProviderTopup found;
  found.id = "cccc";
  found.ref = world.Stored(id).provider_ref;
  found.status = Shown::kFulfilled;
  found.phone = "0661234567";
  found.plan_code = "PREPAID_MOBILIS";
  found.amount_dzd = 1000;
  world.provider.Show(found);
  world.provider.SetBehaviour(Call::kByRef, {});
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(20)));
}

// A tenth of the real times: days of them in hours.
TEST(ReconcilerTest, UnknownErrorIsReadForDaysAndOnlyEverReviewed) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.rules.unknown_review_after = absl::Minutes(144);
  EngineWorld world(options);
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(2));
  world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kUnknownError);
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kUnknownError, absl::Seconds(20)));
  const absl::Time since = *world.Stored(id).progress.unknown_since;
  EXPECT_EQ(world.Stored(id).review_time, since + absl::Minutes(144));
  world.Advance(absl::Minutes(143));
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kWait);
  world.Advance(absl::Minutes(2));
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kReview);
  world.Advance(absl::Hours(8));
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kReview);
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kUnknownError);
  std::vector<int> tenths;  // of the scaled minute: 6 s
  for (const absl::Time time : world.provider.times(Call::kById)) {
    if (time > since) tenths.push_back(static_cast<int>((time - since) / absl::Seconds(6)));
  }
  ASSERT_GE(tenths.size(), 26u + 7u);
  EXPECT_THAT(std::vector<int>(tenths.begin(), tenths.begin() + 4),
              testing::ElementsAre(5, 15, 60, 120));
  EXPECT_EQ(tenths[tenths.size() - 1] - tenths[tenths.size() - 2], 360);
  world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kFulfilled);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(40)));
}

TEST(ReconcilerTest, NoJumpOfOurClockMakesAReviewOrARefundDue) {
  for (const absl::Duration jump : {absl::Hours(25), absl::Hours(24 * 3650)}) {
    EngineWorld world;
    ASSERT_THAT(world.Start(), IsOk());
    const std::string id = world.Record("a");
    world.Advance(absl::Seconds(2));
    // In doubt for real: it was never taken, and the provider says so.
    world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kLostBefore});
    const std::string doubtful = world.Record("doubtful");
    world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kUnknownError);
    ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kUnknownError, absl::Seconds(30)));
    world.Advance(absl::Minutes(1));
    // The provider's clock does not jump with ours.
    world.clock.SetNow(world.clock.Now() + jump);
    world.provider.SetClockSkew(-jump);
    world.Advance(absl::Minutes(30));
    EXPECT_EQ(world.Stored(id).status, TopupStatus::kUnknownError);
    EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kWait) << jump;
    EXPECT_EQ(world.Stored(doubtful).status, TopupStatus::kSubmitting);
    EXPECT_EQ(world.Stored(doubtful).advice, RefundAdvice::kWait) << jump;
  }
}

TEST(ReconcilerTest, NeverAcceptedComesAfterTheHorizonOnly) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.rules.never_accepted_after = absl::Hours(2);
  EngineWorld world(options);
  ASSERT_THAT(world.Start(), IsOk());
  world.Record("known");
  world.Advance(absl::Seconds(10));
  SendCommand command = EngineWorld::Command("a");
  world.provider.SetBehaviour(Call::kSend, {.mood = Mood::kLostBefore});
  const std::string id = world.Record(command);
  world.Advance(absl::Minutes(31));
  EXPECT_EQ(world.Stored(id).progress.posts, 4);
  const absl::Time end = *world.Stored(id).progress.last_transmission_end;
  world.Advance(end + absl::Hours(2) - absl::Minutes(1) - world.clock.Now());
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kSubmitting);
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kWait);
  world.Advance(absl::Minutes(16));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kRejected);
  EXPECT_EQ(world.Stored(id).rejection_reason, RejectionReason::kNeverAccepted);
  EXPECT_THAT(world.provider.posts(), SizeIs(5));
}

TEST(ReconcilerTest, AWrongChargeIsRecordedWithTheStatusAndReported) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(2));
  core::ProviderTopup shown = *world.provider.Held(world.Stored(id).provider_ref);
  shown.status = Shown::kFulfilled;
  shown.charge = core::Money::Centimes(97'000);
  world.provider.Show(shown);
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Seconds(20)));
  EXPECT_EQ(world.Stored(id).provider_charge, core::Money::Centimes(97'000));
  const int64_t revision = world.Stored(id).revision;
  world.RecordMany(3);
  world.Advance(absl::Minutes(2));
  EXPECT_EQ(world.Stored(id).revision, revision);
  EXPECT_THAT(Kinds(world), testing::ElementsAre("CHARGE_MISMATCH"));
}

// "Any increase: a person has to look" is only true where there is something new to look at.
TEST(ReconcilerTest, AnIncidentIsToldOfOnceHoweverOftenItIsSeen) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  const core::Topup topup = world.Stored(world.Record("a"));
  world.provider.Show({.id = "another",
                       .ref = topup.provider_ref,
                       .status = core::ProviderTopup::Status::kPending,
                       .status_word = "PENDING",
                       .plan_code = topup.plan_code,
                       .phone = topup.phone.National(),
                       .amount_dzd = topup.amount_dzd + 1});
  world.Advance(absl::Hours(1));
  EXPECT_THAT(Kinds(world), testing::ElementsAre("FIELDS_MISMATCH"));
  EXPECT_EQ(world.log.CountWith("incident.found"), 1);
  EXPECT_EQ(world.metrics.GetCounter("topup_engine_incidents_total", "")->Value(), 1);
}

}  // namespace
}  // namespace topup::engine
