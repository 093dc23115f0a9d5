// Useful for: tests of actors and of whole engines in virtual time. Nothing runs until the
// test says so, and an hour of timers passes in microseconds, in the order of their times.
#ifndef TOPUP_TESTS_FAKES_MANUAL_TASK_LOOP_H_
#define TOPUP_TESTS_FAKES_MANUAL_TASK_LOOP_H_

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "server/base/task_loop.h"
#include "tests/fakes/fake_clock.h"

namespace topup::fakes {

// A TaskLoop that runs on the thread that calls the Run functions, by a FakeClock which may
// serve several things at once. Thread-safe, but for the Run functions: one thread at a time.
// Forgets what has not run when it is destroyed.
class ManualTaskLoop : public base::TaskLoop {
 public:
  explicit ManualTaskLoop(FakeClock& clock) : clock_(clock) {}
  ~ManualTaskLoop() override { Stop(); }

  void Post(base::Task task) override;
  TimerId PostAfter(absl::Duration delay, base::Task task) override;
  void Cancel(TimerId timer) override;

  // Runs one posted task, or one timer that is due: posted tasks first. False where there is
  // neither.
  bool RunOne();

  // Runs what is posted or due, and what that posts, until nothing is left. The clock stays.
  // Returns how many ran. Ends the process at kTasksMax: tasks post each other for ever.
  int RunReady();

  // Lets `duration` pass: moves the clock from timer to timer and runs each at its own time,
  // with all that it posts, and ends exactly `duration` later. Returns how many ran. Must not
  // be called from a task.
  int AdvanceBy(absl::Duration duration);

  // When the next timer is due, on the clock's Elapsed(); nothing where there is none.
  std::optional<absl::Duration> NextTimer() const;
  int pending_tasks() const;   // posted and not run
  int pending_timers() const;  // not run and not cancelled

  // As a real loop does: what is pending and what is posted later is dropped.
  void Stop();

  static constexpr int kTasksMax = 1'000'000;

 private:
  FakeClock& clock_;

  mutable std::mutex mutex_;  // guards everything below
  bool stopped_ = false;
  TimerId last_timer_ = 0;
  std::deque<base::Task> tasks_;
  std::map<std::pair<absl::Duration, TimerId>, base::Task> timers_;  // equal times: as posted
  std::map<TimerId, absl::Duration> due_times_;                      // of `timers_`
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_MANUAL_TASK_LOOP_H_
