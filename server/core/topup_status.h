// Where a top-up is, what a caller may do about it, and what the engine does next with it.
#ifndef TOPUP_SERVER_CORE_TOPUP_STATUS_H_
#define TOPUP_SERVER_CORE_TOPUP_STATUS_H_

#include "absl/strings/string_view.h"

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

// FULFILLED, REFUNDED, REJECTED and CANCELLED.
bool IsSettled(TopupStatus status);

// How far along a status is; a read never moves a top-up to a lower rank.
int Rank(TopupStatus status);

// As in the contract: "QUEUED", "UNKNOWN_ERROR", "PROVIDER_REFUSED" (empty for kNone) ...
absl::string_view StatusName(TopupStatus status);
absl::string_view RejectionReasonName(RejectionReason reason);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_TOPUP_STATUS_H_
