// The files given with --callers and --pricing_config, as the structs of the rooms that use
// them.
#ifndef TOPUP_SERVER_CONFIG_DIRECTORY_SETTINGS_H_
#define TOPUP_SERVER_CONFIG_DIRECTORY_SETTINGS_H_

#include <string>
#include <vector>

#include "server/api/caller_directory.h"
#include "server/pricing/pricing_configuration.h"

namespace topup::config {

// Both append to `problems` whatever is wrong with `text`, each with the file's name.
std::vector<api::CallerEntry> ParseCallers(const std::string& text, const std::string& file_name,
                                           std::vector<std::string>& problems);
pricing::PricingConfiguration ParsePricing(const std::string& text, const std::string& file_name,
                                           std::vector<std::string>& problems);

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_DIRECTORY_SETTINGS_H_
