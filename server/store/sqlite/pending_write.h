// Writes of the store as the commit queue takes them: what to change, and whom to answer.
#ifndef TOPUP_SERVER_STORE_SQLITE_PENDING_WRITE_H_
#define TOPUP_SERVER_STORE_SQLITE_PENDING_WRITE_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/sqlite/commit_queue.h"
#include "server/store/sqlite/sqlite_writer.h"

namespace topup::store::sqlite {

inline absl::Status StatusOf(const absl::Status& result) { return result; }

template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// A write whose result is an absl::Status or a StatusOr.
template <typename Result>
class PendingWrite : public CommitQueue::Write {
 public:
  PendingWrite(std::function<Result(SqliteWriter&)> apply, std::function<void(Result)> done)
      : apply_(std::move(apply)), done_(std::move(done)) {}

  absl::Status Apply(SqliteWriter& writer) override {
    result_ = apply_(writer);
    return StatusOf(result_);
  }

  void Finish(const absl::Status& commit) override {
    if (commit.ok()) {
      done_(std::move(result_));
    } else {
      done_(commit);
    }
  }

 private:
  const std::function<Result(SqliteWriter&)> apply_;
  const std::function<void(Result)> done_;
  Result result_ = absl::UnknownError("not applied");
};

// Forgets events step by step, so that other writes do not wait behind a large clean-up.
class PendingTrim : public CommitQueue::Write {
 public:
  PendingTrim(absl::Time before, std::function<void(absl::Status)> done)
      : before_(before), done_(std::move(done)) {}

  absl::Status Apply(SqliteWriter& writer) override {
    finished_ = writer.TrimEvents(before_, kTrimStep);
    return finished_.status();
  }
  bool unfinished() const override { return finished_.ok() && !*finished_; }
  void Finish(const absl::Status& commit) override {
    done_(commit.ok() ? finished_.status() : commit);
  }

 private:
  static constexpr int kTrimStep = 500;  // events in one batch

  const absl::Time before_;
  const std::function<void(absl::Status)> done_;
  absl::StatusOr<bool> finished_ = false;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_PENDING_WRITE_H_
