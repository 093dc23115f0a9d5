// What a row needs after the wall clock was set back.
//
// Next actions are dated by the wall clock. When it is set back by an hour, what was due in
// five seconds would wait for an hour; whoever waits for a customer's money cannot.
#ifndef TOPUP_SERVER_CORE_CLOCK_SETBACK_H_
#define TOPUP_SERVER_CORE_CLOCK_SETBACK_H_

#include "absl/time/time.h"
#include "server/core/protocol.h"

namespace topup::core {

// The row with its next action no later than its schedule would put it now, and without a last
// transmission that is still to come. Not changed where the clock that dated it was not ahead
// of now; so it may be asked for any row at any time.
Decision FollowClockSetBack(const Topup& topup, const ProtocolRules& rules,
                            const Situation& situation);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_CLOCK_SETBACK_H_
