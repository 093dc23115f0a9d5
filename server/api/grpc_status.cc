#include "server/api/grpc_status.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/error.h"
#include "server/core/phone_number.h"

namespace topup::api {
namespace {

void FillDetails(const base::ErrorDetails& details, google::rpc::Status& rich) {
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain("topup.v1");
  for (const auto& [name, value] : details.metadata) {
    (*info.mutable_metadata())[name] = core::MaskNumbers(value);
  }
  rich.add_details()->PackFrom(info);
  if (!details.field_violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const base::FieldViolation& violation : details.field_violations) {
      google::rpc::BadRequest::FieldViolation& added = *bad_request.add_field_violations();
      added.set_field(violation.field);
      added.set_description(core::MaskNumbers(violation.description));
    }
    rich.add_details()->PackFrom(bad_request);
  }
  if (details.retry_after.has_value()) {
    google::rpc::RetryInfo retry;
    absl::Duration rest = *details.retry_after;
    retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>(absl::IDivDuration(rest, absl::Nanoseconds(1), &rest)));
    rich.add_details()->PackFrom(retry);
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  std::optional<base::ErrorDetails> details = base::GetErrorDetails(status);
  google::rpc::Status rich;
  if (details.has_value()) {
    rich.set_code(static_cast<int>(status.code()));
    // A message may repeat what the caller wrote, a number where a plan belongs for example.
    rich.set_message(core::MaskNumbers(status.message()));
  } else {
    rich.set_code(grpc::StatusCode::INTERNAL);
    rich.set_message("The server has failed in a way that it did not expect.");
    details = base::ErrorDetails{.reason = "INTERNAL"};
  }
  FillDetails(*details, rich);
  return grpc::Status(static_cast<grpc::StatusCode>(rich.code()), rich.message(),
                      rich.SerializeAsString());
}

}  // namespace topup::api
