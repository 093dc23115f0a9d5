#include "server/store/sqlite/migrations.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace topup::store::sqlite {
namespace {

constexpr char kTopups[] =
#include "server/store/sqlite/0001_topups.sql.inc"
    ;
constexpr char kResolutions[] =
#include "server/store/sqlite/0002_resolutions.sql.inc"
    ;
constexpr char kPricing[] =
#include "server/store/sqlite/0003_pricing.sql.inc"
    ;

absl::StatusOr<int64_t> ReadNumber(Database& database, absl::string_view sql) {
  Query query = database.Prepare(sql);
  ASSIGN_OR_RETURN(const bool has_row, query.Step());
  return has_row ? query.IntAt(0) : 0;
}

// Makes the list of applied migrations in an empty file; refuses a file that has something
// else in it.
absl::Status EnsureList(Database& database) {
  ASSIGN_OR_RETURN(const int64_t lists,
                   ReadNumber(database,
                              "SELECT COUNT(*) FROM sqlite_schema "
                              "WHERE type = 'table' AND name = 'applied_migrations'"));
  if (lists == 1) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t others,
                   ReadNumber(database, "SELECT COUNT(*) FROM sqlite_schema"));
  if (others != 0) {
    return absl::FailedPreconditionError("the file is a database of some other program");
  }
  return database.Execute(
      "CREATE TABLE applied_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
}

absl::Status Apply(Database& database, const Migration& migration) {
  RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  absl::Status status = database.Execute(migration.sql);
  if (status.ok()) {
    status = database.Prepare("INSERT INTO applied_migrations (number, name) VALUES (?, ?)")
                 .Int(migration.number)
                 .Text(migration.name)
                 .Run();
  }
  if (status.ok()) status = database.Execute("COMMIT");
  if (!status.ok()) {
    // Fails where SQLite has rolled back already.
    static_cast<void>(database.Execute("ROLLBACK"));
    return absl::Status(status.code(), absl::StrCat("migration ", migration.number, " (",
                                                    migration.name, "): ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<Migration>& KnownMigrations() {
  static const std::vector<Migration>& known = *new std::vector<Migration>{
      {1, "topups", kTopups}, {2, "resolutions", kResolutions}, {3, "pricing", kPricing}};
  return known;
}

absl::Status Migrate(Database& database, const std::vector<Migration>& migrations) {
  RETURN_IF_ERROR(EnsureList(database));
  ASSIGN_OR_RETURN(const int64_t applied,
                   ReadNumber(database, "SELECT COALESCE(MAX(number), 0) FROM applied_migrations"));
  const int newest = migrations.empty() ? 0 : migrations.back().number;
  if (applied > newest) {
    return absl::FailedPreconditionError(absl::StrCat("the file has schema ", applied,
                                                      ", this topupd knows schemas up to ", newest,
                                                      ": start a newer topupd"));
  }
  for (const Migration& migration : migrations) {
    if (migration.number > applied) RETURN_IF_ERROR(Apply(database, migration));
  }
  return absl::OkStatus();
}

}  // namespace topup::store::sqlite
