// Time that passes faster than it is: for tests that put real threads, disks and sockets
// together, and whose subject asks again after a minute.
//
// What is written in seconds keeps its order and its proportions, and takes a fraction of them.
// Whatever sleeps in the system (a socket's timeout, a poll) keeps the machine's time.
#ifndef TOPUP_TESTS_SUPPORT_FASTER_TIME_H_
#define TOPUP_TESTS_SUPPORT_FASTER_TIME_H_

#include <string>
#include <utility>

#include "server/base/clock.h"
#include "server/base/task_loop.h"

namespace topup::support {

// Begins with the time of the machine, and goes `pace` times as fast from there. Thread-safe.
class FasterClock : public base::Clock {
 public:
  explicit FasterClock(int pace)
      : pace_(pace),
        began_elapsed_(base::RealClock().Elapsed()),
        began_now_(base::RealClock().Now()) {}

  absl::Time Now() const override { return began_now_ + Passed(); }
  absl::Duration Elapsed() const override { return began_elapsed_ + Passed(); }

 private:
  absl::Duration Passed() const { return (base::RealClock().Elapsed() - began_elapsed_) * pace_; }

  const int pace_;
  const absl::Duration began_elapsed_;
  const absl::Time began_now_;
};

// A loop on a thread of its own whose delays pass as they do on a FasterClock of the same pace.
// Thread-safe.
class FasterTaskLoop : public base::TaskLoop {
 public:
  FasterTaskLoop(std::string name, int pace)
      : pace_(pace), loop_(std::move(name), base::RealClock()) {}

  void Post(base::Task task) override { loop_.Post(std::move(task)); }
  TimerId PostAfter(absl::Duration delay, base::Task task) override {
    return loop_.PostAfter(delay / pace_, std::move(task));
  }
  void Cancel(TimerId timer) override { loop_.Cancel(timer); }

  // As in ThreadTaskLoop.
  void Stop() { loop_.Stop(); }

 private:
  const int pace_;
  base::ThreadTaskLoop loop_;
};

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_FASTER_TIME_H_
