#include "server/store/sqlite/case_queries.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/evidence_rows.h"
#include "server/store/sqlite/row_reader.h"
#include "server/store/sqlite/sqlite_rows.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

// core::WhyUnsettled as SQL. Parameters: UnsettledSince::missing, UnsettledSince::open.
constexpr char kIsUnsettled[] =
    "INDEXED BY topups_due WHERE t.next_action <> 0 AND t.status BETWEEN 2 AND 5 AND ("
    "(t.status = 2 AND t.in_flight = 0 AND t.provisional_rejection = 0) OR t.status = 5 "
    "OR t.missing_since <= ?1 OR COALESCE(t.accept_time, t.create_time) <= ?2)";

std::string CountSql() {
  return absl::StrCat("SELECT COUNT(*), COALESCE(SUM(t.price), 0) FROM topups t ", kIsUnsettled);
}

std::string PageSql() {
  return SelectTopups(absl::StrCat(
      kIsUnsettled, " AND (t.create_time, t.id) > (?3, ?4) ORDER BY t.create_time, t.id LIMIT ?5"));
}

Query& BindSince(Query& query, const core::UnsettledSince& since) {
  return query.Int(EncodeTime(since.missing)).Int(EncodeTime(since.open));
}

}  // namespace

absl::StatusOr<UnsettledPage> ReadUnsettled(Database& database, const UnsettledQuery& query) {
  static const std::string& count_sql = *new std::string(CountSql());
  static const std::string& page_sql = *new std::string(PageSql());
  ReadTransaction one_moment(database);
  RETURN_IF_ERROR(one_moment.status());
  UnsettledPage page;
  Query count = database.Prepare(count_sql);
  ASSIGN_OR_RETURN(const bool counted, BindSince(count, query.since).Step());
  if (!counted) return StoredDataError("unsettled top-ups");
  page.total = count.IntAt(0);
  page.value_at_risk = core::Money::Centimes(count.IntAt(1));

  int64_t after_time = EncodeTime(absl::InfinitePast());
  if (!query.after_id.empty()) {
    Query after = database.Prepare("SELECT create_time FROM topups WHERE id = ?");
    ASSIGN_OR_RETURN(const bool found, after.Text(query.after_id).Step());
    if (!found) return TopupNotFoundError();
    after_time = after.IntAt(0);
  }
  Query rows = database.Prepare(page_sql);
  BindSince(rows, query.since).Int(after_time).Text(query.after_id);
  rows.Int(int64_t{query.limit} + static_cast<int64_t>(kUnreadableMax) + 1);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return page;
    if (static_cast<int>(page.topups.size()) == query.limit) {
      page.more = true;
      return page;
    }
    absl::StatusOr<core::Topup> topup = ReadTopup(rows);
    if (absl::IsDataLoss(topup.status())) continue;
    RETURN_IF_ERROR(topup.status());
    page.topups.push_back(*std::move(topup));
  }
}

absl::StatusOr<std::optional<core::Resolution>> ReadResolutionOf(Database& database,
                                                                 absl::string_view topup_id) {
  Query query = database.Prepare(kSelectResolution);
  ASSIGN_OR_RETURN(const bool found, query.Text(topup_id).Step());
  if (!found) return std::optional<core::Resolution>();
  ASSIGN_OR_RETURN(core::Resolution resolution, ReadResolution(query));
  return std::optional<core::Resolution>(std::move(resolution));
}

absl::StatusOr<std::vector<core::Incident>> ReadIncidents(Database& database, bool include_closed,
                                                          absl::string_view after_id, int limit) {
  Query query = database.Prepare(include_closed ? kSelectIncidents : kSelectOpenIncidents);
  query.Text(after_id).Int(limit);
  std::vector<core::Incident> incidents;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) return incidents;
    ASSIGN_OR_RETURN(core::Incident incident, ReadIncident(query));
    incidents.push_back(std::move(incident));
  }
}

absl::StatusOr<core::Incident> ReadIncidentById(Database& database, absl::string_view incident_id) {
  Query query = database.Prepare(kSelectIncident);
  ASSIGN_OR_RETURN(const bool found, query.Text(incident_id).Step());
  if (!found) return IncidentNotFoundError();
  return ReadIncident(query);
}

}  // namespace topup::store::sqlite
