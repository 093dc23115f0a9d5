// Prices top-ups. The front door of the pricing room.
//
// A price is a function of the request and the configuration in force, and of nothing else:
// no clock, no I/O, no memory between calls. The phone number is not part of a request: a
// strategy has no business with it.
#ifndef TOPUP_SERVER_PRICING_PRICER_H_
#define TOPUP_SERVER_PRICING_PRICER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/plan.h"
#include "server/core/price.h"
#include "server/pricing/caller_volumes.h"

namespace topup::pricing {

struct PricingRequest {
  const core::Plan* plan = nullptr;  // with cost_ppm set; valid during the call
  int64_t amount_dzd = 0;            // face value
  std::string caller;
  absl::Time time;  // of the quote
  // What the caller has bought before; nothing where it is not counted.
  std::optional<CallerVolume> caller_volume;
};

// Thread-safe.
class Pricer {
 public:
  virtual ~Pricer() = default;

  // Cost = face value x cost_ppm rounded up to the centime; the price comes from the chain
  // of strategies that the request is routed to, and keeps that route's guardrails, or comes
  // from the chain that was named for that case and keeps them; profit = price - cost.
  //
  // Errors (base/error.h reasons): PRICING_UNAVAILABLE (a strategy failed, answered nonsense
  // or none is configured; metadata strategy_id); MARGIN_GUARDRAIL (the price breaks a
  // guardrail; metadata rule, price_centimes, limit_centimes, the nearest price that would do).
  // There is never a price of last resort.
  virtual absl::StatusOr<core::PriceBreakdown> Price(const PricingRequest& request) const = 0;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PRICER_H_
