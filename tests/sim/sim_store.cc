#include "tests/sim/sim_store.h"

#include <memory>
#include <optional>
#include <utility>

#include "server/base/status_macros.h"
#include "server/store/storage_errors.h"

namespace topup::sim {
namespace {

constexpr int kBatchMax = 8;

absl::Status UnknownOutcome() {
  return store::StorageUnavailableError("the simulated store lost track of a commit");
}

}  // namespace

SimStore::SimStore(fakes::MemoryTopupStore& disk, base::TaskLoop& loop, Dice& dice,
                   const SimOptions& faults,
                   std::function<void(const std::vector<core::Event>&)> committed)
    : disk_(disk), loop_(loop), dice_(dice), faults_(faults), committed_(std::move(committed)) {
  disk_.SetListener(this);
}

void SimStore::Die() {
  if (dead_) return;
  dead_ = true;
  if (listener_ != nullptr) listener_->OnFatal(UnknownOutcome());
}

void SimStore::OnCommitted(const std::vector<core::Event>& events) {
  committed_(events);
  batch_events_.insert(batch_events_.end(), events.begin(), events.end());
}

template <typename Result>
void SimStore::Write(std::function<void(std::function<void(Result)>)> apply,
                     std::function<void(Result)> done) {
  waiting_.push_back([this, apply = std::move(apply), done = std::move(done)] {
    const bool refused = dice_.Chance(faults_.Rate(Fault::kStoreRefused));
    const bool unknown = dice_.Chance(faults_.Rate(Fault::kStoreUnknown));
    const bool recorded = dice_.Chance(500);
    auto result = std::make_shared<std::optional<Result>>();
    if (dead_) {
      result->emplace(UnknownOutcome());
    } else if (refused) {
      result->emplace(store::StorageFullError());
    } else {
      if (!unknown || recorded)
        apply([result](Result given) { result->emplace(std::move(given)); });
      if (unknown) result->emplace(UnknownOutcome());
    }
    answers_.push_back([result, done] { done(**result); });
  });
  if (commit_posted_) return;
  commit_posted_ = true;
  loop_.PostAfter(dice_.Between(absl::ZeroDuration(), absl::Milliseconds(8)),
                  [this] { CommitBatch(); });
}

// One sync for whatever waits; the answers come in a step of their own, so that a crash can
// fall between the two.
void SimStore::CommitBatch() {
  commit_posted_ = false;
  for (int i = 0; i < kBatchMax && !waiting_.empty(); ++i) {
    const std::function<void()> commit = std::move(waiting_.front());
    waiting_.pop_front();
    commit();
  }
  if (!waiting_.empty()) {
    commit_posted_ = true;
    loop_.Post([this] { CommitBatch(); });
  }
  std::vector<core::Event> events;
  events.swap(batch_events_);
  std::vector<std::function<void()>> answers;
  answers.swap(answers_);
  loop_.Post([this, events = std::move(events), answers = std::move(answers)] {
    if (listener_ != nullptr && !events.empty()) listener_->OnCommitted(events);
    for (const auto& answer : answers) answer();
  });
}

void SimStore::Create(store::CreateRequest request,
                      std::function<void(absl::StatusOr<store::CreateResult>)> done) {
  Write<absl::StatusOr<store::CreateResult>>(
      [this, request = std::move(request)](auto applied) { disk_.Create(request, applied); },
      std::move(done));
}

void SimStore::Update(store::UpdateRequest request, std::function<void(absl::Status)> done) {
  Write<absl::Status>(
      [this, request = std::move(request)](auto applied) { disk_.Update(request, applied); },
      std::move(done));
}

void SimStore::AddIncident(core::Incident incident, std::function<void(absl::Status)> done) {
  Write<absl::Status>([this, incident = std::move(incident)](
                          auto applied) { disk_.AddIncident(incident, applied); },
                      std::move(done));
}

void SimStore::CloseIncident(store::IncidentClosing closing,
                             std::function<void(absl::StatusOr<core::Incident>)> done) {
  Write<absl::StatusOr<core::Incident>>(
      [this, closing = std::move(closing)](auto applied) { disk_.CloseIncident(closing, applied); },
      std::move(done));
}

void SimStore::SaveCatalogue(core::Catalogue catalogue, std::function<void(absl::Status)> done) {
  Write<absl::Status>([this, catalogue = std::move(catalogue)](
                          auto applied) { disk_.SaveCatalogue(catalogue, applied); },
                      std::move(done));
}

void SimStore::TrimEvents(absl::Time before, std::function<void(absl::Status)> done) {
  Write<absl::Status>([this, before](auto applied) { disk_.TrimEvents(before, applied); },
                      std::move(done));
}

void SimStore::KeepSetting(std::string name, std::string value,
                           std::function<void(absl::StatusOr<std::string>)> done) {
  Write<absl::StatusOr<std::string>>([this, name = std::move(name), value = std::move(value)](
                                         auto applied) { disk_.KeepSetting(name, value, applied); },
                                     std::move(done));
}

absl::Status SimStore::ReadFault() {
  if (dead_ || dice_.Chance(faults_.Rate(Fault::kStoreReads))) return UnknownOutcome();
  return absl::OkStatus();
}

absl::StatusOr<core::Topup> SimStore::FindById(absl::string_view topup_id) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.FindById(topup_id);
}

