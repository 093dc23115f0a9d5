// Keeps a store's mark up with its commits, on a thread of its own: no commit waits for it.
#ifndef TOPUP_SERVER_STORE_SQLITE_MARK_KEEPER_H_
#define TOPUP_SERVER_STORE_SQLITE_MARK_KEEPER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/commit_mark.h"

namespace topup::store::sqlite {

// Thread-safe. Writes the mark within a second of what it is told, and at the end. A mark that
// cannot be written is tried again with the next second and counted: it only means that more is
// taken for an older copy, or less is known of it. That of an older copy stays as it is until
// TakenOver.
class MarkKeeper {
 public:
  // `path`: of the mark.
  MarkKeeper(std::string path, Judgement judgement, base::Metrics& metrics);
  // Stops.
  ~MarkKeeper();

  // The file has its deployment id; before that there is nothing to write.
  void SetDeployment(const std::string& deployment_id);
  // These are on disk.
  void Committed(int64_t commits);
  void Swept(absl::Time through);
  // `done` runs on the keeper's thread, or inside the call where there is nothing to write.
  void TakenOver(std::function<void(absl::Status)> done);

  Standing standing() const;

  // Writes what has changed and ends the thread.
  void Stop();

 private:
  void Run();
  // One write, without the lock in between.
  void Write(std::unique_lock<std::mutex>& lock);
  bool Writable() const { return !mark_.older_copy && !mark_.deployment_id.empty(); }
  bool WriteWanted() const { return changed_ && Writable(); }

  const std::string path_;
  base::Counter* const failures_;

  mutable std::mutex mu_;
  std::condition_variable wake_;
  CommitMark mark_;  // by mu_, as all below
  Standing standing_;
  bool changed_ = false;
  bool stopping_ = false;
  std::vector<std::function<void(absl::Status)>> waiting_;

  std::thread thread_;  // last: uses everything above
};

// Judges the mark beside `file`, which `database` has open, and keeps it from now on.
// kFailedPrecondition, with a text for the operator, where it cannot be read or written.
absl::StatusOr<std::unique_ptr<MarkKeeper>> KeepMark(const std::string& file, Database& database,
                                                     base::Metrics& metrics);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_MARK_KEEPER_H_
