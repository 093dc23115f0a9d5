// Settling doubt, one sentence a test. The dangers: a resend that sells twice, and a not-found
// that gives money back too early.
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

// Asks at every step of doubt until `until` after the last transmission, never found.
void AskUntil(Scenario& s, absl::Duration until) {
  while (s.next_action() == NextAction::kReadByRef &&
         s.row.progress.next_action_time <= *s.row.progress.last_transmission_end + until) {
    s.After(s.wait()).Doubt(NotFound());
  }
}

TEST(DoubtTest, EverythingElseIsInDoubt) {
  for (const SendAnswer& answer :
       {TimedOut(), Refused(500, "INTERNAL_ERROR"), WithoutEnvelope(502), WithoutEnvelope(200),
        Accepted("another-ref"), Refused(409, "ERR_VALIDATION"), Refused(400, "")}) {
    Scenario s;
    s.Post(answer);
    EXPECT_TRUE(IsInDoubt(s.row));
    EXPECT_EQ(s.row.progress.posts, 1);
    EXPECT_EQ(s.last.attempt->evidence, Attempt::Evidence::kInDoubt);
    EXPECT_EQ(s.wait(), Seconds(2));
    EXPECT_FALSE(s.last.visible) << "SUBMITTING says it already";
  }
}

TEST(DoubtTest, FoundIsAdoptedWithWhatItSays) {
  for (const auto& [shows, status] :
       {std::pair{Shows::kPending, TopupStatus::kPending},
        std::pair{Shows::kHandling, TopupStatus::kHandling},
        std::pair{Shows::kFulfilled, TopupStatus::kFulfilled},
        std::pair{Shows::kRefunded, TopupStatus::kPending},  // believed on the second read
        std::pair{Shows::kUnknownError, TopupStatus::kUnknownError},
        std::pair{Shows::kUnrecognised, TopupStatus::kPending}}) {
    Scenario s;
    s.InDoubt().After(Seconds(2));
    s.Doubt(Shown(s.row, shows));
    EXPECT_EQ(s.row.status, status);
    EXPECT_EQ(s.row.provider_topup_id, "provider-id-1");
    EXPECT_FALSE(s.row.progress.doubtful);
    EXPECT_FALSE(s.last.check.has_value());
    EXPECT_THAT(s.incidents(), IsEmpty());
  }
}

TEST(DoubtTest, FoundWithOtherFieldsIsAnIncidentAndNeverSentAgain) {
  Scenario s;
  s.InDoubt().After(Seconds(2));
  ReadAnswer other = Shown(s.row, Shows::kFulfilled);
  other.topup->phone = "0612345602";
  s.Doubt(other);
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_THAT(s.incidents(), ElementsAre("FIELDS_MISMATCH"));
  EXPECT_EQ(s.last.incidents[0].detail.find("0612345602"), std::string::npos) << "no number";
  AskUntil(s, Hours(72));
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  EXPECT_GE(s.now, s.row.create_time + Hours(66));
}

TEST(DoubtTest, OtherFieldsAfterARefusalKeepItFromBeingRejected) {
  Scenario s;
  s.Post(Refused(400, "ERR_VALIDATION")).After(Seconds(2));
  ReadAnswer other = Shown(s.row, Shows::kPending);
  other.topup->amount_dzd = 5000;
  s.Doubt(other).After(s.wait()).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_EQ(s.row.rejection_detail, "");
}

TEST(DoubtTest, AnObjectThatNamesNothingIsNoFind) {
  Scenario s;
  s.InDoubt().After(Seconds(2));
  ReadAnswer nameless = Shown(s.row, Shows::kPending);
  nameless.topup->id = nameless.topup->ref = nameless.topup->phone = "";
  s.Doubt(nameless);
  EXPECT_TRUE(IsInDoubt(s.row));
  EXPECT_FALSE(s.last.check->valid_not_found);
}

TEST(ResendTest, TheSameRefGoesAgainAfterTwoValidNotFoundsAndTheGrace) {
  Scenario s;
  s.InDoubt();
  for (const int seconds : {2, 5, 15, 30, 60}) {
    ASSERT_EQ(s.next_action(), NextAction::kReadByRef);
    s.After(s.wait()).Doubt(NotFound());
    EXPECT_EQ(s.now, *s.row.progress.last_transmission_end + Seconds(seconds));
  }
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef) << "the grace is not over";
  s.After(s.wait()).Doubt(NotFound());
  EXPECT_EQ(s.next_action(), NextAction::kResend);
  EXPECT_EQ(s.wait(), absl::ZeroDuration());
  s.Claim();
  EXPECT_EQ(s.row.progress.fence, 2);
}

