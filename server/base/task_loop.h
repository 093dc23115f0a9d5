// A serial executor with timers: the thread that an actor lives on.
//
// Everything posted runs one after the other, in the order it was posted; timers run at or
// after their time. Code that only ever runs on one loop needs no locks. The simulator
// implements this interface with virtual time and a seeded order of threads.
#ifndef TOPUP_SERVER_BASE_TASK_LOOP_H_
#define TOPUP_SERVER_BASE_TASK_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace topup::base {

using Task = std::function<void()>;

// Thread-safe.
class TaskLoop {
 public:
  using TimerId = uint64_t;

  virtual ~TaskLoop() = default;

  // Runs `task` soon. Dropped without being run once the loop has stopped.
  virtual void Post(Task task) = 0;

  // Runs `task` once `delay` has passed on the clock's Elapsed(). Never 0.
  virtual TimerId PostAfter(absl::Duration delay, Task task) = 0;

  // Forgets a timer that has not run yet; harmless for any other id. A timer that is running
  // on another thread right now is not waited for.
  virtual void Cancel(TimerId timer) = 0;
};

// A TaskLoop on a thread of its own.
class ThreadTaskLoop : public TaskLoop {
 public:
  // `name` is the thread's name (15 characters at most). Starts at once.
  ThreadTaskLoop(std::string name, const Clock& clock);
  // Stops.
  ~ThreadTaskLoop() override;

  void Post(Task task) override;
  TimerId PostAfter(absl::Duration delay, Task task) override;
  void Cancel(TimerId timer) override;

  // Runs what has been posted (not the timers), then ends the thread and returns. What is
  // posted later is dropped. May be called again; must not be called on the loop itself.
  void Stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_TASK_LOOP_H_
