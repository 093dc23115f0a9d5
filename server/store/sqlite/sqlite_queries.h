// The reads of the store's contract, on whichever connection is given. See topup_store.h for
// what each answers.
#ifndef TOPUP_SERVER_STORE_SQLITE_SQLITE_QUERIES_H_
#define TOPUP_SERVER_STORE_SQLITE_SQLITE_QUERIES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/topup.h"
#include "server/store/sqlite/sqlite_database.h"
#include "server/store/topup_store.h"

namespace topup::store::sqlite {

absl::StatusOr<core::Topup> ReadTopupById(Database& database, absl::string_view topup_id);
// Nothing where there is none: for a send, the usual case.
absl::StatusOr<std::optional<core::Topup>> ReadTopupByRef(Database& database,
                                                          absl::string_view caller,
                                                          absl::string_view ref);
absl::StatusOr<core::Topup> ReadTopupByProviderRef(Database& database,
                                                   absl::string_view provider_ref);
absl::StatusOr<ListResult> ReadList(Database& database, const ListFilter& filter);
absl::StatusOr<std::optional<core::Topup>> ReadDuplicate(Database& database,
                                                         const core::Topup& topup,
                                                         const DuplicateGuard& guard);
absl::StatusOr<std::optional<core::Topup>> ReadMenu(Database& database,
                                                    const core::PhoneNumber& phone,
                                                    absl::string_view plan_code, absl::Time since);
absl::StatusOr<DueTopups> ReadDueTopups(Database& database, core::NextAction action, absl::Time now,
                                        int limit);
absl::StatusOr<absl::Time> ReadNextDueTime(Database& database, core::NextAction action);
// Reads the whole table.
absl::StatusOr<int64_t> CountTopups(Database& database, core::TopupStatus status);

absl::StatusOr<std::vector<core::Attempt>> ReadAttempts(Database& database,
                                                        absl::string_view topup_id);
absl::StatusOr<std::vector<core::Check>> ReadChecks(Database& database, absl::string_view topup_id);
absl::StatusOr<core::Catalogue> ReadCatalogue(Database& database);

absl::StatusOr<EventPage> ReadEventPage(Database& database, const EventQuery& query);
absl::StatusOr<std::vector<core::Event>> ReadEventsOfTopup(Database& database,
                                                           absl::string_view topup_id,
                                                           int64_t after_revision, int limit);
absl::StatusOr<int64_t> ReadTrimmedThrough(Database& database);
absl::StatusOr<int64_t> ReadLatestSequence(Database& database);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_SQLITE_QUERIES_H_
