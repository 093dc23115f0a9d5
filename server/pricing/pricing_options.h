// Where strategies are looked for, and how much of them there may be.
#ifndef TOPUP_SERVER_PRICING_PRICING_OPTIONS_H_
#define TOPUP_SERVER_PRICING_PRICING_OPTIONS_H_

#include <string>
#include <vector>

namespace topup::pricing {

struct PricingOptions {
  // Absolute directories, in the order in which a library's file is looked for; see
  // plugin_search.h.
  std::vector<std::string> plugin_directories;

  // Absolute path of the list of libraries that may be opened (library/allow_list.h), read again
  // whenever a configuration is loaded. Empty: every library may.
  std::string allow_list_file;

  // The program, as strategies may ask for it.
  std::string program_name = "topupd";
  std::string program_version = "dev";

  // Libraries that one process may open. They are never unloaded, so that every new version
  // takes some of it; past it loading is refused until a restart.
  int library_limit = 64;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PRICING_OPTIONS_H_
