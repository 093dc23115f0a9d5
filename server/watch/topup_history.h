// What was committed, read off the gRPC threads: the past of one top-up, and how far back the
// events of all of them go.
#ifndef TOPUP_SERVER_WATCH_TOPUP_HISTORY_H_
#define TOPUP_SERVER_WATCH_TOPUP_HISTORY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/worker_pool.h"
#include "server/core/topup.h"
#include "server/store/topup_store.h"

namespace topup::watch {

// Thread-safe. Outlives the work it has given to `reads`.
class TopupHistory {
 public:
  struct Range {
    int64_t oldest = 0;  // a reader that has seen this one, or any later one, can resume
    int64_t latest = 0;
  };

  TopupHistory(store::TopupStore& store, base::WorkExecutor& reads)
      : store_(store), reads_(reads) {}

  // Both call `done` once, on a thread of `reads`, or at once with OVERLOADED (metadata
  // limit=reads) where that is full. Errors: those of the store.
  void FindRange(std::function<void(absl::StatusOr<Range>)> done);

  // Revisions above `after_revision`, oldest first, as far as they are kept; kPageSize at
  // most. Whoever asks has made sure that the top-up is its caller's.
  void ReadRevisions(std::string topup_id, int64_t after_revision,
                     std::function<void(absl::StatusOr<std::vector<core::Event>>)> done);

  static constexpr int kPageSize = 64;

 private:
  store::TopupStore& store_;
  base::WorkExecutor& reads_;
};

}  // namespace topup::watch

#endif  // TOPUP_SERVER_WATCH_TOPUP_HISTORY_H_