TEST(ResendTest, OneNotFoundIsNotEnoughHoweverLate) {
  Scenario s;
  s.InDoubt().After(Minutes(10)).Doubt(NotFound());
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  EXPECT_EQ(s.After(Seconds(1)).Doubt(NotFound()).next_action(), NextAction::kResend);
}

TEST(ResendTest, AReadKnowsNothingOfWhatCameAfterItsStart) {
  Scenario s;
  s.InDoubt().After(Seconds(60)).Doubt(NotFound());
  ReadAnswer slow = NotFound();
  slow.exchange.start_time = s.now + Seconds(29);
  slow.exchange.end_time = s.now + Seconds(40);
  s.After(Seconds(40)).DoubtAsTimed(slow);
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef) << "asked a second before the grace's end";
}

TEST(ResendTest, AReadThatBeganBeforeTheLastByteLeftProvesNothing) {
  Scenario s;
  ReadAnswer early = NotFound();
  early.exchange.start_time = s.now;
  s.Claim().After(Seconds(1)).Answer(TimedOut()).After(Minutes(2)).DoubtAsTimed(early);
  EXPECT_FALSE(s.last.check->valid_not_found);
  EXPECT_EQ(s.row.progress.valid_not_founds, 0);
}

TEST(ResendTest, WithoutAProvenKeyNotFoundIsNoEvidence) {
  Scenario s;
  s.key_proven = false;
  s.InDoubt();
  AskUntil(s, Hours(48));
  EXPECT_EQ(s.row.progress.valid_not_founds, 0);
  EXPECT_TRUE(IsInDoubt(s.row));
}

TEST(ResendTest, FailuresBetweenTwoNotFoundsTakeNothingBack) {
  Scenario s;
  s.InDoubt().After(Seconds(2)).Doubt(NotFound()).After(Minutes(2)).Doubt(ReadFailed());
  EXPECT_EQ(s.After(Minutes(1)).Doubt(NotFound()).next_action(), NextAction::kResend);
}

TEST(ResendTest, EachPostStartsTheDoubtAnew) {
  Scenario s;
  s.InDoubt();
  for (int posts = 1; posts < s.rules.max_attempts; ++posts) {
    EXPECT_EQ(s.row.progress.posts, posts);
    EXPECT_EQ(s.row.progress.valid_not_founds, 0);
    EXPECT_EQ(s.row.progress.last_transmission_end, s.now);
    AskUntil(s, Minutes(3));
    ASSERT_EQ(s.next_action(), NextAction::kResend);
    EXPECT_EQ(s.now, *s.row.progress.last_transmission_end + Minutes(2));
    s.Post(TimedOut());
  }
  AskUntil(s, Hours(1));
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef) << "no more than --max_attempts";
}

TEST(ResendTest, NothingIsSentAgainPastTheWindow) {
  Scenario s;
  s.InDoubt().After(Seconds(2)).Doubt(NotFound());
  s.now = s.row.create_time + s.rules.send_window;
  EXPECT_TRUE(MayResend(s.row, s.rules, s.now));
  s.Doubt(NotFound());
  ASSERT_EQ(s.next_action(), NextAction::kResend);
  s.After(Seconds(1)).Claim();
  EXPECT_TRUE(s.last.changed);
  EXPECT_FALSE(s.row.progress.in_flight) << "the window closed while it waited for its turn";
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  AskUntil(s, Hours(2));
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
}

TEST(ResendTest, AMenuRequestIsNeverSentAgain) {
  for (const SendAnswer& answer : {TimedOut(), Refused(429, "")}) {
    Scenario s(Purpose::kMenu);
    s.Post(answer);
    AskUntil(s, Minutes(29));
    EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  }
  Scenario s(Purpose::kMenu);
  EXPECT_EQ(s.Post(Unsent()).next_action(), NextAction::kPost) << "it has not been sent at all";
}

TEST(TakeOverTest, AClaimThatNobodyWillAnswerIsInDoubtAndAskedAtOnce) {
  Scenario s;
  s.Claim();
  const absl::Time watchdog_end = s.row.progress.next_action_time;
  s.After(Seconds(1)).TakeOver();
  EXPECT_TRUE(IsInDoubt(s.row));
  EXPECT_EQ(s.row.progress.posts, 1);
  EXPECT_EQ(s.row.progress.last_transmission_end, watchdog_end);
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  EXPECT_EQ(s.wait(), absl::ZeroDuration());
  EXPECT_EQ(s.last.attempt->evidence, Attempt::Evidence::kInDoubt);
  EXPECT_FALSE(s.last.attempt->end_time.has_value());
  s.Doubt(NotFound());
  EXPECT_FALSE(s.last.check->valid_not_found) << "it could still have been sending";
}

