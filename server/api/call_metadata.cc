#include "server/api/call_metadata.h"

#include "server/base/error.h"

namespace topup::api {
namespace {

constexpr size_t kPairOverhead = 32;

absl::Status TooMuchMetadataError() {
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, "The call brings more than 8192 bytes of metadata.",
      {.reason = "INVALID_ARGUMENT",
       .field_violations = {{"metadata", "must be 8192 bytes at most, 32 counted for each pair"}}});
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadAuthorizations(const CallMetadata& metadata) {
  std::vector<std::string> authorizations;
  size_t size = 0;
  for (const auto& [name, value] : metadata) {
    size += name.size() + value.size() + kPairOverhead;
    if (name == "authorization") authorizations.emplace_back(value.data(), value.size());
  }
  if (size > kMetadataSizeMax) return TooMuchMetadataError();
  return authorizations;
}

}  // namespace topup::api
