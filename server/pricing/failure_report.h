// Says of each strategy that was refused, and of each request that one could not price, what was
// wrong: a fault that the service survives is a fault that somebody has to hear of.
#ifndef TOPUP_SERVER_PRICING_FAILURE_REPORT_H_
#define TOPUP_SERVER_PRICING_FAILURE_REPORT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/pricing/pricer.h"
#include "server/pricing/pricing_set.h"

namespace topup::pricing {

// Thread-safe.
class FailureReport {
 public:
  // Both have to outlive the report.
  FailureReport(base::Log& log, base::Metrics& metrics);

  // One line ("strategy.refused") and one count: `library`, as the configuration names it for
  // `chain`, or its configuration, was not taken.
  void WriteRefused(absl::string_view library, absl::string_view chain,
                    const absl::Status& refusal) const;

  // One line ("price.unavailable") and one count where `decision`, which was made for `request`,
  // is PRICING_UNAVAILABLE; nothing otherwise.
  void Write(const PricingRequest& request, const PricingDecision& decision) const;

 private:
  base::Log& log_;
  base::Counter* const refused_;
  base::Counter* const unavailable_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_FAILURE_REPORT_H_
