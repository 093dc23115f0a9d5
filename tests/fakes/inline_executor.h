// Useful for: tests of code that hands blocking work to a WorkExecutor, where the work itself
// does not block. It is done before TryPost returns, on the caller's thread.
#ifndef TOPUP_TESTS_FAKES_INLINE_EXECUTOR_H_
#define TOPUP_TESTS_FAKES_INLINE_EXECUTOR_H_

#include <atomic>

#include "server/base/worker_pool.h"

namespace topup::fakes {

// Thread-safe. Code under test must not hold a lock around TryPost that the task takes too.
class InlineExecutor : public base::WorkExecutor {
 public:
  [[nodiscard]] bool TryPost(base::Task task) override {
    if (full_) return false;
    ++running_;
    task();
    --running_;
    ++count_;
    return true;
  }

  // From now on every task is refused, as by a full queue, or taken again.
  void SetFull(bool full) { full_ = full; }

  // Tasks that have run.
  int count() const { return count_; }
  // A task has begun and not ended.
  bool running() const { return running_ > 0; }

 private:
  std::atomic<bool> full_{false};
  std::atomic<int> count_{0};
  std::atomic<int> running_{0};
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_INLINE_EXECUTOR_H_
