// The file given with --pricing_config, as the structs of the pricing room.
#ifndef TOPUP_SERVER_CONFIG_PRICING_SETTINGS_H_
#define TOPUP_SERVER_CONFIG_PRICING_SETTINGS_H_

#include <string>
#include <vector>

#include "server/pricing/pricing_configuration.h"

namespace topup::config {

// Appends to `problems` whatever is wrong with `text`, each with the file's name and the field's
// path in it: "pricing.textproto: route[2].chain is ...". Says nothing about the libraries and
// their configurations: loading does.
pricing::PricingConfiguration ParsePricing(const std::string& text, const std::string& file_name,
                                           std::vector<std::string>& problems);

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_PRICING_SETTINGS_H_
