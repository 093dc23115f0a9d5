// The command line: pricing_plugin_checker [--output text|json] [--config FILE] [--seed N]
// LIBRARY...
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_ARGUMENTS_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_ARGUMENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace topup::checker {

struct Arguments {
  bool help = false;
  bool json = false;
  std::string config_file;       // empty: a configuration is made from the schema
  std::optional<uint64_t> seed;  // none: a new one for each run
  int calls = 20'000;            // random requests; other checks scale with it
  int patience_seconds = 60;     // for one step of one check, before it counts as hanging
  std::vector<std::string> libraries;
};

// Reads --name=value and --name value. Everything that is wrong is appended to `problems`. Pure.
Arguments ParseArguments(const std::vector<std::string>& words, std::vector<std::string>& problems);

extern const char kHelp[];

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_ARGUMENTS_H_
