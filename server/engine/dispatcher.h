// Sends: claims top-ups that are due, makes one POST each, records what came back.
//
// The order is always claim, commit, POST, classify, commit. A POST is never cut short by a
// caller, and never made where the claim's commit is not known to be on disk.
//
// Sales go first: a menu request leaves after every sale that is due, on what the budget has for
// others, and menu requests take a quarter of the POSTs in flight at most (at least one).
#ifndef TOPUP_SERVER_ENGINE_DISPATCHER_H_
#define TOPUP_SERVER_ENGINE_DISPATCHER_H_

#include <functional>
#include <map>
#include <vector>

#include "absl/time/time.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"
#include "server/engine/provider_account.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class Dispatcher {
 public:
  // `wake` asks for another round of the engine soon.
  Dispatcher(const EngineParts& parts, const EngineOptions& options, ProviderAccount& account,
             DecisionWriter& writer, std::function<void()> wake);

  // Reads what is due, and names what would start now if the budget allowed it.
  void Collect(absl::Time now, absl::Duration elapsed, upstream::BudgetDemand& demand);

  // Starts what may start. Returns when to come back for what could not (on
  // Clock::Elapsed()); InfiniteDuration where only an event can change that.
  absl::Duration Run(absl::Duration elapsed, const upstream::BudgetDemand& demand);

  // No claims from now on; POSTs that are out are finished and their answers recorded.
  void StopClaiming() { claiming_ = false; }
  int in_flight() const { return in_flight_; }

 private:
  // First POSTs that are due, sales before menu requests.
  void ReadFirstPosts(absl::Time now, int slots);
  // Each starts what may start, and returns when to come back for what could not.
  absl::Duration RunResends(absl::Duration elapsed, const upstream::BudgetDemand& demand);
  absl::Duration RunFirstPosts(const std::vector<core::Topup>& posts, upstream::RequestKind kind,
                               absl::Duration elapsed, const upstream::BudgetDemand& demand);
  bool HasSlot(const core::Topup& topup) const;
  void Count(const core::Topup& topup, int change);
  void Claim(const core::Topup& topup, bool first);
  void Claimed(absl::StatusOr<core::Topup> claimed, const core::Topup& before, bool first,
               absl::Duration watchdog_end);
  void Answered(const core::Topup& topup, const core::SendAnswer& answer, bool first,
                int key_number);
  void NoteMeaning(const core::Topup& topup, const core::Exchange& exchange,
                   core::SendMeaning meaning, int key_number);
  void Report(const core::Topup& topup, const core::SendAnswer& answer, core::SendMeaning meaning);

  const EngineParts parts_;
  const EngineOptions& options_;
  ProviderAccount& account_;
  DecisionWriter& writer_;
  const std::function<void()> wake_;
  bool claiming_ = true;
  int in_flight_ = 0;
  int menus_in_flight_ = 0;  // of these
  // A claim was not written: none is tried before this.
  absl::Duration claims_from_ = -absl::InfiniteDuration();
  std::vector<core::Topup> resends_;
  std::vector<core::Topup> sales_;  // first POSTs of both kinds
  std::vector<core::Topup> menus_;
  std::map<core::SendMeaning, base::Counter*> answers_;
  base::DurationHistogram* post_seconds_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_DISPATCHER_H_
