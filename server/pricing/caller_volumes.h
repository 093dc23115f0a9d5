// What a caller has bought so far, for strategies that price by it.
#ifndef TOPUP_SERVER_PRICING_CALLER_VOLUMES_H_
#define TOPUP_SERVER_PRICING_CALLER_VOLUMES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/price.h"

namespace topup::pricing {

using core::CallerVolume;

// Thread-safe, and answers from memory: it is asked by calls that must not block.
//
// Whoever prices asks this first, puts the answer into its PricingRequest and keeps it beside
// the price, so that the price can be explained later: pricing itself asks nobody.
class CallerVolumes {
 public:
  virtual ~CallerVolumes() = default;

  // Of `caller` before `time`. Nothing where it is not counted, which strategies are told: it is
  // not the same as having bought nothing.
  virtual std::optional<CallerVolume> VolumeOf(absl::string_view caller, absl::Time time) const = 0;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_CALLER_VOLUMES_H_
