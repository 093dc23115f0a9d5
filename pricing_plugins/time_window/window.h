// When a time_window applies: hours, days and a promotion, each optional, at least one of them.
#ifndef TOPUP_PRICING_PLUGINS_TIME_WINDOW_WINDOW_H_
#define TOPUP_PRICING_PLUGINS_TIME_WINDOW_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "pricing_plugins/abi/types.h"
#include "pricing_plugins/sdk/config.h"

namespace topup {

// A value; constant after construction. All times are those of the clocks of Algiers.
//
// A window that goes past midnight belongs wholly to the day on which it began: Friday from 22 to
// 6 h ends on Saturday at 6. A promotion cuts every window off at its start and its end.
class Window {
 public:
  // Where a moment is; the first that applies.
  enum class Place { kBeforeStart, kAfterEnd, kOutside, kInside };
  static constexpr size_t kPlaceCount = 4;

  // Reads from_hour and to_hour, days, start and end. Throws ConfigError where they make no window.
  explicit Window(const pricing_sdk::Config& config);

  Place PlaceOf(const topup_pricing_civil_time_t& algiers) const;

  // " from 20 to 6 h, Thu-Fri, until 2026-12-08T00:00": at most 61 bytes.
  std::string DescribeInside() const;

  // "outside of 20 to 6 h, Thu-Fri"; "before 2026-12-01T00:00"; "from 2026-12-08T00:00 on".
  std::string DescribeOutside(Place place) const;

 private:
  void ReadHours(const pricing_sdk::Config& config);
  void ReadDays(const pricing_sdk::Config& config);
  void ReadPromotion(const pricing_sdk::Config& config);

  std::string Hours() const;  // "20 to 6 h"
  std::string Days() const;   // "Mon-Wed Fri"

  bool has_hours_ = false;
  int32_t from_hour_ = 0;
  int32_t hour_count_ = 24;
  bool has_days_ = false;
  bool days_[7] = {};                 // from Monday
  std::string start_, end_;           // as configured; empty for none
  int64_t start_minute_ = INT64_MIN;  // inclusive; as MinuteOf numbers them
  int64_t end_minute_ = INT64_MAX;    // exclusive
};

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_TIME_WINDOW_WINDOW_H_
