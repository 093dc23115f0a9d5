#include "server/pricing/pricing_set.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/pricing/strategy_request.h"

namespace topup::pricing {
namespace {

absl::Status BelowCost(core::Money price, core::Money cost) {
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("The price of ", price.centimes(), " centimes is below the limit of ",
                   cost.centimes(), " centimes that the rule below_cost sets."),
      {.reason = "MARGIN_GUARDRAIL",
       .metadata = {{"rule", "below_cost"},
                    {"price_centimes", absl::StrCat(price.centimes())},
                    {"limit_centimes", absl::StrCat(cost.centimes())}}});
}

absl::Status CostUnknown(const std::string& plan_code) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("The cost of plan ", plan_code, " is not known."),
                         {.reason = "PLAN_COST_UNKNOWN", .metadata = {{"plan_code", plan_code}}});
}

bool IsWithinContract(core::Money amount) {
  return amount.centimes() >= 0 && amount.centimes() <= TOPUP_PRICING_AMOUNT_MAX;
}

}  // namespace

PricingSet::PricingSet(std::vector<Chain> chains, const std::string& default_chain)
    : chains_(std::move(chains)) {
  for (const Chain& chain : chains_) {
    if (chain.name == default_chain) default_chain_ = &chain;
  }
}

absl::StatusOr<core::PriceBreakdown> PricingSet::Price(const PricingRequest& request) const {
  if (default_chain_ == nullptr) return PricingUnavailable("(none)", "no chain is configured");
  if (!request.plan->cost_ppm.has_value()) return CostUnknown(request.plan->code);
  const std::optional<core::Money> face_value = core::Money::Dinars(request.amount_dzd);
  const std::optional<core::Money> cost =
      face_value.has_value() ? core::MultiplyRoundedUp(*face_value, *request.plan->cost_ppm)
                             : std::nullopt;
  const std::string& first_id = default_chain_->strategies.front()->identity().strategy_id;
  if (!cost.has_value() || !IsWithinContract(*face_value) || !IsWithinContract(*cost)) {
    return PricingUnavailable(first_id, "the amount is not one that strategies price");
  }

  core::PriceBreakdown breakdown = {.face_value = *face_value, .cost = *cost, .price = *cost};
  topup_pricing_request_t asked = MakeStrategyRequest(request, *face_value, *cost);
  for (const auto& strategy : default_chain_->strategies) {
    asked.price_so_far_centimes = breakdown.price.centimes();
    ASSIGN_OR_RETURN(breakdown.price, strategy->Price(asked, breakdown.steps));
    breakdown.strategies.push_back(strategy->identity());
  }
  if (breakdown.price < *cost) return BelowCost(breakdown.price, *cost);
  // Both are within the contract's range, so that the difference is too.
  breakdown.profit = core::Money::Centimes(breakdown.price.centimes() - cost->centimes());
  return breakdown;
}

}  // namespace topup::pricing