TEST(TakeOverTest, OnlyWhatIsInFlightIsTakenOver) {
  EXPECT_FALSE(Scenario().TakeOver().last.changed);
  EXPECT_FALSE(Scenario().InDoubt().TakeOver().last.changed);
}

TEST(TakeOverTest, AnAttemptOfAnotherClaimIsLeftAsItIs) {
  Scenario s;
  s.Claim();
  EXPECT_FALSE(TakeOver(s.row, Attempt{.fence = 7}, s.now).attempt.has_value());
}

TEST(TakeOverTest, TheStepsGoOnWhereTheyWere) {
  Scenario s;
  s.Claim().After(s.rules.provider_timeout + Seconds(20)).TakeOver().Doubt(NotFound());
  EXPECT_EQ(s.wait(), Seconds(10)) << "30 s after the last possible transmission";
}

TEST(NeverAcceptedTest, NotFoundForTheWholeHorizonIsRejected) {
  Scenario s;
  s.InDoubt();
  s.row.progress.posts = s.rules.max_attempts;
  AskUntil(s, Hours(24) - Seconds(1));
  EXPECT_TRUE(IsInDoubt(s.row));
  s.After(s.wait()).Doubt(NotFound());
  EXPECT_EQ(s.now, *s.row.progress.last_transmission_end + Hours(24));
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
  EXPECT_EQ(s.row.rejection_reason, RejectionReason::kNeverAccepted);
  EXPECT_EQ(s.next_action(), NextAction::kReadSettled);
}

TEST(NeverAcceptedTest, WhereTheBeginningWasSilentTheHorizonCountsFromTheFirstNotFound) {
  Scenario s;
  s.provider_clock.reset();
  s.InDoubt().After(Hours(20)).Doubt(NotFound()).After(Hours(5)).Doubt(NotFound());
  EXPECT_TRUE(IsInDoubt(s.row)) << "asked twice near the end is not both ends";
  s.After(Hours(19)).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
}

TEST(NeverAcceptedTest, OneNotFoundIsNotBothEnds) {
  Scenario s;
  s.InDoubt().After(Hours(24)).Doubt(NotFound());
  EXPECT_TRUE(IsInDoubt(s.row));
}

TEST(NeverAcceptedTest, OurClockSetForwardAloneGivesNoMoneyBack) {
  Scenario s;
  s.InDoubt().After(Seconds(2)).Doubt(NotFound());
  s.provider_clock = -Hours(25);
  s.After(Hours(25)).Doubt(NotFound());
  EXPECT_TRUE(IsInDoubt(s.row));
  s.After(Hours(24)).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
}

TEST(NeverAcceptedTest, AProviderWithoutAClockLeavesItToOurs) {
  Scenario s;
  s.provider_clock.reset();
  s.InDoubt().After(Seconds(2)).Doubt(NotFound()).After(Hours(24)).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
}

TEST(NeverAcceptedTest, ShortenedDurationsRunTheWholeStoryInSeconds) {
  Scenario s;
  s.rules.resend_grace = Seconds(1);
  s.rules.send_window = Seconds(3);
  s.rules.never_accepted_after = Seconds(4);
  s.InDoubt();
  AskUntil(s, Seconds(20));
  EXPECT_EQ(s.row.rejection_reason, RejectionReason::kNeverAccepted);
  EXPECT_EQ(s.now, s.row.create_time + Seconds(5));
}

TEST(NeverAcceptedTest, FoundAtTheLastMomentIsAdopted) {
  Scenario s;
  s.InDoubt();
  s.row.progress.posts = s.rules.max_attempts;
  AskUntil(s, Hours(24) - Seconds(1));
  s.After(s.wait());
  s.Doubt(Shown(s.row, Shows::kFulfilled));
  EXPECT_EQ(s.row.status, TopupStatus::kFulfilled);
}

TEST(DoubtReadTest, SaysNothingOfATopupThatIsNotInDoubt) {
  EXPECT_FALSE(Scenario().Doubt(NotFound()).last.changed);
  EXPECT_FALSE(Scenario().Claim().Doubt(NotFound()).last.changed) << "a POST may be out";
  EXPECT_FALSE(Scenario().InPending().Doubt(NotFound()).last.changed);
}

}  // namespace
}  // namespace topup::core
