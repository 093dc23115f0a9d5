// Useful for: tests that need prices in force, without a record of how they came to be.
#ifndef TOPUP_TESTS_SUPPORT_ACTIVATE_PRICING_H_
#define TOPUP_TESTS_SUPPORT_ACTIVATE_PRICING_H_

#include <utility>

#include "absl/status/status.h"
#include "server/pricing/plugin_host.h"

namespace topup::support {

// Loads `configuration` and puts it in force; any failure leaves the old one.
inline absl::Status ActivatePricing(pricing::PluginHost& host,
                                    const pricing::PricingConfiguration& configuration) {
  auto set = host.Load(configuration);
  if (!set.ok()) return set.status();
  host.Use(host.AsIfInForce(*std::move(set)));
  return absl::OkStatus();
}

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_ACTIVATE_PRICING_H_
