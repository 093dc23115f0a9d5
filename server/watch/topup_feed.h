// Tells watchers what was committed: replay from the store, then live. The front door of the
// watch room.
//
// A subscription is a cursor, not a queue: a watcher asks for what comes after the last
// sequence it has had, and is answered from a ring of the newest events in memory, or from the
// store where it has fallen behind that. A slow watcher therefore costs no memory and slows
// no commit; it simply reads later. Every event is committed before it is seen here.
#ifndef TOPUP_SERVER_WATCH_TOPUP_FEED_H_
#define TOPUP_SERVER_WATCH_TOPUP_FEED_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/metrics.h"
#include "server/base/worker_pool.h"
#include "server/store/topup_store.h"

namespace topup::watch {

struct FeedOptions {
  // Newest events kept in memory (about 1 KiB each). Watchers further behind read the store.
  int ring_size = 8192;
  // Events in one answer of Subscription::Next, so that one watcher's catch-up cannot keep a
  // thread for long.
  int batch_size = 64;
  // Open subscriptions; more are refused with OVERLOADED (metadata limit=watchers).
  int subscription_limit = 100000;
};

struct FeedFilter {
  std::string caller;
  std::vector<core::TopupStatus> statuses;  // empty: all
  std::string topup_id;                     // empty: all of the caller's
};

struct FeedBatch {
  std::vector<std::shared_ptr<const core::Event>> events;  // in sequence order; may be empty
  // Everything up to here has been given or filtered out: the place to resume from.
  int64_t through_sequence = 0;
};

// One watcher's place. Thread-safe; ends when the last reference goes.
class Subscription {
 public:
  virtual ~Subscription() = default;

  // Calls `done` once, as soon as there are events after the cursor. At most one Next at a
  // time. Asking again says that the last answer has been dealt with, and moves the cursor
  // past it. `done` may run inside this call or on a thread of the reading executor (on the
  // commit thread only where that executor is full); it must not block. Errors:
  // RESUME_TOKEN_TOO_OLD (kOutOfRange, metadata oldest_sequence); OVERLOADED (the reading
  // executor is full, metadata limit=reads); DRAINING (kUnavailable) once the feed stops.
  virtual void Next(std::function<void(absl::StatusOr<FeedBatch>)> done) = 0;

  // Forgets an outstanding Next without calling it, unless it is being called right now.
  virtual void Cancel() = 0;

  // Where the cursor is: all of this filter's events up to here have been given and dealt
  // with. Never ahead of an answer that is on its way, so a heartbeat may carry it.
  virtual int64_t through_sequence() const = 0;
};

// Thread-safe. Outlives its subscriptions' use; Stop before destroying it.
class TopupFeed : public store::StoreListener {
 public:
  // `on_fatal` is called once where the store has failed for good.
  TopupFeed(store::TopupStore& store, base::WorkExecutor& reads, FeedOptions options,
            base::Metrics& metrics, std::function<void(const absl::Status&)> on_fatal);
  ~TopupFeed() override;

  // From the event after `after_sequence` on. OVERLOADED at the limit; DRAINING when stopped.
  absl::StatusOr<std::shared_ptr<Subscription>> Subscribe(FeedFilter filter,
                                                          int64_t after_sequence);

  // The newest committed sequence.
  int64_t LatestSequence() const;

  // Ends every outstanding Next with DRAINING, and refuses new subscriptions.
  void Stop();

  void OnCommitted(const std::vector<core::Event>& events) override;
  void OnFatal(const absl::Status& reason) override;

 private:
  class Hub;
  std::shared_ptr<Hub> hub_;
};

}  // namespace topup::watch

#endif  // TOPUP_SERVER_WATCH_TOPUP_FEED_H_
