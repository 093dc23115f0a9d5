// A strategy in C++ that throws what its configuration names, where it names: the kit has to let
// nothing of it out.
#include <new>
#include <stdexcept>
#include <string>

#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

class KitThrows final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "test.kit_throws",
      .version = "1.0.0",
      .display_name = "Throws",
      .vendor = "tests",
      .config_schema = R"json({
  "type": "object",
  "properties": {"where": {"enum": ["create", "price"]},
                 "what": {"enum": ["exception", "memory", "number"]}},
  "required": ["where", "what"],
  "additionalProperties": false
})json",
  };

  explicit KitThrows(const pricing_sdk::Config& config) : what_(config.Text("what")) {
    if (config.Text("where") == "create") Throw();
  }

  void Price(const topup_pricing_request_t& /*request*/,
             pricing_sdk::Answer& /*answer*/) const override {
    Throw();
  }

 private:
  [[noreturn]] void Throw() const {
    if (what_ == "memory") throw std::bad_alloc();
    if (what_ == "number") throw 5;
    throw std::logic_error("no price\ntoday");
  }

  std::string what_;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::KitThrows)
