// A rule in Lua: compiled once, asked by any number of threads.
#ifndef TOPUP_PRICING_PLUGINS_LUA_RULES_SCRIPT_H_
#define TOPUP_PRICING_PLUGINS_LUA_RULES_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "pricing_plugins/abi/request.h"

namespace topup {

inline constexpr size_t kScriptSizeMax = 4096;  // as the kit has it for every text

// Thread-safe: constant after construction. Each price gets a Lua state of its own, made from the
// compiled script and destroyed with the answer, so that threads share nothing that changes and
// no price knows of another.
class Script {
 public:
  // Compiles `source` and runs it once, to see that it defines price(request). Throws
  // pricing_sdk::ConfigError with line and remedy.
  explicit Script(const std::string& source);

  struct Result {
    int64_t price_centimes;
    std::string description;
  };

  // What the script's price(request) returns: a price and its description. Throws
  // pricing_sdk::PricingError: NOT_COVERED where it returns nil and a reason, OUT_OF_RANGE for a
  // price that is none, FAILED for an error, a passed limit, and anything else that it returns.
  Result Price(const topup_pricing_request_t& request) const;

 private:
  std::string compiled_;
};

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_LUA_RULES_SCRIPT_H_
