// One top-up, from the call to its end, in virtual time.
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
using support::HasReason;
using support::IsOk;
using testing::SizeIs;
using Shown = core::ProviderTopup::Status;

TEST(TopupEngineTest, AnOrdinarySendIsAcceptedFollowedAndFulfilled) {
  EngineWorld world;
  world.provider.SetFulfilAfter(absl::Seconds(12));
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(1)));
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Seconds(20)));
  const core::Topup topup = world.Stored(id);
  EXPECT_EQ(topup.advice, RefundAdvice::kNone);
  EXPECT_EQ(topup.provider_charge, topup.price.cost);
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
  EXPECT_THAT(world.Incidents(), SizeIs(0));
}

TEST(TopupEngineTest, ARepeatWithTheSameRefGetsTheSameTopupAndSendsNothing) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(5));
  world.provider.SetPlans({});
  const auto again = world.Send(EngineWorld::Command("a"));
  ASSERT_TRUE(again.has_value());
  ASSERT_THAT(*again, IsOk());
  EXPECT_TRUE((*again)->replayed);
  EXPECT_EQ((*again)->topup.id, id);
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
}

TEST(TopupEngineTest, APlainRefusalIsRejectedWithinFiveSeconds) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(FakeProvider::Call::kSend, FakeProvider::Refusal(400, "ERR_VALIDATION"));
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kRejected, absl::Seconds(5)));
  EXPECT_EQ(world.Stored(id).rejection_reason, RejectionReason::kProviderValidation);
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kRefund);
}

TEST(TopupEngineTest, ALostAnswerIsAdoptedAndNeverSentAgain) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostAnswer});
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(30)));
  EXPECT_EQ(world.provider.accepted_count(), 1);
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
}

TEST(TopupEngineTest, ALostRequestIsSentAgainUnderTheSameRefAfterTheGrace) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(20 + 89));
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(45)));
  const auto posts = world.provider.posts();
  ASSERT_THAT(posts, SizeIs(2));
  EXPECT_EQ(posts[0].request.provider_ref, posts[1].request.provider_ref);
  EXPECT_EQ(world.provider.accepted_count(), 1);
}

TEST(TopupEngineTest, AClaimLeftByACrashIsAskedForBeforeAnythingIsSent) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetLatency(absl::Seconds(3));
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(1));
  ASSERT_EQ(world.Stored(id).status, TopupStatus::kSubmitting);
  world.CrashAndRestart();
  world.provider.SetLatency(absl::Milliseconds(10));
  ASSERT_THAT(world.Start(), IsOk());
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(10)));
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
  EXPECT_EQ(world.provider.accepted_count(), 1);
}

TEST(TopupEngineTest, ARefundIsBelievedOnTheSecondRead) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(2));
  world.provider.SetStatus(world.Stored(id).provider_ref, Shown::kRefunded);
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kRefunded, absl::Seconds(20)));
  EXPECT_GE(world.provider.calls(FakeProvider::Call::kById), 2);
  EXPECT_EQ(world.Stored(id).advice, RefundAdvice::kRefund);
}

TEST(TopupEngineTest, WhatWasNeverSentExpiresAndCanBeRefunded) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviourOfAll({.mood = FakeProvider::Mood::kDown});
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kRejected, absl::Minutes(31)));
  EXPECT_EQ(world.Stored(id).rejection_reason, RejectionReason::kExpired);
  EXPECT_EQ(world.provider.accepted_count(), 0);
}

TEST(TopupEngineTest, AnHourWithoutTheProviderLosesNothingAndSendsNothingTwice) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.rules.never_accepted_after = absl::Minutes(40);
  EngineWorld world(options);
  world.provider.SetFulfilAfter(absl::Seconds(10));
  ASSERT_THAT(world.Start(), IsOk());
  std::vector<std::string> ids;
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostAnswer});
  for (int i = 0; i < 10; ++i) ids.push_back(world.Record("before-" + std::to_string(i)));
  world.Advance(absl::Seconds(8));
  world.provider.SetBehaviourOfAll({.mood = FakeProvider::Mood::kDown});
  for (int i = 0; i < 10; ++i) {
    ids.push_back(world.Record("during-" + std::to_string(i)));
    world.Advance(absl::Minutes(6));
  }
  world.provider.SetBehaviourOfAll({});
  world.Advance(absl::Hours(2));
  int fulfilled = 0;
  for (const std::string& id : ids) {
    const core::Topup topup = world.Stored(id);
    EXPECT_TRUE(core::IsSettled(topup.status)) << topup.ref << core::StatusName(topup.status);
    fulfilled += topup.status == TopupStatus::kFulfilled;
  }
  EXPECT_EQ(fulfilled, world.provider.accepted_count());
  EXPECT_GE(fulfilled, 12);
}

