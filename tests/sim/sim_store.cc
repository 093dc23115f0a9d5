#include "tests/sim/sim_store.h"

#include <memory>
#include <optional>
#include <utility>

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
    : ForwardingStore(disk),
      disk_(disk),
      loop_(loop),
      dice_(dice),
      faults_(faults),
      committed_(std::move(committed)) {
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

void SimStore::Update(store::UpdateRequest request,
                      std::function<void(absl::StatusOr<store::UpdateResult>)> done) {
  Write<absl::StatusOr<store::UpdateResult>>(
      [this, request = std::move(request)](auto applied) { disk_.Update(request, applied); },
      std::move(done));
}

void SimStore::AddIncident(core::Incident incident,
                           std::function<void(absl::StatusOr<bool>)> done) {
  Write<absl::StatusOr<bool>>([this, incident = std::move(incident)](
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

absl::Status SimStore::BeforeRead() {
  if (dead_ || dice_.Chance(faults_.Rate(Fault::kStoreReads))) return UnknownOutcome();
  return absl::OkStatus();
}

}  // namespace topup::sim
