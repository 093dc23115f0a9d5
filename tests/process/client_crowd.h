// Callers who send, each in a thread of its own, and do what callers should: a send that was
// not answered is repeated under its ref until it is.
#ifndef TOPUP_TESTS_PROCESS_CLIENT_CROWD_H_
#define TOPUP_TESTS_PROCESS_CLIENT_CROWD_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "tests/process/commit_watch.h"
#include "tests/process/problems.h"
#include "tests/process/recent_topups.h"
#include "tests/process/service_side.h"
#include "tests/process/step_clock.h"
#include "tests/sim/history.h"

namespace topup::process {

struct CrowdOptions {
  int clients = 32;
  int sends_per_second = 200;  // of all together, at most
  uint64_t seed = 1;
  std::vector<CallerName> callers;
};

// Thread-safe but for Start and Join. What is given to the constructor is borrowed.
class ClientCrowd {
 public:
  ClientCrowd(CrowdOptions options, const StepClock& clock, ServiceSide& service,
              CommitWatch& watch, RecentTopups& recent, Problems& problems);
  // Joins.
  ~ClientCrowd();

  void Start();
  // Each finishes what it is about, then ends.
  void StopSending();
  void Join();

  // Sends that were answered OK, each ref once.
  int64_t answered() const { return answered_; }
  int64_t repeats() const { return repeats_; }

  // After Join: the calls, and the numbers and tokens that no log may hold.
  void WriteHistory(sim::History& history);

 private:
  class Client;

  const CrowdOptions options_;
  const StepClock& clock_;
  ServiceSide& service_;
  CommitWatch& watch_;
  RecentTopups& recent_;
  Problems& problems_;

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;  // by mutex_
  std::atomic<int64_t> next_number_{0};
  std::atomic<int64_t> answered_{0};
  std::atomic<int64_t> repeats_{0};
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::thread> threads_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_CLIENT_CROWD_H_