TEST(TopupEngineTest, ACallThatWaitsForSettlementIsAnsweredWithIt) {
  EngineWorld world;
  world.provider.SetFulfilAfter(absl::Seconds(3));
  ASSERT_THAT(world.Start(), IsOk());
  SendCommand command = EngineWorld::Command("a");
  command.wait_for = WaitFor::kSettled;
  std::optional<TopupStatus> seen;
  world.engine->Send(
      command, [&seen](absl::StatusOr<SendResult> result) { seen = result.value().topup.status; });
  world.Advance(absl::Seconds(1));
  EXPECT_FALSE(seen.has_value());
  world.Advance(absl::Seconds(15));
  EXPECT_EQ(seen, TopupStatus::kFulfilled);
}

TEST(TopupEngineTest, WithoutMoneyNewSendsAreRefusedUntilTheBalanceCovers) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBalance(core::Money::Centimes(100));
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kRejected, absl::Seconds(5)));
  EXPECT_EQ(world.Stored(id).rejection_reason, RejectionReason::kProviderInsufficientBalance);
  EXPECT_THAT(*world.Send(EngineWorld::Command("b")), HasReason("PROVIDER_BALANCE_LOW"));
  world.provider.SetBalance(*core::Money::Dinars(100000));
  world.Advance(absl::Seconds(16));
  const std::string later = world.Record("c");
  EXPECT_TRUE(world.AdvanceUntil(later, TopupStatus::kPending, absl::Seconds(5)));
}

TEST(TopupEngineTest, ARefusedKeyPausesAndAGoodOneResumes) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviourOfAll(FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"));
  const std::string id = world.Record("a");
  world.Advance(absl::Seconds(10));
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kQueued);
  EXPECT_FALSE(world.engine->GetProvider().serving);
  EXPECT_NE(world.engine->GetProvider().paused_reason, "");
  const size_t posts = world.provider.posts().size();
  world.Advance(absl::Minutes(10));
  EXPECT_EQ(world.provider.posts().size(), posts);
  world.provider.SetBehaviourOfAll({});
  world.engine->KeyChanged();
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(35)));
}

TEST(TopupEngineTest, PersonalOffersAreAskedForOnceAndAnsweredFromTheRecord) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  OffersCommand command{.caller = "shop",
                        .phone = *core::PhoneNumber::Parse("0661234567"),
                        .answer_by = world.clock.Now() + absl::Seconds(50)};
  std::vector<size_t> answers;
  const auto note = [&answers](absl::StatusOr<std::vector<PricedOffer>> offers) {
    ASSERT_THAT(offers, IsOk());
    answers.push_back(offers->size());
  };
  world.engine->ListOffers(command, note);
  world.engine->ListOffers(command, note);
  world.Advance(absl::Seconds(2));
  ASSERT_THAT(world.provider.posts(), SizeIs(1));
  core::ProviderTopup shown = *world.provider.Held(world.provider.posts()[0].request.provider_ref);
  shown.status = Shown::kRefunded;
  shown.status_word = "REFUNDED";
  shown.charge = core::Money();
  shown.suggested_offers = {{"Mix 500", "PIXX_500", 500}};
  world.provider.Show(shown);
  world.Advance(absl::Seconds(10));
  EXPECT_THAT(answers, testing::ElementsAre(1, 1));
  world.engine->ListOffers(command, note);
  world.Advance(absl::Seconds(1));
  EXPECT_THAT(answers, SizeIs(3));
  EXPECT_THAT(world.provider.posts(), SizeIs(1));
}

TEST(TopupEngineTest, TheCeilingIsKeptWhileManyTopupsAreOpen) {
  EngineWorld world;
  world.provider.SetFulfilAfter(absl::Seconds(10));
  ASSERT_THAT(world.Start(), IsOk());
  for (int i = 0; i < 200; ++i) world.Record("r" + std::to_string(i));
  for (int minute = 0; minute < 12; ++minute) {
    world.Advance(absl::Minutes(1));
    EXPECT_LE(world.engine->GetProvider().budget_used_last_minute, 120);
  }
  EXPECT_EQ(world.provider.accepted_count(), 200);
  for (const core::Topup& topup : world.store.AllTopups()) {
    EXPECT_EQ(topup.status, TopupStatus::kFulfilled);
  }
}

}  // namespace
}  // namespace topup::engine
