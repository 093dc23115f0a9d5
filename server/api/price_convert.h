// What the owner is shown of prices, as messages; as proto_convert.h.
#ifndef TOPUP_SERVER_API_PRICE_CONVERT_H_
#define TOPUP_SERVER_API_PRICE_CONVERT_H_

#include <vector>

#include "server/engine/price_control.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::api {

// A schema stands in the first entry of its library only, and in none after those that 3 MiB hold.
void FillStrategies(const engine::StrategyDirectory& directory,
                    admin::v1::ListStrategiesResponse& message);

// The moves, and the totals last.
std::vector<admin::v1::SimulatePricingResponse> ToMessages(const engine::Simulation& simulation,
                                                           bool see_cost);

void FillExplanation(const engine::Explanation& explanation, bool see_cost,
                     admin::v1::ExplainPriceResponse& message);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_PRICE_CONVERT_H_
