// A store that hands everything on to another one: what decorations of it start from.
#ifndef TOPUP_TESTS_SIM_FORWARDING_STORE_H_
#define TOPUP_TESTS_SIM_FORWARDING_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/store/topup_store.h"

namespace topup::sim {

// Borrows `inner`. As thread-safe as that.
class ForwardingStore : public store::TopupStore {
 public:
  explicit ForwardingStore(store::TopupStore& inner) : inner_(inner) {}

  void SetListener(store::StoreListener* listener) override { inner_.SetListener(listener); }
  void Create(store::CreateRequest request,
              std::function<void(absl::StatusOr<store::CreateResult>)> done) override {
    inner_.Create(std::move(request), std::move(done));
  }
  void Update(store::UpdateRequest request,
              std::function<void(absl::StatusOr<store::UpdateResult>)> done) override {
    inner_.Update(std::move(request), std::move(done));
  }
  void AddIncident(core::Incident incident,
                   std::function<void(absl::StatusOr<bool>)> done) override {
    inner_.AddIncident(std::move(incident), std::move(done));
  }
  void CloseIncident(store::IncidentClosing closing,
                     std::function<void(absl::StatusOr<core::Incident>)> done) override {
    inner_.CloseIncident(std::move(closing), std::move(done));
  }
  void SaveCatalogue(core::Catalogue catalogue, std::function<void(absl::Status)> done) override {
    inner_.SaveCatalogue(std::move(catalogue), std::move(done));
  }
  void TrimEvents(absl::Time before, std::function<void(absl::Status)> done) override {
    inner_.TrimEvents(before, std::move(done));
  }
  void KeepSetting(std::string name, std::string value,
                   std::function<void(absl::StatusOr<std::string>)> done) override {
    inner_.KeepSetting(std::move(name), std::move(value), std::move(done));
  }

  store::Standing standing() override { return inner_.standing(); }
  void NoteTakenOver(std::function<void(absl::Status)> done) override {
    inner_.NoteTakenOver(std::move(done));
  }
  void NoteSwept(absl::Time through) override { inner_.NoteSwept(through); }

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
                        std::function<void(absl::Status)> done) override {
    inner_.AppendActivation(std::move(activation), std::move(done));
  }
  absl::StatusOr<std::optional<store::PricingActivation>> LatestActivation() override;
  absl::StatusOr<std::optional<store::PricingActivation>> FindActivation(int64_t number) override;
  absl::StatusOr<std::optional<std::string>> FindPricingConfig(
      absl::string_view config_digest) override;
  absl::StatusOr<store::PricedTopupPage> ReadPricedTopups(
      const store::PricedTopupQuery& query) override;
  absl::StatusOr<std::vector<store::DeliveredVolume>> SumDelivered(absl::Time start_time,
                                                                   absl::Duration stretch) override;

 protected:
  // Asked before every read; an error is the read's answer.
  virtual absl::Status BeforeRead() { return absl::OkStatus(); }
  store::TopupStore& inner() { return inner_; }

 private:
  store::TopupStore& inner_;
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_FORWARDING_STORE_H_
