// Keeps a price from passing a share of the face value.
#include <algorithm>

#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

class Cap final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.cap",
      .version = "1.0.0",
      .display_name = "Cap",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "percent_of_face_value": {"type": "string",
                              "pattern": "^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,4})?$",
                              "description": "for example \"105\", up to 1000"},
    "ppm_of_face_value": {"type": "integer", "minimum": 0, "maximum": 10000000,
                          "description": "parts per million; 1050000 is 105 %"}
  },
  "oneOf": [{"required": ["percent_of_face_value"]}, {"required": ["ppm_of_face_value"]}],
  "additionalProperties": false
})json",
  };

  explicit Cap(const pricing_sdk::Config& config) {
    config.AllowOnly({"percent_of_face_value", "ppm_of_face_value"});
    limit_ppm_ =
        config.Ratio("percent_of_face_value", "ppm_of_face_value", TOPUP_PRICING_RATIO_MAX);
  }

  // Rounded down: half a centime above a cap is above it.
  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    const int64_t limit = pricing_sdk::MultiplyRoundedDown(request.face_value_centimes, limit_ppm_);
    answer.AddStep(std::min(request.price_so_far_centimes, limit),
                   "at most " + pricing_sdk::FormatPercent(limit_ppm_) + " of the face value");
  }

 private:
  int64_t limit_ppm_ = 0;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::Cap)
