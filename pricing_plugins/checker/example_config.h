// A configuration to check with, where nobody gave one.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_EXAMPLE_CONFIG_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_EXAMPLE_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

namespace topup::checker {

// A small configuration that `schema` (JSON Schema, as the service reads it) takes: its examples
// and defaults where it has some, otherwise what is required and no more. Nothing where none is
// found; that says little about the schema. Pure.
std::optional<std::string> MakeExampleConfig(const std::string& schema);

// A configuration that was spoilt in one place.
struct SpoiltConfig {
  std::string what;  // "without the key \"percent\""
  std::string config;
};

// `config` (a JSON object), spoilt in one key each: left out, of another type, negative, huge.
// Some of them may still be good. Pure.
std::vector<SpoiltConfig> SpoilConfig(const std::string& config);

// Texts that no strategy may take, whatever its schema says. Pure.
std::vector<SpoiltConfig> NonsenseConfigs(const std::string& config);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_EXAMPLE_CONFIG_H_
