// A person's decision about a top-up that does not settle by itself; and which ones those are.
#ifndef TOPUP_SERVER_CORE_RESOLUTION_H_
#define TOPUP_SERVER_CORE_RESOLUTION_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/evidence.h"
#include "server/core/protocol.h"

namespace topup::core {

// Why a person has to look at a top-up.
enum class UnsettledReason {
  kNone,
  kInDoubt,           // a POST's fate is not known
  kHeldBack,          // in doubt, and the provider has something under our ref: never sent again
  kUnknownError,      // the provider does not know either
  kAcceptedNotFound,  // the provider accepted it and does not show it any more
  kOpenTooLong,       // none of these, and not settled for longer than unknown_review_after
};

// Times that make an open top-up a case: what has been so since then, or longer.
struct UnsettledSince {
  absl::Time open;     // accepted (where it never was: made) at or before
  absl::Time missing;  // not found at or before, though accepted
};

UnsettledSince UnsettledBefore(const ProtocolRules& rules, absl::Time now);

// QUEUED and settled ones are never unsettled: the first are sent or expire.
UnsettledReason WhyUnsettled(const Topup& topup, const UnsettledSince& since);

// As in the contract: "IN_DOUBT" ...; empty for kNone.
absl::string_view UnsettledReasonName(UnsettledReason reason);

// Why nobody may settle `topup` by hand now, as the end of a sentence; empty where a person may.
// `override` leaves aside that the provider may still answer, and nothing else.
absl::string_view WhyNotResolvable(const Topup& topup, const ProtocolRules& rules, bool override,
                                   const Situation& situation);

// Settles `topup` as `resolution` says (FULFILLED, REFUNDED, or REJECTED by a person),
// now. Afterwards it is still read by ref, and what contradicts it becomes an incident.
// Not changed where WhyNotResolvable says why.
Decision Resolve(const Topup& topup, const ProtocolRules& rules, const Resolution& resolution,
                 const Situation& situation);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_RESOLUTION_H_
