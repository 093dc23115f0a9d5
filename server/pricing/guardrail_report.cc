#include "server/pricing/guardrail_report.h"

#include <string>

namespace topup::pricing {
namespace {

std::string OutcomeName(bool fell_back) { return fell_back ? "fell_back" : "refused"; }

}  // namespace

GuardrailReport::GuardrailReport(base::Log& log, base::Metrics& metrics)
    : log_(log),
      below_cost_(metrics.GetCounter("topup_pricing_prices_below_cost_total",
                                     "Prices at a loss that a route allowed.")) {
  for (const GuardrailRule rule :
       {GuardrailRule::kPriceRange, GuardrailRule::kBelowCost, GuardrailRule::kMinProfit,
        GuardrailRule::kMinProfitShare, GuardrailRule::kMaxProfit, GuardrailRule::kMaxProfitShare,
        GuardrailRule::kMaxChange}) {
    for (const bool fell_back : {false, true}) {
      breaches_[{rule, fell_back}] = metrics.GetCounter(
          "topup_pricing_guardrail_breaches_total",
          "Prices of a chain that broke a guardrail, by what came of it.",
          {{"rule", std::string(GuardrailRuleName(rule))}, {"outcome", OutcomeName(fell_back)}});
    }
  }
}

void GuardrailReport::Write(const PricingRequest& request, const PricingDecision& decision) const {
  const bool is_priced = decision.price.ok();
  for (const auto& [chain, breach] : decision.breaches) {
    breaches_.at({breach.rule, is_priced})->Increment();
    log_.Warning("guardrail.breached", {{"rule", GuardrailRuleName(breach.rule)},
                                        {"price_centimes", breach.price.centimes()},
                                        {"limit_centimes", breach.limit.centimes()},
                                        {"outcome", OutcomeName(is_priced)},
                                        {"route", decision.route},
                                        {"chain", chain},
                                        {"asked_last", decision.chain},
                                        {"caller", request.caller},
                                        {"plan", request.plan->code},
                                        {"amount_dzd", request.amount_dzd}});
  }
  if (!is_priced || decision.price->profit >= core::Money()) return;
  below_cost_->Increment();
  log_.Info("price.below_cost", {{"profit_centimes", decision.price->profit.centimes()},
                                 {"route", decision.route},
                                 {"chain", decision.chain},
                                 {"caller", request.caller},
                                 {"plan", request.plan->code},
                                 {"amount_dzd", request.amount_dzd}});
}

}  // namespace topup::pricing
