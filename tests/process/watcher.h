// One watcher: what it was told so far, and where it goes on.
#ifndef TOPUP_TESTS_PROCESS_WATCHER_H_
#define TOPUP_TESTS_PROCESS_WATCHER_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/api/page_token.h"
#include "server/base/task_loop.h"
#include "tests/process/commit_watch.h"
#include "tests/process/problems.h"
#include "tests/process/recent_topups.h"
#include "tests/process/service_side.h"
#include "tests/process/step_clock.h"
#include "tests/sim/dice.h"
#include "tests/sim/history.h"

namespace topup::process {

// Equal messages to many watchers, kept once. Thread-safe.
class ToldTopups {
 public:
  std::shared_ptr<const core::Topup> Keep(core::Topup topup);

 private:
  std::mutex mutex_;
  // By id and revision; of two that are not equal, both.
  std::map<std::pair<std::string, int64_t>, std::vector<std::shared_ptr<const core::Topup>>> kept_;
};

// What all watchers share. Outlives them and their streams.
struct WatcherSurroundings {
  const StepClock& clock;
  ServiceSide& service;
  CommitWatch& watch;
  const RecentTopups& recent;
  Problems& problems;
  const api::ResumeTokens tokens;
  base::ThreadTaskLoop loop;  // where streams are started
  ToldTopups told;
  std::atomic<int64_t> reconnects{0};
  std::atomic<bool> finishing{false};  // nobody begins to follow another top-up
  std::atomic<bool> stopping{false};   // no stream is started any more
  std::mutex mutex;
  std::condition_variable stream_ended;
  int open_streams = 0;  // by mutex
};

// What a watcher was told over several streams as if it had been one: each goes on where the
// one before it was, so nothing may be missing or come twice at the seams.
struct WatchedPart {
  struct Told {
    int64_t step = 0;
    int64_t sequence = 0;  // 0: the message does not say
    std::shared_ptr<const core::Topup> topup;
  };
  std::string topup_id;  // empty: all of the caller's
  std::vector<core::TopupStatus> statuses;
  std::optional<int64_t> after_sequence;  // of all; nothing: no token came yet
  std::optional<int64_t> after_revision;  // of one; nothing: the present came first
  int64_t through_sequence = 0;           // of all
  bool ended = false;                     // of one: the stream said that there is no more
  bool open_at_end = false;
  std::vector<Told> told;
};

// Thread-safe. Has at most one stream at a time.
class Watcher : public std::enable_shared_from_this<Watcher> {
 public:
  struct Plan {
    CallerName caller;
    size_t place = 0;    // which of the connections it takes
    int reconnects = 0;  // until it has come back so often, it leaves now and then
    uint64_t seed = 0;
  };

  Watcher(WatcherSurroundings& surroundings, Plan plan);
  virtual ~Watcher() = default;

  // Starts a stream after `pause`, as soon as somebody serves.
  void OpenLater(absl::Duration pause);
  bool HasReconnected() const;
  // Cuts its stream for good.
  void Leave();

  // True where it was not told yet of `sequence`, or of the end of its top-up.
  virtual bool IsWaiting(int64_t sequence) const = 0;

  using Sequences = std::map<std::pair<std::string, int64_t>, int64_t>;  // by id and revision
  using Rows = std::map<std::string, const core::Topup*>;                // by id
  void WriteHistory(const Sequences& sequences, const Rows& rows, sim::History& history) const;

  // Of its stream: tells that it has ended.
  void Ended(const grpc::Status& status);

 protected:
  // With the mutex held. Makes a stream and returns what starts it, to be called without the
  // mutex; nothing where there is nothing to watch now.
  virtual std::function<void()> Open(const std::shared_ptr<Connections>& connections) = 0;
  // With the mutex held: a stream has ended with OK.
  virtual void OnEnd() = 0;

  // With the mutex held:
  std::shared_ptr<grpc::ClientContext> MakeContext();
  WatchedPart& part() { return parts_.back(); }
  void Tell(const v1::Topup& message, int64_t sequence);
  bool WantsToLeave();

  WatcherSurroundings& surroundings_;
  const Plan plan_;
  mutable std::mutex mutex_;
  // By mutex_:
  sim::Dice dice_;
  std::vector<WatchedPart> parts_;
  bool continues_ = false;  // the next stream goes on where another one was
  int stay_max_ = 20;       // messages, until it leaves

 private:
  void TryToOpen();

  // By mutex_:
  std::shared_ptr<grpc::ClientContext> context_;  // of the open stream
  int reconnects_ = 0;
  int messages_to_stay_ = 0;
};

// Of one top-up after the other, each to its end.
std::shared_ptr<Watcher> MakeSingleWatcher(WatcherSurroundings& surroundings, Watcher::Plan plan);
// Of all of a caller's; a fifth of them keep the settled ones only.
std::shared_ptr<Watcher> MakeFeedWatcher(WatcherSurroundings& surroundings, Watcher::Plan plan);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_WATCHER_H_
