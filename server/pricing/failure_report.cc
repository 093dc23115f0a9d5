#include "server/pricing/failure_report.h"

#include <optional>
#include <string>

#include "server/base/error.h"

namespace topup::pricing {

FailureReport::FailureReport(base::Log& log, base::Metrics& metrics)
    : log_(log),
      refused_(metrics.GetCounter("topup_pricing_strategies_refused_total",
                                  "Strategies of configurations that were not taken.")),
      unavailable_(metrics.GetCounter("topup_pricing_prices_unavailable_total",
                                      "Requests that a strategy could not price.")) {}

void FailureReport::WriteRefused(absl::string_view library, absl::string_view chain,
                                 const absl::Status& refusal) const {
  refused_->Increment();
  log_.Error("strategy.refused",
             {{"library", library}, {"chain", chain}, {"error", refusal.message()}});
}

void FailureReport::Write(const PricingRequest& request, const PricingDecision& decision) const {
  if (decision.price.ok()) return;
  const std::optional<base::ErrorDetails> details = base::GetErrorDetails(decision.price.status());
  if (!details.has_value() || details->reason != "PRICING_UNAVAILABLE") return;
  unavailable_->Increment();
  std::string strategy;
  std::string error;
  for (const auto& [name, value] : details->metadata) {
    if (name == "strategy_id") strategy = value;
    if (name == "detail") error = value;
  }
  log_.Warning("price.unavailable", {{"strategy", strategy},
                                     {"error", error},
                                     {"route", decision.route},
                                     {"chain", decision.chain},
                                     {"caller", request.caller},
                                     {"plan", request.plan->code},
                                     {"amount_dzd", request.amount_dzd}});
}

}  // namespace topup::pricing
