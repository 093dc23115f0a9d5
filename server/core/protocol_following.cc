// Following: reads of what the provider has accepted, and looks at what is settled.
#include <utility>

#include "server/core/observation.h"
#include "server/core/protocol.h"
#include "server/core/row_change.h"

namespace topup::core {

Decision ApplyStatusRead(const Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                         const Situation& situation) {
  if (topup.progress.next_action != NextAction::kReadStatus) {
    return Unchanged(topup);
  }
  const absl::Time now = situation.now;
  Decision decision{.topup = topup};
  switch (JudgeRead(answer)) {
    case ReadMeaning::kFound:
      Observe(decision.topup, decision.incidents, rules, answer, situation);
      break;
    case ReadMeaning::kNotFound:
      ObserveMissing(decision.topup, decision.incidents, situation);
      ScheduleStatusRead(decision.topup, rules, situation);
      break;
    default:
      ScheduleStatusRead(decision.topup, rules, situation);
      break;
  }
  return Finish(topup, std::move(decision), now);
}

Decision ApplySettledRead(const Topup& topup, const ReadAnswer& answer,
                          const Situation& situation) {
  if (!IsSettled(topup.status)) {
    return Unchanged(topup);
  }
  Decision decision{.topup = topup};
  if (JudgeRead(answer) == ReadMeaning::kFound) {
    CompareSettled(topup, *answer.topup, decision.incidents);
  }
  if (topup.progress.next_action == NextAction::kReadSettled &&
      topup.progress.next_action_time <= situation.now) {
    const absl::Time since = situation.clock.Redate(topup.settle_time.value_or(situation.now));
    const absl::Time next = NextSettledRead(since, situation.now);
    Schedule(decision.topup,
             next == absl::InfiniteFuture() ? NextAction::kNone : NextAction::kReadSettled, next);
  } else if (decision.incidents.empty()) {
    return Unchanged(topup);
  }
  return Finish(topup, std::move(decision), situation.now);
}

}  // namespace topup::core
