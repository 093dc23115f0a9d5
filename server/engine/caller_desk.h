// What callers ask about their own top-ups: one, a page of them, and whether one that has not
// left yet can be taken back.
#ifndef TOPUP_SERVER_ENGINE_CALLER_DESK_H_
#define TOPUP_SERVER_ENGINE_CALLER_DESK_H_

#include <functional>

#include "absl/status/statusor.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine.h"
#include "server/engine/engine_options.h"
#include "server/engine/ref_book.h"

namespace topup::engine {

// Thread-safe. Borrows everything.
class CallerDesk {
 public:
  template <typename T>
  using Done = Engine::Done<T>;

  // `looked_at` is told, on the engine's loop, of open top-ups that somebody looks at.
  CallerDesk(const EngineParts& parts, DecisionWriter& writer, RefBook& refs,
             std::function<void(const core::Topup&)> looked_at);

  // TOPUP_NOT_FOUND, also for another caller's; OVERLOADED where too many reads wait. Of a ref
  // that is being recorded, STORAGE_UNAVAILABLE where that has not ended by `key.answer_by`.
  void Get(TopupKey key, Done<core::Topup> done);
  void List(store::ListFilter filter, Done<store::ListResult> done);
  // NOT_CANCELLABLE where it is not QUEUED.
  void Cancel(TopupKey key, Done<core::Topup> done);

 private:
  // Calls `found` once, with an error of Get or on a thread of `reads`.
  void Find(TopupKey key, Done<core::Topup> found);
  void CancelOnLoop(const core::Topup& topup, Done<core::Topup> done);

  const EngineParts parts_;
  DecisionWriter& writer_;
  RefBook& refs_;
  const std::function<void(const core::Topup&)> looked_at_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_CALLER_DESK_H_
