// Signals as ordinary calls on an ordinary thread.
#ifndef TOPUP_SERVER_OPS_SIGNALS_H_
#define TOPUP_SERVER_OPS_SIGNALS_H_

#include <atomic>
#include <functional>
#include <thread>

namespace topup::ops {

struct SignalActions {
  std::function<void()> terminate;  // the first SIGTERM or SIGINT
  std::function<void()> reload;     // each SIGHUP
};

// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and in all that it starts later, and
// ignores SIGPIPE. Call it first in main.
void BlockSignals();

// Waits for the blocked signals on a thread of its own. A second SIGTERM or SIGINT ends the
// process at once with status 130.
class SignalWatcher {
 public:
  explicit SignalWatcher(SignalActions actions);
  ~SignalWatcher();

 private:
  const SignalActions actions_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace topup::ops

#endif  // TOPUP_SERVER_OPS_SIGNALS_H_
