#include "server/core/row_change.h"

#include <algorithm>

namespace topup::core {

Decision Unchanged(const Topup& topup) { return {.topup = topup}; }

Decision Finish(const Topup& before, Decision decision, absl::Time now) {
  decision.changed = true;
  decision.topup.version = before.version + 1;
  if (!SameToCallers(before, decision.topup)) {
    decision.visible = true;
    decision.topup.revision = before.revision + 1;
    decision.topup.update_time = std::max(now, before.update_time);
  }
  return decision;
}

void Schedule(Topup& topup, NextAction action, absl::Time time) {
  topup.progress.next_action = action;
  topup.progress.next_action_time = time;
}

void Reject(Topup& topup, RejectionReason reason, absl::Time now) {
  topup.status = TopupStatus::kRejected;
  topup.advice = RefundAdvice::kRefund;
  topup.rejection_reason = reason;
  topup.settle_time = now;
  topup.progress.provisional_rejection = RejectionReason::kNone;
  if (topup.progress.last_transmission_end.has_value()) {
    Schedule(topup, NextAction::kReadSettled, NextSettledRead(now, now));
  } else {
    Schedule(topup, NextAction::kNone, absl::InfiniteFuture());
  }
}

void RestartDoubt(Topup& topup, absl::Time end) {
  Progress& progress = topup.progress;
  progress.last_transmission_end = end;
  progress.valid_not_founds = 0;
  progress.first_valid_not_found.reset();
  progress.last_valid_not_found.reset();
  progress.unknown_since_provider.reset();
}

void ScheduleDoubtRead(Topup& topup, const Situation& situation) {
  const absl::Time now = situation.now;
  const absl::Time end = topup.progress.last_transmission_end.value_or(now);
  Schedule(topup, NextAction::kReadByRef, NextDoubtRead(situation.clock.Redate(end), now));
}

absl::Time StartOf(const Exchange& exchange, const Situation& situation) {
  return situation.clock.empty() ? exchange.start_time : situation.clock.At(exchange.start_elapsed);
}

absl::Time CertainDate(absl::Time date, const Situation& situation) {
  return std::max(situation.clock.Redate(date), situation.clock.begin());
}

}  // namespace topup::core
