// Following what the provider accepted, one sentence a test. The dangers: believing an old,
// foreign or premature word, and a record that changes after it was settled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/core/protocol.h"
#include "tests/server/core/scenario.h"

namespace topup::core {
namespace {

using absl::Hours;
using absl::Minutes;
using absl::Seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Shows = ProviderTopup::Status;

ReadAnswer WithCharge(const Topup& topup, Shows status, int64_t centimes) {
  ReadAnswer answer = Shown(topup, status);
  answer.topup->charge = Money::Centimes(centimes);
  return answer;
}

TEST(FollowingTest, StatusesMoveForwardEachWithARevision) {
  Scenario s;
  s.InPending();
  EXPECT_EQ(s.After(Seconds(5)).Status(Shows::kHandling).row.status, TopupStatus::kHandling);
  EXPECT_EQ(s.row.revision, 4);
  s.After(Seconds(5)).Status(Shows::kFulfilled);
  EXPECT_EQ(s.row.status, TopupStatus::kFulfilled);
  EXPECT_EQ(s.row.revision, 5);
  EXPECT_EQ(s.row.advice, RefundAdvice::kNone);
  EXPECT_EQ(s.row.settle_time, s.now);
  EXPECT_EQ(s.next_action(), NextAction::kNone);
}

TEST(FollowingTest, ARepeatedStatusIsCommittedButNoRevision) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(Shows::kPending);
  EXPECT_TRUE(s.last.changed);
  EXPECT_FALSE(s.last.visible);
  EXPECT_EQ(s.wait(), Seconds(5));
}

TEST(FollowingTest, ALowerRankChangesNothing) {
  Scenario s;
  s.InUnknownError().After(Minutes(5)).Status(Shows::kPending);
  EXPECT_EQ(s.row.status, TopupStatus::kUnknownError);
  s.After(Minutes(10)).Status(Shows::kHandling);
  EXPECT_EQ(s.row.status, TopupStatus::kUnknownError);
}

TEST(FollowingTest, AnUnknownWordChangesNothing) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(Shows::kUnrecognised);
  EXPECT_EQ(s.row.status, TopupStatus::kPending);
  EXPECT_FALSE(s.last.visible);
  EXPECT_EQ(s.next_action(), NextAction::kReadStatus);
}

TEST(FollowingTest, AReadThatBeganBeforeTheLastAppliedOneChangesNothing) {
  Scenario s;
  s.InPending().After(Seconds(5));
  ReadAnswer slow = Shown(s.row, Shows::kUnknownError);
  slow.exchange.start_time = s.now;
  s.After(Seconds(1)).Status(Shows::kHandling).After(Seconds(1)).StatusAsTimed(slow);
  EXPECT_EQ(s.row.status, TopupStatus::kHandling);
}

TEST(FollowingTest, AClockThatWasSetBackDoesNotMakeEveryReadStale) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(Shows::kPending);
  s.After(-Hours(2)).Status(Shows::kHandling);
  EXPECT_EQ(s.row.status, TopupStatus::kHandling);
  s.After(Seconds(5)).Status(Shows::kRefunded).After(Seconds(5)).Status(Shows::kRefunded);
  EXPECT_EQ(s.row.status, TopupStatus::kRefunded);
}

