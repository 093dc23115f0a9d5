// Hundreds of watchers, of single top-ups and of all of a caller's: they leave at random points,
// lose their streams to kills, and come back from where they were.
#ifndef TOPUP_TESTS_PROCESS_WATCHER_CROWD_H_
#define TOPUP_TESTS_PROCESS_WATCHER_CROWD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/base/signer.h"
#include "tests/process/watcher.h"
#include "tests/sim/history.h"

namespace topup::process {

struct WatcherCrowdOptions {
  int watchers = 16;   // half of them of single top-ups
  int reconnects = 3;  // of each, before it may rest
  uint64_t seed = 1;
  std::vector<CallerName> callers;
};

// Start, Stop and WriteHistory belong to one thread; the rest is thread-safe. What is given to
// the constructor is borrowed.
class WatcherCrowd {
 public:
  // `token_key`: what the service signs resume tokens with, so that they can be read.
  WatcherCrowd(WatcherCrowdOptions options, const std::string& token_key, const StepClock& clock,
               ServiceSide& service, CommitWatch& watch, const RecentTopups& recent,
               Problems& problems);
  // Stops.
  ~WatcherCrowd();

  void Start();

  bool EveryoneHasReconnected() const;
  int64_t reconnects() const { return surroundings_.reconnects; }

  // From now on nobody begins to follow another top-up.
  void FinishFollowing() { surroundings_.finishing = true; }
  // Those who were not told yet of `sequence`, or of the end of the top-up that they follow.
  int CountWaiting(int64_t sequence) const;

  // Ends all streams, and returns when they have ended.
  void Stop();

  // After Stop. Events and rows have to be in `history`.
  void WriteHistory(sim::History& history) const;

 private:
  const WatcherCrowdOptions options_;
  const base::Signer signer_;
  WatcherSurroundings surroundings_;
  std::vector<std::shared_ptr<Watcher>> watchers_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_WATCHER_CROWD_H_
