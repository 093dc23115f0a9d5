// Taking, sending and doubt, one sentence a test. The dangers: a second acceptance, and money
// given back for a top-up that the provider has.
#include "server/core/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/core/scenario.h"

namespace topup::core {
namespace {

using absl::Hours;
using absl::Minutes;
using absl::Seconds;
using testing::IsEmpty;
using Shows = ProviderTopup::Status;

TEST(QueuedTest, ANewTopupIsDueAtOnceAtItsFirstRevision) {
  const Scenario s;
  EXPECT_EQ(s.row.status, TopupStatus::kQueued);
  EXPECT_EQ(s.row.revision, 1);
  EXPECT_EQ(s.row.version, 1);
  EXPECT_EQ(s.next_action(), NextAction::kPost);
  EXPECT_EQ(s.wait(), absl::ZeroDuration());
}

TEST(ClaimTest, ACommittedClaimComesBeforeThePostWithItsOwnFence) {
  Scenario s;
  s.Claim();
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_TRUE(s.row.progress.in_flight);
  EXPECT_EQ(s.row.progress.fence, 1);
  EXPECT_EQ(s.row.provider_environment, "SANDBOX");
  EXPECT_EQ(s.next_action(), NextAction::kAwaitAnswer);
  EXPECT_EQ(s.wait(), s.rules.provider_timeout);
  ASSERT_TRUE(s.last.attempt.has_value());
  EXPECT_EQ(s.last.attempt->fence, 1);
  EXPECT_EQ(s.last.attempt->start_time, s.now);
  EXPECT_EQ(s.last.attempt->evidence, Attempt::Evidence::kInFlight);
}

TEST(ClaimTest, NobodyElseCanClaimWhatIsClaimed) {
  Scenario s;
  EXPECT_FALSE(s.Claim().Claim().last.changed);
}

TEST(ClaimTest, AKeyOfAnotherEnvironmentClaimsNothing) {
  Scenario s;
  s.Post(Unsent()).After(Seconds(1));
  EXPECT_FALSE(Claim(s.row, s.rules, "main", "PRODUCTION", {.now = s.now}).changed);
  EXPECT_TRUE(Claim(s.row, s.rules, "main", "SANDBOX", {.now = s.now}).changed);
}

TEST(ClaimTest, WaitsForItsDueTime) {
  Scenario s;
  s.Post(Unsent());
  EXPECT_FALSE(s.Claim().last.changed);
  EXPECT_TRUE(s.After(s.wait()).Claim().last.changed);
}

TEST(ClaimTest, TheSendTimeItselfIsStillInTime) {
  Scenario s;
  s.now = s.row.send_before;
  EXPECT_FALSE(Expire(s.row, s.now).changed);
  EXPECT_TRUE(s.Claim().last.changed);
}

TEST(ExpireTest, PastItsTimeAQueuedTopupIsRejectedAndNeverSent) {
  Scenario s;
  s.now = s.row.send_before + absl::Microseconds(1);
  EXPECT_FALSE(s.Claim().last.changed);
  s.Expire();
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
  EXPECT_EQ(s.row.rejection_reason, RejectionReason::kExpired);
  EXPECT_EQ(s.row.advice, RefundAdvice::kRefund);
  EXPECT_EQ(s.next_action(), NextAction::kNone) << "no byte ever left: nothing can contradict";
}

TEST(ExpireTest, AfterBytesLeftTheProviderIsStillWatched) {
  Scenario s;
  s.Post(Refused(401, "INVALID_ACCESS_TOKEN"));
  s.now = s.row.send_before + Seconds(1);
  s.Expire();
  EXPECT_EQ(s.next_action(), NextAction::kReadSettled);
  EXPECT_EQ(s.wait(), Minutes(1));
}

TEST(ExpireTest, DoubtDoesNotExpire) {
  Scenario s;
  s.InDoubt().After(Hours(48));
  EXPECT_FALSE(s.Expire().last.changed);
  EXPECT_FALSE(s.Cancel().last.changed);
}

TEST(CancelTest, OnlyAQueuedTopupCanBeCancelled) {
  Scenario s;
  EXPECT_FALSE(Scenario().Claim().Cancel().last.changed);
  EXPECT_FALSE(Scenario().InPending().Cancel().last.changed);
  s.Cancel();
  EXPECT_EQ(s.row.status, TopupStatus::kCancelled);
  EXPECT_EQ(s.row.advice, RefundAdvice::kRefund);
  EXPECT_FALSE(s.Claim().last.changed);
}

TEST(UnsentTest, WhatNeverLeftIsQueuedAgainWithBackoffAndCountsForNothing) {
  Scenario s;
  for (const int seconds : {1, 2, 4, 8, 16, 30, 30}) {
    s.Post(Unsent());
    EXPECT_EQ(s.row.status, TopupStatus::kQueued);
    EXPECT_EQ(s.row.progress.posts, 0);
    EXPECT_EQ(s.last.attempt->evidence, Attempt::Evidence::kUnsent);
    EXPECT_EQ(s.wait(), Seconds(seconds));
    s.After(s.wait());
  }
  s.Post(Accepted());
  EXPECT_EQ(s.row.status, TopupStatus::kPending);
}

TEST(UnsentTest, TheBackoffEndsWhereTheTopupExpires) {
  Scenario s;
  s.now = s.row.send_before - absl::Milliseconds(10);
  EXPECT_EQ(s.Post(Unsent()).row.progress.next_action_time, s.row.send_before);
}

TEST(UnsentTest, TheBackoffBeginsAnewOnceSomethingHasLeft) {
  Scenario s;
  for (int unsent = 0; unsent < 3; ++unsent) s.Post(Unsent()).After(s.wait());
  s.InDoubt().After(Minutes(1)).Doubt(NotFound()).After(Minutes(1)).Doubt(NotFound());
  EXPECT_EQ(s.Post(Unsent()).wait(), Seconds(1));
}

TEST(UnsentTest, AfterDoubtItStaysInDoubt) {
  Scenario s;
  s.InDoubt().After(Minutes(1)).Doubt(NotFound()).After(Minutes(1)).Doubt(NotFound());
  ASSERT_EQ(s.next_action(), NextAction::kResend);
  const std::optional<absl::Time> end = s.row.progress.last_transmission_end;
  s.Post(Unsent());
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_TRUE(IsInDoubt(s.row));
  EXPECT_EQ(s.row.progress.posts, 1);
  EXPECT_EQ(s.row.progress.last_transmission_end, end) << "nothing left: the clock goes on";
}

TEST(ConfigurationTest, OurOwnFaultPutsItBackAndIsNoAttempt) {
  for (const SendAnswer& answer :
       {Refused(401, "INVALID_ACCESS_TOKEN"), Refused(403, "IP_BLOCKED"),
        Refused(403, "IP_NOT_ALLOWED"), Refused(403, "API_DISABLED"), WithoutEnvelope(404),
        WithoutEnvelope(302), Refused(400, "MISSING_ACCESS_TOKEN")}) {
    Scenario s;
    s.Post(answer);
    EXPECT_EQ(s.row.status, TopupStatus::kQueued);
    EXPECT_EQ(s.row.progress.posts, 0);
    EXPECT_EQ(s.last.attempt->evidence, Attempt::Evidence::kAnswered);
    EXPECT_TRUE(s.Cancel().last.changed);
  }
}

TEST(ConfigurationTest, AfterDoubtItStaysInDoubtAndTheGraceBeginsAnew) {
  Scenario s;
  s.InDoubt().After(Minutes(1)).Doubt(NotFound()).After(Minutes(1)).Doubt(NotFound());
  s.After(Seconds(5)).Post(Refused(401, "ERR_AUTH"));
  EXPECT_TRUE(IsInDoubt(s.row));
  EXPECT_EQ(s.row.progress.posts, 1);
  EXPECT_EQ(s.row.progress.last_transmission_end, s.now) << "bytes left";
  s.After(Seconds(60)).Doubt(NotFound()).After(Seconds(29)).Doubt(NotFound());
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
}

TEST(AcceptedTest, AnAcceptanceIsPendingAndFollowedAtThePollInterval) {
  Scenario s;
  s.InPending();
  EXPECT_EQ(s.row.status, TopupStatus::kPending);
  EXPECT_EQ(s.row.provider_topup_id, "provider-id-1");
  EXPECT_EQ(s.next_action(), NextAction::kReadStatus);
  EXPECT_EQ(s.wait(), s.rules.poll_interval);
  EXPECT_EQ(s.row.revision, 3);
}

TEST(AnswerTest, CountsOnlyUnderTheFenceThatAskedForIt) {
  Scenario s;
  s.Claim();
  SendAnswer answer = Accepted(s.row.provider_ref);
  EXPECT_FALSE(ApplySendAnswer(s.row, s.rules, 2, answer, {.now = s.now}).changed);
  s.After(s.rules.provider_timeout).TakeOver();
  EXPECT_FALSE(ApplySendAnswer(s.row, s.rules, 1, answer, {.now = s.now}).changed)
      << "the claim is over";
}

TEST(AnswerTest, WithoutARecordedEndTheSocketIsKnownToBeClosedOnlyNow) {
  Scenario s;
  s.Claim().After(Seconds(3));
  const Decision decision =
      ApplySendAnswer(s.row, s.rules, 1, TimedOut(), {.now = s.now, .key_proven = true});
  EXPECT_EQ(decision.topup.progress.last_transmission_end, s.now);
}

TEST(RefusalTest, TheFirstPostsRefusalIsFinalOnlyOnceAReadConfirmsIt) {
  Scenario s;
  s.Post(Refused(400, "ERR_VALIDATION", "amount too small"));
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_FALSE(IsInDoubt(s.row));
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  EXPECT_EQ(s.wait(), s.rules.refusal_check_after);
  EXPECT_FALSE(s.last.visible) << "a provisional refusal is nothing to show";
  s.After(s.wait()).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
  EXPECT_EQ(s.row.rejection_reason, RejectionReason::kProviderValidation);
  EXPECT_EQ(s.row.rejection_detail, "ERR_VALIDATION: amount too small");
  EXPECT_EQ(s.row.revision, 3);
  EXPECT_TRUE(s.last.check->valid_not_found);
  EXPECT_EQ(s.next_action(), NextAction::kReadSettled);
}

TEST(RefusalTest, EachRefusalHasItsReason) {
  const auto reason = [](int status, const char* code) {
    Scenario s;
    return s.Post(Refused(status, code)).After(Seconds(2)).Doubt(NotFound()).row.rejection_reason;
  };
  EXPECT_EQ(reason(403, "INSUFFICIENT_BALANCE"), RejectionReason::kProviderInsufficientBalance);
  EXPECT_EQ(reason(403, "NO_BALANCE"), RejectionReason::kProviderInsufficientBalance);
  EXPECT_EQ(reason(422, "NEVER_SEEN"), RejectionReason::kProviderRefused);
}

TEST(RefusalTest, FoundAfterARefusalIsAdopted) {
  Scenario s;
  s.Post(Refused(400, "ERR_VALIDATION")).After(Seconds(2));
  s.Doubt(Shown(s.row, Shows::kHandling));
  EXPECT_EQ(s.row.status, TopupStatus::kHandling);
  EXPECT_EQ(s.row.rejection_detail, "");
  EXPECT_EQ(s.row.progress.provisional_rejection, RejectionReason::kNone);
}

TEST(RefusalTest, WhereTheReadProvesNothingItIsRepeatedOnTheStepsOfDoubt) {
  Scenario s;
  s.Post(Refused(400, "ERR_VALIDATION")).After(Seconds(2)).Doubt(ReadFailed());
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_EQ(s.wait(), Seconds(3));
  s.After(s.wait());
  s.key_proven = false;
  s.Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_FALSE(s.last.check->valid_not_found);
  s.key_proven = true;
  s.After(s.wait()).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
}

TEST(RefusalTest, AfterADoubtfulPostARefusalProvesNothing) {
  for (const char* code : {"INSUFFICIENT_BALANCE", "ERR_VALIDATION"}) {
    Scenario s;
    s.InDoubt().After(Minutes(1)).Doubt(NotFound()).After(Minutes(1)).Doubt(NotFound());
    s.Post(Refused(403, code)).After(Seconds(2)).Doubt(NotFound());
    EXPECT_TRUE(IsInDoubt(s.row)) << code;
    EXPECT_EQ(s.row.rejection_detail, "");
  }
}

TEST(RefusalTest, WhatOnlyOurConfigurationRefusedBeforeLeavesTheRefusalFirst) {
  Scenario s;
  s.Post(Refused(401, "")).After(Seconds(1)).Post(Unsent()).After(Seconds(2));
  s.Post(Refused(400, "ERR_PHONE")).After(Seconds(2)).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kRejected);
}

TEST(RefusalTest, ARefusalAfterThrottlingHasNoShortCut) {
  Scenario s;
  s.Post(Refused(429, "")).After(Seconds(2)).Doubt(NotFound());
  s.Post(Refused(400, "ERR_VALIDATION")).After(Seconds(2)).Doubt(NotFound());
  EXPECT_EQ(s.row.status, TopupStatus::kSubmitting);
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef) << "the grace holds";
}

