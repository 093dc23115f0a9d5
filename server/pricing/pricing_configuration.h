// Which strategies price what, as plain values. The config room reads it from its textproto.
#ifndef TOPUP_SERVER_PRICING_PRICING_CONFIGURATION_H_
#define TOPUP_SERVER_PRICING_PRICING_CONFIGURATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace topup::pricing {

inline constexpr size_t kChainMax = 64;
inline constexpr size_t kChainStrategyMax = 16;
inline constexpr size_t kNameSizeMax = 64;

// One strategy of a chain.
struct StrategyConfiguration {
  // A bare file name ("libround_up.so"), looked for in the plugin directories, or an absolute
  // path.
  std::string library;
  // The strategy's own configuration, JSON; below 64 KiB.
  std::string config;
  // SHA-256 that the file must have, lower-case hex. Empty: whichever file is there.
  std::string library_digest;
};

// Strategies that price one after the other: the first starts from the cost, each other from
// what came before it.
struct ChainConfiguration {
  std::string name;  // 1 to 64 of a-z 0-9 _ -
  std::vector<StrategyConfiguration> strategies;
};

struct PricingConfiguration {
  std::vector<ChainConfiguration> chains;
  std::string default_chain;  // the chain that prices whatever nothing else was said about
};

// One chain "default": 5 % on the cost, by libpercentage_markup.so.
PricingConfiguration DefaultPricingConfiguration();

// OK, or InvalidArgument, CONFIG_INVALID, with every problem as a field violation. Pure: says
// nothing about whether the libraries exist.
absl::Status CheckPricingConfiguration(const PricingConfiguration& configuration);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PRICING_CONFIGURATION_H_
