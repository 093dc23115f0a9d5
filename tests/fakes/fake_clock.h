// Useful for: every test of code that reads the time. Both clocks stand still until the test
// moves them, together or apart: a wall clock that jumps, a machine that was suspended.
#ifndef TOPUP_TESTS_FAKES_FAKE_CLOCK_H_
#define TOPUP_TESTS_FAKES_FAKE_CLOCK_H_

#include <mutex>

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace topup::fakes {

// Thread-safe.
class FakeClock : public base::Clock {
 public:
  // An ordinary instant with microseconds (the one of support::TestTime()), and an hour since
  // the machine's start.
  FakeClock() = default;
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    std::lock_guard<std::mutex> lock(mutex_);
    return now_;
  }
  absl::Duration Elapsed() const override {
    std::lock_guard<std::mutex> lock(mutex_);
    return elapsed_;
  }

  // Time passes: both clocks move by `duration`.
  void Advance(absl::Duration duration) {
    std::lock_guard<std::mutex> lock(mutex_);
    now_ += duration;
    elapsed_ += duration;
  }

  // Somebody sets the wall clock; no time passes.
  void SetNow(absl::Time now) {
    std::lock_guard<std::mutex> lock(mutex_);
    now_ = now;
  }

  // The wall clock stays. Going back is for tests of what must not happen.
  void SetElapsed(absl::Duration elapsed) {
    std::lock_guard<std::mutex> lock(mutex_);
    elapsed_ = elapsed;
  }

 private:
  mutable std::mutex mutex_;  // guards everything below
  absl::Time now_ = absl::FromUnixMicros(1'790'000'000'123'456);
  absl::Duration elapsed_ = absl::Hours(1);
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_FAKE_CLOCK_H_
