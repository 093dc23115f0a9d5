// Keeps the pricing configuration in force, and lets another take its place under traffic.
#ifndef TOPUP_SERVER_PRICING_PLUGIN_HOST_H_
#define TOPUP_SERVER_PRICING_PLUGIN_HOST_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/pricing/failure_report.h"
#include "server/pricing/guardrail_report.h"
#include "server/pricing/library_shelf.h"
#include "server/pricing/pricer.h"
#include "server/pricing/pricing_configuration.h"
#include "server/pricing/pricing_line.h"
#include "server/pricing/pricing_options.h"
#include "server/pricing/pricing_set.h"
#include "server/pricing/schema/config_schema.h"

namespace topup::pricing {

// A strategy that is in force, or that was refused when a configuration was last loaded.
struct StrategyListing {
  std::string library;              // as the configuration names it
  core::StrategyIdentity identity;  // empty where it was refused
  std::string display_name;
  std::string vendor;
  std::string config_schema;
  std::vector<std::string> chains;  // that use it, by name
  std::vector<std::string> routes;  // whose chain or fallback uses it
  bool loaded = false;
  std::string load_error;  // why it was refused: file, step, expected, found
};

// Thread-safe. Pricing never waits for loading: it takes the set in force, which a swap of a
// pointer replaces, and keeps it for the one price.
class PluginHost : public Pricer {
 public:
  // Nothing is in force at first. `log` and `metrics` have to outlive the host.
  PluginHost(PricingOptions options, base::Log& log, base::Metrics& metrics);

  // Loads `configuration` beside the one in force and changes nothing. Blocks on the disk and on
  // the libraries; one load at a time. `config_digest`: of its text, for the basis of prices.
  //
  // CONFIG_INVALID (InvalidArgument, every problem) where the configuration contradicts itself,
  // or a strategy's text is not as its schema says; STRATEGY_LOAD_FAILED for the first library
  // or strategy that was refused (metadata chain, beside load_error.h's), with every other
  // problem as a field violation, or for the allow list, where that is none to be trusted. All
  // that were refused are logged ("strategy.refused") and listed.
  absl::StatusOr<std::shared_ptr<const PricingSet>> Load(const PricingConfiguration& configuration,
                                                         std::string config_digest = "");

  // As Load, for a set that is not to be in force, or not yet: what was refused is logged and not
  // listed.
  absl::StatusOr<std::shared_ptr<const PricingSet>> LoadAside(
      const PricingConfiguration& configuration, std::string config_digest = "");

  // The strategies that made an old price, made again from libraries that are open in this
  // process: a set with the one chain, which prices everything and keeps no guardrail. Opens no
  // file, and changes nothing.
  //
  // NotFound, in words, where a library is not open, or `chain` is not what `strategies` were.
  absl::StatusOr<std::shared_ptr<const PricingSet>> Rebuild(
      const ChainConfiguration& chain, const std::vector<core::StrategyIdentity>& strategies,
      std::string config_digest);

  // `set`, which this host loaded, as it would be in force: what is in force now is what its prices
  // are compared with (max_change_percent), see PricingLine::Extend. As a Pricer it logs and
  // counts nothing.
  std::shared_ptr<const PricingLine> AsIfInForce(std::shared_ptr<const PricingSet> set) const;

  // Puts `line` in force.
  void Use(std::shared_ptr<const PricingLine> line);

  // The set in force; null before the first. It keeps its strategies alive: do not hold it long.
  std::shared_ptr<const PricingSet> InForce() const;

  // PRICING_UNAVAILABLE while nothing is in force; otherwise as the set in force prices it. What
  // broke a guardrail is logged and counted.
  absl::StatusOr<core::PriceBreakdown> Price(const PricingRequest& request) const override;

  // What is in force, in the order of its chains, and then what was refused by the last Load.
  std::vector<StrategyListing> ListStrategies() const;

 private:
  // What Load has come to.
  struct Loading {
    std::vector<PricingSet::Chain> chains;
    std::vector<StrategyListing> refused;
    absl::Status first_refusal;  // of a library, or by a strategy
    std::string first_refusal_chain;
    std::vector<base::FieldViolation> problems;  // all others
  };

  // Under load_mutex_, up to LoadChains.
  absl::Status ReadAllowedLibraries();
  absl::StatusOr<std::shared_ptr<const LoadedStrategy>> LoadStrategy(
      const StrategyConfiguration& configuration, std::vector<JsonProblem>& problems);
  void LoadChain(const ChainConfiguration& configuration, const std::string& field,
                 Loading& loading);
  absl::StatusOr<Loading> LoadChains(const PricingConfiguration& configuration);
  static absl::StatusOr<std::shared_ptr<const PricingSet>> MakeSet(
      const PricingConfiguration& configuration, std::string config_digest, Loading loading);

  std::shared_ptr<const PricingLine> line() const;

  const PricingOptions options_;
  base::Log& log_;
  const GuardrailReport report_;
  const FailureReport failures_;

  std::mutex load_mutex_;  // guards shelf_; taken before mutex_
  LibraryShelf shelf_;

  mutable std::mutex mutex_;                 // guards what follows; held for a copy or a swap only
  std::shared_ptr<const PricingLine> line_;  // null while nothing is in force
  std::vector<StrategyListing> refused_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PLUGIN_HOST_H_
