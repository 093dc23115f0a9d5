// The calendar that prices go by.
#ifndef TOPUP_SERVER_CORE_ALGIERS_TIME_H_
#define TOPUP_SERVER_CORE_ALGIERS_TIME_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace topup::core {

// Algeria keeps UTC+1 all year since 1981. Said here, and not read from a time zone file that a
// machine may lack.
inline absl::TimeZone AlgiersZone() {
  static const absl::TimeZone& zone = *new absl::TimeZone(absl::FixedTimeZone(/*seconds=*/60 * 60));
  return zone;
}

inline absl::CivilDay AlgiersDay(absl::Time time) {
  return absl::CivilDay(AlgiersZone().At(time).cs);
}

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_ALGIERS_TIME_H_