TEST(ThrottledTest, TheFirstValidNotFoundAllowsTheResendWithoutTheGrace) {
  for (const SendAnswer& busy : {Refused(429, ""), Refused(503, "SERVICE_UNAVAILABLE")}) {
    Scenario s;
    s.Post(busy).After(Seconds(2)).Doubt(NotFound());
    EXPECT_EQ(s.next_action(), NextAction::kResend);
    s.Post(busy).After(Seconds(2)).Doubt(NotFound());
    EXPECT_EQ(s.next_action(), NextAction::kResend);
    EXPECT_EQ(s.row.progress.posts, 2);
  }
}

TEST(ThrottledTest, AfterADoubtfulPostTheGraceHolds) {
  Scenario s;
  s.InDoubt().After(Minutes(1)).Doubt(NotFound()).After(Minutes(1)).Doubt(NotFound());
  s.Post(Refused(429, "")).After(Seconds(2)).Doubt(NotFound());
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  s.After(Seconds(88)).Doubt(NotFound());
  EXPECT_EQ(s.next_action(), NextAction::kResend);
}

TEST(ThrottledTest, PastTheWindowItIsInDoubtLikeAnyOther) {
  Scenario s;
  s.Post(Refused(429, "")).After(Minutes(31)).Doubt(NotFound());
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  EXPECT_TRUE(IsInDoubt(s.row));
  EXPECT_TRUE(s.row.progress.doubtful);
}

