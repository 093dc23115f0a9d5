// A bounded pool of threads for calls that block: HTTP requests and database reads.
#ifndef TOPUP_SERVER_BASE_WORKER_POOL_H_
#define TOPUP_SERVER_BASE_WORKER_POOL_H_

#include <memory>
#include <string>

#include "server/base/task_loop.h"

namespace topup::base {

// Where blocking work goes. Thread-safe. Tests and the simulator run it inline.
class WorkExecutor {
 public:
  virtual ~WorkExecutor() = default;

  // Runs `task` on some thread, in the order given where there is one thread only. False,
  // and nothing happens, where the queue is full or the executor has stopped.
  [[nodiscard]] virtual bool TryPost(Task task) = 0;
};

class WorkerPool : public WorkExecutor {
 public:
  // `queue_limit`: tasks that may wait for a thread; more are refused by TryPost.
  WorkerPool(std::string name, int threads, int queue_limit);
  // Stops.
  ~WorkerPool() override;

  [[nodiscard]] bool TryPost(Task task) override;

  // Finishes what is queued and running, then ends the threads. May be called again.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_WORKER_POOL_H_
