// Adds a percentage to the price so far: to the cost, where it is the first in its chain.
#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

constexpr int64_t kMarkupPpmMax = 9 * TOPUP_PRICING_PPM;  // 900 %: ten times the price so far

class PercentageMarkup final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.percentage_markup",
      .version = "1.0.0",
      .display_name = "Percentage markup",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "percent": {"type": "string", "pattern": "^((0|[1-9][0-9]?|[1-8][0-9]{2})(\\.[0-9]{1,4})?|900(\\.0{1,4})?)$",
                "description": "for example \"5\" or \"2.5\", up to 900"},
    "markup_ppm": {"type": "integer", "minimum": 0, "maximum": 9000000,
                   "description": "parts per million; 50000 is 5 %"}
  },
  "oneOf": [{"required": ["percent"]}, {"required": ["markup_ppm"]}],
  "additionalProperties": false
})json",
  };

  explicit PercentageMarkup(const pricing_sdk::Config& config) {
    config.AllowOnly({"percent", "markup_ppm"});
    markup_ppm_ = config.Ratio("percent", "markup_ppm", kMarkupPpmMax);
    description_ = "markup " + pricing_sdk::FormatPercent(markup_ppm_);
  }

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    answer.AddStep(pricing_sdk::MultiplyRoundedUp(request.price_so_far_centimes,
                                                  TOPUP_PRICING_PPM + markup_ppm_),
                   description_);
  }

 private:
  int64_t markup_ppm_ = 0;
  std::string description_;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::PercentageMarkup)
