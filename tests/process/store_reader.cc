#include "tests/process/store_reader.h"

#include <utility>

#include "server/base/status_macros.h"
#include "server/store/sqlite/case_queries.h"
#include "server/store/sqlite/sqlite_queries.h"
#include "server/store/sqlite/sqlite_rows.h"

namespace topup::process {
namespace {

using store::sqlite::Database;
using store::sqlite::Query;

// Each waits two seconds for whoever is in the way.
constexpr int kTries = 10;
constexpr int kIncidentsMax = 1'000'000;

constexpr char kCountAttempts[] =
    "SELECT count(*) FROM topups t JOIN attempts a ON a.topup = t.number WHERE t.provider_ref = ?";
// FULFILLED is the first of the settled ones.
constexpr char kCountUnsettled[] = "SELECT count(*) FROM topups WHERE status < 6";
constexpr char kSetting[] = "SELECT value FROM settings WHERE name = ?";

template <typename Row, typename Kept>
absl::Status ReadRows(Query query, absl::StatusOr<Row> (*read)(const Query&), const Kept& keep) {
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) return absl::OkStatus();
    ASSIGN_OR_RETURN(Row row, read(query));
    keep(std::move(row));
  }
}

absl::Status ReadHistory(Database& database, sim::History& history) {
  static const auto& kTopups = *new std::string(store::sqlite::SelectTopups("ORDER BY t.number"));
  static const auto& kEvents = *new std::string(store::sqlite::SelectEvents("ORDER BY e.sequence"));
  RETURN_IF_ERROR(
      ReadRows<core::Topup>(database.Prepare(kTopups), store::sqlite::ReadTopup,
                            [&](core::Topup row) { history.topups.push_back(std::move(row)); }));
  RETURN_IF_ERROR(ReadRows<core::Event>(
      database.Prepare(kEvents), store::sqlite::ReadEvent,
      [&](core::Event row) { history.events.push_back({.event = std::move(row)}); }));
  for (const core::Topup& topup : history.topups) {
    ASSIGN_OR_RETURN(history.attempts[topup.id], store::sqlite::ReadAttempts(database, topup.id));
  }
  ASSIGN_OR_RETURN(history.incidents, store::sqlite::ReadIncidents(
                                          database, /*include_closed=*/true, "", kIncidentsMax));
  return absl::OkStatus();
}

}  // namespace

absl::Status StoreReader::With(const Read& read) {
  absl::Status result;
  for (int i = 0; i < kTries; ++i) {
    std::unique_ptr<Database> database;
    int generation = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      generation = generation_;
      if (!free_.empty()) {
        database = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (database == nullptr) {
      absl::StatusOr<std::unique_ptr<Database>> opened =
          Database::Open(path_, Database::Mode::kReader);
      result = opened.status();
      if (!opened.ok()) continue;
      database = *std::move(opened);
    }
    result = read(*database);
    if (!result.ok()) continue;  // and this connection is not used again
    const std::lock_guard<std::mutex> lock(mutex_);
    if (generation == generation_) free_.push_back(std::move(database));
    return result;
  }
  return result;
}

void StoreReader::Disconnect() {
  std::vector<std::unique_ptr<Database>> closed;
  const std::lock_guard<std::mutex> lock(mutex_);
  ++generation_;
  closed.swap(free_);
}

absl::StatusOr<int64_t> StoreReader::Number(absl::string_view sql, absl::string_view parameter) {
  int64_t number = 0;
  RETURN_IF_ERROR(With([&](Database& database) -> absl::Status {
    Query query = database.Prepare(sql);
    if (!parameter.empty()) query.Text(parameter);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    number = found ? query.IntAt(0) : 0;
    return absl::OkStatus();
  }));
  return number;
}

absl::StatusOr<int64_t> StoreReader::CountAttempts(absl::string_view provider_ref) {
  return Number(kCountAttempts, provider_ref);
}

absl::StatusOr<int64_t> StoreReader::LatestSequence() {
  return Number("SELECT max(sequence) FROM topup_events", "");
}

absl::StatusOr<int64_t> StoreReader::CountUnsettled() { return Number(kCountUnsettled, ""); }

absl::StatusOr<int64_t> StoreReader::Revision(absl::string_view topup_id) {
  return Number("SELECT revision FROM topups WHERE id = ?", topup_id);
}

absl::StatusOr<int64_t> StoreReader::Bytes() {
  return Number("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", "");
}

absl::StatusOr<std::string> StoreReader::Setting(absl::string_view name) {
  std::string value;
  RETURN_IF_ERROR(With([&](Database& database) -> absl::Status {
    Query query = database.Prepare(kSetting);
    query.Text(name);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (found) value = std::string(query.TextAt(0));
    return absl::OkStatus();
  }));
  return value;
}

absl::Status StoreReader::ReadAll(sim::History& history) {
  return With([&](Database& database) {
    history.topups.clear();
    history.events.clear();
    history.attempts.clear();
    return ReadHistory(database, history);
  });
}

}  // namespace topup::process
