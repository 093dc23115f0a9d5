#include "tests/fakes/memory_topup_store.h"

#include <algorithm>

#include "server/store/storage_errors.h"

namespace topup::fakes {
namespace {

constexpr int kChecksKept = 50;

bool BlocksRepeat(core::TopupStatus status) {
  return status != core::TopupStatus::kRejected && status != core::TopupStatus::kRefunded &&
         status != core::TopupStatus::kCancelled;
}

bool Newer(const core::Topup& a, const core::Topup& b) {
  return std::tie(a.create_time, a.id) > std::tie(b.create_time, b.id);
}

// `changed` with all that never changes taken from `stored`.
core::Topup WithOrigin(core::Topup changed, const core::Topup& stored) {
  changed.ref = stored.ref;
  changed.caller = stored.caller;
  changed.purpose = stored.purpose;
  changed.phone = stored.phone;
  changed.op = stored.op;
  changed.plan_code = stored.plan_code;
  changed.plan_kind = stored.plan_kind;
  changed.amount_dzd = stored.amount_dzd;
  changed.price = stored.price;
  changed.labels = stored.labels;
  changed.create_time = stored.create_time;
  changed.send_before = stored.send_before;
  changed.provider_ref = stored.provider_ref;
  return changed;
}

// Open, and nothing would ever be done with it.
bool IsForgotten(const core::Topup& topup) {
  return topup.status < core::TopupStatus::kFulfilled &&
         topup.progress.next_action == core::NextAction::kNone;
}

std::tuple<core::NextAction, absl::Time, std::string> DueKey(const core::Topup& topup) {
  return {topup.progress.next_action, topup.progress.next_action_time, topup.id};
}

}  // namespace

template <typename Result>
void MemoryTopupStore::Write(std::function<Result(std::vector<core::Event>&)> apply,
                             std::function<void(Result)> done) {
  auto run = [this, apply = std::move(apply), done = std::move(done)] {
    std::vector<core::Event> events;
    store::StoreListener* listener = nullptr;
    Result result = [&]() -> Result {
      std::lock_guard<std::mutex> lock(mu_);
      ++write_count_;
      listener = listener_;
      if (!dead_.ok()) return dead_;
      if (failures_.empty()) return apply(events);
      auto [status, recorded] = std::move(failures_.front());
      failures_.pop_front();
      if (recorded) static_cast<void>(apply(events));
      return status;
    }();
    if (listener != nullptr && !events.empty()) listener->OnCommitted(events);
    done(std::move(result));
  };
  if (loop_ != nullptr) {
    loop_->Post(std::move(run));
  } else {
    run();
  }
}

void MemoryTopupStore::FailNextWrite(absl::Status status, bool recorded) {
  std::lock_guard<std::mutex> lock(mu_);
  failures_.emplace_back(std::move(status), recorded);
}

void MemoryTopupStore::Die(absl::Status reason) {
  store::StoreListener* listener = nullptr;
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (!dead_.ok()) return;
    dead_ = reason;
    listener = listener_;
  }
  if (listener != nullptr) listener->OnFatal(reason);
}

int64_t MemoryTopupStore::WriteCount() const {
  std::lock_guard<std::mutex> lock(mu_);
  return write_count_;
}

std::vector<core::Topup> MemoryTopupStore::AllTopups() const {
  std::lock_guard<std::mutex> lock(mu_);
  std::vector<core::Topup> all;
  for (const auto& [id, topup] : topups_) all.push_back(topup);
  return all;
}

void MemoryTopupStore::SetListener(store::StoreListener* listener) {
  std::lock_guard<std::mutex> lock(mu_);
  listener_ = listener;
}

void MemoryTopupStore::Create(store::CreateRequest request, std::function<void(Created)> done) {
  Write<Created>(
      [this, request = std::move(request)](auto& events) { return ApplyCreate(request, events); },
      std::move(done));
}

void MemoryTopupStore::Update(store::UpdateRequest request, std::function<void(Updated)> done) {
  Write<Updated>(
      [this, request = std::move(request)](auto& events) { return ApplyUpdate(request, events); },
      std::move(done));
}

