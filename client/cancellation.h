// Ends calls, streams and waits from another thread.
#ifndef TOPUP_CLIENT_CANCELLATION_H_
#define TOPUP_CLIENT_CANCELLATION_H_

#include <functional>
#include <map>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace topup::client {

// Thread-safe. One object may serve many calls; once cancelled it stays so. Not for use inside
// a signal handler: wait for the signal in a thread instead.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void Cancel();
  bool cancelled() const;

  // Waits for `duration`, or until cancelled: then at once. Returns cancelled().
  bool WaitFor(absl::Duration duration);

  // Has `action` run once on cancellation (at once where that has happened) while it lives.
  // After its destructor has returned, `action` is not running and never will.
  class Watcher {
   public:
    // `cancellation` may be null: then nothing happens.
    Watcher(Cancellation* cancellation, std::function<void()> action);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

   private:
    Cancellation* const cancellation_;
    int key_ = 0;
  };

 private:
  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  int next_key_ ABSL_GUARDED_BY(mutex_) = 1;
  // Run under the mutex, so that a watcher that goes away waits for its own action.
  std::map<int, std::function<void()>> actions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace topup::client

#endif  // TOPUP_CLIENT_CANCELLATION_H_
