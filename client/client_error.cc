#include "client/client_error.h"

#include <grpcpp/support/status.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace topup::client {
namespace {

constexpr char kDomain[] = "topup.v1";

void ReadDetail(const google::protobuf::Any& detail, ClientError& error) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  if (detail.UnpackTo(&info)) {
    if (info.domain() != kDomain) return;
    error.reason = info.reason();
    for (const auto& [name, value] : info.metadata()) error.metadata[name] = value;
  } else if (detail.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      error.field_violations.push_back({violation.field(), violation.description()});
    }
  } else if (detail.UnpackTo(&retry)) {
    const absl::Duration after = absl::Seconds(retry.retry_delay().seconds()) +
                                 absl::Nanoseconds(retry.retry_delay().nanos());
    error.retry_after = std::max(after, absl::ZeroDuration());
  }
}

// gRPC says so where it had no connection to put the call on. Another version may word it
// differently: then the call counts as one that may have arrived, which is the safe side.
bool NeverLeft(const ClientError& error) {
  return error.reason.empty() &&
         (absl::StartsWith(error.message, "failed to connect to all addresses") ||
          absl::StartsWith(error.message, "DNS resolution failed"));
}

// Whether a call that ended so may have taken effect all the same.
bool AnswerWasLost(const ClientError& error) {
  switch (error.code) {
    case absl::StatusCode::kUnavailable:
      if (NeverLeft(error)) return false;
      [[fallthrough]];
    case absl::StatusCode::kDeadlineExceeded:
      // These are made before anything is recorded.
      return error.reason != "CATALOGUE_UNAVAILABLE" && error.reason != "PRICING_UNAVAILABLE" &&
             error.reason != "OFFERS_TIMEOUT";
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

}  // namespace

ClientError ErrorFromStatus(const grpc::Status& status) {
  ClientError error;
  error.code = static_cast<absl::StatusCode>(status.error_code());  // the same numbers
  error.message = status.error_message();
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& detail : details.details()) ReadDetail(detail, error);
  }
  error.may_have_happened = AnswerWasLost(error);
  return error;
}

bool IsUnreachable(const ClientError& error) {
  return error.code == absl::StatusCode::kUnavailable && error.reason.empty();
}

}  // namespace topup::client
