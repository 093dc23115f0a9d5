// What a call brings besides its message, before anything of it is believed.
#ifndef TOPUP_SERVER_API_CALL_METADATA_H_
#define TOPUP_SERVER_API_CALL_METADATA_H_

#include <grpcpp/support/string_ref.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace topup::api {

using CallMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// All names and values of one call, and 32 bytes for each pair, as HTTP/2 counts.
inline constexpr size_t kMetadataSizeMax = 8192;

// The values of `authorization`, as sent; everything else is left alone. INVALID_ARGUMENT for
// more than kMetadataSizeMax. Pure.
absl::StatusOr<std::vector<std::string>> ReadAuthorizations(const CallMetadata& metadata);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_CALL_METADATA_H_
