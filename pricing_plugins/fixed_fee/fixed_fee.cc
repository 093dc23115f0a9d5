// Adds the same sum to every price.
#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

constexpr int64_t kFeeMax = 1'000'000;  // centimes: ten thousand dinars

class FixedFee final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.fixed_fee",
      .version = "1.0.0",
      .display_name = "Fixed fee",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "fee_centimes": {"type": "integer", "minimum": 0, "maximum": 1000000,
                     "description": "1000 is 10 DZD"}
  },
  "required": ["fee_centimes"],
  "additionalProperties": false
})json",
  };

  explicit FixedFee(const pricing_sdk::Config& config) {
    config.AllowOnly({"fee_centimes"});
    fee_centimes_ = config.Integer("fee_centimes", 0, kFeeMax);
    description_ = "fee " + pricing_sdk::FormatDinars(fee_centimes_);
  }

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    answer.AddStep(pricing_sdk::Add(request.price_so_far_centimes, fee_centimes_), description_);
  }

 private:
  int64_t fee_centimes_ = 0;
  std::string description_;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::FixedFee)
