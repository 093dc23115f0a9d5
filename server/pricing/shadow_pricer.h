// Prices silently by a second configuration, the shadow, beside the one in force, and counts what
// would change.
#ifndef TOPUP_SERVER_PRICING_SHADOW_PRICER_H_
#define TOPUP_SERVER_PRICING_SHADOW_PRICER_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/statusor.h"
#include "server/base/metrics.h"
#include "server/base/worker_pool.h"
#include "server/pricing/pricer.h"
#include "server/pricing/pricing_set.h"

namespace topup::pricing {

// What the shadow makes of a request, beside what the configuration in force made of it.
enum class ShadowOutcome {
  kSame,
  kHigher,        // the shadow's price is
  kLower,         // the shadow's price is
  kOnlyInForce,   // the shadow refuses it, or cannot price it
  kOnlyByShadow,  // the one in force does
  kNeither,
};

// No price stands for a request that was not priced, for whichever reason.
ShadowOutcome CompareWithShadow(std::optional<core::Money> in_force,
                                std::optional<core::Money> shadow);

// Thread-safe. Answers what the pricer in force answers, exactly and without waiting for the
// shadow: that one prices a copy of the request afterwards, on `executor`, and nothing of its
// answer goes anywhere but into the metrics. Its breaches of guardrails are neither logged nor
// counted as such; what its strategies log of their own is logged like any strategy's.
//
// Its limits on change (max_change_percent) are held against the price in force, as if it were
// activated now. A request that was not priced in force has no price before.
class ShadowPricer : public Pricer {
 public:
  // There is no shadow at first. All have to outlive the pricer, and the executor's tasks have
  // to have ended before it is destroyed. A comparison that `executor` does not take is dropped
  // and counted.
  ShadowPricer(const Pricer& in_force, base::WorkExecutor& executor, base::Metrics& metrics);

  // From now on `shadow` is compared with; null: nothing is. What waits is compared with the new
  // one, what is being priced is let finish. Does not wait for it.
  void SetShadow(std::shared_ptr<const PricingSet> shadow);

  // As of the pricer in force.
  absl::StatusOr<core::PriceBreakdown> Price(const PricingRequest& request) const override;

 private:
  void Compare(const PricingRequest& request, std::optional<core::Money> in_force) const;

  const Pricer& in_force_;
  base::WorkExecutor& executor_;
  std::map<ShadowOutcome, base::Counter*> comparisons_;
  base::Counter* const centimes_up_;
  base::Counter* const centimes_down_;
  base::Counter* const dropped_;
  base::Gauge* const is_shadowed_gauge_;

  // Callers look at this alone: the last to let go of a set destroys its strategies.
  std::atomic<bool> is_shadowed_{false};
  mutable std::mutex mutex_;  // guards shadow_; held for a copy or a swap only
  std::shared_ptr<const PricingSet> shadow_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_SHADOW_PRICER_H_
