// What all subscriptions of a feed share: the ring, who waits for what, and who is told next.
//
// A waiting subscription has seen everything up to the newest event, so a commit looks only at
// those that wait for its caller or its top-up, hands them the event itself, and leaves calling
// them to the reading executor. One mutex guards it all; nothing is called while it is held.
#ifndef TOPUP_SERVER_WATCH_FEED_HUB_H_
#define TOPUP_SERVER_WATCH_FEED_HUB_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/watch/event_ring.h"
#include "server/watch/topup_feed.h"

namespace topup::watch {

// Thread-safe.
class TopupFeed::Hub : public std::enable_shared_from_this<TopupFeed::Hub> {
 public:
  Hub(store::TopupStore& store, base::WorkExecutor& reads, FeedOptions options,
      base::Metrics& metrics, std::function<void(const absl::Status&)> on_fatal);

  absl::StatusOr<std::shared_ptr<Subscription>> Subscribe(FeedFilter filter,
                                                          int64_t after_sequence);
  int64_t latest() const { return latest_.load(std::memory_order_acquire); }
  void Stop();
  void OnCommitted(const std::vector<core::Event>& events);
  void OnFatal(const absl::Status& reason);

 private:
  class Place;
  using Done = std::function<void(absl::StatusOr<FeedBatch>)>;
  using Answer = std::pair<Done, absl::StatusOr<FeedBatch>>;

  // Those who wait for one caller's events, or for one top-up's.
  struct Topic {
    std::list<Place*> waiting;
    int subscriptions = 0;
  };
  using Topics = std::unordered_map<std::string, Topic>;

  // What a Next leads to: an answer now, a read of the store, or waiting.
  void Next(const std::shared_ptr<Place>& place, Done done);
  void Cancel(Place& place);
  int64_t ThroughSequence(const Place& place) const;
  void Remove(Place& place);

  // The next three: mutex_ is held.
  // Serves `place` from the ring, makes it wait, or marks it as reading. An answer is put
  // into `answers`; returns the id of the read of the store that is needed, or 0.
  uint64_t Serve(Place& place, std::vector<Answer>& answers);
  void HandToWaiting(Topics& topics, const std::string& key,
                     const std::shared_ptr<const core::Event>& event, std::vector<Place*>& woken);
  // Takes the place out of what it is in, and its answer with it.
  Done TakeDone(Place& place);

  void PostRead(const std::shared_ptr<Place>& place, uint64_t read_id);
  // On the reading executor.
  void RunRead(const std::shared_ptr<Place>& place, uint64_t read_id);
  absl::StatusOr<FeedBatch> ReadStore(const FeedFilter& filter, int64_t after) const;
  absl::StatusOr<FeedBatch> ReadTopup(const FeedFilter& filter, int64_t after) const;
  // On the reading executor: calls those who are ready, until nobody is.
  void Pump();

  store::TopupStore& store_;
  base::WorkExecutor& reads_;
  const FeedOptions options_;
  const std::function<void(const absl::Status&)> on_fatal_;
  base::Gauge* const watchers_;
  base::Gauge* const lagging_watchers_;
  std::atomic<bool> fatal_{false};
  // The newest sequence seen. Written under mutex_.
  std::atomic<int64_t> latest_{0};

  mutable std::mutex mutex_;  // guards everything below
  EventRing ring_;
  Topics by_caller_;
  Topics by_topup_;
  std::list<Place*> ready_;
  // All others, so that Stop finds those who are reading.
  std::list<Place*> elsewhere_;
  int pumps_ = 0;
  int subscriptions_ = 0;
  int reading_ = 0;
  bool stopped_ = false;
};

}  // namespace topup::watch

#endif  // TOPUP_SERVER_WATCH_FEED_HUB_H_
