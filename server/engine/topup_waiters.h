// Calls that wait for a top-up to get somewhere.
//
// A waiter is answered once: when its top-up has got as far as asked, or when its time is up,
// then with the last committed state seen.
#ifndef TOPUP_SERVER_ENGINE_TOPUP_WAITERS_H_
#define TOPUP_SERVER_ENGINE_TOPUP_WAITERS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "server/base/task_loop.h"
#include "server/core/topup.h"
#include "server/engine/engine.h"

namespace topup::engine {

// Runs on the engine's loop only. Its size is bounded by the calls in flight at the edge.
class TopupWaiters {
 public:
  using Enough = std::function<bool(const core::Topup&)>;
  using Answer = std::function<void(const core::Topup&)>;

  explicit TopupWaiters(base::TaskLoop& loop) : loop_(loop) {}

  // Answers at once where `topup` is there already, else within `patience`.
  void Wait(const core::Topup& topup, Enough enough, absl::Duration patience, Answer answer);

  // A change of `topup` is on disk.
  void Committed(const core::Topup& topup);

  // Answers everybody with what they have, from now on at once; for shutdown.
  void AnswerAll();

 private:
  struct Waiter {
    Enough enough;
    core::Topup latest;
    Answer answer;
    base::TaskLoop::TimerId timer = 0;
  };

  void TimeUp(const std::string& topup_id, uint64_t waiter_id);

  base::TaskLoop& loop_;
  bool closed_ = false;
  uint64_t next_waiter_id_ = 1;
  std::map<std::string, std::map<uint64_t, Waiter>> waiters_;  // by top-up
};

// True where a caller that asked for `wait_for` has nothing more to wait for; also where the
// provider's answer is in doubt.
bool HasReached(const core::Topup& topup, WaitFor wait_for);

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_TOPUP_WAITERS_H_