TEST(FollowingTest, WhatIsWrittenOfAnotherPlanIsShortAndHoldsNoNumber) {
  for (const std::string& plan_code : {std::string("0551234567"), std::string(400'000, 'x')}) {
    Scenario s;
    s.InPending().After(Seconds(5));
    ReadAnswer answer = Shown(s.row, Shows::kFulfilled);
    answer.topup->plan_code = plan_code;
    s.Status(answer);
    ASSERT_EQ(s.last.incidents.size(), 1u);
    EXPECT_EQ(s.last.incidents[0].detail,
              "the provider shows plan ? instead of " + s.row.plan_code);
  }
}

TEST(FollowingTest, AnotherNumberPlanAmountRefOrIdChangesNothingAndIsAnIncident) {
  const auto apply = [](auto change) {
    Scenario s;
    s.InPending().After(Seconds(5));
    ReadAnswer answer = Shown(s.row, Shows::kFulfilled);
    change(*answer.topup);
    s.Status(answer);
    EXPECT_EQ(s.row.status, TopupStatus::kPending);
    EXPECT_FALSE(s.last.visible);
    EXPECT_THAT(s.incidents(), ElementsAre("FIELDS_MISMATCH"));
    EXPECT_EQ(s.next_action(), NextAction::kReadStatus);
  };
  apply([](ProviderTopup& shown) { shown.phone = "0700000000"; });
  apply([](ProviderTopup& shown) { shown.plan_code = "PIXX_500"; });
  apply([](ProviderTopup& shown) { shown.amount_dzd = 501; });
  apply([](ProviderTopup& shown) { shown.ref = "T-test-shop-2"; });
  apply([](ProviderTopup& shown) { shown.id = "provider-id-2"; });
}

TEST(FollowingTest, FieldsThatAreNotShownDoNotDiffer) {
  Scenario s;
  s.InPending().After(Seconds(5));
  ReadAnswer answer = Shown(s.row, Shows::kFulfilled);
  answer.topup->id = answer.topup->ref = answer.topup->plan_code = "";
  answer.topup->amount_dzd.reset();
  EXPECT_EQ(s.Status(answer).row.status, TopupStatus::kFulfilled);
}

TEST(FollowingTest, AFailedReadOnlyComesAgain) {
  Scenario s;
  s.InPending().After(Minutes(3)).Status(ReadFailed());
  EXPECT_FALSE(s.last.visible);
  EXPECT_EQ(s.wait(), Seconds(15));
}

TEST(FollowingTest, StatusReadsConcernAcceptedTopupsOnly) {
  Scenario s;
  EXPECT_FALSE(s.Status(Shows::kFulfilled).last.changed);
  EXPECT_FALSE(s.InDoubt().Status(Shows::kFulfilled).last.changed);
}

TEST(MissingTest, NotFoundNeverChangesAnAcceptedTopupAndIsAnIncidentAfterTenMinutes) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(NotFound());
  EXPECT_THAT(s.incidents(), IsEmpty());
  s.After(Minutes(10) - Seconds(1)).Status(NotFound());
  EXPECT_THAT(s.incidents(), IsEmpty());
  s.After(Seconds(1)).Status(NotFound());
  EXPECT_THAT(s.incidents(), ElementsAre("ACCEPTED_NOT_FOUND"));
  EXPECT_EQ(s.row.status, TopupStatus::kPending);
  EXPECT_EQ(s.row.revision, 3);
}

TEST(MissingTest, OnlyValidNotFoundsCountAndAFindEndsThem) {
  Scenario s;
  s.key_proven = false;
  s.InPending().Status(NotFound()).After(Hours(1)).Status(NotFound());
  EXPECT_THAT(s.incidents(), IsEmpty());
  s.key_proven = true;
  s.Status(NotFound()).After(Minutes(9)).Status(Shows::kPending);
  s.After(Minutes(9)).Status(NotFound());
  EXPECT_THAT(s.incidents(), IsEmpty());
}

TEST(RefundTest, IsBelievedOnTheSecondReadAPollIntervalAfterTheFirst) {
  Scenario s;
  s.InPending().After(Seconds(5));
  ReadAnswer refunded = Shown(s.row, Shows::kRefunded);
  refunded.topup->refund_message = "message";
  refunded.topup->suggested_offers = {{"Facture", "FACTURE_DJEZZY", 500}};
  s.Status(refunded);
  EXPECT_EQ(s.row.status, TopupStatus::kPending);
  EXPECT_FALSE(s.last.visible) << "until then the public status stays";
  EXPECT_EQ(s.wait(), s.rules.poll_interval);
  s.After(s.rules.poll_interval - absl::Milliseconds(1)).Status(refunded);
  EXPECT_EQ(s.row.status, TopupStatus::kPending) << "too soon to be a second opinion";
  s.After(s.rules.poll_interval).Status(refunded);
  EXPECT_EQ(s.row.status, TopupStatus::kRefunded);
  EXPECT_EQ(s.row.advice, RefundAdvice::kRefund);
  EXPECT_EQ(s.row.refund_message, "message");
  EXPECT_EQ(s.row.suggested_offers.size(), 1u);
}

TEST(RefundTest, AnotherWordInBetweenStartsAnew) {
  Scenario s;
  s.InPending().Status(Shows::kRefunded).After(Seconds(5)).Status(Shows::kHandling);
  s.After(Seconds(5)).Status(Shows::kRefunded);
  EXPECT_EQ(s.row.status, TopupStatus::kHandling);
}

TEST(RefundTest, FulfilledAfterOneRefundedReadIsBelieved) {
  Scenario s;
  s.InPending().Status(Shows::kRefunded).After(Seconds(5)).Status(Shows::kFulfilled);
  EXPECT_EQ(s.row.status, TopupStatus::kFulfilled);
}

TEST(RefundTest, TheSecondReadIsWantedSoonHoweverOldTheTopup) {
  Scenario s;
  s.InUnknownError().After(Hours(30)).Status(Shows::kRefunded);
  EXPECT_EQ(s.wait(), Seconds(5));
  EXPECT_EQ(s.After(Seconds(5)).Status(ReadFailed()).wait(), Seconds(5));
  s.After(Seconds(5)).Status(Shows::kRefunded);
  EXPECT_EQ(s.row.status, TopupStatus::kRefunded);
  EXPECT_FALSE(s.row.review_time.has_value());
}

TEST(UnknownErrorTest, IsOpenWithAReviewTimeAndReadAfterFiveMinutes) {
  Scenario s;
  s.InUnknownError();
  EXPECT_EQ(s.row.advice, RefundAdvice::kWait);
  EXPECT_EQ(s.row.review_time, s.now + Hours(24));
  EXPECT_EQ(s.wait(), Minutes(5));
}

TEST(UnknownErrorTest, ReviewNeedsBothClocks) {
  Scenario ours;
  ours.InUnknownError();
  ours.provider_clock = -Hours(25);
  ours.After(Hours(25)).Status(Shows::kUnknownError);
  EXPECT_EQ(ours.row.advice, RefundAdvice::kWait) << "only ours says so";

  Scenario theirs;
  theirs.InUnknownError();
  theirs.provider_clock = Hours(25);
  theirs.After(Hours(1)).Status(Shows::kUnknownError);
  EXPECT_EQ(theirs.row.advice, RefundAdvice::kWait) << "only theirs says so";

  Scenario both;
  both.InUnknownError().After(Hours(24)).Status(Shows::kUnknownError);
  EXPECT_EQ(both.row.advice, RefundAdvice::kReview);
  EXPECT_TRUE(both.last.visible);
}

TEST(UnknownErrorTest, TheTimeInDoubtBeforeItDoesNotCount) {
  Scenario s;
  s.InDoubt().After(Seconds(2)).Doubt(NotFound()).After(Hours(20));
  s.Doubt(Shown(s.row, Shows::kUnknownError));
  s.provider_clock = -Hours(20);
  s.After(Hours(25)).Status(Shows::kUnknownError);
  EXPECT_EQ(s.row.advice, RefundAdvice::kWait) << "five hours by the provider's clock";
}

TEST(UnknownErrorTest, WithoutTheProvidersClockItNeverComesToAReview) {
  Scenario s;
  s.provider_clock.reset();
  s.InUnknownError().After(Hours(100)).Status(Shows::kUnknownError);
  EXPECT_EQ(s.row.advice, RefundAdvice::kWait);
}

TEST(UnknownErrorTest, TheReviewTimeThatCallersSawIsKept) {
  Scenario s;
  s.InUnknownError();
  s.rules.unknown_review_after = Hours(1);
  s.After(Hours(2)).Status(Shows::kUnknownError);
  EXPECT_EQ(s.row.advice, RefundAdvice::kWait) << "set shorter since";
}

TEST(UnknownErrorTest, ReviewNeverTurnsIntoRefundByItself) {
  Scenario s;
  s.InUnknownError();
  for (int read = 0; read < 200; ++read) s.After(s.wait()).Status(Shows::kUnknownError);
  EXPECT_GT(s.now - s.row.create_time, Hours(24 * 30));
  EXPECT_EQ(s.row.advice, RefundAdvice::kReview);
  s.After(s.wait()).Status(Shows::kRefunded).After(s.wait()).Status(Shows::kRefunded);
  EXPECT_EQ(s.row.advice, RefundAdvice::kRefund) << "the provider said so twice";
}

TEST(UnknownErrorTest, ItsTextIsGoneOnceDelivered) {
  Scenario s;
  s.InPending();
  ReadAnswer unclear = Shown(s.row, Shows::kUnknownError);
  unclear.topup->refund_message = "unclear";
  s.Status(unclear).After(Minutes(5)).Status(Shows::kUnknownError);
  EXPECT_EQ(s.row.refund_message, "unclear") << "a text that is left out takes nothing back";
  EXPECT_FALSE(s.last.visible);
  EXPECT_EQ(s.After(Minutes(5)).Status(Shows::kFulfilled).row.refund_message, "");
}

TEST(ChargeTest, IsRecordedInTheSameCommitAsTheStatus) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(Shows::kPending);
  EXPECT_FALSE(s.row.provider_charge.has_value()) << "no revision for a charge as expected";
  s.After(Seconds(5)).Status(Shows::kFulfilled);
  EXPECT_EQ(s.row.provider_charge, s.row.price.cost);
  EXPECT_THAT(s.incidents(), IsEmpty());
  EXPECT_EQ(s.row.revision, 4);
}

