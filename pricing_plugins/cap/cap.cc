// Keeps prices from passing a share of the face value, or the face value plus a sum.
#include <algorithm>
#include <string>

#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

constexpr int64_t kPlusMax = 1'000'000;  // centimes: ten thousand dinars

class Cap final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.cap",
      .version = "1.1.0",
      .display_name = "Cap",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "percent_of_face_value": {"type": "string",
                              "pattern": "^(1000(\\.0{1,4})?|(0|[1-9][0-9]{0,2})(\\.[0-9]{1,4})?)$",
                              "description": "for example \"105\", up to 1000"},
    "ppm_of_face_value": {"type": "integer", "minimum": 0, "maximum": 10000000,
                          "description": "parts per million; 1050000 is 105 %"},
    "plus_centimes": {"type": "integer", "minimum": 0, "maximum": 1000000,
                      "description": "above the face value; 500 is 5 DZD"}
  },
  "oneOf": [{"required": ["percent_of_face_value"]}, {"required": ["ppm_of_face_value"]},
            {"required": ["plus_centimes"],
             "properties": {"percent_of_face_value": false, "ppm_of_face_value": false}}],
  "additionalProperties": false
})json",
  };

  explicit Cap(const pricing_sdk::Config& config) {
    config.AllowOnly({"percent_of_face_value", "ppm_of_face_value", "plus_centimes"});
    has_plus_ = config.Has("plus_centimes");
    has_share_ =
        !has_plus_ || config.Has("percent_of_face_value") || config.Has("ppm_of_face_value");
    if (has_share_) {
      share_ppm_ =
          config.Ratio("percent_of_face_value", "ppm_of_face_value", TOPUP_PRICING_RATIO_MAX);
      share_text_ = "at most " + pricing_sdk::FormatPercent(share_ppm_) + " of the face value";
    }
    if (has_plus_) {
      plus_centimes_ = config.Integer("plus_centimes", 0, kPlusMax);
      plus_text_ = "at most the face value plus " + pricing_sdk::FormatDinars(plus_centimes_);
    }
  }

  // The lower limit holds, and is the one that the step names.
  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    const int64_t face_value = request.face_value_centimes;
    const int64_t share = has_share_ ? ShareOf(face_value) : TOPUP_PRICING_AMOUNT_MAX;
    const int64_t plus = has_plus_ ? PlusOn(face_value) : TOPUP_PRICING_AMOUNT_MAX;
    const bool is_share = !has_plus_ || (has_share_ && share <= plus);
    answer.AddStep(std::min(request.price_so_far_centimes, is_share ? share : plus),
                   is_share ? share_text_ : plus_text_);
  }

 private:
  // Rounded down: half a centime above a cap is above it.
  int64_t ShareOf(int64_t face_value) const {
    return pricing_sdk::MultiplyRoundedDown(face_value, share_ppm_);
  }

  // A limit beyond every amount forbids nothing.
  int64_t PlusOn(int64_t face_value) const {
    return pricing_sdk::Add(std::min(face_value, TOPUP_PRICING_AMOUNT_MAX - plus_centimes_),
                            plus_centimes_);
  }

  bool has_share_ = false;
  int64_t share_ppm_ = 0;
  std::string share_text_;
  bool has_plus_ = false;
  int64_t plus_centimes_ = 0;
  std::string plus_text_;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::Cap)
