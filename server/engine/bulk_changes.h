// Changes of many top-ups at once, at a pace that the store keeps up with.
//
// A start long after an outage, a clock that was set back and a restored store each find a hundred
// thousand top-ups to change. All at once they would fill the store's queue: most would fail and
// be tried again every second, and sends be refused meanwhile (OVERLOADED). So all that changes
// top-ups in bulk shares one limit, far below that queue's.
#ifndef TOPUP_SERVER_ENGINE_BULK_CHANGES_H_
#define TOPUP_SERVER_ENGINE_BULK_CHANGES_H_

#include <functional>

#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class BulkChanges {
 public:
  // Changes on their way to the disk at once.
  static constexpr int kUnderWayMax = 500;

  BulkChanges(const EngineParts& parts, DecisionWriter& writer);

  // To be asked before each Apply; where there is none, whoever is next waits for an `ended`.
  bool HasRoom() const { return under_way_ < kUnderWayMax; }

  // Decides on `topup`, which is not busy, and commits, however often the store has to be asked;
  // it is busy meanwhile. `ended` runs in a task of its own, when its room is free again.
  void Apply(const core::Topup& topup, DecisionWriter::Decide decide, std::function<void()> ended);

 private:
  const EngineParts parts_;
  DecisionWriter& writer_;
  int under_way_ = 0;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_BULK_CHANGES_H_
