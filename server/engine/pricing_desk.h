// What the owner asks about prices, answered on threads that may wait.
#ifndef TOPUP_SERVER_ENGINE_PRICING_DESK_H_
#define TOPUP_SERVER_ENGINE_PRICING_DESK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/log.h"
#include "server/base/worker_pool.h"
#include "server/engine/price_control.h"
#include "server/engine/pricing_activations.h"
#include "server/pricing/plugin_host.h"
#include "server/store/topup_store.h"

namespace topup::engine {

// Everything is borrowed and outlives the desk.
struct PricingDeskParts {
  base::Log& log;
  // One thread: loading, recording and swapping are never done by two at once.
  base::WorkExecutor& changes;
  // For what may take minutes; how many go on at once, and how many wait, is its own limit.
  base::WorkExecutor& simulations;
  store::TopupStore& store;
  pricing::PluginHost& host;
  PricingActivations& activations;  // asked and changed on `changes` only, once it has started
};

// Thread-safe. Both executors are stopped before it is destroyed.
class PricingDesk : public PriceControl {
 public:
  explicit PricingDesk(const PricingDeskParts& parts) : parts_(parts) {}

  void ListStrategies(Done<StrategyDirectory> done) override;
  void Activate(ActivateCommand command, Done<std::string> done) override;
  void Rollback(RollbackCommand command, Done<std::string> done) override;
  void Simulate(SimulateCommand command, Done<Simulation> done) override;
  void Explain(std::string topup_id, Done<Explanation> done) override;

  // Reads the configured file again, as soon as what was asked before is done.
  void Reload();

 private:
  template <typename T>
  void Post(base::WorkExecutor& executor, Done<T> done, std::function<absl::StatusOr<T>()> work);

  absl::StatusOr<StrategyDirectory> ReadStrategies() const;
  absl::StatusOr<Simulation> RunSimulation(const SimulateCommand& command) const;
  absl::StatusOr<Explanation> ExplainTopup(const std::string& topup_id) const;
  absl::StatusOr<core::PriceBreakdown> Replay(const core::Topup& topup) const;

  const PricingDeskParts parts_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PRICING_DESK_H_
