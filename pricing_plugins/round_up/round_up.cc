// Rounds the price so far up to whole coins: multiples of 1, 5 or 10 dinars.
#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

constexpr int64_t kCentimesPerDinar = 100;

class RoundUp final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.round_up",
      .version = "1.0.0",
      .display_name = "Round up",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "step_dzd": {"type": "integer", "enum": [1, 5, 10], "description": "whole dinars"}
  },
  "required": ["step_dzd"],
  "additionalProperties": false
})json",
  };

  explicit RoundUp(const pricing_sdk::Config& config) {
    config.AllowOnly({"step_dzd"});
    const int64_t step_dzd = config.Integer("step_dzd", 1, 10);
    if (step_dzd != 1 && step_dzd != 5 && step_dzd != 10) config.Refuse("step_dzd", "1, 5 or 10");
    step_centimes_ = step_dzd * kCentimesPerDinar;
    description_ = "round up to " + pricing_sdk::FormatDinars(step_centimes_);
  }

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    answer.AddStep(pricing_sdk::RoundUpTo(request.price_so_far_centimes, step_centimes_),
                   description_);
  }

 private:
  int64_t step_centimes_ = kCentimesPerDinar;
  std::string description_;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::RoundUp)
