// Where this build's strategy libraries are, for tests of the pricing room.
#ifndef TOPUP_TESTS_SERVER_PRICING_PLUGIN_PATHS_H_
#define TOPUP_TESTS_SERVER_PRICING_PLUGIN_PATHS_H_

#include <filesystem>
#include <string>

#include "server/pricing/pricing_configuration.h"
#include "server/pricing/pricing_options.h"

namespace topup::pricing {

// Good strategies are found by their folders, broken ones by their file names.
inline PricingOptions OptionsOfThisBuild() {
  const std::string root = std::filesystem::current_path().string();
  return {
      .plugin_directories = {root + "/pricing_plugins", root + "/tests/pricing_plugins/broken"}};
}

// The absolute path of "round_up" or, among the broken ones, of "bad_id".
inline std::string GoodLibrary(const std::string& name) {
  return OptionsOfThisBuild().plugin_directories[0] + "/" + name + "/lib" + name + ".so";
}
inline std::string BrokenLibrary(const std::string& name) {
  return OptionsOfThisBuild().plugin_directories[1] + "/lib" + name + ".so";
}

// One chain: 5 % on the cost.
inline PricingConfiguration FivePercent() {
  return {.chains = {{.name = "default",
                      .strategies = {{.library = "libpercentage_markup.so",
                                      .config = R"({"percent": "5"})"}}}},
          .default_chain = "default"};
}

}  // namespace topup::pricing

#endif  // TOPUP_TESTS_SERVER_PRICING_PLUGIN_PATHS_H_
