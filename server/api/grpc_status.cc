#include "server/api/grpc_status.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/error.h"
#include "server/core/phone_number.h"

namespace topup::api {
namespace {

// A client takes 8 KiB of metadata by default, and drops the whole error where there is more.
constexpr size_t kViolationsBytesMax = 6 << 10;
constexpr size_t kFieldBytesMax = 256;
constexpr size_t kDescriptionBytesMax = 1 << 10;
constexpr size_t kViolationFrameBytes = 8;  // tags and lengths

// Our directories, for whoever starts the service: pricing/plugin_search.h.
constexpr absl::string_view kSearched = "searched";

// Of MARGIN_GUARDRAIL: what it is measured from is the cost.
constexpr absl::string_view kLimitCentimes = "limit_centimes";

// Of PRICING_UNAVAILABLE, in its message too: a strategy's own words, which may tell the cost.
constexpr absl::string_view kDetail = "detail";

bool HoldsWordsOfAStrategy(const base::ErrorDetails& details) {
  return details.reason == "PRICING_UNAVAILABLE";
}

// `text`, or as much of its beginning as `size_max` bytes hold whole characters of.
std::string Beginning(absl::string_view text, size_t size_max) {
  if (text.size() <= size_max) return std::string(text);
  while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xC0) == 0x80) --size_max;
  return absl::StrCat(text.substr(0, size_max), "...");
}

// Those that fit, and how many do not.
void FillViolations(const std::vector<base::FieldViolation>& violations,
                    google::rpc::BadRequest& bad_request) {
  size_t bytes = 0;
  for (const base::FieldViolation& violation : violations) {
    const std::string field = Beginning(violation.field, kFieldBytesMax);
    const std::string description = Beginning(violation.description, kDescriptionBytesMax);
    bytes += field.size() + description.size() + kViolationFrameBytes;
    if (bytes > kViolationsBytesMax) break;
    google::rpc::BadRequest::FieldViolation& added = *bad_request.add_field_violations();
    added.set_field(field);
    added.set_description(core::MaskNumbers(description));
  }
  const size_t left_out =
      violations.size() - static_cast<size_t>(bad_request.field_violations_size());
  if (left_out == 0) return;
  bad_request.add_field_violations()->set_description(
      absl::StrCat("and ", left_out, " more: there is no room for them in one answer"));
}

void FillDetails(const base::ErrorDetails& details, bool see_cost, google::rpc::Status& rich) {
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain("topup.v1");
  for (const auto& [name, value] : details.metadata) {
    if (name == kSearched || (name == kLimitCentimes && !see_cost)) continue;
    if (name == kDetail && !see_cost && HoldsWordsOfAStrategy(details)) continue;
    (*info.mutable_metadata())[name] = core::MaskNumbers(value);
  }
  rich.add_details()->PackFrom(info);
  if (!details.field_violations.empty()) {
    google::rpc::BadRequest bad_request;
    FillViolations(details.field_violations, bad_request);
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

grpc::Status ToGrpcStatus(const absl::Status& status, bool see_cost) {
  if (status.ok()) return grpc::Status::OK;
  std::optional<base::ErrorDetails> details = base::GetErrorDetails(status);
  google::rpc::Status rich;
  if (details.has_value()) {
    rich.set_code(static_cast<int>(status.code()));
    // A message may repeat what the caller wrote, a number where a plan belongs for example.
    rich.set_message(!see_cost && HoldsWordsOfAStrategy(*details)
                         ? "No pricing strategy has a price for this."
                         : core::MaskNumbers(status.message()));
  } else {
    rich.set_code(grpc::StatusCode::INTERNAL);
    rich.set_message("The server has failed in a way that it did not expect.");
    details = base::ErrorDetails{.reason = "INTERNAL"};
  }
  FillDetails(*details, see_cost, rich);
  return grpc::Status(static_cast<grpc::StatusCode>(rich.code()), rich.message(),
                      rich.SerializeAsString());
}

}  // namespace topup::api
