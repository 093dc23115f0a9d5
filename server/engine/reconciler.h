// Asks the provider about top-ups until they are settled: by ref where a POST is in doubt, in
// batches where they were accepted, and once in a while where a refusal could be contradicted.
#ifndef TOPUP_SERVER_ENGINE_RECONCILER_H_
#define TOPUP_SERVER_ENGINE_RECONCILER_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"
#include "server/engine/provider_account.h"

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
  void Hurry(const core::Topup& topup);

  void Stop() { stopped_ = true; }

 private:
  void StartProof(absl::Duration elapsed);
  void ProofRead(bool proven);
  void ReadDoubt(const core::Topup& topup);
  void ReadSingle(const core::Topup& topup);
  void ReadSettled(const core::Topup& topup);
  void StartBatch(absl::Duration elapsed);
  void ReadPage(int page);
  void PageRead(int page, const core::ListAnswer& answer);
  void ShowInBatch(const core::ProviderTopup& shown, const core::Exchange& exchange);
  void ShowOther(const core::ProviderTopup& shown, const std::string& provider_ref,
                 const core::Exchange& exchange);
  void EndBatch(const core::Exchange& exchange, bool read);
  void ApplyStatus(const core::Topup& topup, const core::ReadAnswer& answer);
  void ApplyDoubt(const core::Topup& topup, const core::ReadAnswer& answer);
  // What every answer says beside its content: reachability, pause, throttling.
  core::ReadMeaning Note(const core::Exchange& exchange);
  core::Situation Situation() const;
  void Release(const std::string& topup_id);
  // Our provider ref inside the form that the provider shows; empty where it is not ours.
  std::string OwnRef(const std::string& shown_ref) const;

  const EngineParts parts_;
  const EngineOptions& options_;
  ProviderAccount& account_;
  DecisionWriter& writer_;
  const std::function<void()> wake_;
  bool stopped_ = false;
  int reads_in_flight_ = 0;

  std::vector<core::Topup> doubts_;
  std::vector<core::Topup> settled_;
  bool status_due_ = false;

  bool proof_in_flight_ = false;
  int proof_parts_ = 0;  // answers that the running proof still waits for
  bool proof_good_ = false;
  // Until then doubt is read without a fresh proof, because one was just tried in vain.
  absl::Duration proof_pause_end_ = -absl::InfiniteDuration();
  // A top-up that the provider has shown: reading it again proves the key.
  std::string known_provider_id_;

  bool batch_in_flight_ = false;
  absl::Duration next_batch_ = -absl::InfiniteDuration();
  std::map<std::string, core::Topup> batch_;  // by provider ref: what it has not shown yet
  absl::Time batch_from_;
  std::deque<core::Topup> singles_;             // what a batch did not show
  std::map<std::string, core::Topup> hurried_;  // by id
  absl::flat_hash_set<std::string> reported_;   // contradictions already recorded

  base::Counter* unrecognised_words_;
  base::Counter* batches_;
  base::Counter* single_reads_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_RECONCILER_H_
