// Attempts, checks, incidents and plans as rows; see sqlite_rows.h.
#ifndef TOPUP_SERVER_STORE_SQLITE_EVIDENCE_ROWS_H_
#define TOPUP_SERVER_STORE_SQLITE_EVIDENCE_ROWS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/store/sqlite/sqlite_database.h"
#include "server/store/topup_store.h"

namespace topup::store::sqlite {

// Parameter: the top-up's id.
inline constexpr char kSelectAttempts[] =
    "SELECT t.id, a.fence, a.start_time, a.end_time, a.evidence, a.http_status, a.error_code, "
    "a.request_id, a.detail FROM topups t JOIN attempts a ON a.topup = t.number "
    "WHERE t.id = ? ORDER BY a.fence";
inline constexpr char kReplaceAttempt[] =
    "INSERT OR REPLACE INTO attempts (topup, fence, start_time, end_time, evidence, http_status, "
    "error_code, request_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
absl::StatusOr<core::Attempt> ReadAttempt(const Query& query);
void BindAttempt(Query& query, int64_t topup_number, const core::Attempt& attempt);

// Parameter: the top-up's id.
inline constexpr char kSelectChecks[] =
    "SELECT t.id, c.time, c.http_status, c.error_code, c.valid_not_found, c.detail "
    "FROM topups t JOIN checks c ON c.topup = t.number WHERE t.id = ? ORDER BY c.position";
inline constexpr char kInsertCheck[] =
    "INSERT INTO checks (topup, position, time, http_status, error_code, valid_not_found, detail) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";
absl::StatusOr<core::Check> ReadCheck(const Query& query);
void BindCheck(Query& query, int64_t topup_number, int64_t position, const core::Check& check);

// Parameters: an id to continue after, and how many.
inline constexpr char kSelectIncidents[] =
    "SELECT id, topup_id, kind, detail, create_time, close_time, closed_by, close_reason "
    "FROM incidents WHERE id > ? ORDER BY id LIMIT ?";
inline constexpr char kSelectOpenIncidents[] =
    "SELECT id, topup_id, kind, detail, create_time, close_time, closed_by, close_reason "
    "FROM incidents WHERE id > ? AND close_time IS NULL ORDER BY id LIMIT ?";
inline constexpr char kSelectIncident[] =
    "SELECT id, topup_id, kind, detail, create_time, close_time, closed_by, close_reason "
    "FROM incidents WHERE id = ?";
inline constexpr char kInsertIncident[] =
    "INSERT INTO incidents (id, topup_id, kind, detail, create_time, close_time, "
    "closed_by, close_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
absl::StatusOr<core::Incident> ReadIncident(const Query& query);
void BindIncident(Query& query, const core::Incident& incident);

// Parameter: the top-up's id.
inline constexpr char kSelectResolution[] =
    "SELECT t.id, r.status, r.decided_by, r.reason, r.override, r.time "
    "FROM topups t JOIN resolutions r ON r.topup = t.number WHERE t.id = ?";
inline constexpr char kInsertResolution[] =
    "INSERT INTO resolutions (topup, status, decided_by, reason, override, time) "
    "VALUES (?, ?, ?, ?, ?, ?)";
absl::StatusOr<core::Resolution> ReadResolution(const Query& query);
void BindResolution(Query& query, int64_t topup_number, const core::Resolution& resolution);

inline constexpr char kSelectPlans[] =
    "SELECT code, display_name, operator, provider_operator, kind, min_amount_dzd, "
    "max_amount_dzd, enabled, cost_ppm FROM catalogue_plans ORDER BY code";
inline constexpr char kInsertPlan[] =
    "INSERT INTO catalogue_plans (code, display_name, operator, provider_operator, kind, "
    "min_amount_dzd, max_amount_dzd, enabled, cost_ppm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
absl::StatusOr<core::Plan> ReadPlan(const Query& query);
void BindPlan(Query& query, const core::Plan& plan);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_EVIDENCE_ROWS_H_
