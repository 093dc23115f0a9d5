// The store's contract in its simplest form: the reference that tests/conformance compares the
// real stores with, and the store of the engine's tests and of the simulator.
#ifndef TOPUP_TESTS_FAKES_MEMORY_TOPUP_STORE_H_
#define TOPUP_TESTS_FAKES_MEMORY_TOPUP_STORE_H_

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "server/base/task_loop.h"
#include "server/store/topup_store.h"

namespace topup::fakes {

// Deterministic: has no threads. Given a loop, each write is applied and answered in a task of
// its own on it, in order; without one, inside the call. Thread-safe nevertheless, so that
// tests may read from elsewhere.
class MemoryTopupStore : public store::TopupStore {
 public:
  explicit MemoryTopupStore(base::TaskLoop* loop = nullptr) : loop_(loop) {}

  // The next write that is applied answers `status`. Nothing is recorded, unless `recorded`:
  // then the write took place and its answer was lost (use it with kUnavailable). May be
  // called several times: each call is for one more write.
  void FailNextWrite(absl::Status status, bool recorded = false);

  // Every call from now on answers `reason`, and the listener is told, like after a failed
  // sync.
  void Die(absl::Status reason);

  // As if the bytes of this row had gone bad on the disk: it cannot be read any more.
  void Damage(const std::string& topup_id);

  // What it holds from now on is an older copy, compared with the provider's list up to `swept`.
  void BecomeOlderCopy(absl::Time swept);

  // Writes that were applied or failed.
  int64_t WriteCount() const;
  // All top-ups by id, for assertions over the whole.
  std::vector<core::Topup> AllTopups() const;

  void SetListener(store::StoreListener* listener) override;
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

  store::Standing standing() override;
  void NoteTakenOver(std::function<void(absl::Status)> done) override;
  void NoteSwept(absl::Time through) override;

  absl::StatusOr<core::Topup> FindById(absl::string_view topup_id) override;
  absl::StatusOr<core::Topup> FindByRef(absl::string_view caller, absl::string_view ref) override;
  absl::StatusOr<core::Topup> FindByProviderRef(absl::string_view provider_ref) override;
  absl::StatusOr<store::ListResult> List(const store::ListFilter& filter) override;
  absl::StatusOr<std::optional<core::Topup>> FindDuplicate(
      const core::Topup& topup, const store::DuplicateGuard& guard) override;
  absl::StatusOr<std::optional<core::Topup>> FindMenu(const core::PhoneNumber& phone,
                                                      absl::string_view plan_code,
                                                      absl::Time since) override;
  absl::StatusOr<store::DueTopups> ReadDue(core::NextAction action, absl::Time now,
                                           int limit) override;
  absl::StatusOr<absl::Time> NextDueTime(core::NextAction action) override;
  absl::StatusOr<int64_t> CountByStatus(core::TopupStatus status) override;
  absl::StatusOr<std::vector<core::Attempt>> Attempts(absl::string_view topup_id) override;
  absl::StatusOr<std::vector<core::Check>> Checks(absl::string_view topup_id) override;
  absl::StatusOr<std::optional<core::Resolution>> FindResolution(
      absl::string_view topup_id) override;
  absl::StatusOr<store::UnsettledPage> ListUnsettled(const store::UnsettledQuery& query) override;
  absl::StatusOr<std::vector<core::Incident>> Incidents(bool include_closed,
                                                        absl::string_view after_id,
                                                        int limit) override;
  absl::StatusOr<store::EventPage> ReadEvents(const store::EventQuery& query) override;
  absl::StatusOr<std::vector<core::Event>> ReadRevisions(absl::string_view topup_id,
                                                         int64_t after_revision,
                                                         int limit) override;
  absl::StatusOr<int64_t> OldestResumableSequence() override;
  absl::StatusOr<int64_t> LatestSequence() override;
  absl::StatusOr<core::Catalogue> LoadCatalogue() override;

  void AppendActivation(store::PricingActivation activation,
                        std::function<void(absl::Status)> done) override;
  absl::StatusOr<std::optional<store::PricingActivation>> LatestActivation() override;
  absl::StatusOr<std::optional<store::PricingActivation>> FindActivation(int64_t number) override;
  absl::StatusOr<std::optional<std::string>> FindPricingConfig(
      absl::string_view config_digest) override;
  absl::StatusOr<store::PricedTopupPage> ReadPricedTopups(
      const store::PricedTopupQuery& query) override;
  absl::StatusOr<std::vector<store::DeliveredVolume>> SumDelivered(absl::Time start_time,
                                                                   absl::Duration stretch) override;

 private:
  using Created = absl::StatusOr<store::CreateResult>;
  using Updated = absl::StatusOr<store::UpdateResult>;
  using Kept = absl::StatusOr<std::string>;

  // Runs `apply` under the lock, in its turn, tells the listener of `events`, then `done`.
  template <typename Result>
  void Write(std::function<Result(std::vector<core::Event>& events)> apply,
             std::function<void(Result)> done);

  Created ApplyCreate(const store::CreateRequest& request, std::vector<core::Event>& events);
  Updated ApplyUpdate(const store::UpdateRequest& request, std::vector<core::Event>& events);
  absl::StatusOr<core::Incident> ApplyClose(const store::IncidentClosing& closing);
  // False where it was known.
  bool KeepIncident(const core::Incident& incident);
  absl::Status ApplyActivation(const store::PricingActivation& activation);
  void AppendEvent(const core::Topup& topup, std::vector<core::Event>& events);
  const core::Topup* Duplicate(const core::Topup& topup, const store::DuplicateGuard& guard) const;
  absl::StatusOr<core::Topup> Read(const std::string& topup_id) const;
  int64_t Count(core::TopupStatus status) const;
  int64_t Latest() const;

  base::TaskLoop* const loop_;
  mutable std::mutex mu_;
  // All below: by mu_. Plain maps and scans: a reference has to be right, not fast.
  store::StoreListener* listener_ = nullptr;
  std::deque<std::pair<absl::Status, bool>> failures_;
  absl::Status dead_;
  int64_t write_count_ = 0;
  std::map<std::string, core::Topup> topups_;
  std::set<std::string> damaged_;
  std::map<std::pair<std::string, std::string>, std::string> id_by_ref_;
  std::map<std::string, std::string> id_by_provider_ref_;
  std::set<std::tuple<core::NextAction, absl::Time, std::string>> due_;
  std::map<std::string, std::map<int64_t, core::Attempt>> attempts_;
  std::map<std::string, std::deque<core::Check>> checks_;
  std::map<std::string, core::Incident> incidents_;
  std::map<std::string, core::Resolution> resolutions_;
  std::deque<core::Event> events_;
  int64_t trimmed_through_ = 0;
  std::map<std::string, std::string> settings_;
  core::Catalogue catalogue_;
  std::vector<store::PricingActivation> activations_;  // number 1 first
  store::Standing standing_;
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_MEMORY_TOPUP_STORE_H_
