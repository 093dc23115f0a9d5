#include "server/api/price_checks.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/api/form_error.h"
#include "server/api/proto_convert.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace topup::api {
namespace {

constexpr int kMoversDefault = 20;
constexpr size_t kDigestSize = 64;

using Violations = std::vector<base::FieldViolation>;

void CheckConfig(const std::string& config, Violations& wrong) {
  if (config.size() > kPricingConfigSizeMax) {
    wrong.push_back(
        {"config", absl::StrCat("has ", config.size(), " bytes: give at most ",
                                kPricingConfigSizeMax, ", or have the configured file read")});
  }
}

void CheckExpectedDigest(const std::string& digest, Violations& wrong) {
  const bool is_hex = digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!digest.empty() && (digest.size() != kDigestSize || !is_hex)) {
    wrong.push_back({"expected_config_digest", "must be 64 lower-case hexadecimal digits"});
  }
}

// Empty: the configured file.
std::optional<std::string> ConfigOf(const std::string& config) {
  return config.empty() ? std::nullopt : std::optional<std::string>(config);
}

absl::Time TimeOr(bool given, const google::protobuf::Timestamp& timestamp, absl::Time otherwise,
                  absl::string_view field, Violations& wrong) {
  if (!given) return otherwise;
  const std::optional<absl::Time> time = ToTime(timestamp);
  if (!time.has_value()) wrong.push_back({std::string(field), "is not a time"});
  return time.value_or(otherwise);
}

}  // namespace

absl::StatusOr<engine::ActivateCommand> CheckActivatePricing(
    const admin::v1::ActivatePricingRequest& request, const std::string& caller) {
  Violations wrong;
  CheckConfig(request.config(), wrong);
  CheckExpectedDigest(request.expected_config_digest(), wrong);
  RETURN_IF_ERROR(FormError(wrong));
  return engine::ActivateCommand{.caller = caller,
                                 .config = ConfigOf(request.config()),
                                 .validate_only = request.validate_only(),
                                 .expected_config_digest = request.expected_config_digest()};
}

absl::StatusOr<engine::RollbackCommand> CheckRollbackPricing(
    const admin::v1::RollbackPricingRequest& request, const std::string& caller) {
  Violations wrong;
  CheckExpectedDigest(request.expected_config_digest(), wrong);
  RETURN_IF_ERROR(FormError(wrong));
  return engine::RollbackCommand{.caller = caller,
                                 .expected_config_digest = request.expected_config_digest()};
}

absl::StatusOr<engine::SimulateCommand> CheckSimulatePricing(
    const admin::v1::SimulatePricingRequest& request) {
  Violations wrong;
  CheckConfig(request.config(), wrong);
  const absl::Time start = TimeOr(request.has_start_time(), request.start_time(),
                                  absl::InfinitePast(), "start_time", wrong);
  const absl::Time end =
      TimeOr(request.has_end_time(), request.end_time(), absl::InfiniteFuture(), "end_time", wrong);
  if (wrong.empty() && start >= end) {
    wrong.push_back({"end_time", "must be after start_time"});
  }
  if (request.movers() < 0 || request.movers() > kMoversMax) {
    wrong.push_back({"movers", absl::StrCat("is ", request.movers(), ": give 0 to ", kMoversMax)});
  }
  RETURN_IF_ERROR(FormError(wrong));
  return engine::SimulateCommand{
      .config = ConfigOf(request.config()),
      .start_time = start,
      .end_time = end,
      .movers = request.movers() == 0 ? kMoversDefault : request.movers()};
}

absl::StatusOr<std::string> CheckExplainPrice(const admin::v1::ExplainPriceRequest& request) {
  Violations wrong;
  CheckId("topup_id", request.topup_id(), wrong);
  RETURN_IF_ERROR(FormError(wrong));
  return request.topup_id();
}

}  // namespace topup::api
