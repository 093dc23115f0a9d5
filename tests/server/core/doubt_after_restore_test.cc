// A store that was put back from a backup: what it holds is asked about, and never sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/core/scenario.h"

namespace topup::core {
namespace {

using absl::Hours;
using absl::Minutes;
using absl::Seconds;
using Shows = ProviderTopup::Status;

// Asks at every step until it is settled, or `patience` is over; counts what became due for a POST.
int AskUntilSettled(Scenario& s, absl::Duration patience) {
  int posts_due = 0;
  const absl::Time end = s.now + patience;
  while (!IsSettled(s.row.status) && s.now < end) {
    if (s.next_action() != NextAction::kReadByRef) {
      ++posts_due;
      return posts_due;
    }
    s.After(std::max(s.wait(), absl::ZeroDuration())).Doubt(NotFound());
  }
  return posts_due;
}

TEST(DoubtAfterRestoreTest, WhatWasQueuedIsInDoubtAsOfNowAndAskedForAtOnce) {
  Scenario s;
  s.After(Minutes(1)).Restore();
  EXPECT_TRUE(IsInDoubt(s.row));
  EXPECT_TRUE(s.last.visible);
  EXPECT_EQ(s.next_action(), NextAction::kReadByRef);
  EXPECT_EQ(s.wait(), absl::ZeroDuration());
  // A claim of the lost time may have sent until now and its own timeout.
  EXPECT_EQ(*s.row.progress.last_transmission_end, s.now + s.rules.provider_timeout);
  s.Doubt(NotFound());
  EXPECT_FALSE(s.last.check->valid_not_found) << "too early to prove anything";
}

TEST(DoubtAfterRestoreTest, WhatTheProviderHasIsAdopted) {
  Scenario s;
  s.After(Minutes(1)).Restore().Doubt(Shown(s.row, Shows::kFulfilled));
  EXPECT_EQ(s.row.status, TopupStatus::kFulfilled);
  EXPECT_EQ(s.row.advice, RefundAdvice::kNone);
}

// Its caller may have been told, in the time that was lost, that it was cancelled or refused.
TEST(DoubtAfterRestoreTest, WhatTheProviderDoesNotHaveIsNeverSent) {
  Scenario queued;
  queued.After(Minutes(1)).Restore();
  Scenario in_doubt;
  in_doubt.InDoubt().After(Minutes(1)).Restore();
  Scenario throttled;
  throttled.Post(Refused(429, "TOO_MANY")).After(Seconds(1)).Restore();
  Scenario claimed;
  claimed.Claim().After(Seconds(1)).Restore();
  Scenario resend;
  resend.InDoubt();
  while (resend.next_action() != NextAction::kResend) resend.After(resend.wait()).Doubt(NotFound());
  resend.Restore();
  for (Scenario* s : {&queued, &in_doubt, &throttled, &claimed, &resend}) {
    EXPECT_TRUE(IsInDoubt(s->row));
    EXPECT_EQ(AskUntilSettled(*s, Hours(72)), 0);
    EXPECT_EQ(s->row.rejection_reason, RejectionReason::kNeverAccepted);
    EXPECT_GE(s->now, *s->row.progress.last_transmission_end + s->rules.never_accepted_after);
  }
}

TEST(DoubtAfterRestoreTest, AClaimIsTakenOverWithItsAttempt) {
  Scenario s;
  s.Claim().After(Seconds(1)).Restore();
  EXPECT_FALSE(s.row.progress.in_flight);
  ASSERT_TRUE(s.last.attempt.has_value());
  EXPECT_EQ(s.last.attempt->evidence, Attempt::Evidence::kInDoubt);
}

TEST(DoubtAfterRestoreTest, ARefusalStillOnlyWaitsForItsConfirmation) {
  Scenario s;
  s.Post(Refused(400, "ERR_PHONE")).After(Minutes(10)).Restore();
  EXPECT_EQ(s.wait(), absl::ZeroDuration());
  s.Doubt(NotFound());
  EXPECT_EQ(s.row.rejection_reason, RejectionReason::kProviderValidation);
}

TEST(DoubtAfterRestoreTest, WhatWasAcceptedIsAskedForAtOnceAndKeepsItsStatus) {
  Scenario s;
  s.InUnknownError().Restore();
  EXPECT_EQ(s.row.status, TopupStatus::kUnknownError);
  EXPECT_EQ(s.next_action(), NextAction::kReadStatus);
  EXPECT_EQ(s.wait(), absl::ZeroDuration());
  EXPECT_FALSE(s.last.visible);
}

TEST(DoubtAfterRestoreTest, WhatIsSettledStaysAsItIs) {
  Scenario s;
  s.InPending().Status(Shows::kFulfilled).Restore();
  EXPECT_FALSE(s.last.changed);
}

TEST(DoubtAfterRestoreTest, ASecondTimeOnlyStartsTheDoubtAnew) {
  Scenario s;
  s.After(Minutes(1)).Restore();
  const Topup once = s.row;
  s.After(Minutes(1)).Restore();
  EXPECT_FALSE(s.last.visible);
  EXPECT_EQ(s.row.progress.posts, once.progress.posts);
  EXPECT_EQ(*s.row.progress.last_transmission_end,
            *once.progress.last_transmission_end + Minutes(1));
}

}  // namespace
}  // namespace topup::core
