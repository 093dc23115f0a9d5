// Asks the provider about top-ups until they are settled: by ref where a POST is in doubt, in
// batches where they were accepted, and once in a while where a refusal could be contradicted;
// and looks for top-ups that nobody here knows.
#ifndef TOPUP_SERVER_ENGINE_RECONCILER_H_
#define TOPUP_SERVER_ENGINE_RECONCILER_H_

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"
#include "server/engine/key_prover.h"
#include "server/engine/observations.h"
#include "server/engine/orphan_sweep.h"
#include "server/engine/provider_account.h"
#include "server/engine/shown_topups.h"
#include "server/engine/status_reader.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class Reconciler {
 public:
  Reconciler(const EngineParts& parts, const EngineOptions& options, ProviderAccount& account,
             DecisionWriter& writer, std::function<void()> wake);

  // As in Dispatcher.
  void Collect(absl::Time now, absl::Duration elapsed, upstream::BudgetDemand& demand);
  absl::Duration Run(absl::Duration elapsed, const upstream::BudgetDemand& demand);

  // A caller looks at this open top-up: its next status read need not wait for its turn.
  void Hurry(const core::Topup& topup) { statuses_.Hurry(topup); }

  // At start, once: names top-ups that the provider has, to prove the key with, and looks for
  // those that the store does not have.
  void Begin();

  void Stop() { stopped_ = true; }

 private:
  bool Held() const { return stopped_ || account_.reads_paused() || !account_.key_known(); }
  bool HasFreeRead() const;
  void ReadByRef(const core::Topup& topup);

  const EngineParts parts_;
  ProviderAccount& account_;
  DecisionWriter& writer_;
  Observations observations_;
  KeyProver prover_;
  ShownTopups shown_topups_;
  StatusReader statuses_;
  OrphanSweep sweep_;
  bool stopped_ = false;
  int in_flight_ = 0;
  bool prove_ = false;
  bool sweep_due_ = false;
  std::vector<core::Topup> doubts_;
  std::vector<core::Topup> settled_;
  base::Counter* reads_by_ref_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_RECONCILER_H_
