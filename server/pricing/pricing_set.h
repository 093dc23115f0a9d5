// The strategies of one configuration, loaded and ready to price.
#ifndef TOPUP_SERVER_PRICING_PRICING_SET_H_
#define TOPUP_SERVER_PRICING_PRICING_SET_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/pricing/guardrails.h"
#include "server/pricing/loaded_strategy.h"
#include "server/pricing/pricer.h"
#include "server/pricing/pricing_configuration.h"

namespace topup::pricing {

// A price, and how it came about. A view into the set that made it: valid as long as that.
struct PricingDecision {
  struct Breach {
    absl::string_view chain;  // whose price it was
    GuardrailBreach breach;
  };

  absl::StatusOr<core::PriceBreakdown> price;
  absl::string_view route;  // by its name; "(default)" where none matched
  absl::string_view chain;  // that `price` is of, or that was asked last
  // What broke a guardrail: nothing, the route's chain, or that one and the fallback.
  std::vector<Breach> breaches;
};

// Thread-safe: constant after construction. Whoever holds it can go on pricing with it,
// whatever configuration has come into force since.
class PricingSet : public Pricer {
 public:
  struct Chain {
    std::string name;
    std::vector<std::shared_ptr<const LoadedStrategy>> strategies;  // one or more
  };

  // `chains` are those of `configuration`, which was checked, in its order. `config_digest` names
  // it in the basis of every price.
  PricingSet(std::vector<Chain> chains, PricingConfiguration configuration,
             std::string config_digest = "");
  PricingSet(const PricingSet&) = delete;
  PricingSet& operator=(const PricingSet&) = delete;

  const std::vector<Chain>& chains() const { return chains_; }
  const PricingConfiguration& configuration() const { return configuration_; }
  const std::string& config_digest() const { return config_digest_; }

  // True where both price everything alike: the same configuration, however it was written, and
  // the same libraries.
  bool IsSameAs(const PricingSet& other) const;

  // The price that was asked for the same request before this set; nothing where there was none.
  using PriceBefore = absl::FunctionRef<std::optional<core::Money>()>;

  // Prices `request` by the chain that it is routed to, and by the fallback where that one's
  // price breaks a guardrail. `price_before` is called where the route limits the change.
  //
  // Errors as of Price. MARGIN_GUARDRAIL is about the route's own chain where the fallback broke
  // a guardrail too.
  PricingDecision Decide(const PricingRequest& request, PriceBefore price_before) const;

  // See Pricer; Decide without a price before. PLAN_COST_UNKNOWN (FailedPrecondition, metadata
  // plan_code) for a plan without a cost.
  absl::StatusOr<core::PriceBreakdown> Price(const PricingRequest& request) const override;

 private:
  struct Route {
    absl::string_view name;
    const Chain* chain;
    const Chain* fallback;  // null: none
    Guardrails guardrails;
  };

  const Chain* FindChain(const std::string& name) const;
  Route MakeRoute(absl::string_view name, const std::string& chain,
                  const GuardrailConfiguration& guardrails) const;
  const Route& RouteOf(const PricingRequest& request) const;
  PricingDecision DecideOn(const Route& route, const PricingRequest& request,
                           PriceBefore price_before) const;

  const std::vector<Chain> chains_;
  const PricingConfiguration configuration_;
  const std::string config_digest_;
  std::vector<RouteConditions> conditions_;  // of routes_, in the same order
  std::vector<Route> routes_;
  Route default_route_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PRICING_SET_H_