void MemoryTopupStore::AddIncident(core::Incident incident,
                                   std::function<void(absl::StatusOr<bool>)> done) {
  Write<absl::StatusOr<bool>>(
      [this, incident = std::move(incident)](auto&) { return KeepIncident(incident); },
      std::move(done));
}

void MemoryTopupStore::CloseIncident(store::IncidentClosing closing,
                                     std::function<void(absl::StatusOr<core::Incident>)> done) {
  Write<absl::StatusOr<core::Incident>>(
      [this, closing = std::move(closing)](auto&) { return ApplyClose(closing); }, std::move(done));
}

void MemoryTopupStore::SaveCatalogue(core::Catalogue catalogue,
                                     std::function<void(absl::Status)> done) {
  Write<absl::Status>(
      [this, catalogue = std::move(catalogue)](auto&) {
        catalogue_ = catalogue;
        return absl::OkStatus();
      },
      std::move(done));
}

void MemoryTopupStore::AppendActivation(store::PricingActivation activation,
                                        std::function<void(absl::Status)> done) {
  Write<absl::Status>(
      [this, activation = std::move(activation)](auto&) { return ApplyActivation(activation); },
      std::move(done));
}

void MemoryTopupStore::TrimEvents(absl::Time before, std::function<void(absl::Status)> done) {
  Write<absl::Status>(
      [this, before](auto&) {
        // From the oldest on, and never past one that has to stay: no holes.
        while (!events_.empty() && events_.front().topup.update_time < before) {
          trimmed_through_ = events_.front().sequence;
          events_.pop_front();
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void MemoryTopupStore::KeepSetting(std::string name, std::string value,
                                   std::function<void(Kept)> done) {
  Write<Kept>([this, name = std::move(name), value = std::move(value)](
                  auto&) -> Kept { return settings_.emplace(name, value).first->second; },
              std::move(done));
}

void MemoryTopupStore::Damage(const std::string& topup_id) {
  std::lock_guard<std::mutex> lock(mu_);
  damaged_.insert(topup_id);
}

void MemoryTopupStore::BecomeOlderCopy(absl::Time swept) {
  std::lock_guard<std::mutex> lock(mu_);
  standing_ = {.older_copy = true, .why = "a test said so", .swept_through = swept};
}

store::Standing MemoryTopupStore::standing() {
  std::lock_guard<std::mutex> lock(mu_);
  return standing_;
}

void MemoryTopupStore::NoteTakenOver(std::function<void(absl::Status)> done) {
  {
    std::lock_guard<std::mutex> lock(mu_);
    standing_.older_copy = false;
  }
  if (loop_ != nullptr) {
    loop_->Post([done = std::move(done)] { done(absl::OkStatus()); });
  } else {
    done(absl::OkStatus());
  }
}

void MemoryTopupStore::NoteSwept(absl::Time through) {
  std::lock_guard<std::mutex> lock(mu_);
  standing_.swept_through = through;
}

MemoryTopupStore::Created MemoryTopupStore::ApplyCreate(const store::CreateRequest& request,
                                                        std::vector<core::Event>& events) {
  using Kind = store::CreateResult::Kind;
  const core::Topup& topup = request.topup;
  if (!topup.ref.empty()) {
    auto known = id_by_ref_.find({topup.caller, topup.ref});
    if (known != id_by_ref_.end()) {
      return store::CreateResult{Kind::kExists, topups_.at(known->second)};
    }
  }
  if (request.queue_limit > 0 && Count(core::TopupStatus::kQueued) >= request.queue_limit) {
    return store::CreateResult{Kind::kQueueFull, {}};
  }
  if (request.guard.has_value()) {
    if (const core::Topup* first = Duplicate(topup, *request.guard)) {
      return store::CreateResult{Kind::kDuplicate, *first};
    }
  }
  if (IsForgotten(topup)) return store::RefusedByConstraintError("next action");
  if (topups_.count(topup.id) != 0) return store::RefusedByConstraintError("topup id");
  if (id_by_provider_ref_.count(topup.provider_ref) != 0) {
    return store::RefusedByConstraintError("provider ref");
  }
  topups_.emplace(topup.id, topup);
  if (!topup.ref.empty()) id_by_ref_[{topup.caller, topup.ref}] = topup.id;
  id_by_provider_ref_[topup.provider_ref] = topup.id;
  due_.insert(DueKey(topup));
  AppendEvent(topup, events);
  return store::CreateResult{Kind::kCreated, topup};
}

MemoryTopupStore::Updated MemoryTopupStore::ApplyUpdate(const store::UpdateRequest& request,
                                                        std::vector<core::Event>& events) {
  auto found = topups_.find(request.topup.id);
  if (found == topups_.end()) return store::TopupNotFoundError();
  core::Topup& stored = found->second;
  if (stored.version != request.topup.version - 1) return store::VersionChangedError();
  if (IsForgotten(request.topup)) return store::RefusedByConstraintError("next action");
  if (request.resolution.has_value() &&
      !resolutions_.emplace(request.topup.id, *request.resolution).second) {
    return store::RefusedByConstraintError("resolution");
  }
  due_.erase(DueKey(stored));
  stored = WithOrigin(request.topup, stored);
  due_.insert(DueKey(stored));
  if (request.attempt.has_value()) {
    attempts_[request.attempt->topup_id].insert_or_assign(request.attempt->fence, *request.attempt);
  }
  if (request.check.has_value()) {
    std::deque<core::Check>& checks = checks_[request.check->topup_id];
    checks.push_back(*request.check);
    if (checks.size() > kChecksKept) checks.pop_front();
  }
  store::UpdateResult result;
  for (const core::Incident& incident : request.incidents) {
    if (KeepIncident(incident)) result.new_incident_ids.push_back(incident.id);
  }
  if (request.visible) AppendEvent(stored, events);
  return result;
}

bool MemoryTopupStore::KeepIncident(const core::Incident& incident) {
  for (const auto& [id, other] : incidents_) {
    if (other.topup_id != incident.topup_id || other.kind != incident.kind) continue;
    if (!incident.topup_id.empty() || other.detail == incident.detail) return false;
  }
  incidents_.emplace(incident.id, incident);
  return true;
}

absl::StatusOr<core::Incident> MemoryTopupStore::ApplyClose(const store::IncidentClosing& closing) {
  auto found = incidents_.find(closing.incident_id);
  if (found == incidents_.end()) return store::IncidentNotFoundError();
  core::Incident& incident = found->second;
  if (!incident.close_time.has_value()) {
    incident.close_time = closing.time;
    incident.closed_by = closing.closed_by;
    incident.close_reason = closing.reason;
  }
  return incident;
}

void MemoryTopupStore::AppendEvent(const core::Topup& topup, std::vector<core::Event>& events) {
  core::Event event{Latest() + 1, topup};
  event.topup.progress = core::Progress{};
  event.topup.version = 0;
  events_.push_back(event);
  events.push_back(std::move(event));
}

const core::Topup* MemoryTopupStore::Duplicate(const core::Topup& topup,
                                               const store::DuplicateGuard& guard) const {
  const core::Topup* newest = nullptr;
  for (const auto& [id, other] : topups_) {
    if (other.caller != topup.caller || other.phone != topup.phone ||
        other.plan_code != topup.plan_code || other.amount_dzd != topup.amount_dzd ||
        other.create_time < guard.since || !BlocksRepeat(other.status)) {
      continue;
    }
    if (newest == nullptr || Newer(other, *newest)) newest = &other;
  }
  return newest;
}

int64_t MemoryTopupStore::Count(core::TopupStatus status) const {
  return std::count_if(topups_.begin(), topups_.end(),
                       [status](const auto& entry) { return entry.second.status == status; });
}

int64_t MemoryTopupStore::Latest() const {
  return events_.empty() ? trimmed_through_ : events_.back().sequence;
}

}  // namespace topup::fakes
