// Which strategies price what, and within which limits, as plain values. The config room reads
// it from its textproto.
#ifndef TOPUP_SERVER_PRICING_PRICING_CONFIGURATION_H_
#define TOPUP_SERVER_PRICING_PRICING_CONFIGURATION_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/error.h"
#include "server/pricing/guardrails.h"
#include "server/pricing/route.h"

namespace topup::pricing {

inline constexpr size_t kChainMax = 64;
inline constexpr size_t kChainStrategyMax = 16;
inline constexpr size_t kRouteMax = 256;
inline constexpr size_t kConditionValueMax = 64;  // of one condition of a route
inline constexpr size_t kNameSizeMax = 64;

// What stands for a route's name where none matched; no name that a route can have.
inline constexpr absl::string_view kDefaultRoute = "(default)";

// One strategy of a chain.
struct StrategyConfiguration {
  // A bare file name ("libround_up.so"), looked for in the plugin directories, or an absolute
  // path.
  std::string library;
  // The strategy's own configuration, JSON; below 64 KiB.
  std::string config;
  // SHA-256 that the file must have, lower-case hex. Empty: whichever file is there.
  std::string library_digest;

  friend bool operator==(const StrategyConfiguration&, const StrategyConfiguration&) = default;
};

// Strategies that price one after the other: the first starts from the cost, each other from
// what came before it.
struct ChainConfiguration {
  std::string name;  // 1 to 64 of a-z 0-9 _ -
  std::vector<StrategyConfiguration> strategies;

  friend bool operator==(const ChainConfiguration&, const ChainConfiguration&) = default;
};

struct GuardrailConfiguration {
  Guardrails limits;
  // The chain that prices what breaks a limit; its price has to keep them too. Empty: refused.
  // Not set: as the defaults say.
  std::optional<std::string> fallback_chain;

  friend bool operator==(const GuardrailConfiguration&, const GuardrailConfiguration&) = default;
};

// Which requests go to which chain; see route.h.
struct RouteConfiguration {
  std::string name;  // 1 to 64 of a-z 0-9 _ -
  RouteConditions conditions;
  std::string chain;
  GuardrailConfiguration guardrails;  // what is not set here is as in the defaults

  friend bool operator==(const RouteConfiguration&, const RouteConfiguration&) = default;
};

struct PricingConfiguration {
  std::vector<ChainConfiguration> chains;
  std::string default_chain;  // prices whatever no route matches, within the default guardrails
  std::vector<RouteConfiguration> routes;
  GuardrailConfiguration guardrails;  // the defaults

  friend bool operator==(const PricingConfiguration&, const PricingConfiguration&) = default;
};

// Whether a chain or a route can have this name.
bool IsPricingName(absl::string_view name);

// OK, or InvalidArgument, CONFIG_INVALID, with every problem as a field violation, by the path
// that the field has in a configuration file ("route[2].chain"). Pure: says nothing about
// whether the libraries exist.
absl::Status CheckPricingConfiguration(const PricingConfiguration& configuration);

// The routes whose chain, or fallback, is the chain of this name; "(default)" among them.
std::vector<std::string> RoutesThatUse(const PricingConfiguration& configuration,
                                       absl::string_view chain);

// The error that CheckPricingConfiguration makes of `violations`; OK where there are none.
absl::Status ConfigInvalid(std::vector<base::FieldViolation> violations);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PRICING_CONFIGURATION_H_
