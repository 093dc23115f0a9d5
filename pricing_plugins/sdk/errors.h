// What a strategy throws. The kit catches it before it reaches the border.
#ifndef TOPUP_PRICING_PLUGINS_SDK_ERRORS_H_
#define TOPUP_PRICING_PLUGINS_SDK_ERRORS_H_

#include <stdexcept>
#include <string>

#include "pricing_plugins/abi/types.h"

namespace topup::pricing_sdk {

// The configuration cannot be used. The message names key, value and remedy.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A request has no price under this rule.
class PricingError : public std::runtime_error {
 public:
  PricingError(topup_pricing_code_t code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  topup_pricing_code_t code() const { return code_; }

 private:
  topup_pricing_code_t code_;
};

}  // namespace topup::pricing_sdk

#endif  // TOPUP_PRICING_PLUGINS_SDK_ERRORS_H_
