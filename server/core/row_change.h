// The small moves that every rule of core/protocol.h is made of. Inside core only.
#ifndef TOPUP_SERVER_CORE_ROW_CHANGE_H_
#define TOPUP_SERVER_CORE_ROW_CHANGE_H_

#include "absl/time/time.h"
#include "server/core/protocol.h"

namespace topup::core {

// Nothing is to be committed.
Decision Unchanged(const Topup& topup);

// Completes a decision: counts versions, and revisions where a caller sees a difference.
Decision Finish(const Topup& before, Decision decision, absl::Time now);

void Schedule(Topup& topup, NextAction action, absl::Time time);

// Settles as REJECTED; looks later for a contradiction where bytes of a POST ever left.
void Reject(Topup& topup, RejectionReason reason, absl::Time now);

// The doubt's clock starts anew: no byte left after `end`.
void RestartDoubt(Topup& topup, absl::Time end);

// The next step of doubt after now.
void ScheduleDoubtRead(Topup& topup, const Situation& situation);

// When the exchange began, by the clock of now.
absl::Time StartOf(const Exchange& exchange, const Situation& situation);

// `date` by the clock of now, and not before this process began: what has passed since then has
// passed for certain, whatever was done to the wall clock while nobody looked.
absl::Time CertainDate(absl::Time date, const Situation& situation);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_ROW_CHANGE_H_
