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

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/money.h"
#include "server/core/phone_number.h"
#include "server/core/plan.h"
#include "server/core/price.h"

namespace topup::core {

// Where a top-up is, as callers see it. Stored as these numbers; equal to those of
// topup.v1.TopupStatus, where each is explained.
enum class TopupStatus {
  kQueued = 1,
  kSubmitting = 2,
  kPending = 3,
  kHandling = 4,
  kUnknownError = 5,
  kFulfilled = 6,
  kRefunded = 7,
  kRejected = 8,
  kCancelled = 9,
};

// Equal to topup.v1.RefundAdvice.
enum class RefundAdvice { kWait = 1, kNone = 2, kRefund = 3, kReview = 4 };

// Why a top-up is REJECTED. Stored as these numbers.
enum class RejectionReason {
  kNone = 0,
  kProviderInsufficientBalance = 1,
  kProviderValidation = 2,
  kProviderRefused = 3,
  kExpired = 4,
  kNeverAccepted = 5,
  kResolvedByPerson = 6,
};

// What a top-up is for. A menu request is our own POST that asks for a number's offers: it
// belongs to no caller (`Topup::caller` is empty), is sent once at most, and never sold.
enum class Purpose { kSale = 0, kMenu = 1 };

// What the engine does next with a top-up, at `Progress::next_action_time`.
enum class NextAction {
  kNone = 0,         // settled, and watched no longer
  kPost = 1,         // QUEUED: claim it and POST it for the first time
  kReadByRef = 2,    // settle doubt: ask the provider by our ref
  kReadStatus = 3,   // accepted: read its status, in a batch where possible
  kReadSettled = 4,  // settled after a POST without an acceptance: look for a contradiction
  kAwaitAnswer = 5,  // claimed: a POST may be on its way; due = its watchdog has fired
  kResend = 6,       // in doubt, and proven absent: POST the same ref again
};

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
  // POSTs that count against --max_attempts: all but those proven unsent.
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

  // End of the last possible transmission. The steps of doubt count from here.
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
  // Since when it is UNKNOWN_ERROR: by our clock, and by the provider's.
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
  std::string rejection_detail;  // the provider's own text
  absl::Time update_time;
  std::optional<absl::Time> settle_time;
  int64_t revision = 0;  // counts visible changes from 1

  Progress progress;
  // Counts every committed change, visible or not; the store's compare-and-set.
  int64_t version = 0;

  friend bool operator==(const Topup&, const Topup&) = default;
};

// One POST to the provider, numbered from 1 by its fence.
struct Attempt {
  // Stored as these numbers; equal to topup.admin.v1.Attempt.Evidence.
  enum class Evidence { kInFlight = 0, kUnsent = 1, kAnswered = 2, kInDoubt = 3 };

  std::string topup_id;
  int64_t fence = 0;
  absl::Time start_time;               // of the claim
  std::optional<absl::Time> end_time;  // when its socket was closed; unset after a crash
  Evidence evidence = Evidence::kInFlight;
  int http_status = 0;     // 0: none received
  std::string error_code;  // the provider's, normalised
  std::string request_id;  // the provider's
  std::string detail;      // what happened, for people

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

// A read by ref of a top-up in doubt, and what it proves.
struct Check {
  std::string topup_id;
  absl::Time time;
  int http_status = 0;
  std::string error_code;
  bool valid_not_found = false;
  std::string detail;

  friend bool operator==(const Check&, const Check&) = default;
};

// Something that contradicts our records and needs a person. At most one open incident is
// kept for each (top-up, kind).
struct Incident {
  std::string id;
  std::string topup_id;  // empty for a top-up of the provider's that we do not know
  std::string kind;      // for example "CHARGE_MISMATCH"
  std::string detail;
  absl::Time create_time;
  // Set once a person has closed it.
  std::optional<absl::Time> close_time;
  std::string closed_by;
  std::string close_reason;

  friend bool operator==(const Incident&, const Incident&) = default;
};

// A committed visible change. Sequence numbers rise by commit order over all top-ups.
struct Event {
  int64_t sequence = 0;
  Topup topup;  // as it was right after the change; `progress` and `version` may be empty
};

// FULFILLED, REFUNDED, REJECTED and CANCELLED.
bool IsSettled(TopupStatus status);

// How far along a status is; a read never moves a top-up to a lower rank.
int Rank(TopupStatus status);

// As in the contract: "QUEUED", "UNKNOWN_ERROR", "PROVIDER_REFUSED" (empty for kNone) ...
absl::string_view StatusName(TopupStatus status);
absl::string_view RejectionReasonName(RejectionReason reason);

// True where nothing that a caller sees differs (progress, version, revision and
// update_time left aside).
bool SameToCallers(const Topup& a, const Topup& b);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_TOPUP_H_
