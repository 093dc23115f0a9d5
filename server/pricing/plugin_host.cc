#include "server/pricing/plugin_host.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"
#include "server/pricing/plugin_search.h"

namespace topup::pricing {
namespace {

bool FileExists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

StrategyListing ListingOf(const LoadedStrategy& strategy) {
  const std::string& path = strategy.library().path();
  const StrategyDescription& description = strategy.library().description();
  return {.library = path.substr(path.rfind('/') + 1),
          .identity = strategy.identity(),
          .display_name = description.display_name,
          .vendor = description.vendor,
          .config_schema = description.config_schema,
          .loaded = true};
}

}  // namespace

PluginHost::PluginHost(PricingOptions options, base::Log& log)
    : options_(std::move(options)), log_(log), shelf_(options_, log_) {}

absl::StatusOr<std::shared_ptr<const LoadedStrategy>> PluginHost::LoadStrategy(
    const StrategyConfiguration& configuration) {
  ASSIGN_OR_RETURN(const std::string path,
                   FindLibrary(configuration.library, options_.plugin_directories, &FileExists));
  ASSIGN_OR_RETURN(std::shared_ptr<const PluginLibrary> library,
                   shelf_.Load(path, configuration.library_digest));
  return LoadedStrategy::Create(std::move(library), configuration.config, options_, log_);
}

absl::StatusOr<std::shared_ptr<const PricingSet>> PluginHost::Load(
    const PricingConfiguration& configuration) {
  RETURN_IF_ERROR(CheckPricingConfiguration(configuration));
  std::lock_guard<std::mutex> loading(load_mutex_);
  std::vector<PricingSet::Chain> chains;
  std::vector<StrategyListing> refused;
  absl::Status first_refusal;
  for (const ChainConfiguration& chain : configuration.chains) {
    chains.push_back({.name = chain.name});
    for (const StrategyConfiguration& strategy : chain.strategies) {
      absl::StatusOr<std::shared_ptr<const LoadedStrategy>> loaded = LoadStrategy(strategy);
      if (loaded.ok()) {
        chains.back().strategies.push_back(*std::move(loaded));
        continue;
      }
      const std::string error(loaded.status().message());
      log_.Error("strategy.refused",
                 {{"library", strategy.library}, {"chain", chain.name}, {"error", error}});
      refused.push_back({.library = strategy.library, .chains = {chain.name}, .load_error = error});
      first_refusal.Update(loaded.status());
    }
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    refused_ = std::move(refused);
  }
  RETURN_IF_ERROR(first_refusal);
  return std::make_shared<const PricingSet>(std::move(chains), configuration.default_chain);
}

std::shared_ptr<const PricingSet> PluginHost::Use(std::shared_ptr<const PricingSet> set) {
  for (const PricingSet::Chain& chain : set->chains()) {
    for (const auto& strategy : chain.strategies) {
      const core::StrategyIdentity& identity = strategy->identity();
      log_.Info("strategy.activated", {{"chain", chain.name},
                                       {"strategy", identity.strategy_id},
                                       {"version", identity.version},
                                       {"library_digest", identity.library_digest},
                                       {"config_digest", identity.config_digest}});
    }
  }
  std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(in_force_, std::move(set));
}

absl::Status PluginHost::Activate(const PricingConfiguration& configuration) {
  ASSIGN_OR_RETURN(std::shared_ptr<const PricingSet> set, Load(configuration));
  Use(std::move(set));
  return absl::OkStatus();
}

std::shared_ptr<const PricingSet> PluginHost::InForce() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return in_force_;
}

absl::StatusOr<core::PriceBreakdown> PluginHost::Price(const PricingRequest& request) const {
  const std::shared_ptr<const PricingSet> set = InForce();
  if (set == nullptr) return PricingUnavailable("(none)", "no configuration is in force yet");
  return set->Price(request);
}

std::vector<StrategyListing> PluginHost::ListStrategies() const {
  std::vector<StrategyListing> listings;
  const std::shared_ptr<const PricingSet> set = InForce();
  if (set != nullptr) {
    for (const PricingSet::Chain& chain : set->chains()) {
      for (const auto& strategy : chain.strategies) {
        const auto is_same = [&strategy](const StrategyListing& listing) {
          return listing.identity == strategy->identity();
        };
        auto known = std::find_if(listings.begin(), listings.end(), is_same);
        if (known == listings.end()) {
          known = listings.insert(listings.end(), ListingOf(*strategy));
        }
        known->chains.push_back(chain.name);
      }
    }
  }
  std::lock_guard<std::mutex> lock(mutex_);
  listings.insert(listings.end(), refused_.begin(), refused_.end());
  return listings;
}

}  // namespace topup::pricing
