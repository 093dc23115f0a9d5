// What callers ask about their own top-ups: one, a page of them, and whether one that has not
// left yet can be taken back.
#ifndef TOPUP_SERVER_ENGINE_CALLER_DESK_H_
#define TOPUP_SERVER_ENGINE_CALLER_DESK_H_

#include <functional>

#include "absl/status/statusor.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Thread-safe. Borrows everything.
class CallerDesk {
 public:
  template <typename T>
  using Done = Engine::Done<T>;

  // `looked_at` is told, on the engine's loop, of open top-ups that somebody looks at.
  CallerDesk(const EngineParts& parts, DecisionWriter& writer,
             std::function<void(const core::Topup&)> looked_at);

  // TOPUP_NOT_FOUND, also for another caller's; OVERLOADED where too many reads wait.
  void Get(TopupKey key, Done<core::Topup> done);
  void List(store::ListFilter filter, Done<store::ListResult> done);
  // NOT_CANCELLABLE where it is not QUEUED.
  void Cancel(TopupKey key, Done<core::Topup> done);

 private:
  absl::StatusOr<core::Topup> Find(const TopupKey& key);
  void CancelOnLoop(const core::Topup& topup, Done<core::Topup> done);

  const EngineParts parts_;
  DecisionWriter& writer_;
  const std::function<void(const core::Topup&)> looked_at_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_CALLER_DESK_H_
