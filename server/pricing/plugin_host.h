// Keeps the pricing configuration in force, and lets another take its place under traffic.
#ifndef TOPUP_SERVER_PRICING_PLUGIN_HOST_H_
#define TOPUP_SERVER_PRICING_PLUGIN_HOST_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/log.h"
#include "server/pricing/library_shelf.h"
#include "server/pricing/pricer.h"
#include "server/pricing/pricing_configuration.h"
#include "server/pricing/pricing_options.h"
#include "server/pricing/pricing_set.h"

namespace topup::pricing {

// A strategy that is in force, or that was refused when a configuration was last loaded.
struct StrategyListing {
  std::string library;              // as the configuration names it
  core::StrategyIdentity identity;  // empty where it was refused
  std::string display_name;
  std::string vendor;
  std::string config_schema;
  std::vector<std::string> chains;  // that use it, by name
  bool loaded = false;
  std::string load_error;  // why it was refused: file, step, expected, found
};

// Thread-safe. Pricing never waits for loading: it takes the set in force, which a swap of a
// pointer replaces, and keeps it for the one price.
class PluginHost : public Pricer {
 public:
  // Nothing is in force at first. `log` has to outlive the host.
  PluginHost(PricingOptions options, base::Log& log);

  // Loads `configuration` beside the one in force and changes nothing. Blocks on the disk and on
  // the libraries; one load at a time.
  //
  // CONFIG_INVALID (InvalidArgument, every problem) where the configuration contradicts itself;
  // STRATEGY_LOAD_FAILED for the first library or strategy that was refused. All that were are
  // logged ("strategy.refused") and listed.
  absl::StatusOr<std::shared_ptr<const PricingSet>> Load(const PricingConfiguration& configuration);

  // Puts `set`, which Load made, in force and returns the one that was: null at first.
  std::shared_ptr<const PricingSet> Use(std::shared_ptr<const PricingSet> set);

  // Load and Use; any failure leaves the old one in force.
  absl::Status Activate(const PricingConfiguration& configuration);

  // The set in force; null before the first. Keeps its strategies alive: do not hold it long.
  std::shared_ptr<const PricingSet> InForce() const;

  // PRICING_UNAVAILABLE while nothing is in force; otherwise as the set in force prices it.
  absl::StatusOr<core::PriceBreakdown> Price(const PricingRequest& request) const override;

  // What is in force, in the order of its chains, and then what was refused by the last Load.
  std::vector<StrategyListing> ListStrategies() const;

 private:
  // Under load_mutex_.
  absl::StatusOr<std::shared_ptr<const LoadedStrategy>> LoadStrategy(
      const StrategyConfiguration& configuration);

  const PricingOptions options_;
  base::Log& log_;

  std::mutex load_mutex_;  // guards shelf_; taken before mutex_
  LibraryShelf shelf_;

  mutable std::mutex mutex_;  // guards what follows; held for a copy or a swap only
  std::shared_ptr<const PricingSet> in_force_;
  std::vector<StrategyListing> refused_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PLUGIN_HOST_H_
