// Adds or takes off a percentage on some days, in some hours or during a promotion, by the clocks
// of Algiers.
#include <string>

#include "pricing_plugins/sdk/strategy.h"
#include "pricing_plugins/time_window/window.h"

namespace topup {
namespace {

constexpr int64_t kMarkupPpmMax = 9 * TOPUP_PRICING_PPM;
constexpr int64_t kDiscountPpmMax = TOPUP_PRICING_PPM;

class TimeWindow final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.time_window",
      .version = "1.1.0",
      .display_name = "Time window",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "from_hour": {"type": "integer", "minimum": 0, "maximum": 23,
                  "description": "the window begins at this full hour in Algiers"},
    "to_hour": {"type": "integer", "minimum": 0, "maximum": 23,
                "description": "and ends before this one; before from_hour: past midnight"},
    "days": {"type": "array", "minItems": 1, "maxItems": 7, "uniqueItems": true,
             "items": {"enum": ["monday", "tuesday", "wednesday", "thursday", "friday",
                                "saturday", "sunday"]},
             "description": "on which the window begins; without it every day"},
    "start": {"type": "string",
              "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]$",
              "description": "of a promotion, inclusive, in Algiers: \"2026-12-01T00:00\""},
    "end": {"type": "string",
            "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]$",
            "description": "of a promotion, exclusive, in Algiers: \"2026-12-08T00:00\""},
    "percent": {"type": "string", "pattern": "^((0|[1-9][0-9]?|[1-8][0-9]{2})(\\.[0-9]{1,4})?|900(\\.0{1,4})?)$",
                "description": "more: for example \"5\" or \"2.5\", up to 900"},
    "markup_ppm": {"type": "integer", "minimum": 0, "maximum": 9000000,
                   "description": "more, in parts per million; 50000 is 5 %"},
    "discount_percent": {"type": "string",
                         "pattern": "^(100(\\.0{1,4})?|(0|[1-9][0-9]?)(\\.[0-9]{1,4})?)$",
                         "description": "less: for example \"5\" or \"2.5\", up to 100"},
    "discount_ppm": {"type": "integer", "minimum": 0, "maximum": 1000000,
                     "description": "less, in parts per million; 50000 is 5 %"}
  },
  "anyOf": [{"required": ["from_hour", "to_hour"]},
            {"required": ["days"], "properties": {"from_hour": false, "to_hour": false}},
            {"required": ["start"], "properties": {"from_hour": false, "to_hour": false}},
            {"required": ["end"], "properties": {"from_hour": false, "to_hour": false}}],
  "oneOf": [{"required": ["percent"]}, {"required": ["markup_ppm"]},
            {"required": ["discount_percent"]}, {"required": ["discount_ppm"]}],
  "additionalProperties": false
})json",
  };

  explicit TimeWindow(const pricing_sdk::Config& config) : window_(CheckKeys(config)) {
    const bool is_discount = config.Has("discount_percent") || config.Has("discount_ppm");
    const std::string change = is_discount ? "discount" : "markup";
    int64_t ppm = 0;
    if (is_discount) {
      for (const char* markup : {"percent", "markup_ppm"}) {
        if (config.Has(markup)) config.Refuse(markup, "either it or a discount, not both");
      }
      ppm = config.Ratio("discount_percent", "discount_ppm", kDiscountPpmMax);
    } else {
      ppm = config.Ratio("percent", "markup_ppm", kMarkupPpmMax);
    }
    inside_ppm_ = is_discount ? TOPUP_PRICING_PPM - ppm : TOPUP_PRICING_PPM + ppm;
    inside_ = change + " " + pricing_sdk::FormatPercent(ppm) + window_.DescribeInside();
    for (const Window::Place place :
         {Window::Place::kBeforeStart, Window::Place::kAfterEnd, Window::Place::kOutside}) {
      Outside(place) = "no " + change + " " + window_.DescribeOutside(place);
    }
  }

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    const Window::Place place = window_.PlaceOf(request.algiers);
    if (place != Window::Place::kInside) {
      answer.AddStep(request.price_so_far_centimes, outside_[static_cast<size_t>(place)]);
      return;
    }
    answer.AddStep(pricing_sdk::MultiplyRoundedUp(request.price_so_far_centimes, inside_ppm_),
                   inside_);
  }

 private:
  static const pricing_sdk::Config& CheckKeys(const pricing_sdk::Config& config) {
    config.AllowOnly({"from_hour", "to_hour", "days", "start", "end", "percent", "markup_ppm",
                      "discount_percent", "discount_ppm"});
    return config;
  }

  std::string& Outside(Window::Place place) { return outside_[static_cast<size_t>(place)]; }

  const Window window_;
  int64_t inside_ppm_ = TOPUP_PRICING_PPM;
  std::string inside_;                        // description of the step inside
  std::string outside_[Window::kPlaceCount];  // and in the other places
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::TimeWindow)
