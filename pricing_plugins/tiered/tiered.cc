// Adds a percentage that depends on the face value, or on what the caller has bought before.
#include <string>
#include <vector>

#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

constexpr int64_t kCentimesPerDinar = 100;
constexpr int64_t kUpToDzdMax = TOPUP_PRICING_AMOUNT_MAX / kCentimesPerDinar;
constexpr int64_t kMarkupPpmMax = 9 * TOPUP_PRICING_PPM;

class Tiered final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.tiered",
      .version = "1.1.0",
      .display_name = "Tiered markup",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "by": {"enum": ["face_value", "volume_today", "volume_this_month"],
           "description": "what up_to_dzd is held against; without it the face value"},
    "tiers": {
      "type": "array", "minItems": 1, "maxItems": 256,
      "description": "by rising up_to_dzd; a last tier without one takes all above",
      "items": {
        "type": "object",
        "properties": {
          "up_to_dzd": {"type": "integer", "minimum": 1, "maximum": 1000000000,
                        "description": "in whole dinars, inclusive"},
          "percent": {"type": "string", "pattern": "^((0|[1-9][0-9]?|[1-8][0-9]{2})(\\.[0-9]{1,4})?|900(\\.0{1,4})?)$"},
          "markup_ppm": {"type": "integer", "minimum": 0, "maximum": 9000000}
        },
        "oneOf": [{"required": ["percent"]}, {"required": ["markup_ppm"]}],
        "additionalProperties": false
      }
    }
  },
  "required": ["tiers"],
  "additionalProperties": false
})json",
  };

  explicit Tiered(const pricing_sdk::Config& config) {
    config.AllowOnly({"by", "tiers"});
    if (config.Has("by")) by_ = ChooseBy(config);
    const std::vector<pricing_sdk::Config> tiers = config.List("tiers");
    if (tiers.empty()) config.Refuse("tiers", "at least one tier");
    int64_t below_dzd = 0;
    for (const pricing_sdk::Config& tier : tiers) {
      tier.AllowOnly({"up_to_dzd", "percent", "markup_ppm"});
      const bool is_last = &tier == &tiers.back();
      int64_t up_to_dzd = kUpToDzdMax;
      if (!is_last || tier.Has("up_to_dzd")) {
        up_to_dzd = tier.Integer("up_to_dzd", below_dzd + 1, kUpToDzdMax);
      }
      const int64_t up_to_centimes = up_to_dzd * kCentimesPerDinar;
      const int64_t markup_ppm = tier.Ratio("percent", "markup_ppm", kMarkupPpmMax);
      tiers_.push_back({.up_to_centimes = up_to_centimes,
                        .ppm = TOPUP_PRICING_PPM + markup_ppm,
                        .description = "markup " + pricing_sdk::FormatPercent(markup_ppm) +
                                       " up to " + pricing_sdk::FormatDinars(up_to_centimes) +
                                       Suffix()});
      below_dzd = up_to_dzd;
    }
  }

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    const int64_t centimes = NumberOf(request);
    for (const Tier& tier : tiers_) {
      if (centimes > tier.up_to_centimes) continue;
      answer.AddStep(pricing_sdk::MultiplyRoundedUp(request.price_so_far_centimes, tier.ppm),
                     tier.description);
      return;
    }
    throw pricing_sdk::PricingError(
        TOPUP_PRICING_NOT_COVERED,
        "no tier covers " + pricing_sdk::FormatDinars(centimes) + Suffix());
  }

 private:
  enum class By { kFaceValue, kVolumeToday, kVolumeThisMonth };

  static By ChooseBy(const pricing_sdk::Config& config) {
    const std::string& by = config.Text("by");
    if (by == "face_value") return By::kFaceValue;
    if (by == "volume_today") return By::kVolumeToday;
    if (by == "volume_this_month") return By::kVolumeThisMonth;
    config.Refuse("by", "\"face_value\", \"volume_today\" or \"volume_this_month\"");
  }

  // What decides about the tier, in centimes.
  int64_t NumberOf(const topup_pricing_request_t& request) const {
    if (by_ == By::kFaceValue) return request.face_value_centimes;
    if ((request.flags & TOPUP_PRICING_HAS_USAGE) == 0) {
      throw pricing_sdk::PricingError(TOPUP_PRICING_NOT_COVERED,
                                      "what the caller has bought is not known");
    }
    return by_ == By::kVolumeToday ? request.caller_volume_today_centimes
                                   : request.caller_volume_this_month_centimes;
  }

  const char* Suffix() const {
    if (by_ == By::kFaceValue) return "";
    return by_ == By::kVolumeToday ? " bought today" : " bought this month";
  }

  struct Tier {
    int64_t up_to_centimes;  // inclusive
    int64_t ppm;             // of the price so far, the markup on top
    std::string description;
  };
  By by_ = By::kFaceValue;
  std::vector<Tier> tiers_;  // by rising up_to_centimes
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::Tiered)
