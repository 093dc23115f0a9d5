// Keeps what we know of the provider fresh: the key, the catalogue, the balance, its health.
//
// At start the key is validated first, since a key that cannot send must stop the start; then
// the plans are read, unless the provider wants no requests for now. Later everything has its own
// pace, inside the shared budget.
#ifndef TOPUP_SERVER_ENGINE_ACCOUNT_MONITOR_H_
#define TOPUP_SERVER_ENGINE_ACCOUNT_MONITOR_H_

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/engine/engine.h"
#include "server/engine/engine_options.h"
#include "server/engine/key_validator.h"
#include "server/engine/plan_catalogue.h"
#include "server/engine/provider_account.h"

namespace topup::engine {

// Runs on the engine's loop, but for what says otherwise. Borrows everything.
class AccountMonitor {
 public:
  AccountMonitor(const EngineParts& parts, const EngineOptions& options, PlanCatalogue& catalogue,
                 ProviderAccount& account, std::function<void()> wake);

  // Calls back once the key has been looked at and the plans have been asked for, or may not be
  // for longer than some seconds: an error where the provider says that this key cannot send. A
  // provider that cannot be reached, or wants no requests, is no error.
  void Start(std::function<void(absl::Status)> started);

  // As in Dispatcher.
  void Collect(absl::Duration elapsed, upstream::BudgetDemand& demand);
  absl::Duration Run(absl::Duration elapsed, const upstream::BudgetDemand& demand);

  // Reads the catalogue again as soon as the budget allows; calls that wait share one read.
  // CATALOGUE_UNAVAILABLE where the provider did not give it.
  void RefreshPlans(Engine::Done<RefreshResult> done);

  // The key was replaced: looks at it at once.
  void KeyChanged();

  void Stop();

  // Any thread.
  // False where the last try to read the plans failed.
  bool plans_read() const { return plans_read_; }
  std::map<std::string, bool> operator_up() const;
  absl::Time balance_time() const;

 private:
  enum Chore { kPlans, kValidate, kBalance, kPing, kTrim, kChores };

  void ReportPause();
  void Begin(Chore chore);
  void Finished(Chore chore, absl::Duration again);
  void ReadFirstPlans(std::function<void(absl::Status)> started);
  void PlansRead(const core::PlansAnswer& answer, int key_number);
  void AnswerRefreshes(const absl::StatusOr<RefreshResult>& result);
  void BalanceRead(const core::BalanceAnswer& answer, absl::Duration asked_at, int key_number);
  void Pinged(const core::PingAnswer& answer, int key_number);

  const EngineParts parts_;
  const EngineOptions& options_;
  PlanCatalogue& catalogue_;
  ProviderAccount& account_;
  KeyValidator validator_;
  const std::function<void()> wake_;
  bool started_ = false;
  bool stopped_ = false;
  int money_refusals_seen_ = 0;
  std::string reported_pause_;  // empty: none
  base::Gauge* paused_;
  std::vector<Engine::Done<RefreshResult>> refreshes_;
  absl::Duration due_[kChores] = {};
  bool running_[kChores] = {};

  std::atomic<bool> plans_read_{true};
  mutable absl::Mutex mutex_;  // a leaf: nothing is called under it
  std::map<std::string, bool> operator_up_ ABSL_GUARDED_BY(mutex_);
  absl::Time balance_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_ACCOUNT_MONITOR_H_
