// The form of an owner's requests about prices; as request_checks.h. Pure.
#ifndef TOPUP_SERVER_API_PRICE_CHECKS_H_
#define TOPUP_SERVER_API_PRICE_CHECKS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/price_control.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::api {

// Bytes of a configuration in a request; a larger one can be read from the configured file.
inline constexpr size_t kPricingConfigSizeMax = 240 << 10;

// Top-ups that a simulation shows at most, of either kind.
inline constexpr int kMoversMax = 1000;

// `caller` changes the prices.
absl::StatusOr<engine::ActivateCommand> CheckActivatePricing(
    const admin::v1::ActivatePricingRequest& request, const std::string& caller);
absl::StatusOr<engine::RollbackCommand> CheckRollbackPricing(
    const admin::v1::RollbackPricingRequest& request, const std::string& caller);
absl::StatusOr<engine::SimulateCommand> CheckSimulatePricing(
    const admin::v1::SimulatePricingRequest& request);
// The top-up's id.
absl::StatusOr<std::string> CheckExplainPrice(const admin::v1::ExplainPriceRequest& request);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_PRICE_CHECKS_H_
