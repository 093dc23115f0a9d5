// Adds a percentage in some hours of the day, by the clocks of Algiers.
#include "pricing_plugins/sdk/strategy.h"

namespace topup {
namespace {

constexpr int64_t kMarkupPpmMax = 9 * TOPUP_PRICING_PPM;

class TimeWindow final : public pricing_sdk::Strategy {
 public:
  static constexpr pricing_sdk::About kAbout = {
      .id = "dz.topup.time_window",
      .version = "1.0.0",
      .display_name = "Time window",
      .vendor = "topup",
      .config_schema = R"json({
  "type": "object",
  "properties": {
    "from_hour": {"type": "integer", "minimum": 0, "maximum": 23,
                  "description": "the window begins at this full hour in Algiers"},
    "to_hour": {"type": "integer", "minimum": 0, "maximum": 23,
                "description": "and ends before this one; before from_hour: past midnight"},
    "percent": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,4})?$"},
    "markup_ppm": {"type": "integer", "minimum": 0, "maximum": 9000000}
  },
  "required": ["from_hour", "to_hour"],
  "oneOf": [{"required": ["percent"]}, {"required": ["markup_ppm"]}],
  "additionalProperties": false
})json",
  };

  explicit TimeWindow(const pricing_sdk::Config& config) {
    config.AllowOnly({"from_hour", "to_hour", "percent", "markup_ppm"});
    from_hour_ = config.Integer("from_hour", 0, 23);
    to_hour_ = config.Integer("to_hour", 0, 23);
    if (from_hour_ == to_hour_) config.Refuse("to_hour", "another hour than \"from_hour\"");
    markup_ppm_ = config.Ratio("percent", "markup_ppm", kMarkupPpmMax);
  }

  void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const override {
    const std::string window =
        std::to_string(from_hour_) + " to " + std::to_string(to_hour_) + " h";
    if (!IsInside(request.algiers.hour)) {
      answer.AddStep(request.price_so_far_centimes, "no markup outside of " + window);
      return;
    }
    answer.AddStep(pricing_sdk::MultiplyRoundedUp(request.price_so_far_centimes,
                                                  TOPUP_PRICING_PPM + markup_ppm_),
                   "markup " + pricing_sdk::FormatPercent(markup_ppm_) + " from " + window);
  }

 private:
  bool IsInside(int64_t hour) const {
    if (from_hour_ < to_hour_) return hour >= from_hour_ && hour < to_hour_;
    return hour >= from_hour_ || hour < to_hour_;  // past midnight
  }

  int64_t from_hour_ = 0;
  int64_t to_hour_ = 0;
  int64_t markup_ppm_ = 0;
};

}  // namespace
}  // namespace topup

TOPUP_PRICING_STRATEGY(topup::TimeWindow)
