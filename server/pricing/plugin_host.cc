#include "server/pricing/plugin_host.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/load_error.h"
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

PluginHost::PluginHost(PricingOptions options, base::Log& log, base::Metrics& metrics)
    : options_(std::move(options)),
      log_(log),
      report_(log, metrics),
      failures_(log, metrics),
      shelf_(options_, log_) {}

absl::StatusOr<std::shared_ptr<const LoadedStrategy>> PluginHost::LoadStrategy(
    const StrategyConfiguration& configuration, std::vector<JsonProblem>& problems) {
  ASSIGN_OR_RETURN(const std::string path,
                   FindLibrary(configuration.library, options_.plugin_directories, &FileExists));
  ASSIGN_OR_RETURN(std::shared_ptr<const PluginLibrary> library,
                   shelf_.Load(path, configuration.library_digest));
  problems = library->schema().Check(configuration.config);
  if (!problems.empty()) {
    const size_t more = problems.size() - 1;
    return LoadRefused(path, kStepConfig, "a configuration as the strategy's schema says",
                       absl::StrCat(DescribeProblem(problems.front()),
                                    more == 0 ? "" : absl::StrCat(" (and ", more, " more)")));
  }
  return LoadedStrategy::Create(std::move(library), configuration.config, options_, log_);
}

void PluginHost::LoadChain(const ChainConfiguration& configuration, const std::string& field,
                           Loading& loading) {
  PricingSet::Chain& chain = loading.chains.emplace_back();
  chain.name = configuration.name;
  for (size_t i = 0; i < configuration.strategies.size(); ++i) {
    const StrategyConfiguration& strategy = configuration.strategies[i];
    std::vector<JsonProblem> problems;
    absl::StatusOr<std::shared_ptr<const LoadedStrategy>> loaded = LoadStrategy(strategy, problems);
    if (loaded.ok()) {
      chain.strategies.push_back(*std::move(loaded));
      continue;
    }
    const std::string error(loaded.status().message());
    failures_.WriteRefused(strategy.library, chain.name, loaded.status());
    loading.refused.push_back(
        {.library = strategy.library, .chains = {chain.name}, .load_error = error});
    const std::string place = absl::StrCat(field, ".strategy[", i, "]");
    const std::string file = strategy.library.substr(strategy.library.rfind('/') + 1);
    for (const JsonProblem& problem : problems) {
      loading.problems.push_back(
          {place + ".config", absl::StrCat("of ", file, " in chain \"", chain.name,
                                           "\": ", DescribeProblem(problem))});
    }
    if (!problems.empty()) continue;
    if (loading.first_refusal.ok()) {
      loading.first_refusal = loaded.status();
      loading.first_refusal_chain = chain.name;
    } else {
      loading.problems.push_back({place, absl::StrCat("in chain \"", chain.name, "\": ", error)});
    }
  }
}

