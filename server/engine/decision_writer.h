// The one place where a decision becomes a committed row.
//
// Whatever core/protocol.h decides about a recorded top-up goes to the store through here:
// row, attempt, check and incidents in one commit. Afterwards the waiters are told, the
// change is counted and logged, and a delivery is added to what its caller has bought. While a
// top-up's decision is on its way, or a request about it is out, it is busy and nobody else starts
// anything with it.
#ifndef TOPUP_SERVER_ENGINE_DECISION_WRITER_H_
#define TOPUP_SERVER_ENGINE_DECISION_WRITER_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/core/protocol.h"
#include "server/engine/delivered_volumes.h"
#include "server/engine/due_reader.h"
#include "server/engine/engine_options.h"
#include "server/engine/topup_waiters.h"

namespace topup::engine {

// Runs on the engine's loop only.
class DecisionWriter {
 public:
  // What is to happen with the row as it is now stored.
  using Decide = std::function<core::Decision(const core::Topup&)>;
  // The row after the commit; or as it was, where nothing was to be changed.
  using Written = std::function<void(absl::StatusOr<core::Topup>)>;

  DecisionWriter(const EngineParts& parts, TopupWaiters& waiters, DeliveredVolumes& volumes);

  // Decides on `topup` and commits. Where the row has changed meanwhile it is read and
  // decided again. With `must_succeed` a write that the store refuses for the moment (no room
  // on the disk) is repeated every second: an answer about money is never dropped.
  void Apply(core::Topup topup, Decide decide, bool must_succeed, Written written);

  // What every decision is made in: both clocks, and how the one that can be set has gone. The
  // engine looks at least once in each of its rounds, so that a step is placed exactly.
  core::Situation Look();

  bool IsBusy(const std::string& topup_id) const { return busy_.contains(topup_id); }
  void SetBusy(const std::string& topup_id) { busy_.insert(topup_id); }
  void ClearBusy(const std::string& topup_id) { busy_.erase(topup_id); }
  int busy_count() const { return static_cast<int>(busy_.size()); }

  // Rows due for `action` by `now` that are not busy, oldest first; about `limit` of them. None
  // where the store cannot be read: they are still due the next time, and `due` has told of it.
  std::vector<core::Topup> ReadDueIdle(core::NextAction action, absl::Time now, int limit);

  // All reads of what is due go through it.
  DueReader& due() { return due_; }

  // Records an incident that belongs to no top-up of ours, and tells of it where it is new.
  // Repeated every second until the store takes it.
  void AddIncident(const core::IncidentDraft& draft);

 private:
  struct Write;

  void Commit(std::shared_ptr<Write> write);
  void Committed(const std::shared_ptr<Write>& write, const core::Decision& decision,
                 const absl::Status& status);
  void Redo(const std::shared_ptr<Write>& write);
  void Tell(const core::Topup& before, const core::Decision& decision);
  // Counts and logs those of `incidents` whose ids are in `new_ids`.
  void TellNew(const std::vector<core::Incident>& incidents,
               const std::vector<std::string>& new_ids);
  void KeepIncident(const core::Incident& incident);
  core::Incident MakeIncident(const std::string& topup_id, const core::IncidentDraft& draft);

  const EngineParts parts_;
  TopupWaiters& waiters_;
  DeliveredVolumes& volumes_;
  DueReader due_;
  core::ClockRecord clock_record_;
  absl::flat_hash_set<std::string> busy_;
  std::map<core::TopupStatus, base::Counter*> status_counters_;
  base::Counter* incidents_;
  base::Counter* write_failures_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_DECISION_WRITER_H_
