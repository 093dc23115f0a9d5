// Errors that carry a machine-readable reason.
//
// A room that refuses something returns an absl::Status made here; the gRPC edge turns the
// details into google.rpc messages. The reasons are those of docs/errors.md.
#ifndef TOPUP_SERVER_BASE_ERROR_H_
#define TOPUP_SERVER_BASE_ERROR_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace topup::base {

struct FieldViolation {
  std::string field;        // the request's field, as in the .proto
  std::string description;  // what is wrong with which value, and what would be right
};

struct ErrorDetails {
  std::string reason;  // for example "REF_REUSED"
  // Every variable in the message, by name. Order is kept.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<FieldViolation> field_violations;
  // Set where a repeat can help, after this long.
  std::optional<absl::Duration> retry_after;
};

// `message` is one English sentence for people: no secret, no path, no SQL, no full number.
absl::Status MakeError(absl::StatusCode code, absl::string_view message, ErrorDetails details);

// A limit of ours is reached and nothing was done: OVERLOADED (kResourceExhausted), to be tried
// again after a second. `limit` names it for programs: queue_limit, reads, calls...
absl::Status OverloadedError(absl::string_view limit, absl::string_view message);

// Nothing for a status that was not made by MakeError.
std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status);

// The reason of `status`; empty where it has none.
std::string ErrorReason(const absl::Status& status);

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_ERROR_H_