absl::Status PluginHost::ReadAllowedLibraries() {
  if (options_.allow_list_file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(AllowList allowed, ReadAllowList(options_.allow_list_file));
  shelf_.Allow(std::move(allowed));
  return absl::OkStatus();
}

absl::StatusOr<PluginHost::Loading> PluginHost::LoadChains(
    const PricingConfiguration& configuration) {
  RETURN_IF_ERROR(CheckPricingConfiguration(configuration));
  RETURN_IF_ERROR(ReadAllowedLibraries());
  Loading loading;
  for (size_t i = 0; i < configuration.chains.size(); ++i) {
    LoadChain(configuration.chains[i], absl::StrCat("chain[", i, "]"), loading);
  }
  for (StrategyListing& refused : loading.refused) {
    refused.routes = RoutesThatUse(configuration, refused.chains.front());
  }
  return loading;
}

absl::StatusOr<std::shared_ptr<const PricingSet>> PluginHost::MakeSet(
    const PricingConfiguration& configuration, std::string config_digest, Loading loading) {
  if (!loading.first_refusal.ok()) {
    base::ErrorDetails details = *base::GetErrorDetails(loading.first_refusal);
    details.metadata.emplace_back("chain", loading.first_refusal_chain);
    details.field_violations = std::move(loading.problems);
    return base::MakeError(loading.first_refusal.code(), loading.first_refusal.message(),
                           std::move(details));
  }
  RETURN_IF_ERROR(ConfigInvalid(std::move(loading.problems)));
  return std::make_shared<const PricingSet>(std::move(loading.chains), configuration,
                                            std::move(config_digest));
}

absl::StatusOr<std::shared_ptr<const PricingSet>> PluginHost::Load(
    const PricingConfiguration& configuration, std::string config_digest) {
  std::lock_guard<std::mutex> loading_lock(load_mutex_);
  ASSIGN_OR_RETURN(Loading loading, LoadChains(configuration));
  {
    std::lock_guard<std::mutex> lock(mutex_);
    refused_ = std::move(loading.refused);
  }
  return MakeSet(configuration, std::move(config_digest), std::move(loading));
}

absl::StatusOr<std::shared_ptr<const PricingSet>> PluginHost::LoadAside(
    const PricingConfiguration& configuration, std::string config_digest) {
  std::lock_guard<std::mutex> loading_lock(load_mutex_);
  ASSIGN_OR_RETURN(Loading loading, LoadChains(configuration));
  return MakeSet(configuration, std::move(config_digest), std::move(loading));
}

absl::StatusOr<std::shared_ptr<const PricingSet>> PluginHost::Rebuild(
    const ChainConfiguration& chain, const std::vector<core::StrategyIdentity>& strategies,
    std::string config_digest) {
  if (chain.strategies.size() != strategies.size()) {
    return absl::NotFoundError("the configuration's chain has other strategies");
  }
  PricingConfiguration configuration = {.chains = {chain}, .default_chain = chain.name};
  configuration.guardrails.limits.allow_below_cost = true;
  std::vector<PricingSet::Chain> chains = {{.name = chain.name}};
  std::lock_guard<std::mutex> loading_lock(load_mutex_);
  for (size_t i = 0; i < strategies.size(); ++i) {
    std::shared_ptr<const PluginLibrary> library = shelf_.Find(strategies[i].library_digest);
    if (library == nullptr) {
      return absl::NotFoundError(absl::StrCat("the library of ", strategies[i].strategy_id, " ",
                                              strategies[i].version, " with digest ",
                                              strategies[i].library_digest, " is not loaded"));
    }
    ASSIGN_OR_RETURN(
        std::shared_ptr<const LoadedStrategy> strategy,
        LoadedStrategy::Create(std::move(library), chain.strategies[i].config, options_, log_));
    if (!(strategy->identity() == strategies[i])) {
      return absl::NotFoundError(absl::StrCat("the configuration of ", strategies[i].strategy_id,
                                              " is not the one with digest ",
                                              strategies[i].config_digest));
    }
    chains.front().strategies.push_back(std::move(strategy));
  }
  return std::make_shared<const PricingSet>(std::move(chains), std::move(configuration),
                                            std::move(config_digest));
}

std::shared_ptr<const PricingLine> PluginHost::AsIfInForce(
    std::shared_ptr<const PricingSet> set) const {
  return PricingLine::Extend(std::move(set), line().get());
}

void PluginHost::Use(std::shared_ptr<const PricingLine> line) {
  for (const PricingSet::Chain& chain : line->in_force()->chains()) {
    for (const auto& strategy : chain.strategies) {
      const core::StrategyIdentity& identity = strategy->identity();
      log_.Info("strategy.activated", {{"chain", chain.name},
                                       {"strategy", identity.strategy_id},
                                       {"version", identity.version},
                                       {"library_digest", identity.library_digest},
                                       {"config_digest", identity.config_digest}});
    }
  }
  // The old one outlives the lock: letting go of it may destroy strategies.
  std::lock_guard<std::mutex> lock(mutex_);
  line_.swap(line);
}

std::shared_ptr<const PricingLine> PluginHost::line() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return line_;
}

std::shared_ptr<const PricingSet> PluginHost::InForce() const {
  const std::shared_ptr<const PricingLine> line = this->line();
  return line == nullptr ? nullptr : line->in_force();
}

absl::StatusOr<core::PriceBreakdown> PluginHost::Price(const PricingRequest& request) const {
  const std::shared_ptr<const PricingLine> line = this->line();
  if (line == nullptr) return PricingUnavailable("(none)", "no configuration is in force yet");
  PricingDecision decision = line->Decide(request);
  if (decision.price.ok()) line->NotePriced();
  report_.Write(request, decision);
  failures_.Write(request, decision);
  return std::move(decision.price);
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
        for (std::string& route : RoutesThatUse(set->configuration(), chain.name)) {
          if (std::find(known->routes.begin(), known->routes.end(), route) == known->routes.end()) {
            known->routes.push_back(std::move(route));
          }
        }
      }
    }
  }
  std::lock_guard<std::mutex> lock(mutex_);
  listings.insert(listings.end(), refused_.begin(), refused_.end());
  return listings;
}

}  // namespace topup::pricing
