#include "server/core/clock_setback.h"

#include <algorithm>
#include <utility>

#include "server/core/observation.h"
#include "server/core/row_change.h"

namespace topup::core {
namespace {

// When the schedule of `topup` would have its next action, reckoned anew.
absl::Time Reschedule(const Topup& topup, const ProtocolRules& rules, const Situation& situation) {
  const absl::Time now = situation.now;
  const ClockRecord& clock = situation.clock;
  const Progress& progress = topup.progress;
  switch (progress.next_action) {
    case NextAction::kNone:
      return absl::InfiniteFuture();
    case NextAction::kPost:
      return now + UnsentBackoff(std::max(progress.unsent, 1));
    case NextAction::kReadByRef:
      return std::max(
          {NextDoubtRead(clock.Redate(progress.last_transmission_end.value_or(now)), now),
           now + UnsentBackoff(std::max(progress.unsent, 1)), now + rules.refusal_check_after});
    case NextAction::kReadStatus: {
      Topup anew = topup;
      ScheduleStatusRead(anew, rules, situation);
      return anew.progress.next_action_time;
    }
    case NextAction::kReadSettled:
      return NextSettledRead(std::min(clock.Redate(topup.settle_time.value_or(now)), now), now);
    case NextAction::kAwaitAnswer:
      return now + rules.provider_timeout;
    case NextAction::kResend:
      return now;
  }
  return now;
}

// The same where it was dated by a clock that was ahead. From the last read on, so that whoever
// sets the clock often puts nothing off.
absl::Time Resume(const Topup& topup, const ProtocolRules& rules, const Situation& situation) {
  const Progress& progress = topup.progress;
  if (progress.next_action != NextAction::kReadStatus || !progress.last_read_start.has_value()) {
    return Reschedule(topup, rules, situation);
  }
  Situation then = situation;
  then.now = std::min(situation.clock.Redate(*progress.last_read_start), situation.now);
  return std::max(Reschedule(topup, rules, then), situation.now);
}

}  // namespace

Decision FollowClockSetBack(const Topup& topup, const ProtocolRules& rules,
                            const Situation& situation) {
  const absl::Time now = situation.now;
  Decision decision{.topup = topup};
  Progress& progress = decision.topup.progress;
  // A watchdog may still run, but no longer than this.
  const bool end_is_ahead =
      progress.last_transmission_end.has_value() &&
      situation.clock.Redate(*progress.last_transmission_end) > now + rules.provider_timeout;
  // It was over before the clock was set, and now is later than that by any clock.
  if (end_is_ahead && !IsSettled(topup.status)) RestartDoubt(decision.topup, now);
  if (progress.next_action_time > Reschedule(decision.topup, rules, situation)) {
    Schedule(decision.topup, progress.next_action, Resume(decision.topup, rules, situation));
  } else if (decision.topup == topup) {
    return Unchanged(topup);
  }
  return Finish(topup, std::move(decision), now);
}

}  // namespace topup::core
