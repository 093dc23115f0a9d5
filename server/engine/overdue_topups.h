// What time alone decides: QUEUED top-ups past their send_before expire, and claims whose
// answer nobody will bring are taken over.
#ifndef TOPUP_SERVER_ENGINE_OVERDUE_TOPUPS_H_
#define TOPUP_SERVER_ENGINE_OVERDUE_TOPUPS_H_

#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/engine/bulk_changes.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class OverdueTopups {
 public:
  OverdueTopups(const EngineParts& parts, DecisionWriter& writer, BulkChanges& changes,
                std::function<void()> wake);

  // At start: every claim is of an earlier process, so that it is in doubt and asked for at
  // once; and every QUEUED top-up is watched. An error where the store cannot be read.
  absl::Status TakeOverAll();

  // A top-up is QUEUED, or perhaps is.
  void Watch(const core::Topup& topup);

  // Expires and takes over what is due, as much of it as there is room for; wakes for the rest.
  void Run(absl::Time now);

  // When the next one expires; InfiniteFuture where nothing is watched.
  absl::Time NextExpiry() const;

 private:
  void TakeOver(const core::Topup& topup);
  // False where it has to be tried again.
  bool TryExpire(const std::string& topup_id);

  const EngineParts parts_;
  DecisionWriter& writer_;
  BulkChanges& changes_;
  const std::function<void()> wake_;
  std::set<std::pair<absl::Time, std::string>> watched_;  // by send_before
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_OVERDUE_TOPUPS_H_
