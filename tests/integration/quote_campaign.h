// Charged = quoted: many quotes of random plans, amounts and callers, each used some time later,
// with everything that may change between. What is recorded has to be what was quoted, to the
// last step and digest; what may not be used has to be refused with its reason and leave no
// trace; what nobody quoted has to have the price of the configuration in force.
#ifndef TOPUP_TESTS_INTEGRATION_QUOTE_CAMPAIGN_H_
#define TOPUP_TESTS_INTEGRATION_QUOTE_CAMPAIGN_H_

#include <cstdint>

#include "server/pricing/pricing_options.h"
#include "tests/integration/quote_figures.h"

namespace topup::integration {

// Gives `quotes` quotes and uses each. Deterministic by `seed`.
QuoteFigures RunQuotes(int64_t quotes, uint64_t seed, const pricing::PricingOptions& pricing);

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_QUOTE_CAMPAIGN_H_
