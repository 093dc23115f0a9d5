// Cuts calls whose client does not take what it is written: an answer that waits for its client
// costs memory for as long as the client likes.
#ifndef TOPUP_SERVER_API_WRITE_WATCHDOG_H_
#define TOPUP_SERVER_API_WRITE_WATCHDOG_H_

#include <grpcpp/server_context.h>

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/base/task_loop.h"

namespace topup::api {

// Thread-safe.
class WriteWatchdog {
 public:
  using WriteId = uint64_t;

  // A write is cut once it has taken `limit`; looked at twice in that time. All are borrowed.
  // `timers` may run a task of the watchdog's after its end, which then does nothing.
  WriteWatchdog(absl::Duration limit, const base::Clock& clock, base::TaskLoop& timers);
  ~WriteWatchdog();

  // gRPC is about to be given something to write for the call of `context`, which lives until
  // the End of this write. A cut is TryCancel, and is counted by `cuts`.
  WriteId Begin(grpc::CallbackServerContext* context, base::Counter* cuts);

  // gRPC is done with that write, whatever became of it. The call is not touched any more.
  // Harmless for 0 and for a write that has ended.
  void End(WriteId write);

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_WRITE_WATCHDOG_H_
