// What a person may settle, and what it leaves behind. The danger: a refund decided by hand for
// a top-up that the provider delivers a minute later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/core/protocol.h"
#include "server/core/resolution.h"
#include "tests/server/core/scenario.h"

namespace topup::core {
namespace {

using absl::Hours;
using absl::Minutes;
using absl::Seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Shows = ProviderTopup::Status;

Resolution By(const Scenario& s, TopupStatus status, bool override = false) {
  return {.status = status,
          .decided_by = "ops",
          .reason = "the customer has it",
          .override = override,
          .time = s.now};
}

// Resolves, and goes on with the row as it then is.
Decision ResolveIn(Scenario& s, TopupStatus status, bool override = false) {
  const Decision decision = Resolve(s.row, s.rules, By(s, status, override), {.now = s.now});
  s.row = decision.topup;
  return decision;
}

std::string WhyNot(const Scenario& s, bool override = false) {
  return std::string(WhyNotResolvable(s.row, s.rules, override, {.now = s.now}));
}

UnsettledReason Why(const Scenario& s) {
  return WhyUnsettled(s.row, UnsettledBefore(s.rules, s.now));
}

TEST(ResolveTest, SettlesWithTheAdviceOfTheDecision) {
  for (const auto& [status, advice] : {std::pair{TopupStatus::kFulfilled, RefundAdvice::kNone},
                                       std::pair{TopupStatus::kRefunded, RefundAdvice::kRefund},
                                       std::pair{TopupStatus::kRejected, RefundAdvice::kRefund}}) {
    Scenario s;
    s.InUnknownError().After(Hours(24));
    const Topup before = s.row;
    const Decision decision = ResolveIn(s, status);
    ASSERT_TRUE(decision.changed);
    EXPECT_TRUE(decision.visible);
    EXPECT_EQ(s.row.status, status);
    EXPECT_EQ(s.row.advice, advice);
    EXPECT_EQ(s.row.settle_time, s.now);
    EXPECT_EQ(s.row.review_time, std::nullopt);
    EXPECT_EQ(s.row.revision, before.revision + 1);
    EXPECT_EQ(s.row.version, before.version + 1);
    EXPECT_EQ(s.row.rejection_reason, status == TopupStatus::kRejected
                                          ? RejectionReason::kResolvedByPerson
                                          : RejectionReason::kNone);
    ASSERT_TRUE(decision.resolution.has_value());
    EXPECT_EQ(decision.resolution->topup_id, s.row.id);
    EXPECT_EQ(decision.resolution->decided_by, "ops");
    EXPECT_EQ(decision.resolution->time, s.now);
  }
}

TEST(ResolveTest, DecidesNothingElseThanTheThreeEnds) {
  for (int status = 1; status <= static_cast<int>(TopupStatus::kCancelled); ++status) {
    const auto wanted = static_cast<TopupStatus>(status);
    const bool end = wanted == TopupStatus::kFulfilled || wanted == TopupStatus::kRefunded ||
                     wanted == TopupStatus::kRejected;
    Scenario s;
    s.InUnknownError().After(Hours(24));
    EXPECT_EQ(ResolveIn(s, wanted).changed, end) << status;
  }
}

TEST(ResolveTest, WaitsWhileDoubtIsYoungerThanNeverAccepted) {
  Scenario s;
  s.InDoubt().After(s.rules.never_accepted_after - absl::Nanoseconds(1));
  EXPECT_THAT(WhyNot(s), HasSubstr("may still answer"));
  EXPECT_FALSE(ResolveIn(s, TopupStatus::kRejected).changed);
  s.After(absl::Nanoseconds(1));
  EXPECT_TRUE(ResolveIn(s, TopupStatus::kRejected).changed);
}

TEST(ResolveTest, WaitsWhileTheProviderMayStillEndWhatItAccepted) {
  for (const Shows shows : {Shows::kPending, Shows::kHandling, Shows::kUnknownError}) {
    Scenario s;
    s.InPending().After(Hours(1)).Status(shows);
    // UNKNOWN_ERROR has its own time from when it was first seen.
    const absl::Duration left = shows == Shows::kUnknownError ? Hours(24) : Hours(23);
    s.After(left - Seconds(1));
    EXPECT_FALSE(ResolveIn(s, TopupStatus::kRefunded).changed);
    s.After(Seconds(1));
    EXPECT_TRUE(ResolveIn(s, TopupStatus::kRefunded).changed);
  }
}

TEST(ResolveTest, OverrideDoesNotWaitForTheProvider) {
  Scenario in_flight;
  in_flight.Claim();
  EXPECT_THAT(WhyNot(in_flight), HasSubstr("under way"));
  EXPECT_TRUE(ResolveIn(in_flight, TopupStatus::kRejected, /*override=*/true).changed);
  // The answer finds its claim over.
  const Topup settled = in_flight.row;
  in_flight.Answer(Accepted());
  EXPECT_EQ(in_flight.row, settled);

  Scenario pending;
  pending.InPending();
  EXPECT_FALSE(ResolveIn(pending, TopupStatus::kFulfilled).changed);
  const Decision decision = ResolveIn(pending, TopupStatus::kFulfilled, /*override=*/true);
  EXPECT_TRUE(decision.changed);
  EXPECT_TRUE(decision.resolution->override);
}

TEST(ResolveTest, NobodySettlesWhatWasNotSentOrIsSettled) {
  Scenario queued;
  queued.After(Hours(48));
  EXPECT_FALSE(ResolveIn(queued, TopupStatus::kRejected, /*override=*/true).changed);

  Scenario fulfilled;
  fulfilled.InPending().Status(Shows::kFulfilled).After(Hours(48));
  EXPECT_THAT(WhyNot(fulfilled, /*override=*/true), HasSubstr("settled"));
  EXPECT_FALSE(ResolveIn(fulfilled, TopupStatus::kRefunded, /*override=*/true).changed);
}

TEST(ResolveTest, IsStillReadByRefOnTheScheduleAfterSettlement) {
  Scenario s;
  s.InDoubt().After(Hours(24));
  ResolveIn(s, TopupStatus::kFulfilled);
  EXPECT_EQ(s.next_action(), NextAction::kReadSettled);
  EXPECT_EQ(s.wait(), Minutes(1));
  s.After(Minutes(1)).Settled(NotFound());
  EXPECT_THAT(s.incidents(), IsEmpty());
  EXPECT_EQ(s.wait(), Minutes(9));
}

TEST(ResolveTest, AContradictionAfterwardsIsAnIncident) {
  const auto after = [](TopupStatus decided, bool accepted, Shows shows) {
    Scenario s;
    accepted ? s.InUnknownError() : s.InDoubt();
    s.After(Hours(24));
    EXPECT_TRUE(ResolveIn(s, decided).changed);
    const Topup settled = s.row;
    s.After(Minutes(1)).Settled(Shown(s.row, shows));
    EXPECT_EQ(s.row.status, settled.status) << "settled is final";
    return s.incidents();
  };
  EXPECT_THAT(after(TopupStatus::kFulfilled, true, Shows::kRefunded), ElementsAre("LATE_REVERSAL"));
  EXPECT_THAT(after(TopupStatus::kRefunded, true, Shows::kFulfilled), ElementsAre("LATE_REVERSAL"));
  EXPECT_THAT(after(TopupStatus::kRejected, true, Shows::kFulfilled), ElementsAre("LATE_REVERSAL"));
  EXPECT_THAT(after(TopupStatus::kRejected, false, Shows::kPending),
              ElementsAre("ACCEPTED_AFTER_REJECTED"));
  // What was known when it was decided, or agrees with it, contradicts nothing.
  EXPECT_THAT(after(TopupStatus::kRejected, true, Shows::kUnknownError), IsEmpty());
  EXPECT_THAT(after(TopupStatus::kRejected, true, Shows::kRefunded), IsEmpty());
  EXPECT_THAT(after(TopupStatus::kFulfilled, false, Shows::kFulfilled), IsEmpty());
}

TEST(UnsettledTest, ListsWhatDoesNotSettleByItselfAndSaysWhy) {
  Scenario queued;
  queued.After(Hours(48));
  EXPECT_EQ(Why(queued), UnsettledReason::kNone);
  Scenario in_flight;
  in_flight.Claim();
  EXPECT_EQ(Why(in_flight), UnsettledReason::kNone);
  Scenario in_doubt;
  in_doubt.InDoubt();
  EXPECT_EQ(Why(in_doubt), UnsettledReason::kInDoubt);
  Scenario held_back;
  held_back.Post(Refused(409, "DUPLICATED_REF"));
  EXPECT_EQ(Why(held_back), UnsettledReason::kHeldBack);
  Scenario unknown;
  unknown.InUnknownError();
  EXPECT_EQ(Why(unknown), UnsettledReason::kUnknownError);
  unknown.After(Seconds(5)).Status(Shows::kFulfilled);
  EXPECT_EQ(Why(unknown), UnsettledReason::kNone);
}

TEST(UnsettledTest, ListsWhatWasAcceptedOnlyOnceItTakesTooLong) {
  Scenario s;
  s.InPending();
  EXPECT_EQ(Why(s), UnsettledReason::kNone);
  s.After(Hours(24) - Seconds(1));
  EXPECT_EQ(Why(s), UnsettledReason::kNone);
  s.After(Seconds(1));
  EXPECT_EQ(Why(s), UnsettledReason::kOpenTooLong);

  Scenario missing;
  missing.InPending().After(Seconds(5)).Status(NotFound());
  EXPECT_EQ(Why(missing), UnsettledReason::kNone);
  missing.After(Minutes(10));
  EXPECT_EQ(Why(missing), UnsettledReason::kAcceptedNotFound);
}

}  // namespace
}  // namespace topup::core
