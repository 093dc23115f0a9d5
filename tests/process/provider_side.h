// The provider's stand-in, inside of this program, so that it can look into the store at the
// very moment that a POST arrives, and date what it sees with the clock of the run.
#ifndef TOPUP_TESTS_PROCESS_PROVIDER_SIDE_H_
#define TOPUP_TESTS_PROCESS_PROVIDER_SIDE_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/sandbox/sandbox.h"
#include "tests/process/problems.h"
#include "tests/process/step_clock.h"
#include "tests/process/store_reader.h"
#include "tests/sim/dice.h"
#include "tests/sim/history.h"

namespace topup::process {

// Thread-safe but for Start. Everything is borrowed and outlives it.
class ProviderSide {
 public:
  static constexpr char kKey[] = "sandbox-key-of-the-storm";

  ProviderSide(const StepClock& clock, StoreReader& reader, Problems& problems, uint64_t seed);
  ~ProviderSide();

  // With answers that come late or are lost, requests that are lost, refusals (some of them
  // lies), reads that fail, and lives that end in other ways than FULFILLED.
  absl::Status Start();
  std::string url() const;

  // From now on it behaves, and what it has left in UNKNOWN_ERROR settles.
  void Heal();

  // Waits until `count` more POSTs have arrived, or `patience` is over.
  void AwaitPosts(int64_t count, absl::Duration patience);

  // POSTs, acceptances, reads and balance. The attempts have to be in `history`.
  void WriteHistory(sim::History& history) const;

 private:
  void OnSend(const sandbox::ArrivedSend& send);
  void OnDecided(const sandbox::DecidedRequest& request);
  void NoteDecision(const sandbox::DecidedRequest& request);
  void NoteReads(const sandbox::DecidedRequest& request);
  void ChooseEnd(const std::string& ref);
  void SettleUnknown(const std::string& ref);

  const StepClock& clock_;
  StoreReader& reader_;
  Problems& problems_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;

  mutable std::mutex mutex_;
  std::condition_variable post_arrived_;
  // By mutex_:
  sim::Dice dice_;
  std::vector<sim::LedgerPost> posts_;
  std::map<std::string, std::vector<size_t>> posts_of_ref_;
  std::map<std::string, int64_t> accepted_at_;  // steps, by ref
  std::vector<sim::LedgerRead> reads_;
  std::set<std::string> unknown_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_PROVIDER_SIDE_H_
