// Points in time on the command line. Pure.
#ifndef TOPUP_CLIENT_CLI_TIME_ARGUMENT_H_
#define TOPUP_CLIENT_CLI_TIME_ARGUMENT_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace topup::cli {

// From `begin` on and before `end`. An instant begins and ends at itself.
struct TimeSpan {
  absl::Time begin;
  absl::Time end;
};

// "2026-11-26T10:00:00Z" (RFC 3339, with the zone's offset) is an instant, "2026-11-26" the whole
// day by the clocks of Algiers. Nothing for anything else, and for years beyond 2 to 9998.
std::optional<TimeSpan> ParseTime(absl::string_view text);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_TIME_ARGUMENT_H_
