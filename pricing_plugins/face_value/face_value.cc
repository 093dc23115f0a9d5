// Sells at face value, whatever came before.
#include <string>

#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

class FaceValue final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.face_value",
      .version = "1.0.0",
      .display_name = "Face value",
      .vendor = "topup",
      .config_schema = R"json({"type": "object", "additionalProperties": false})json",
  };

  explicit FaceValue(const pricing_sdk::Config& config) { config.AllowOnly({}); }

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    answer.AddStep(request.face_value_centimes, description_);
  }

 private:
  const std::string description_ = "face value";
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::FaceValue)
