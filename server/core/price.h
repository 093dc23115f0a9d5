// What a top-up sells for, and why.
#ifndef TOPUP_SERVER_CORE_PRICE_H_
#define TOPUP_SERVER_CORE_PRICE_H_

#include <string>
#include <vector>

#include "server/core/money.h"

namespace topup::core {

// A loaded strategy, exactly enough to find the same code and settings again.
struct StrategyIdentity {
  std::string strategy_id;  // reverse domain, for example "dz.topup.percentage_markup"
  std::string version;
  std::string library_digest;  // SHA-256 of the library's file, lower-case hex
  std::string config_digest;   // SHA-256 of its configuration text, lower-case hex

  friend bool operator==(const StrategyIdentity&, const StrategyIdentity&) = default;
};

struct PriceStep {
  std::string description;  // for example "markup 5 %"
  Money price_after;

  friend bool operator==(const PriceStep&, const PriceStep&) = default;
};

// Fixed when a top-up is quoted or recorded, and never computed again for it.
struct PriceBreakdown {
  Money face_value;                          // what the number is credited with
  Money cost;                                // what the provider takes from our account, rounded up
  Money price;                               // what the caller charges its customer
  Money profit;                              // price - cost
  std::vector<StrategyIdentity> strategies;  // the chain, in order
  std::vector<PriceStep> steps;              // the last one gives the price

  friend bool operator==(const PriceBreakdown&, const PriceBreakdown&) = default;
};

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PRICE_H_
