// A rule that is a Lua script: see script.h, and README.md for what a script finds around it.
#include "pricing_plugins/lua_rules/script.h"
#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

class LuaRules final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.lua_rules",
      .version = "1.0.0",
      .display_name = "Rules in Lua",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "script": {"type": "string", "minLength": 1, "maxLength": 4096,
               "description": "Lua that defines price(request), which returns centimes and a text",
               "examples": ["function price(r) return r.price_so_far_centimes, 'no change' end"]}
  },
  "required": ["script"],
  "additionalProperties": false
})json",
  };

  explicit LuaRules(const pricing_sdk::Config& config) : script_(Read(config)) {}

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    const Script::Result result = script_.Price(request);
    answer.AddStep(result.price_centimes, result.description);
  }

 private:
  static const std::string& Read(const pricing_sdk::Config& config) {
    config.AllowOnly({"script"});
    return config.Text("script");
  }

  const Script script_;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::LuaRules)
