// The pieces that planted bugs are made of. Each call makes decorations for one world; what they
// remember begins anew with each process.
#ifndef TOPUP_TESTS_SIM_PLANTED_DECORATIONS_H_
#define TOPUP_TESTS_SIM_PLANTED_DECORATIONS_H_

#include <functional>

#include "tests/sim/world.h"

namespace topup::sim {

// Every update is changed before it is written.
Decorations WithMutatedUpdates(std::function<void(store::UpdateRequest&)> mutate);
// Every POST is changed before it leaves; the engine does not know.
Decorations WithMutatedSends(std::function<void(upstream::SendRequest&)> mutate);
// What the provider says of the key is changed.
Decorations WithMutatedKeys(std::function<void(core::ValidateAnswer&)> mutate);

// A send is answered when it is asked for, and written later, if at all.
Decorations WithEarlyAcknowledgement();
// A claim is answered when it is asked for, and written later, if at all.
Decorations WithEarlyClaims();
// A POST that was not answered is made again below the engine.
Decorations WithHiddenResend();
// Right after a write, the row before it is written again over it: after the one that settles,
// or after one on the way there.
Decorations WithStaleWrites(bool after_settled);
// The listener is not told of events that settle.
Decorations WithDroppedEvents();
// A send with a quote is recorded at another price.
Decorations WithRecomputedPrices();
// Recording a known ref says that it was new, with the top-up that was not recorded.
Decorations WithAcknowledgedConflicts();
// The answer to a claim whose POST never left is taken for the answer to a later one, where that
// one's own does not come.
Decorations WithAnswersOfEarlierClaims();
// Some POSTs are given up as if their watchdog had run out, and leave long after it.
Decorations WithSleepyWorkers();
// Every number that is sent is written to the log.
Decorations WithLoggedNumbers();
// Some recorded sends are answered as if the disk were full.
Decorations WithFalseRefusals();
// A send is answered as one that may be recorded, and is recorded after that.
Decorations WithLateWrites();
// Reads of accepted top-ups are put off for ever.
Decorations WithForgottenReads();
// The cost that is recorded is not what the provider takes.
Decorations WithWrongCost();

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_PLANTED_DECORATIONS_H_
