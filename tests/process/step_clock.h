// When something happened, on the one clock that dates a whole run.
#ifndef TOPUP_TESTS_PROCESS_STEP_CLOCK_H_
#define TOPUP_TESTS_PROCESS_STEP_CLOCK_H_

#include <cstdint>

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace topup::process {

// Thread-safe. Steps are nanoseconds of the machine's monotonic clock since the start of the
// run: what has happened before has no higher step, in whichever thread.
class StepClock {
 public:
  explicit StepClock(const base::Clock& clock) : clock_(clock), start_(clock.Elapsed()) {}

  int64_t Step() const { return absl::ToInt64Nanoseconds(Elapsed()); }
  absl::Duration Elapsed() const { return clock_.Elapsed() - start_; }
  const base::Clock& clock() const { return clock_; }

 private:
  const base::Clock& clock_;
  const absl::Duration start_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_STEP_CLOCK_H_