TEST(ChargeTest, AnotherChargeThanTheCostIsRecordedAndAnIncidentInTheSameCommit) {
  Scenario s;
  s.InPending().After(Seconds(5));
  s.Status(WithCharge(s.row, Shows::kFulfilled, 49700));
  EXPECT_EQ(s.row.status, TopupStatus::kFulfilled);
  EXPECT_EQ(s.row.provider_charge, Money::Centimes(49700));
  EXPECT_THAT(s.incidents(), ElementsAre("CHARGE_MISMATCH"));
}

TEST(ChargeTest, AWrongChargeIsToldOnceAlsoBeforeTheEnd) {
  Scenario s;
  s.InPending();
  s.Status(WithCharge(s.row, Shows::kPending, 1));
  EXPECT_THAT(s.incidents(), ElementsAre("CHARGE_MISMATCH"));
  EXPECT_EQ(s.row.provider_charge, Money::Centimes(1));
  s.After(Seconds(5)).Status(WithCharge(s.row, Shows::kFulfilled, 1));
  EXPECT_THAT(s.incidents(), IsEmpty());
}

TEST(ChargeTest, NothingTakenYetIsNoMismatchBeforeTheEnd) {
  Scenario s;
  s.InPending();
  EXPECT_THAT(s.Status(WithCharge(s.row, Shows::kHandling, 0)).incidents(), IsEmpty());
  s.After(Seconds(5)).Status(WithCharge(s.row, Shows::kFulfilled, 0));
  EXPECT_THAT(s.incidents(), ElementsAre("CHARGE_MISMATCH"));
}

