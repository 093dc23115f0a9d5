// The file given with --pricing_config, as the structs of the pricing room.
#ifndef TOPUP_SERVER_CONFIG_PRICING_SETTINGS_H_
#define TOPUP_SERVER_CONFIG_PRICING_SETTINGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/pricing/pricing_configuration.h"

namespace topup::config {

// CONFIG_INVALID with whatever is wrong with `text`, each problem with the field's path in it
// ("route[2].chain") or, where it is no protobuf text, its place ("line 3, column 7"). Says
// nothing about the libraries and their configurations: loading does.
absl::StatusOr<pricing::PricingConfiguration> ParsePricing(const std::string& text);

// What is in force where no file is named: 5 % on the cost, by libpercentage_markup.so.
std::string DefaultPricingText();

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_PRICING_SETTINGS_H_
