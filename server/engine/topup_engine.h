// The engine at work: owns the rooms' loops and is what the edge calls.
//
// Everything that decides runs on one TaskLoop, one step at a time; a round of it ("pump")
// reads what is due, shares the request budget out, and starts what may start. Callers'
// threads only check, price and commit.
#ifndef TOPUP_SERVER_ENGINE_TOPUP_ENGINE_H_
#define TOPUP_SERVER_ENGINE_TOPUP_ENGINE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/account_monitor.h"
#include "server/engine/bulk_changes.h"
#include "server/engine/caller_desk.h"
#include "server/engine/case_desk.h"
#include "server/engine/decision_writer.h"
#include "server/engine/delivered_volumes.h"
#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "server/engine/engine_options.h"
#include "server/engine/intake.h"
#include "server/engine/offer_desk.h"
#include "server/engine/overdue_topups.h"
#include "server/engine/plan_catalogue.h"
#include "server/engine/provider_account.h"
#include "server/engine/quote_book.h"
#include "server/engine/reconciler.h"
#include "server/engine/ref_book.h"
#include "server/engine/restored_topups.h"
#include "server/engine/setback_watch.h"
#include "server/engine/topup_waiters.h"

namespace topup::engine {

// Thread-safe. Lives until its loop and pools have been stopped: Drain, stop the loop, the
// provider and the store, then destroy.
class TopupEngine : public Engine {
 public:
  TopupEngine(const EngineParts& parts, EngineOptions options);

  // Counts what callers have bought, from the store. To be called before anybody can call, so that
  // no delivery is counted twice; where it was not, Start does it.
  absl::Status CountDelivered();

  // Takes over what an earlier process left, looks at the key, reads the plans; then calls
  // back, once: an error where the key cannot send, or the store cannot be read.
  void Start(std::function<void(absl::Status)> started);

  // Claims nothing more; calls back when no POST is out any more, the answers are on disk, and
  // waiting calls have been answered with what they have.
  void Drain(std::function<void()> drained);

  // Runs `replace`, which gives the provider its new key, between two steps of the engine, so
  // that nothing meant for the old key leaves with the new one. Ends a pause. Nothing is sent
  // or asked for before the provider has said that the new key is of this store's environment.
  void KeyChanged(std::function<void()> replace = nullptr);

  void Send(SendCommand command, Done<SendResult> done) override;
  void Cancel(TopupKey key, Done<core::Topup> done) override;
  absl::StatusOr<Quote> QuoteTopup(const QuoteCommand& command) override;
  absl::StatusOr<PlanListing> ListPlans(const PlanQuery& query) override;
  void ListOffers(OffersCommand command, Done<std::vector<PricedOffer>> done) override;
  void Get(TopupKey key, Done<core::Topup> done) override;
  void List(store::ListFilter filter, Done<store::ListResult> done) override;
  std::vector<PricedOffer> PriceOffers(const core::Topup& topup) override;
  ProviderState GetProvider() override;
  void RefreshPlans(Done<RefreshResult> done) override;
  void ListUnsettled(CasePage page, Done<UnsettledListing> done) override;
  void Resolve(ResolveCommand command, Done<Resolved> done) override;
  void ListIncidents(CasePage page, bool include_closed, Done<IncidentListing> done) override;
  void CloseIncident(CloseCommand command, Done<core::Incident> done) override;

 private:
  void GoOnStarting(std::function<void(absl::Status)> started);
  // Asks for a round soon; any thread. Many asks make one round.
  void Wake();
  void Pump();
  void WakeAt(absl::Duration time);
  absl::Time NextDue();
  void Taken(const core::Topup& topup);

  const EngineParts parts_;
  const EngineOptions options_;
  PlanCatalogue catalogue_;
  ProviderAccount account_;
  QuoteBook quotes_;
  RefBook refs_;
  DeliveredVolumes volumes_;
  Intake intake_;
  TopupWaiters waiters_;
  DecisionWriter writer_;
  BulkChanges changes_;
  RestoredTopups restored_;
  OverdueTopups overdue_;
  SetbackWatch setbacks_;
  Dispatcher dispatcher_;
  Reconciler reconciler_;
  AccountMonitor monitor_;
  OfferDesk offers_;
  CallerDesk desk_;
  CaseDesk cases_;

  std::atomic<bool> wake_posted_{false};
  std::atomic<bool> counted_{false};
  // The rest belongs to the loop.
  bool running_ = false;
  base::TaskLoop::TimerId timer_ = 0;
  std::function<void()> drained_;
  base::Gauge* busy_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_TOPUP_ENGINE_H_
