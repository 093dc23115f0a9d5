#include "server/store/open_store.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/sqlite_topup_store.h"

namespace topup::store {

absl::StatusOr<std::unique_ptr<TopupStore>> OpenStore(const StoreOptions& options,
                                                      const base::Clock& clock,
                                                      base::Metrics& metrics) {
  absl::string_view location = options.location;
  if (absl::StartsWith(location, "postgresql:")) {
    // The location may carry a password: it is not repeated.
    return absl::UnimplementedError("this topupd is built without PostgreSQL: use sqlite:PATH");
  }
  if (!absl::ConsumePrefix(&location, "sqlite:") || location.empty() || location[0] == ':') {
    return absl::InvalidArgumentError("the store's location has to be sqlite:PATH");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<TopupStore> store,
                   sqlite::SqliteTopupStore::Open(std::string(location), options, clock, metrics));
  return store;
}

bool StoreExists(const StoreOptions& options) {
  absl::string_view path = options.location;
  std::error_code ignored;
  return absl::ConsumePrefix(&path, "sqlite:") &&
         std::filesystem::exists(std::string(path), ignored);
}

}  // namespace topup::store
