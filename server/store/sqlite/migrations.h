// Brings a store's file to the newest schema, step by numbered step.
#ifndef TOPUP_SERVER_STORE_SQLITE_MIGRATIONS_H_
#define TOPUP_SERVER_STORE_SQLITE_MIGRATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/store/sqlite/sqlite_database.h"

namespace topup::store::sqlite {

struct Migration {
  int number;  // from 1, without gaps
  const char* name;
  const char* sql;
};

// Those of this build, in order. A released one is never changed, only followed by another.
const std::vector<Migration>& KnownMigrations();

// Applies those of `migrations` that the file does not list as applied, each in a transaction
// of its own together with its listing. kFailedPrecondition where the file has been brought
// further by a newer topupd, or is some other program's database: it is left as it is.
absl::Status Migrate(Database& database, const std::vector<Migration>& migrations);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_MIGRATIONS_H_
