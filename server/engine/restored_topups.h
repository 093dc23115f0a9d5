// Puts in doubt what a restored backup holds, before anything is sent or asked for.
#ifndef TOPUP_SERVER_ENGINE_RESTORED_TOPUPS_H_
#define TOPUP_SERVER_ENGINE_RESTORED_TOPUPS_H_

#include <deque>
#include <functional>

#include "absl/status/status.h"
#include "server/engine/bulk_changes.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class RestoredTopups {
 public:
  RestoredTopups(const EngineParts& parts, const EngineOptions& options, DecisionWriter& writer,
                 BulkChanges& changes);

  // At start, once, while nothing else runs. Where the store is an older copy, every top-up that
  // is not settled is put in doubt (core::DoubtAfterRestore). Calls back when all of that is on
  // disk and the store knows it, later starts included; an error where it cannot be read. Where a
  // row is damaged the store goes on being an older copy: every start does this again.
  void TakeOver(std::function<void(absl::Status)> done);

 private:
  absl::Status ReadOpen();
  void GoOn();
  void Doubt(const core::Topup& topup);

  const EngineParts parts_;
  const EngineOptions& options_;
  DecisionWriter& writer_;
  BulkChanges& changes_;
  std::function<void(absl::Status)> done_;
  std::deque<core::Topup> waiting_;
  bool unreadable_ = false;  // some row, so that it is not in doubt
  int in_flight_ = 0;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_RESTORED_TOPUPS_H_