TEST(ChargeTest, OnceRefundedNothingOrTheCostIsAsExpected) {
  const auto refund = [](int64_t centimes) {
    Scenario s;
    s.InPending().Status(WithCharge(s.row, Shows::kRefunded, centimes));
    s.After(Seconds(5)).Status(WithCharge(s.row, Shows::kRefunded, centimes));
    EXPECT_EQ(s.row.provider_charge, Money::Centimes(centimes));
    return s.incidents();
  };
  EXPECT_THAT(refund(0), IsEmpty());
  EXPECT_THAT(refund(49625), IsEmpty());
}

TEST(ChargeTest, AMenuRequestThatWasChargedIsAnIncident) {
  Scenario s(Purpose::kMenu);
  s.InPending();
  EXPECT_THAT(s.Status(WithCharge(s.row, Shows::kHandling, 100)).incidents(), IsEmpty());
  s.After(Seconds(5)).Status(WithCharge(s.row, Shows::kFulfilled, 100));
  EXPECT_THAT(s.incidents(), ElementsAre("MENU_CHARGED"));
}

TEST(MenuTest, KeepsItsOffersWhateverTheStatusAndIgnoresTheAmountShown) {
  Scenario s(Purpose::kMenu);
  s.InPending();
  ReadAnswer answer = Shown(s.row, Shows::kHandling);
  answer.topup->amount_dzd = 50;
  answer.topup->suggested_offers = {{"Pixx", "PIXX_500", 500}};
  s.Status(answer);
  EXPECT_EQ(s.row.status, TopupStatus::kHandling);
  EXPECT_EQ(s.row.suggested_offers.size(), 1u);
}

