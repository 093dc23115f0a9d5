// Notices that the wall clock was set back, and brings what waits for it to the new time.
#ifndef TOPUP_SERVER_ENGINE_SETBACK_WATCH_H_
#define TOPUP_SERVER_ENGINE_SETBACK_WATCH_H_

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/engine/bulk_changes.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class SetbackWatch {
 public:
  SetbackWatch(const EngineParts& parts, const EngineOptions& options, DecisionWriter& writer,
               BulkChanges& changes, std::function<void()> wake);

  // Looks at the clocks; cheap. Where the wall clock has lost more than a second on the other
  // one, and once at the start (it may have been set while nobody ran), looks at every top-up
  // that is not done with, and changes as many as there is room for; wakes for the rest.
  void Run();

 private:
  // Finds the top-ups to change.
  void Sweep();
  void GoOn();
  core::Decision Follow(const core::Topup& row);

  const EngineParts parts_;
  const EngineOptions& options_;
  DecisionWriter& writer_;
  BulkChanges& changes_;
  const std::function<void()> wake_;
  // How far the wall clock was ahead of the other one when all was well last.
  std::optional<absl::Time> offset_;
  absl::Duration next_sweep_;  // on Clock::Elapsed()
  // Of the sweep that is under way:
  bool sweeping_ = false;
  absl::Time sweep_offset_;
  std::deque<std::string> waiting_;  // ids to change
  bool complete_ = true;             // none was left out: busy, or not readable
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_SETBACK_WATCH_H_
