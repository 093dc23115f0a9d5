// The newest events in memory, in sequence order: what a watcher who keeps up is served from.
#ifndef TOPUP_SERVER_WATCH_EVENT_RING_H_
#define TOPUP_SERVER_WATCH_EVENT_RING_H_

#include <cstdint>
#include <deque>
#include <memory>

#include "server/watch/topup_feed.h"

namespace topup::watch {

// True where a watcher with `filter` is to see a top-up in this state.
bool Matches(const FeedFilter& filter, const core::Topup& topup);

// Not thread-safe.
class EventRing {
 public:
  // Holds nothing yet; everything after `floor` will be appended.
  EventRing(int capacity, int64_t floor) : capacity_(capacity), floor_(floor) {}

  // Every event after this sequence, up to the last one appended, is held.
  int64_t floor() const { return floor_; }

  // `event` has the highest sequence so far. Drops the oldest one beyond the capacity.
  void Append(std::shared_ptr<const core::Event> event);

  // Forgets all events, up to `through` at least.
  void Clear(int64_t through);

  // At most `limit` events after `after`, which is not below floor(). `through_sequence` is
  // `latest` where there were no more.
  FeedBatch Read(const FeedFilter& filter, int64_t after, int64_t latest, int limit) const;

 private:
  const int capacity_;
  int64_t floor_;
  std::deque<std::shared_ptr<const core::Event>> events_;
};

}  // namespace topup::watch

#endif  // TOPUP_SERVER_WATCH_EVENT_RING_H_
