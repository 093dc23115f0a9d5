#include "tests/sim/forwarding_store.h"

#include "server/base/status_macros.h"

namespace topup::sim {

absl::StatusOr<core::Topup> ForwardingStore::FindById(absl::string_view topup_id) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindById(topup_id);
}

absl::StatusOr<core::Topup> ForwardingStore::FindByRef(absl::string_view caller,
                                                       absl::string_view ref) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindByRef(caller, ref);
}

absl::StatusOr<core::Topup> ForwardingStore::FindByProviderRef(absl::string_view provider_ref) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindByProviderRef(provider_ref);
}

absl::StatusOr<store::ListResult> ForwardingStore::List(const store::ListFilter& filter) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.List(filter);
}

absl::StatusOr<std::optional<core::Topup>> ForwardingStore::FindDuplicate(
    const core::Topup& topup, const store::DuplicateGuard& guard) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindDuplicate(topup, guard);
}

absl::StatusOr<std::optional<core::Topup>> ForwardingStore::FindMenu(const core::PhoneNumber& phone,
                                                                     absl::string_view plan_code,
                                                                     absl::Time since) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindMenu(phone, plan_code, since);
}

absl::StatusOr<store::DueTopups> ForwardingStore::ReadDue(core::NextAction action, absl::Time now,
                                                          int limit) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.ReadDue(action, now, limit);
}

absl::StatusOr<absl::Time> ForwardingStore::NextDueTime(core::NextAction action) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.NextDueTime(action);
}

absl::StatusOr<int64_t> ForwardingStore::CountByStatus(core::TopupStatus status) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.CountByStatus(status);
}

absl::StatusOr<std::vector<core::Attempt>> ForwardingStore::Attempts(absl::string_view topup_id) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.Attempts(topup_id);
}

absl::StatusOr<std::vector<core::Check>> ForwardingStore::Checks(absl::string_view topup_id) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.Checks(topup_id);
}

absl::StatusOr<std::optional<core::Resolution>> ForwardingStore::FindResolution(
    absl::string_view topup_id) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindResolution(topup_id);
}

absl::StatusOr<store::UnsettledPage> ForwardingStore::ListUnsettled(
    const store::UnsettledQuery& query) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.ListUnsettled(query);
}

absl::StatusOr<std::vector<core::Incident>> ForwardingStore::Incidents(bool include_closed,
                                                                       absl::string_view after_id,
                                                                       int limit) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.Incidents(include_closed, after_id, limit);
}

absl::StatusOr<store::EventPage> ForwardingStore::ReadEvents(const store::EventQuery& query) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.ReadEvents(query);
}

absl::StatusOr<std::vector<core::Event>> ForwardingStore::ReadRevisions(absl::string_view topup_id,
                                                                        int64_t after_revision,
                                                                        int limit) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.ReadRevisions(topup_id, after_revision, limit);
}

absl::StatusOr<int64_t> ForwardingStore::OldestResumableSequence() {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.OldestResumableSequence();
}

absl::StatusOr<int64_t> ForwardingStore::LatestSequence() {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.LatestSequence();
}

absl::StatusOr<core::Catalogue> ForwardingStore::LoadCatalogue() {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.LoadCatalogue();
}

absl::StatusOr<std::optional<store::PricingActivation>> ForwardingStore::LatestActivation() {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.LatestActivation();
}

absl::StatusOr<std::optional<store::PricingActivation>> ForwardingStore::FindActivation(
    int64_t number) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindActivation(number);
}

absl::StatusOr<std::optional<std::string>> ForwardingStore::FindPricingConfig(
    absl::string_view config_digest) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.FindPricingConfig(config_digest);
}

absl::StatusOr<store::PricedTopupPage> ForwardingStore::ReadPricedTopups(
    const store::PricedTopupQuery& query) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.ReadPricedTopups(query);
}

absl::StatusOr<std::vector<store::DeliveredVolume>> ForwardingStore::SumDelivered(
    absl::Time start_time, absl::Duration stretch) {
  RETURN_IF_ERROR(BeforeRead());
  return inner_.SumDelivered(start_time, stretch);
}

}  // namespace topup::sim
