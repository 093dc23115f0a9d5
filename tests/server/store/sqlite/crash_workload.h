// Writes to a store burst by burst, and knows what has to be in it afterwards.
#ifndef TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_WORKLOAD_H_
#define TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/store/topup_store.h"

namespace topup::store::sqlite {

// A burst is asked for on the commit thread, so that it is one commit: which operations reach
// the disk follows from the seed alone. Used by one thread; outlives the stores it writes to.
class CrashWorkload {
 public:
  explicit CrashWorkload(uint64_t seed) : random_(seed) {}

  // Writes `bursts` bursts; ends early, with its error, where one is not acknowledged.
  absl::Status Run(TopupStore& store, int bursts);

  // Empty where the store holds exactly what was acknowledged, or exactly that and all of the
  // burst that failed, which counts as acknowledged from then on. Else what is wrong.
  std::string Check(TopupStore& store);
  // Empty where it holds exactly what was acknowledged: nothing of a burst that failed.
  std::string CheckNothingElse(TopupStore& store);

  // Writes that were acknowledged, of all stores.
  int64_t acknowledged() const { return acknowledged_; }

 private:
  struct Row {
    core::Topup topup;
    std::vector<core::Attempt> attempts;
    int checks = 0;
  };
  struct State {
    std::map<std::string, Row> rows;  // by id
    int64_t activations = 0;
  };

  void StartBurst(TopupStore& store);
  void Create(TopupStore& store);
  void Update(TopupStore& store, Row& row);
  void Activate(TopupStore& store);
  void Answer(TopupStore& store, const absl::Status& status);
  std::function<void(absl::Status)> Done(TopupStore& store);

  std::mt19937_64 random_;
  State known_;      // acknowledged
  State attempted_;  // with the burst that is or was under way
  int64_t acknowledged_ = 0;
  int created_ = 0;

  int bursts_left_ = 0;
  int unanswered_ = 0;  // writes of this burst
  int refused_ = 0;
  int burst_size_ = 0;
  absl::Status error_;
  std::function<void()> finished_;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_WORKLOAD_H_
