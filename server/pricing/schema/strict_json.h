// JSON as configurations may have it: nothing that two readers could read differently.
// Private to this folder.
#ifndef TOPUP_SERVER_PRICING_SCHEMA_STRICT_JSON_H_
#define TOPUP_SERVER_PRICING_SCHEMA_STRICT_JSON_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/pricing/schema/config_schema.h"

namespace topup::pricing {

// Objects and lists inside each other.
inline constexpr int kJsonDepthMax = 32;

// Reads `text`. Nothing, and every reason in `problems`, for what is not JSON, keys given
// twice, fractions and exponents, numbers beyond int64, and more than kJsonDepthMax levels.
std::optional<nlohmann::json> ReadStrictJson(absl::string_view text,
                                             std::vector<JsonProblem>& problems);

// `path` with `key` behind it, as JSON Pointer writes it; control characters become '?'.
std::string PathTo(const std::string& path, absl::string_view key);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_SCHEMA_STRICT_JSON_H_
