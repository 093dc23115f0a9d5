// The reading half of the memory store.
#include <algorithm>

#include "server/base/status_macros.h"
#include "server/store/storage_errors.h"
#include "tests/fakes/memory_topup_store.h"

namespace topup::fakes {
namespace {

bool Includes(const std::vector<core::TopupStatus>& statuses, core::TopupStatus status) {
  return statuses.empty() || std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

bool Newer(const core::Topup& a, const core::Topup& b) {
  return std::tie(a.create_time, a.id) > std::tie(b.create_time, b.id);
}

}  // namespace

absl::StatusOr<core::Topup> MemoryTopupStore::Read(const std::string& topup_id) const {
  auto found = topups_.find(topup_id);
  if (found == topups_.end()) return store::TopupNotFoundError();
  if (damaged_.count(topup_id) != 0) return store::StoredDataError("top-up " + topup_id);
  return found->second;
}

absl::StatusOr<core::Topup> MemoryTopupStore::FindById(absl::string_view topup_id) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  return Read(std::string(topup_id));
}

absl::StatusOr<core::Topup> MemoryTopupStore::FindByRef(absl::string_view caller,
                                                        absl::string_view ref) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  auto found = id_by_ref_.find({std::string(caller), std::string(ref)});
  if (found == id_by_ref_.end()) return store::TopupNotFoundError();
  return Read(found->second);
}

absl::StatusOr<core::Topup> MemoryTopupStore::FindByProviderRef(absl::string_view provider_ref) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  auto found = id_by_provider_ref_.find(std::string(provider_ref));
  if (found == id_by_provider_ref_.end()) return store::TopupNotFoundError();
  return Read(found->second);
}

absl::StatusOr<store::ListResult> MemoryTopupStore::List(const store::ListFilter& filter) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::vector<const core::Topup*> matching;
  const core::Topup* after = nullptr;
  if (!filter.after_id.empty()) {
    auto found = topups_.find(filter.after_id);
    if (found == topups_.end()) return store::TopupNotFoundError();
    after = &found->second;
  }
  for (const auto& [id, topup] : topups_) {
    if (topup.caller != filter.caller || !Includes(filter.statuses, topup.status)) continue;
    if (filter.phone.has_value() && topup.phone != *filter.phone) continue;
    if (filter.start_time.has_value() && topup.create_time < *filter.start_time) continue;
    if (filter.end_time.has_value() && topup.create_time >= *filter.end_time) continue;
    if (after != nullptr && !Newer(*after, topup)) continue;
    matching.push_back(&topup);
  }
  std::sort(matching.begin(), matching.end(),
            [](const core::Topup* a, const core::Topup* b) { return Newer(*a, *b); });
  store::ListResult result;
  result.sequence = Latest();
  for (const core::Topup* topup : matching) {
    if (static_cast<int>(result.topups.size()) == filter.limit) {
      result.more = true;
      break;
    }
    result.topups.push_back(*topup);
  }
  return result;
}

absl::StatusOr<std::optional<core::Topup>> MemoryTopupStore::FindDuplicate(
    const core::Topup& topup, const store::DuplicateGuard& guard) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::optional<core::Topup> result;
  if (const core::Topup* first = Duplicate(topup, guard)) result = *first;
  return result;
}

absl::StatusOr<std::optional<core::Topup>> MemoryTopupStore::FindMenu(
    const core::PhoneNumber& phone, absl::string_view plan_code, absl::Time since) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::optional<core::Topup> newest;
  for (const auto& [id, topup] : topups_) {
    if (topup.purpose != core::Purpose::kMenu || topup.phone != phone ||
        topup.plan_code != plan_code || topup.create_time < since) {
      continue;
    }
    if (!newest.has_value() || Newer(topup, *newest)) newest = topup;
  }
  return newest;
}

absl::StatusOr<store::DueTopups> MemoryTopupStore::ReadDue(core::NextAction action, absl::Time now,
                                                           int limit) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  store::DueTopups due;
  for (auto it = due_.lower_bound({action, absl::InfinitePast(), ""}); it != due_.end(); ++it) {
    const auto& [its_action, time, id] = *it;
    if (its_action != action || time > now || static_cast<int>(due.topups.size()) == limit) break;
    if (damaged_.count(id) == 0) {
      due.topups.push_back(topups_.at(id));
    } else if (due.unreadable_ids.size() == store::kUnreadableMax) {
      return store::StoredDataError("more due top-ups than can be left out");
    } else {
      due.unreadable_ids.push_back(id);
    }
  }
  return due;
}

