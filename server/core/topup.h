// The durable record of one top-up, and what is kept beside it.
//
// Plain data. What callers see and what only the send protocol knows are kept apart: the
// second part is `Progress`. Rows change only through the functions of core/protocol.h.
#ifndef TOPUP_SERVER_CORE_TOPUP_H_
#define TOPUP_SERVER_CORE_TOPUP_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/core/money.h"
#include "server/core/phone_number.h"
#include "server/core/plan.h"
#include "server/core/price.h"
#include "server/core/topup_status.h"

namespace topup::core {

struct SuggestedOffer {
  std::string display_name;
  std::string plan_code;
  int64_t amount_dzd = 0;

  friend bool operator==(const SuggestedOffer&, const SuggestedOffer&) = default;
};

// What the send protocol remembers of a top-up between its steps; docs/outcomes.md explains
// the rules. Times are of our wall clock unless they say otherwise.
struct Progress {
  NextAction next_action = NextAction::kNone;
  absl::Time next_action_time = absl::InfiniteFuture();

  // Claims so far: each claim takes the next number as its fence, and an answer is applied
  // only under the fence that asked for it.
  int64_t fence = 0;
  // True between a claim's commit and its answer's: a POST may be on its way.
  bool in_flight = false;
  // POSTs that count against --max_attempts: all but those proven unsent, and those that our
  // configuration kept from being taken. QUEUED is only what has none.
  int posts = 0;
  // Proven-unsent POSTs and pauses in a row; sets the backoff.
  int unsent = 0;

  // Some POST's fate is not known, so that a refusal or a single not-found proves nothing.
  bool doubtful = false;
  // The provider said that our ref exists: no not-found counts any more.
  bool duplicate_seen = false;
  // The last POST was answered "too busy" and none before it was doubtful: the first valid
  // not-found allows the resend without the grace.
  bool throttled = false;
  // A refusal that waits for its confirming read.
  RejectionReason provisional_rejection = RejectionReason::kNone;

  // End of the last possible transmission: no byte of any POST left after it. The steps of
  // doubt count from here.
  std::optional<absl::Time> last_transmission_end;
  // Valid not-founds since then.
  int valid_not_founds = 0;
  std::optional<absl::Time> first_valid_not_found;
  std::optional<absl::Time> last_valid_not_found;

  // When the provider accepted it, by our clock: first acceptance or adoption seen.
  std::optional<absl::Time> accept_time;
  // A read whose start is not later than this is stale.
  std::optional<absl::Time> last_read_start;
  // The first read that said REFUNDED; believed on the second.
  std::optional<absl::Time> refund_seen_time;
  // Since when reads of an accepted top-up have answered a valid not-found.
  std::optional<absl::Time> missing_since;
  // Since when it is UNKNOWN_ERROR: by our clock, and by the provider's. While in doubt, the
  // second one is the provider's time at the first valid not-found.
  std::optional<absl::Time> unknown_since;
  std::optional<absl::Time> unknown_since_provider;
  // Steps done on the schedule of UNKNOWN_ERROR reads, or of reads after settlement.
  int schedule_step = 0;

  friend bool operator==(const Progress&, const Progress&) = default;
};

struct Topup {
  std::string id;      // made by us, sorts by creation
  std::string ref;     // the caller's name for it, unique per caller for ever
  std::string caller;  // who sent it
  Purpose purpose = Purpose::kSale;
  PhoneNumber phone;
  Operator op = Operator::kUnknown;
  std::string plan_code;
  PlanKind plan_kind = PlanKind::kUnknown;
  int64_t amount_dzd = 0;  // face value in whole dinars
  PriceBreakdown price;
  std::map<std::string, std::string> labels;
  absl::Time create_time;
  absl::Time send_before;  // not sent for the first time after this

  // Our name for it at the provider: made with the record, never changed.
  std::string provider_ref;

  TopupStatus status = TopupStatus::kQueued;
  RefundAdvice advice = RefundAdvice::kWait;
  std::optional<absl::Time> review_time;  // while UNKNOWN_ERROR
  std::string refund_message;             // the provider's text for the customer
  std::vector<SuggestedOffer> suggested_offers;
  std::string provider_topup_id;
  std::optional<Money> provider_charge;  // what it took from our account
  std::string provider_account;          // which account it was sent with; empty before
  // Environment of the key that it was first sent with ("SANDBOX", "PRODUCTION").
  std::string provider_environment;
  RejectionReason rejection_reason = RejectionReason::kNone;
  // The provider's own text. Not for callers before it is REJECTED: until then a refusal is
  // only provisional.
  std::string rejection_detail;
  absl::Time update_time;
  std::optional<absl::Time> settle_time;
  int64_t revision = 0;  // counts visible changes from 1

  Progress progress;
  // Counts every committed change, visible or not; the store's compare-and-set.
  int64_t version = 0;

  friend bool operator==(const Topup&, const Topup&) = default;
};

// A committed visible change. Sequence numbers rise by commit order over all top-ups.
struct Event {
  int64_t sequence = 0;
  Topup topup;  // as it was right after the change; `progress` and `version` may be empty
};

// True where nothing that a caller sees differs (progress, version, revision and update_time
// left aside, and the rejection's detail before it is REJECTED).
bool SameToCallers(const Topup& a, const Topup& b);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_TOPUP_H_
