// The one thread that writes: takes whatever is waiting, commits it together, then answers.
//
// Nothing is waited for to make a batch larger: while one batch is on its way to the disk the
// next one gathers by itself. The same thread writes the log back, after the answers.
#ifndef TOPUP_SERVER_STORE_SQLITE_COMMIT_QUEUE_H_
#define TOPUP_SERVER_STORE_SQLITE_COMMIT_QUEUE_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/mark_keeper.h"
#include "server/store/sqlite/sqlite_writer.h"
#include "server/store/store_options.h"
#include "server/store/topup_store.h"

namespace topup::store::sqlite {

// Thread-safe.
class CommitQueue {
 public:
  // One write that waits. Used on the commit thread only.
  class Write {
   public:
    virtual ~Write() = default;
    // Makes the change within the batch, and keeps the result. May run again, after what it
    // did was rolled back.
    virtual absl::Status Apply(SqliteWriter& writer) = 0;
    // True after a commit where there is more to do: then it goes to the end of the queue.
    virtual bool unfinished() const { return false; }
    // Answers: with the kept result where the batch was committed, else with `commit`.
    virtual void Finish(const absl::Status& commit) = 0;
  };

  // `mark` hears of every commit; it outlives the queue, or is null.
  CommitQueue(std::unique_ptr<SqliteWriter> writer, MarkKeeper* mark, const StoreOptions& options,
              const base::Clock& clock, base::Metrics& metrics);
  // Stops.
  ~CommitQueue();

  // Before the first Submit.
  void SetListener(StoreListener* listener) { listener_ = listener; }

  // Answered on the commit thread; after Stop, with STORAGE_UNAVAILABLE inside this call.
  void Submit(std::unique_ptr<Write> write);

  // Commits and answers what is waiting, writes the log back, ends the thread.
  void Stop();

  // The reason once a commit has failed for good; every later write is answered with it.
  absl::Status health() const;

  // Top-ups of a status that is not settled, as of the last commit.
  int64_t OpenCount(core::TopupStatus status) const;

 private:
  using Batch = std::vector<std::unique_ptr<Write>>;

  void Run();
  // Takes the next batch, or nothing where it is time for an idle checkpoint. False: the end.
  bool WaitForBatch(Batch& batch, Batch& refused);
  // Commits and answers; says how that went.
  absl::Status Process(Batch& batch);
  // `careful`: with a savepoint around each write, so that one that breaks a constraint spoils
  // only itself. Without: kInternal or kDataLoss where that is needed.
  absl::Status TryCommit(Batch& batch, bool careful);
  absl::Status ApplyAlone(Write& write);
  void Answer(Batch& batch, const absl::Status& commit);
  void Publish();
  void Checkpoint(bool idle, const absl::Status& commit);
  void Die(const absl::Status& reason);

  const StoreOptions options_;
  const base::Clock& clock_;
  MarkKeeper* const mark_;
  base::DurationHistogram* const commit_seconds_;
  base::Counter* const commits_;
  base::Counter* const writes_;
  base::Gauge* const waiting_;
  base::Gauge* const log_pages_;
  base::Gauge* const free_bytes_;

  std::unique_ptr<SqliteWriter> writer_;  // the commit thread's
  StoreListener* listener_ = nullptr;
  std::array<std::atomic<int64_t>, 10> open_counts_{};

  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Write>> queue_;  // by mu_, as all below
  Batch refused_;                             // over the limit: to be answered so
  bool stopping_ = false;
  absl::Status dead_;

  std::thread thread_;  // last: uses everything above
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_COMMIT_QUEUE_H_
