// Says of each price that met a guardrail what became of it: nothing about money is silent.
#ifndef TOPUP_SERVER_PRICING_GUARDRAIL_REPORT_H_
#define TOPUP_SERVER_PRICING_GUARDRAIL_REPORT_H_

#include <map>
#include <utility>

#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/pricing/guardrails.h"
#include "server/pricing/pricer.h"
#include "server/pricing/pricing_set.h"

namespace topup::pricing {

// Thread-safe.
class GuardrailReport {
 public:
  // Both have to outlive the report.
  GuardrailReport(base::Log& log, base::Metrics& metrics);

  // One line ("guardrail.breached") and one count for each breach in `decision`, which was made
  // for `request`; one of each ("price.below_cost") for a price at a loss that a route allows.
  void Write(const PricingRequest& request, const PricingDecision& decision) const;

 private:
  base::Log& log_;
  // By rule, and whether a fallback's price was found.
  std::map<std::pair<GuardrailRule, bool>, base::Counter*> breaches_;
  base::Counter* const below_cost_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_GUARDRAIL_REPORT_H_
