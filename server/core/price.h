// What a top-up sells for, and why.
#ifndef TOPUP_SERVER_CORE_PRICE_H_
#define TOPUP_SERVER_CORE_PRICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
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

// What a caller has bought so far, by its top-ups that were delivered. Days and months are those
// of Algiers in which they were recorded; a volume is the sum of face values.
struct CallerVolume {
  int64_t count_today = 0;
  Money volume_today;
  int64_t count_this_month = 0;
  Money volume_this_month;

  friend bool operator==(const CallerVolume&, const CallerVolume&) = default;
};

// What a price was worked out from, beside what a top-up says itself: enough to work it out
// again.
struct PriceBasis {
  std::string config_digest;     // SHA-256 of the pricing configuration's text, lower-case hex
  std::string route;             // that matched, by its name; "(default)" where none did
  std::string chain;             // that priced it, by its name: the route's, or the fallback
  absl::Time time;               // of the quote, to the microsecond
  PartsPerMillion cost_ppm = 0;  // the plan's
  std::optional<CallerVolume> caller_volume;  // nothing where it was not counted

  friend bool operator==(const PriceBasis&, const PriceBasis&) = default;
};

// Fixed when a top-up is quoted or recorded, and never computed again for it.
struct PriceBreakdown {
  Money face_value;                          // what the number is credited with
  Money cost;                                // what the provider takes from our account, rounded up
  Money price;                               // what the caller charges its customer
  Money profit;                              // price - cost
  std::vector<StrategyIdentity> strategies;  // the chain, in order
  std::vector<PriceStep> steps;              // the last one gives the price
  PriceBasis basis;

  friend bool operator==(const PriceBreakdown&, const PriceBreakdown&) = default;
};

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PRICE_H_