TEST(SettledTest, SettledIsFinalAndAReversalIsAnIncident) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(Shows::kFulfilled);
  EXPECT_FALSE(s.Status(Shows::kRefunded).last.changed);
  s.Settled(Shown(s.row, Shows::kRefunded));
  EXPECT_THAT(s.incidents(), ElementsAre("LATE_REVERSAL"));
  EXPECT_EQ(s.row.status, TopupStatus::kFulfilled);
  EXPECT_EQ(s.row.revision, 4);
}

TEST(SettledTest, WhatAgreesOrLagsBehindIsNoContradiction) {
  for (const Shows shows :
       {Shows::kFulfilled, Shows::kPending, Shows::kHandling, Shows::kUnknownError}) {
    Scenario s;
    s.InPending().Status(Shows::kFulfilled);
    EXPECT_FALSE(s.Settled(Shown(s.row, shows)).last.changed);
  }
  Scenario s;
  s.InPending().Status(Shows::kFulfilled);
  EXPECT_FALSE(s.Settled(NotFound()).last.changed);
}

TEST(SettledTest, AChargeThatChangesLaterIsAnIncidentAndNoRevision) {
  Scenario s;
  s.InPending().Status(Shows::kFulfilled);
  s.Settled(WithCharge(s.row, Shows::kFulfilled, 60000));
  EXPECT_THAT(s.incidents(), ElementsAre("CHARGE_MISMATCH"));
  EXPECT_EQ(s.row.provider_charge, s.row.price.cost);
}

TEST(SettledTest, ARejectedTopupThatTheProviderHasIsAnIncident) {
  Scenario s;
  s.Post(Refused(400, "ERR_VALIDATION")).After(Seconds(2)).Doubt(NotFound());
  s.After(s.wait()).Settled(Shown(s.row, Shows::kPending));
  EXPECT_THAT(s.incidents(), ElementsAre("ACCEPTED_AFTER_REJECTED"));
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
}

TEST(SettledTest, AfterAPostTheRejectedIsLookedAtForAWeek) {
  Scenario s;
  s.Post(Refused(400, "ERR_VALIDATION")).After(Seconds(2)).Doubt(NotFound());
  int looks = 0;
  for (; s.next_action() == NextAction::kReadSettled && looks < 100; ++looks) {
    s.After(s.wait()).Settled(looks % 2 == 0 ? NotFound() : ReadFailed());
  }
  EXPECT_EQ(looks, 3 + 28);
  EXPECT_EQ(s.now, *s.row.settle_time + Hours(24 * 7));
}

TEST(SettledTest, ALookThatIsNotDueMovesNothing) {
  Scenario s;
  s.Post(Refused(400, "ERR_VALIDATION")).After(Seconds(2)).Doubt(NotFound());
  EXPECT_FALSE(s.After(Seconds(1)).Settled(NotFound()).last.changed);
  EXPECT_FALSE(Scenario().Settled(NotFound()).last.changed) << "not settled at all";
}

TEST(SameToCallersTest, OnlyWhatCallersSeeMakesARevision) {
  const Topup topup = Scenario().row;
  Topup other = topup;
  other.progress.posts = 3;
  other.version = 9;
  other.rejection_detail = "provisional";
  EXPECT_TRUE(SameToCallers(topup, other));
  other.provider_topup_id = "id";
  EXPECT_FALSE(SameToCallers(topup, other));
  Topup rejected = topup;
  rejected.status = TopupStatus::kRejected;
  other = rejected;
  other.rejection_detail = "said so";
  EXPECT_FALSE(SameToCallers(rejected, other));
}

}  // namespace
}  // namespace topup::core
