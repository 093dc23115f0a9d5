#include "server/watch/event_ring.h"

#include <algorithm>
#include <utility>

namespace topup::watch {

bool Matches(const FeedFilter& filter, const core::Topup& topup) {
  if (topup.caller != filter.caller) return false;
  if (!filter.topup_id.empty() && topup.id != filter.topup_id) return false;
  return filter.statuses.empty() || std::find(filter.statuses.begin(), filter.statuses.end(),
                                              topup.status) != filter.statuses.end();
}

void EventRing::Append(std::shared_ptr<const core::Event> event) {
  events_.push_back(std::move(event));
  if (static_cast<int>(events_.size()) > capacity_) {
    floor_ = events_.front()->sequence;
    events_.pop_front();
  }
}

void EventRing::Clear(int64_t through) {
  events_.clear();
  floor_ = std::max(floor_, through);
}

FeedBatch EventRing::Read(const FeedFilter& filter, int64_t after, int64_t latest,
                          int limit) const {
  FeedBatch batch;
  batch.through_sequence = std::max(after, latest);
  auto event = std::upper_bound(
      events_.begin(), events_.end(), after,
      [](int64_t sequence, const auto& candidate) { return sequence < candidate->sequence; });
  for (; event != events_.end(); ++event) {
    if (!Matches(filter, (*event)->topup)) continue;
    batch.events.push_back(*event);
    if (static_cast<int>(batch.events.size()) == limit) {
      batch.through_sequence = (*event)->sequence;
      break;
    }
  }
  return batch;
}

}  // namespace topup::watch
