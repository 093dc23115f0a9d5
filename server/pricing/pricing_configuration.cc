#include "server/pricing/pricing_configuration.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "pricing_plugins/abi/topup_pricing.h"
#include "server/base/error.h"
#include "server/pricing/check_routes.h"
#include "server/pricing/plugin_search.h"

namespace topup::pricing {
namespace {

constexpr size_t kDigestSize = 64;

using Violations = std::vector<base::FieldViolation>;

bool ConsistsOf(absl::string_view text, absl::string_view characters) {
  return text.find_first_not_of(characters) == absl::string_view::npos;
}

void CheckStrategy(const std::string& field, const StrategyConfiguration& strategy,
                   Violations& violations) {
  if (!IsLibraryName(strategy.library)) {
    violations.push_back({field + ".library", absl::StrCat("is \"", strategy.library,
                                                           "\": give a file's name such as "
                                                           "libround_up.so, or an absolute path")});
  }
  if (strategy.config.size() >= TOPUP_PRICING_CONFIG_SIZE) {
    violations.push_back(
        {field + ".config", absl::StrCat("has ", strategy.config.size(), " bytes: keep below ",
                                         TOPUP_PRICING_CONFIG_SIZE)});
  }
  const std::string& digest = strategy.library_digest;
  if (!digest.empty() &&
      (digest.size() != kDigestSize || !ConsistsOf(digest, "0123456789abcdef"))) {
    violations.push_back({field + ".library_digest", absl::StrCat("is \"", digest,
                                                                  "\": give 64 lower-case "
                                                                  "hexadecimal digits")});
  }
}

void CheckChain(const std::string& field, const ChainConfiguration& chain, Violations& violations) {
  if (!IsPricingName(chain.name)) {
    violations.push_back({field + ".name", absl::StrCat("is \"", chain.name, "\": give 1 to ",
                                                        kNameSizeMax, " of a-z 0-9 _ -")});
  }
  if (chain.strategies.empty() || chain.strategies.size() > kChainStrategyMax) {
    violations.push_back(
        {field + ".strategy", absl::StrCat("is given ", chain.strategies.size(),
                                           " times: give 1 to ", kChainStrategyMax)});
  }
  for (size_t i = 0; i < chain.strategies.size(); ++i) {
    CheckStrategy(absl::StrCat(field, ".strategy[", i, "]"), chain.strategies[i], violations);
  }
}

}  // namespace

bool IsPricingName(absl::string_view name) {
  return !name.empty() && name.size() <= kNameSizeMax &&
         ConsistsOf(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
}

absl::Status CheckPricingConfiguration(const PricingConfiguration& configuration) {
  Violations violations;
  if (configuration.chains.empty() || configuration.chains.size() > kChainMax) {
    violations.push_back({"chain", absl::StrCat("is given ", configuration.chains.size(),
                                                " times: give 1 to ", kChainMax)});
  }
  std::set<std::string> names;
  for (size_t i = 0; i < configuration.chains.size(); ++i) {
    const ChainConfiguration& chain = configuration.chains[i];
    const std::string field = absl::StrCat("chain[", i, "]");
    CheckChain(field, chain, violations);
    if (!names.insert(chain.name).second) {
      violations.push_back({field + ".name", absl::StrCat("is \"", chain.name,
                                                          "\" like another chain's: give each "
                                                          "its own")});
    }
  }
  if (names.count(configuration.default_chain) == 0) {
    violations.push_back({"default_chain", absl::StrCat("is \"", configuration.default_chain,
                                                        "\": name one of the chains")});
  }
  CheckRoutes(configuration, violations);
  return ConfigInvalid(std::move(violations));
}

std::vector<std::string> RoutesThatUse(const PricingConfiguration& configuration,
                                       absl::string_view chain) {
  const std::string default_fallback = configuration.guardrails.fallback_chain.value_or("");
  const auto uses = [&](absl::string_view own, const GuardrailConfiguration& guardrails) {
    return own == chain || guardrails.fallback_chain.value_or(default_fallback) == chain;
  };
  std::vector<std::string> routes;
  if (uses(configuration.default_chain, configuration.guardrails)) {
    routes.emplace_back(kDefaultRoute);
  }
  for (const RouteConfiguration& route : configuration.routes) {
    if (uses(route.chain, route.guardrails)) routes.push_back(route.name);
  }
  return routes;
}

absl::Status ConfigInvalid(std::vector<base::FieldViolation> violations) {
  if (violations.empty()) return absl::OkStatus();
  const std::string count = absl::StrCat(violations.size());
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("The pricing configuration has ", count, " problem(s)."),
                         {.reason = "CONFIG_INVALID",
                          .metadata = {{"problems", count}},
                          .field_violations = std::move(violations)});
}

}  // namespace topup::pricing
