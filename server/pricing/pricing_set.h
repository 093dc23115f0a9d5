// The strategies of one configuration, loaded and ready to price.
#ifndef TOPUP_SERVER_PRICING_PRICING_SET_H_
#define TOPUP_SERVER_PRICING_PRICING_SET_H_

#include <memory>
#include <string>
#include <vector>

#include "server/pricing/loaded_strategy.h"
#include "server/pricing/pricer.h"

namespace topup::pricing {

// Thread-safe: constant after construction. Whoever holds it can go on pricing with it,
// whatever configuration has come into force since.
class PricingSet : public Pricer {
 public:
  struct Chain {
    std::string name;
    std::vector<std::shared_ptr<const LoadedStrategy>> strategies;  // one or more
  };

  // `default_chain` is the name of one of `chains`.
  PricingSet(std::vector<Chain> chains, const std::string& default_chain);

  const std::vector<Chain>& chains() const { return chains_; }

  // See Pricer. PLAN_COST_UNKNOWN (FailedPrecondition, metadata plan_code) for a plan without
  // a cost.
  absl::StatusOr<core::PriceBreakdown> Price(const PricingRequest& request) const override;

 private:
  const std::vector<Chain> chains_;
  const Chain* default_chain_ = nullptr;  // in chains_
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PRICING_SET_H_
