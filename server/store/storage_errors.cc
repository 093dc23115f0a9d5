#include "server/store/storage_errors.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace topup::store {
namespace {

base::ErrorDetails Reason(absl::string_view reason) {
  base::ErrorDetails details;
  details.reason = std::string(reason);
  return details;
}

}  // namespace

absl::Status StorageUnavailableError(absl::string_view why) {
  base::ErrorDetails details = Reason("STORAGE_UNAVAILABLE");
  details.retry_after = absl::Seconds(1);
  return base::MakeError(absl::StatusCode::kUnavailable,
                         absl::StrCat("The store cannot answer: ", why, "."), std::move(details));
}

absl::Status StorageFullError() {
  base::ErrorDetails details = Reason("STORAGE_FULL");
  details.retry_after = absl::Seconds(10);
  return base::MakeError(absl::StatusCode::kResourceExhausted,
                         "The store has no room left; nothing was recorded.", std::move(details));
}

absl::Status CommitQueueFullError() {
  return base::OverloadedError("commit_queue",
                               "Too many writes are waiting (commit_queue); nothing was recorded.");
}

absl::Status VersionChangedError() {
  return base::MakeError(absl::StatusCode::kAborted,
                         "The top-up has changed since it was read; nothing was recorded.",
                         Reason("VERSION_CHANGED"));
}

absl::Status ActivationOvertakenError() {
  return base::MakeError(absl::StatusCode::kAborted,
                         "Another configuration came into force meanwhile; nothing was recorded.",
                         Reason("CONFIG_CHANGED"));
}

absl::Status TopupNotFoundError() {
  return base::MakeError(absl::StatusCode::kNotFound, "There is no such top-up.",
                         Reason("TOPUP_NOT_FOUND"));
}

absl::Status IncidentNotFoundError() {
  return base::MakeError(absl::StatusCode::kNotFound, "There is no such incident.",
                         Reason("INCIDENT_NOT_FOUND"));
}

absl::Status RefusedByConstraintError(absl::string_view what) {
  base::ErrorDetails details = Reason("INTERNAL");
  details.metadata.emplace_back("constraint", std::string(what));
  return base::MakeError(absl::StatusCode::kInternal,
                         absl::StrCat("What was to be stored contradicts the store: ", what, "."),
                         std::move(details));
}

absl::Status StoredDataError(absl::string_view what) {
  base::ErrorDetails details = Reason("STORED_DATA_INVALID");
  details.metadata.emplace_back("what", std::string(what));
  return base::MakeError(absl::StatusCode::kDataLoss,
                         absl::StrCat("Stored data is not what was written: ", what, "."),
                         std::move(details));
}

}  // namespace topup::store
