#include "server/store/sqlite/sqlite_database.h"

#include <sqlite3.h>
#include <sys/statvfs.h>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

// Long enough for an operator's look with a database shell, short enough for a caller.
constexpr int kBusyMilliseconds = 2000;
constexpr int kCheckpointWaitMilliseconds = 100;

// A row is about 1 KiB; the largest text that we write is far below this.
constexpr int kLargestValue = 4 << 20;

absl::Status ToStatus(int code, sqlite3* connection) {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_FULL:
      return StorageFullError();
    case SQLITE_CONSTRAINT:
      // The message names the constraint, not the values.
      return RefusedByConstraintError(sqlite3_errmsg(connection));
    default:
      return StorageUnavailableError(absl::StrCat(sqlite3_errstr(code), " (", code, ")"));
  }
}

}  // namespace

Query::Query(Query&& other) noexcept
    : statement_(other.statement_),
      status_(std::move(other.status_)),
      next_parameter_(other.next_parameter_) {
  other.statement_ = nullptr;
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::Check(int code) {
  if (code != SQLITE_OK && status_.ok()) status_ = ToStatus(code, sqlite3_db_handle(statement_));
}

Query& Query::Int(int64_t value) {
  if (status_.ok()) Check(sqlite3_bind_int64(statement_, next_parameter_++, value));
  return *this;
}

Query& Query::Text(absl::string_view value) {
  if (status_.ok()) {
    // A null pointer would bind NULL.
    const char* data = value.data() == nullptr ? "" : value.data();
    Check(sqlite3_bind_text64(statement_, next_parameter_++, data, value.size(), SQLITE_TRANSIENT,
                              SQLITE_UTF8));
  }
  return *this;
}

Query& Query::Null() {
  if (status_.ok()) Check(sqlite3_bind_null(statement_, next_parameter_++));
  return *this;
}

absl::StatusOr<bool> Query::Step() {
  RETURN_IF_ERROR(status_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  status_ = ToStatus(sqlite3_extended_errcode(sqlite3_db_handle(statement_)),
                     sqlite3_db_handle(statement_));
  if (status_.ok()) status_ = StorageUnavailableError("a statement failed without a reason");
  return status_;
}

absl::Status Query::Run() { return Step().status(); }

int64_t Query::IntAt(int column) const { return sqlite3_column_int64(statement_, column); }

absl::string_view Query::TextAt(int column) const {
  const void* text = sqlite3_column_text(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return absl::string_view(static_cast<const char*>(text), static_cast<size_t>(size));
}

bool Query::IsNullAt(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode,
                                                         const std::string& vfs) {
  if (sqlite3_threadsafe() == 0) {
    return absl::FailedPreconditionError("SQLite was built without support for threads");
  }
  // Each connection is used by one thread at a time, which our own locks see to.
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (mode == Mode::kWriter ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* connection = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<Database> database(new Database(connection));
  RETURN_IF_ERROR(ToStatus(code, connection));
  RETURN_IF_ERROR(database->Configure(mode));
  return database;
}

absl::Status Database::Configure(Mode mode) {
  sqlite3_extended_result_codes(connection_, 1);
  sqlite3_busy_timeout(connection_, kBusyMilliseconds);
  sqlite3_limit(connection_, SQLITE_LIMIT_LENGTH, kLargestValue);
  sqlite3_limit(connection_, SQLITE_LIMIT_ATTACHED, 0);
  // Closing never checkpoints: the writer does it by hand, and only while all is well.
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_wal_autocheckpoint(connection_, 0);
  // No mmap: an I/O error would be a signal instead of an error code.
  RETURN_IF_ERROR(Execute("PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF; "));
  if (mode == Mode::kReader) {
    return Execute("PRAGMA query_only=ON; PRAGMA cache_size=-8192");
  }
  RETURN_IF_ERROR(
      Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
              "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; "
              "PRAGMA journal_size_limit=134217728"));
  Query journal_mode = Prepare("PRAGMA journal_mode");
  ASSIGN_OR_RETURN(const bool has_row, journal_mode.Step());
  if (!has_row || journal_mode.TextAt(0) != "wal") {
    return absl::FailedPreconditionError("the file system cannot hold a write-ahead log");
  }
  sqlite3_wal_hook(
      connection_,
      [](void* database, sqlite3*, const char*, int pages) {
        static_cast<Database*>(database)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  return absl::OkStatus();
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

absl::Status Database::Execute(const std::string& sql) {
  return ToStatus(sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr), connection_);
}

Query Database::Prepare(absl::string_view sql) {
  auto known = statements_.find(sql);
  if (known != statements_.end()) return Query(known->second, absl::OkStatus());
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  absl::Status status = ToStatus(code, connection_);
  if (!status.ok()) return Query(nullptr, std::move(status));
  statements_.emplace(sql, statement);
  return Query(statement, absl::OkStatus());
}

int64_t Database::changed_rows() const { return sqlite3_total_changes64(connection_); }

std::optional<int64_t> Database::FreeBytes() const {
  const char* path = sqlite3_db_filename(connection_, "main");
  struct statvfs standing {};
  if (path == nullptr || statvfs(path, &standing) != 0) return std::nullopt;
  return static_cast<int64_t>(standing.f_bavail * standing.f_frsize);
}

absl::Status Database::Checkpoint(CheckpointMode mode) {
  if (mode == CheckpointMode::kNone) return absl::OkStatus();
  int pages = 0;
  int written = 0;
  sqlite3_busy_timeout(connection_, kCheckpointWaitMilliseconds);
  const int code = sqlite3_wal_checkpoint_v2(
      connection_, nullptr,
      mode == CheckpointMode::kTruncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
      &pages, &written);
  sqlite3_busy_timeout(connection_, kBusyMilliseconds);
  if ((code & 0xff) == SQLITE_BUSY) return absl::OkStatus();
  RETURN_IF_ERROR(ToStatus(code, connection_));
  // All of it is written back: the next commit starts the log anew.
  if (pages == written) log_pages_ = 0;
  return absl::OkStatus();
}

ReadTransaction::ReadTransaction(Database& database)
    : database_(database), status_(database.Prepare("BEGIN").Run()) {}

ReadTransaction::~ReadTransaction() {
  if (status_.ok()) static_cast<void>(database_.Prepare("COMMIT").Run());
}

}  // namespace topup::store::sqlite