TEST(DuplicateTest, IsReadAtOnceAndAdoptedWhereItIsOurs) {
  Scenario s;
  s.Post(Refused(403, "DUPLICATED_REF"));
  EXPECT_TRUE(IsInDoubt(s.row));
  EXPECT_FALSE(MayResend(s.row, s.rules, s.now));
  EXPECT_EQ(s.wait(), absl::ZeroDuration());
  s.Doubt(Shown(s.row, Shows::kPending));
  EXPECT_EQ(s.row.status, TopupStatus::kPending);
  EXPECT_EQ(s.row.provider_topup_id, "provider-id-1");
}

TEST(DuplicateTest, NoNotFoundCountsFromThenOn) {
  Scenario s;
  s.Post(Refused(403, "DUPLICATED_REF"));
  bool told = false;
  for (int read = 0; read < 400; ++read) {
    s.Doubt(NotFound());
    ASSERT_EQ(s.row.status, TopupStatus::kSubmitting);
    ASSERT_EQ(s.next_action(), NextAction::kReadByRef);
    const bool late = s.now - *s.row.progress.last_transmission_end >= Minutes(10);
    EXPECT_EQ(s.incidents(),
              late ? std::vector<std::string>{"DUPLICATE_NOT_FOUND"} : std::vector<std::string>{});
    told = told || late;
    s.After(s.wait());
  }
  EXPECT_TRUE(told);
  EXPECT_EQ(s.row.progress.posts, 1);
}

TEST(DuplicateTest, WithoutAProvenKeyNothingIsMissing) {
  Scenario s;
  s.key_proven = false;
  s.Post(Refused(403, "DUPLICATED_REF")).After(Hours(1)).Doubt(NotFound());
  EXPECT_THAT(s.incidents(), IsEmpty());
}

}  // namespace
}  // namespace topup::core
