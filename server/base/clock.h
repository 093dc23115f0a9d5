// Time, as an interface: the product reads it here and nowhere else, so that tests and the
// simulator can own it.
#ifndef TOPUP_SERVER_BASE_CLOCK_H_
#define TOPUP_SERVER_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace topup::base {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time. May jump either way; used for what is shown and stored.
  virtual absl::Time Now() const = 0;

  // Time since an arbitrary start of this process's machine. Never goes back and counts the
  // time that the machine was suspended; used for deadlines and watchdogs.
  virtual absl::Duration Elapsed() const = 0;
};

// The machine's own clocks (CLOCK_REALTIME and CLOCK_BOOTTIME). Lives for ever.
const Clock& RealClock();

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_CLOCK_H_
