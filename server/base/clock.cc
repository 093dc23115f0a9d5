#include "server/base/clock.h"

#include <ctime>

namespace topup::base {
namespace {

timespec Read(clockid_t clock) {
  timespec now{};
  // Cannot fail: both clocks exist on every Linux that we run on.
  clock_gettime(clock, &now);
  return now;
}

class MachineClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::TimeFromTimespec(Read(CLOCK_REALTIME)); }
  absl::Duration Elapsed() const override {
    return absl::DurationFromTimespec(Read(CLOCK_BOOTTIME));
  }
};

}  // namespace

const Clock& RealClock() {
  // Never destroyed: threads may read the time while the process ends.
  static const auto* const clock = new MachineClock;
  return *clock;
}

}  // namespace topup::base
