// One process's store: it queues writes, commits them in batches, answers them a moment later,
// and fails on demand. What is committed outlives it; what waits dies with it.
#ifndef TOPUP_TESTS_SIM_SIM_STORE_H_
#define TOPUP_TESTS_SIM_SIM_STORE_H_

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "server/base/task_loop.h"
#include "server/store/topup_store.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/sim/dice.h"
#include "tests/sim/forwarding_store.h"
#include "tests/sim/sim_options.h"

namespace topup::sim {

// Not thread-safe. `disk` has no loop of its own; everything is borrowed.
class SimStore : public ForwardingStore, private store::StoreListener {
 public:
  // `faults` may change at any time. `committed` hears of events at the moment of their commit.
  SimStore(fakes::MemoryTopupStore& disk, base::TaskLoop& loop, Dice& dice,
           const SimOptions& faults,
           std::function<void(const std::vector<core::Event>&)> committed);
  // What was committed stays.
  ~SimStore() override { disk_.SetListener(nullptr); }

  // From now on it answers everything with STORAGE_UNAVAILABLE, and has told its listener.
  void Die();
  bool dead() const { return dead_; }

  void SetListener(store::StoreListener* listener) override { listener_ = listener; }
  void Create(store::CreateRequest request,
              std::function<void(absl::StatusOr<store::CreateResult>)> done) override;
  void Update(store::UpdateRequest request,
              std::function<void(absl::StatusOr<store::UpdateResult>)> done) override;
  void AddIncident(core::Incident incident,
                   std::function<void(absl::StatusOr<bool>)> done) override;
  void CloseIncident(store::IncidentClosing closing,
                     std::function<void(absl::StatusOr<core::Incident>)> done) override;
  void SaveCatalogue(core::Catalogue catalogue, std::function<void(absl::Status)> done) override;
  void TrimEvents(absl::Time before, std::function<void(absl::Status)> done) override;
  void KeepSetting(std::string name, std::string value,
                   std::function<void(absl::StatusOr<std::string>)> done) override;

 private:
  // Queues one write: `apply` makes it on the disk and leaves its result in `Result`.
  template <typename Result>
  void Write(std::function<void(std::function<void(Result)>)> apply,
             std::function<void(Result)> done);
  void CommitBatch();
  absl::Status BeforeRead() override;
  void OnCommitted(const std::vector<core::Event>& events) override;
  void OnFatal(const absl::Status&) override {}

  fakes::MemoryTopupStore& disk_;
  base::TaskLoop& loop_;
  Dice& dice_;
  const SimOptions& faults_;
  const std::function<void(const std::vector<core::Event>&)> committed_;
  store::StoreListener* listener_ = nullptr;
  bool dead_ = false;
  bool commit_posted_ = false;
  std::deque<std::function<void()>> waiting_;   // each commits one write
  std::vector<std::function<void()>> answers_;  // of what the batch has committed
  std::vector<core::Event> batch_events_;
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_SIM_STORE_H_
