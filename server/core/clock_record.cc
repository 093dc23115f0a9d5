#include "server/core/clock_record.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace topup::core {
namespace {

// Two clocks cannot be read in the very same instant.
constexpr absl::Duration kTolerance = absl::Milliseconds(50);
// Who sets the clock more often loses the oldest stretches: what is dated there counts as older
// than the process, and the process as younger than it is.
constexpr size_t kStretchesMax = 64;
// A date is this far ahead of the clock that made it at most, such as the end of a watchdog.
constexpr absl::Duration kAheadMax = absl::Minutes(10);

}  // namespace

void ClockRecord::Note(absl::Time now, absl::Duration elapsed) {
  const absl::Time zero = now - elapsed;
  if (!stretches_.empty()) {
    Stretch& last = stretches_.back();
    // When between two looks it was set is not known.
    const absl::Duration looked = std::exchange(last.end, std::max(last.end, elapsed));
    if (absl::AbsDuration(zero - last.zero) <= kTolerance) return;
    stretches_.push_back({.zero = zero, .begin = looked, .end = elapsed});
    if (stretches_.size() > kStretchesMax) stretches_.erase(stretches_.begin());
    return;
  }
  stretches_.push_back({.zero = zero, .begin = elapsed, .end = elapsed});
}

absl::Time ClockRecord::Redate(absl::Time date) const {
  if (stretches_.empty()) return date;
  const Stretch& present = stretches_.back();
  const auto shown =
      std::find_if(stretches_.rbegin(), stretches_.rend(), [date](const Stretch& stretch) {
        const absl::Duration elapsed = date - stretch.zero;
        return elapsed >= stretch.begin && elapsed <= stretch.end;
      });
  if (shown != stretches_.rend()) return present.zero + (date - shown->zero);
  if (date > At(present.end)) return date;
  std::optional<absl::Duration> ahead;
  for (const Stretch& stretch : stretches_) {
    const absl::Duration elapsed = date - stretch.zero;
    if (elapsed <= stretch.end || elapsed > stretch.end + kAheadMax) continue;
    ahead = std::max(ahead.value_or(elapsed), elapsed);
  }
  if (ahead.has_value()) return present.zero + *ahead;
  // Older than the process; by which clock, the one before or after it was set, nobody knows.
  const absl::Time moved = date + (present.zero - stretches_.front().zero);
  return std::min(std::max(date, moved), begin());
}

absl::Time ClockRecord::At(absl::Duration elapsed) const {
  return stretches_.empty() ? absl::InfinitePast() : stretches_.back().zero + elapsed;
}

absl::Time ClockRecord::begin() const {
  return stretches_.empty() ? absl::InfinitePast() : At(stretches_.front().begin);
}

}  // namespace topup::core