absl::StatusOr<absl::Time> MemoryTopupStore::NextDueTime(core::NextAction action) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  auto first = due_.lower_bound({action, absl::InfinitePast(), ""});
  if (first == due_.end() || std::get<0>(*first) != action) return absl::InfiniteFuture();
  return std::get<1>(*first);
}

absl::StatusOr<int64_t> MemoryTopupStore::CountByStatus(core::TopupStatus status) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  return Count(status);
}

absl::StatusOr<std::vector<core::Attempt>> MemoryTopupStore::Attempts(absl::string_view topup_id) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::vector<core::Attempt> result;
  auto found = attempts_.find(std::string(topup_id));
  if (found == attempts_.end()) return result;
  for (const auto& [fence, attempt] : found->second) result.push_back(attempt);
  return result;
}

absl::StatusOr<std::vector<core::Check>> MemoryTopupStore::Checks(absl::string_view topup_id) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  auto found = checks_.find(std::string(topup_id));
  if (found == checks_.end()) return std::vector<core::Check>();
  return std::vector<core::Check>(found->second.begin(), found->second.end());
}

absl::StatusOr<std::optional<core::Resolution>> MemoryTopupStore::FindResolution(
    absl::string_view topup_id) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::optional<core::Resolution> resolution;
  auto found = resolutions_.find(std::string(topup_id));
  if (found != resolutions_.end()) resolution = found->second;
  return resolution;
}

absl::StatusOr<store::UnsettledPage> MemoryTopupStore::ListUnsettled(
    const store::UnsettledQuery& query) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::map<std::pair<absl::Time, std::string>, const core::Topup*> unsettled;
  for (const auto& [id, topup] : topups_) {
    if (core::WhyUnsettled(topup, query.since) == core::UnsettledReason::kNone) continue;
    unsettled.emplace(std::pair(topup.create_time, id), &topup);
  }
  store::UnsettledPage page;
  auto next = unsettled.begin();
  if (!query.after_id.empty()) {
    auto after = topups_.find(query.after_id);
    if (after == topups_.end()) return store::TopupNotFoundError();
    next = unsettled.upper_bound({after->second.create_time, query.after_id});
  }
  page.total = static_cast<int64_t>(unsettled.size());
  int64_t centimes = 0;
  for (const auto& [key, topup] : unsettled) centimes += topup->price.price.centimes();
  page.value_at_risk = core::Money::Centimes(centimes);
  for (; next != unsettled.end(); ++next) {
    if (static_cast<int>(page.topups.size()) == query.limit) {
      page.more = true;
      break;
    }
    if (damaged_.count(next->second->id) == 0) page.topups.push_back(*next->second);
  }
  return page;
}

absl::StatusOr<std::vector<core::Incident>> MemoryTopupStore::Incidents(bool include_closed,
                                                                        absl::string_view after_id,
                                                                        int limit) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::vector<core::Incident> result;
  for (auto it = incidents_.upper_bound(std::string(after_id)); it != incidents_.end(); ++it) {
    if (static_cast<int>(result.size()) == limit) break;
    if (include_closed || !it->second.close_time.has_value()) result.push_back(it->second);
  }
  return result;
}

absl::StatusOr<store::EventPage> MemoryTopupStore::ReadEvents(const store::EventQuery& query) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  store::EventPage page;
  for (const core::Event& event : events_) {
    if (event.sequence <= query.after_sequence || event.topup.caller != query.caller ||
        !Includes(query.statuses, event.topup.status)) {
      continue;
    }
    page.events.push_back(event);
    if (static_cast<int>(page.events.size()) == query.limit) {
      page.through_sequence = event.sequence;
      return page;
    }
  }
  page.through_sequence = std::max(query.after_sequence, Latest());
  return page;
}

absl::StatusOr<std::vector<core::Event>> MemoryTopupStore::ReadRevisions(absl::string_view topup_id,
                                                                         int64_t after_revision,
                                                                         int limit) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::vector<core::Event> result;
  for (const core::Event& event : events_) {
    if (static_cast<int>(result.size()) == limit) break;
    if (event.topup.id == topup_id && event.topup.revision > after_revision) {
      result.push_back(event);
    }
  }
  return result;
}

absl::StatusOr<int64_t> MemoryTopupStore::OldestResumableSequence() {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  return trimmed_through_;
}

absl::StatusOr<int64_t> MemoryTopupStore::LatestSequence() {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  return Latest();
}

absl::StatusOr<core::Catalogue> MemoryTopupStore::LoadCatalogue() {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  return catalogue_;
}

}  // namespace topup::fakes
