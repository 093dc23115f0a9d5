// The waits that are too short for an engine to be late in: a clock that is set forward within
// them must not end them.
#include "gtest/gtest.h"
#include "tests/server/core/scenario.h"

namespace topup::core {
namespace {

using absl::Hours;
using absl::Milliseconds;
using absl::Seconds;
using Shows = ProviderTopup::Status;

// A scenario whose wall clock is set forward by an hour after its last step.
class SetForward {
 public:
  explicit SetForward(const Scenario& s) : s_(s), begin_(s.now) {
    record_.Note(s.now - Hours(1), -Hours(1));
    record_.Note(s.now, absl::ZeroDuration());
    record_.Note(s.now + kStep, absl::ZeroDuration());
  }

  // A read that begins and ends `time` after the step.
  ReadAnswer At(absl::Duration time, ReadAnswer answer) {
    situation_ = {.now = begin_ + kStep + time, .key_proven = true, .clock = record_};
    situation_.clock.Note(situation_.now, time);
    answer.exchange.start_time = answer.exchange.end_time = situation_.now;
    answer.exchange.start_elapsed = time;
    return answer;
  }
  Topup Doubt(absl::Duration time, ReadAnswer answer) {
    answer = At(time, std::move(answer));
    return ApplyDoubtRead(s_.row, s_.rules, answer, situation_).topup;
  }
  Topup Status(absl::Duration time, Shows status) {
    const ReadAnswer answer = At(time, Shown(s_.row, status));
    return ApplyStatusRead(s_.row, s_.rules, answer, situation_).topup;
  }

 private:
  static constexpr absl::Duration kStep = Hours(1);

  const Scenario& s_;
  const absl::Time begin_;
  ClockRecord record_;
  Situation situation_;
};

TEST(ProtocolClockTest, RefundedIsBelievedAPollIntervalAfterItWasSeen) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(Shows::kRefunded);
  ASSERT_EQ(s.row.status, TopupStatus::kPending);
  SetForward clock(s);
  EXPECT_EQ(clock.Status(Milliseconds(4900), Shows::kRefunded).status, TopupStatus::kPending);
  EXPECT_EQ(clock.Status(Seconds(5), Shows::kRefunded).status, TopupStatus::kRefunded);
}

TEST(ProtocolClockTest, ARefusalIsConfirmedWhenItsReadIsDue) {
  Scenario s;
  s.Post(Refused(400, "ERR_PHONE"));
  ASSERT_EQ(s.row.status, TopupStatus::kSubmitting);
  SetForward clock(s);
  const Topup early = clock.Doubt(Milliseconds(1900), NotFound());
  EXPECT_EQ(early.status, TopupStatus::kSubmitting);
  EXPECT_EQ(early.progress.next_action, NextAction::kReadByRef);
  EXPECT_EQ(clock.Doubt(Seconds(2), NotFound()).status, TopupStatus::kRejected);
}

TEST(ProtocolClockTest, AReadThatBeganBeforeTheLastAppliedOneStaysStale) {
  Scenario s;
  s.InPending().After(Seconds(5)).Status(Shows::kHandling);
  SetForward clock(s);
  const ReadAnswer before = clock.At(-Seconds(1), Shown(s.row, Shows::kFulfilled));
  Situation now{.now = s.now + Hours(1) + Seconds(3)};
  now.clock.Note(s.now - Hours(1), -Hours(1));
  now.clock.Note(s.now, absl::ZeroDuration());
  now.clock.Note(now.now, Seconds(3));
  EXPECT_EQ(ApplyStatusRead(s.row, s.rules, before, now).topup.status, TopupStatus::kHandling);
}

}  // namespace
}  // namespace topup::core
