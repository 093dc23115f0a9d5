// Notices that the wall clock was set back, and brings what waits for it to the new time.
#ifndef TOPUP_SERVER_ENGINE_SETBACK_WATCH_H_
#define TOPUP_SERVER_ENGINE_SETBACK_WATCH_H_

#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class SetbackWatch {
 public:
  SetbackWatch(const EngineParts& parts, const EngineOptions& options, DecisionWriter& writer,
               std::function<void()> wake);

  // Looks at the clocks; cheap. Where the wall clock has lost more than a second on the other
  // one, and once at the start (it may have been set while nobody ran), looks at every top-up
  // that is not done with.
  void Run();

 private:
  // False where some could not be looked at: busy, or not readable.
  bool Sweep();

  const EngineParts parts_;
  const EngineOptions& options_;
  DecisionWriter& writer_;
  const std::function<void()> wake_;
  // How far the wall clock was ahead of the other one when all was well last.
  std::optional<absl::Time> offset_;
  absl::Duration next_sweep_;  // on Clock::Elapsed()
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_SETBACK_WATCH_H_
