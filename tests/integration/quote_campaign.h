// Charged = quoted: many quotes of random plans, amounts and callers, each used some time later,
// with everything that may change between. What is recorded has to be what was quoted, to the
// last step and digest; what may not be used has to be refused with its reason and leave no
// trace; what nobody quoted has to have the price of the configuration in force.
#ifndef TOPUP_TESTS_INTEGRATION_QUOTE_CAMPAIGN_H_
#define TOPUP_TESTS_INTEGRATION_QUOTE_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/pricing/pricing_options.h"

namespace topup::integration {

struct QuoteFigures {
  int64_t quotes = 0;    // given
  int64_t swaps = 0;     // pricing files put in force after the first
  int64_t restarts = 0;  // crashes that were followed by a start
  int64_t mismatches = 0;
  // Answers by what was tried, for example "sold as quoted", "QUOTE_EXPIRED".
  std::map<std::string, int64_t> reached;
  std::vector<std::string> breaches;  // the first ones, each with the seed of its world
};

// Gives `quotes` quotes and uses each. Deterministic by `seed`.
QuoteFigures RunQuotes(int64_t quotes, uint64_t seed, const pricing::PricingOptions& pricing);

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_QUOTE_CAMPAIGN_H_