absl::StatusOr<core::Topup> SimStore::FindByRef(absl::string_view caller, absl::string_view ref) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.FindByRef(caller, ref);
}

absl::StatusOr<core::Topup> SimStore::FindByProviderRef(absl::string_view provider_ref) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.FindByProviderRef(provider_ref);
}

absl::StatusOr<store::ListResult> SimStore::List(const store::ListFilter& filter) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.List(filter);
}

absl::StatusOr<std::optional<core::Topup>> SimStore::FindDuplicate(
    const core::Topup& topup, const store::DuplicateGuard& guard) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.FindDuplicate(topup, guard);
}

absl::StatusOr<std::optional<core::Topup>> SimStore::FindMenu(const core::PhoneNumber& phone,
                                                              absl::string_view plan_code,
                                                              absl::Time since) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.FindMenu(phone, plan_code, since);
}

absl::StatusOr<std::vector<core::Topup>> SimStore::ReadDue(core::NextAction action, absl::Time now,
                                                           int limit) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.ReadDue(action, now, limit);
}

absl::StatusOr<absl::Time> SimStore::NextDueTime(core::NextAction action) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.NextDueTime(action);
}

absl::StatusOr<int64_t> SimStore::CountByStatus(core::TopupStatus status) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.CountByStatus(status);
}

absl::StatusOr<std::vector<core::Attempt>> SimStore::Attempts(absl::string_view topup_id) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.Attempts(topup_id);
}

absl::StatusOr<std::vector<core::Check>> SimStore::Checks(absl::string_view topup_id) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.Checks(topup_id);
}

absl::StatusOr<std::optional<core::Resolution>> SimStore::FindResolution(
    absl::string_view topup_id) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.FindResolution(topup_id);
}

absl::StatusOr<store::UnsettledPage> SimStore::ListUnsettled(const store::UnsettledQuery& query) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.ListUnsettled(query);
}

absl::StatusOr<std::vector<core::Incident>> SimStore::Incidents(bool include_closed,
                                                                absl::string_view after_id,
                                                                int limit) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.Incidents(include_closed, after_id, limit);
}

absl::StatusOr<store::EventPage> SimStore::ReadEvents(const store::EventQuery& query) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.ReadEvents(query);
}

absl::StatusOr<std::vector<core::Event>> SimStore::ReadRevisions(absl::string_view topup_id,
                                                                 int64_t after_revision,
                                                                 int limit) {
  RETURN_IF_ERROR(ReadFault());
  return disk_.ReadRevisions(topup_id, after_revision, limit);
}

absl::StatusOr<int64_t> SimStore::OldestResumableSequence() {
  RETURN_IF_ERROR(ReadFault());
  return disk_.OldestResumableSequence();
}

absl::StatusOr<int64_t> SimStore::LatestSequence() {
  RETURN_IF_ERROR(ReadFault());
  return disk_.LatestSequence();
}

absl::StatusOr<core::Catalogue> SimStore::LoadCatalogue() {
  RETURN_IF_ERROR(ReadFault());
  return disk_.LoadCatalogue();
}

}  // namespace topup::sim
