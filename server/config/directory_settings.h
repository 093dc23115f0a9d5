// The file given with --callers, as the structs of the room that uses it.
#ifndef TOPUP_SERVER_CONFIG_DIRECTORY_SETTINGS_H_
#define TOPUP_SERVER_CONFIG_DIRECTORY_SETTINGS_H_

#include <string>
#include <vector>

#include "server/api/caller_directory.h"

namespace topup::config {

// Appends to `problems` whatever is wrong with `text`, each with the file's name.
std::vector<api::CallerEntry> ParseCallers(const std::string& text, const std::string& file_name,
                                           std::vector<std::string>& problems);

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_DIRECTORY_SETTINGS_H_
