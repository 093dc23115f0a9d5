// What can be wrong with the routes and guardrails of a configuration. Pure.
#ifndef TOPUP_SERVER_PRICING_CHECK_ROUTES_H_
#define TOPUP_SERVER_PRICING_CHECK_ROUTES_H_

#include <vector>

#include "server/base/error.h"
#include "server/pricing/pricing_configuration.h"

namespace topup::pricing {

// Appends every problem: routes without a chain, conditions or a name of their own, pairs that
// are ambiguous, limits that are out of range, contradict each other or cannot be meant.
void CheckRoutes(const PricingConfiguration& configuration,
                 std::vector<base::FieldViolation>& violations);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_CHECK_ROUTES_H_
