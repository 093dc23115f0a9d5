#include "server/core/topup.h"

namespace topup::core {

bool IsSettled(TopupStatus status) {
  switch (status) {
    case TopupStatus::kFulfilled:
    case TopupStatus::kRefunded:
    case TopupStatus::kRejected:
    case TopupStatus::kCancelled:
      return true;
    case TopupStatus::kQueued:
    case TopupStatus::kSubmitting:
    case TopupStatus::kPending:
    case TopupStatus::kHandling:
    case TopupStatus::kUnknownError:
      return false;
  }
  return false;
}

int Rank(TopupStatus status) {
  switch (status) {
    case TopupStatus::kQueued:
      return 0;
    case TopupStatus::kSubmitting:
      return 1;
    case TopupStatus::kPending:
      return 2;
    case TopupStatus::kHandling:
      return 3;
    case TopupStatus::kUnknownError:
      return 4;
    case TopupStatus::kFulfilled:
    case TopupStatus::kRefunded:
    case TopupStatus::kRejected:
    case TopupStatus::kCancelled:
      return 5;
  }
  return 0;
}

absl::string_view StatusName(TopupStatus status) {
  switch (status) {
    case TopupStatus::kQueued:
      return "QUEUED";
    case TopupStatus::kSubmitting:
      return "SUBMITTING";
    case TopupStatus::kPending:
      return "PENDING";
    case TopupStatus::kHandling:
      return "HANDLING";
    case TopupStatus::kUnknownError:
      return "UNKNOWN_ERROR";
    case TopupStatus::kFulfilled:
      return "FULFILLED";
    case TopupStatus::kRefunded:
      return "REFUNDED";
    case TopupStatus::kRejected:
      return "REJECTED";
    case TopupStatus::kCancelled:
      return "CANCELLED";
  }
  return "UNSPECIFIED";
}

absl::string_view RejectionReasonName(RejectionReason reason) {
  switch (reason) {
    case RejectionReason::kNone:
      return "";
    case RejectionReason::kProviderInsufficientBalance:
      return "PROVIDER_INSUFFICIENT_BALANCE";
    case RejectionReason::kProviderValidation:
      return "PROVIDER_VALIDATION";
    case RejectionReason::kProviderRefused:
      return "PROVIDER_REFUSED";
    case RejectionReason::kExpired:
      return "EXPIRED";
    case RejectionReason::kNeverAccepted:
      return "NEVER_ACCEPTED";
    case RejectionReason::kResolvedByPerson:
      return "RESOLVED_BY_PERSON";
  }
  return "";
}

bool SameToCallers(const Topup& a, const Topup& b) {
  Topup left = a;
  Topup right = b;
  left.progress = right.progress = {};
  left.version = right.version = 0;
  left.revision = right.revision = 0;
  left.update_time = right.update_time = {};
  left.provider_environment = right.provider_environment = {};
  for (Topup* topup : {&left, &right}) {
    if (topup->status != TopupStatus::kRejected) topup->rejection_detail.clear();
  }
  return left == right;
}

}  // namespace topup::core
