// The reads of the store's contract that a person waits for; as sqlite_queries.h.
#ifndef TOPUP_SERVER_STORE_SQLITE_CASE_QUERIES_H_
#define TOPUP_SERVER_STORE_SQLITE_CASE_QUERIES_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/sqlite/sqlite_database.h"
#include "server/store/topup_store.h"

namespace topup::store::sqlite {

// Looks at all top-ups that are sent and not settled: many only while the provider is away.
absl::StatusOr<UnsettledPage> ReadUnsettled(Database& database, const UnsettledQuery& query);

absl::StatusOr<std::optional<core::Resolution>> ReadResolutionOf(Database& database,
                                                                 absl::string_view topup_id);
absl::StatusOr<std::vector<core::Incident>> ReadIncidents(Database& database, bool include_closed,
                                                          absl::string_view after_id, int limit);
// kNotFound where there is none.
absl::StatusOr<core::Incident> ReadIncidentById(Database& database, absl::string_view incident_id);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_CASE_QUERIES_H_
