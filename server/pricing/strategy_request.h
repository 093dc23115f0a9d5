// A request in the words of the contract.
#ifndef TOPUP_SERVER_PRICING_STRATEGY_REQUEST_H_
#define TOPUP_SERVER_PRICING_STRATEGY_REQUEST_H_

#include "absl/status/statusor.h"
#include "pricing_plugins/abi/topup_pricing.h"
#include "server/core/money.h"
#include "server/pricing/pricer.h"

namespace topup::pricing {

// What the first strategy of a chain is asked: the price so far is `cost`. Points into
// `request` and its plan, and is valid as long as they are.
topup_pricing_request_t MakeStrategyRequest(const PricingRequest& request, core::Money face_value,
                                            core::Money cost);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_STRATEGY_REQUEST_H_
