// One connection to a SQLite file, and its prepared statements.
#ifndef TOPUP_SERVER_STORE_SQLITE_SQLITE_DATABASE_H_
#define TOPUP_SERVER_STORE_SQLITE_SQLITE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/sqlite/checkpoint_rule.h"

struct sqlite3;
struct sqlite3_stmt;

namespace topup::store::sqlite {

// A prepared statement while it is being used: bind in order, step, read. Given back to its
// connection, empty, at the end. The first error sticks: Step reports it.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  // Binds the next parameter; text is copied.
  Query& Int(int64_t value);
  Query& Text(absl::string_view value);
  Query& Null();

  // True: there is a row; false: the end. Errors: those of Database.
  absl::StatusOr<bool> Step();
  // For statements that return no rows.
  absl::Status Run();

  // Of the row that Step found. Text is valid until the next Step.
  int64_t IntAt(int column) const;
  absl::string_view TextAt(int column) const;
  bool IsNullAt(int column) const;

 private:
  friend class Database;
  Query(sqlite3_stmt* statement, absl::Status status)
      : statement_(statement), status_(std::move(status)) {}
  void Check(int code);

  sqlite3_stmt* statement_;  // null after a move, or where it could not be prepared
  absl::Status status_;
  int next_parameter_ = 1;
};

// Not thread-safe: used by one thread at a time.
//
// Errors: STORAGE_FULL where the disk has no room; kInternal for a broken constraint;
// STORAGE_UNAVAILABLE for everything else.
class Database {
 public:
  // kWriter creates the file where it is missing; it alone writes and checkpoints. A kReader
  // cannot do either: SQLite before 3.51.3 can lose committed data where two connections
  // checkpoint at the same time.
  enum class Mode { kWriter, kReader };

  // `vfs`: see StoreOptions.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode,
                                                        const std::string& vfs = "");
  // Closes. Never checkpoints.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements that return nothing of interest.
  absl::Status Execute(const std::string& sql);

  // Prepared once per text and kept; at most one Query of a text at a time. Texts come from
  // constants and have few variants.
  Query Prepare(absl::string_view sql);

  // Rows changed through this connection since it was opened, rolled back or not.
  int64_t changed_rows() const;

  // Pages in the write-ahead log after the last commit of this connection.
  int log_pages() const { return log_pages_; }

  // Room on the file's file system for who is not root; none where that cannot be told.
  std::optional<int64_t> FreeBytes() const;

  // Writes the log back as far as no reader needs it. kTruncate: waits for readers a tenth of a
  // second, and empties the log. Readers in the way are not an error.
  absl::Status Checkpoint(CheckpointMode mode);

 private:
  explicit Database(sqlite3* connection) : connection_(connection) {}
  absl::Status Configure(Mode mode);

  sqlite3* const connection_;
  absl::flat_hash_map<std::string, sqlite3_stmt*> statements_;
  int log_pages_ = 0;
};

// BEGIN ... COMMIT around reads that have to see one moment. Ends with its scope.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database);
  ~ReadTransaction();
  const absl::Status& status() const { return status_; }

 private:
  Database& database_;
  absl::Status status_;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_SQLITE_DATABASE_H_
