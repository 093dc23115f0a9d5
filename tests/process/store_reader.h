// Looks at the store's file from another process: what is read here has been committed.
#ifndef TOPUP_TESTS_PROCESS_STORE_READER_H_
#define TOPUP_TESTS_PROCESS_STORE_READER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/sqlite/sqlite_database.h"
#include "tests/sim/history.h"

namespace topup::process {

// Thread-safe. Read-only connections that share nothing with the process that writes; opened
// when needed, kept until Disconnect. Errors: those of the store's Database.
class StoreReader {
 public:
  explicit StoreReader(std::string path) : path_(std::move(path)) {}

  // Attempts recorded under our provider ref; 0 where it is not recorded at all.
  absl::StatusOr<int64_t> CountAttempts(absl::string_view provider_ref);
  // Of the newest event; 0 before the first.
  absl::StatusOr<int64_t> LatestSequence();
  absl::StatusOr<int64_t> CountUnsettled();
  // Of the top-up; 0 where it is not recorded.
  absl::StatusOr<int64_t> Revision(absl::string_view topup_id);
  // What it takes, whether or not it was written back from the log.
  absl::StatusOr<int64_t> Bytes();
  // A value that the store keeps by name; empty where there is none.
  absl::StatusOr<std::string> Setting(absl::string_view name);

  // Closes every connection, so that a restart finds the file as a crash leaves it: with a
  // reader on it, SQLite would not recover the write-ahead log's index anew.
  void Disconnect();

  // Events, top-ups, attempts and incidents, all of them.
  absl::Status ReadAll(sim::History& history);

 private:
  using Database = store::sqlite::Database;
  using Read = std::function<absl::Status(Database&)>;

  // Runs `read` on a connection, a few times where that fails: the writer may be starting.
  absl::Status With(const Read& read);
  absl::StatusOr<int64_t> Number(absl::string_view sql, absl::string_view parameter);

  const std::string path_;
  std::mutex mutex_;
  int generation_ = 0;                           // by mutex_
  std::vector<std::unique_ptr<Database>> free_;  // by mutex_
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_STORE_READER_H_
