#include "server/store/sqlite/sqlite_queries.h"

#include <algorithm>
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

// INDEXED BY makes preparing fail where the index cannot serve the query, so that no query
// turns into a walk over all top-ups unnoticed.

absl::StatusOr<std::optional<core::Topup>> FirstTopup(Query& query) {
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return std::optional<core::Topup>();
  ASSIGN_OR_RETURN(core::Topup topup, ReadTopup(query));
  return std::optional<core::Topup>(std::move(topup));
}

absl::StatusOr<core::Topup> OnlyTopup(Query& query) {
  ASSIGN_OR_RETURN(std::optional<core::Topup> topup, FirstTopup(query));
  if (!topup.has_value()) return TopupNotFoundError();
  return *std::move(topup);
}

// All rows of `query`, each read by `read`.
template <typename Row>
absl::StatusOr<std::vector<Row>> AllRows(Query& query, absl::StatusOr<Row> (*read)(const Query&)) {
  std::vector<Row> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) return rows;
    ASSIGN_OR_RETURN(Row row, read(query));
    rows.push_back(std::move(row));
  }
}

absl::StatusOr<std::optional<int64_t>> OnlyNumber(Query& query) {
  ASSIGN_OR_RETURN(const bool found, query.Step());
  std::optional<int64_t> number;
  if (found && !query.IsNullAt(0)) number = query.IntAt(0);
  return number;
}

// A bit for each status that is wanted; all where none is named.
int64_t StatusMask(const std::vector<core::TopupStatus>& statuses) {
  if (statuses.empty()) return -1;
  int64_t mask = 0;
  for (const core::TopupStatus status : statuses) mask |= int64_t{1} << static_cast<int>(status);
  return mask;
}

std::string ListSql(const ListFilter& filter) {
  std::string tail = filter.phone.has_value()
                         ? "INDEXED BY topups_by_phone WHERE t.phone = ? AND t.caller = ?"
                         : "INDEXED BY topups_by_caller WHERE t.caller = ?";
  absl::StrAppend(&tail, " AND ((1 << t.status) & ?) <> 0");
  if (filter.start_time.has_value()) absl::StrAppend(&tail, " AND t.create_time >= ?");
  if (filter.end_time.has_value()) absl::StrAppend(&tail, " AND t.create_time < ?");
  if (!filter.after_id.empty()) absl::StrAppend(&tail, " AND (t.create_time, t.id) < (?, ?)");
  absl::StrAppend(&tail, " ORDER BY t.create_time DESC, t.id DESC LIMIT ?");
  return SelectTopups(tail);
}

}  // namespace

absl::StatusOr<core::Topup> ReadTopupById(Database& database, absl::string_view topup_id) {
  static const std::string& sql =
      *new std::string(SelectTopups("INDEXED BY topups_by_id WHERE t.id = ?"));
  Query query = database.Prepare(sql);
  return OnlyTopup(query.Text(topup_id));
}

absl::StatusOr<std::optional<core::Topup>> ReadTopupByRef(Database& database,
                                                          absl::string_view caller,
                                                          absl::string_view ref) {
  static const std::string& sql = *new std::string(
      SelectTopups("INDEXED BY topups_by_ref WHERE t.caller = ? AND t.ref = ? AND t.ref <> ''"));
  Query query = database.Prepare(sql);
  return FirstTopup(query.Text(caller).Text(ref));
}

absl::StatusOr<core::Topup> ReadTopupByProviderRef(Database& database,
                                                   absl::string_view provider_ref) {
  static const std::string& sql =
      *new std::string(SelectTopups("INDEXED BY topups_by_provider_ref WHERE t.provider_ref = ?"));
  Query query = database.Prepare(sql);
  return OnlyTopup(query.Text(provider_ref));
}

absl::StatusOr<ListResult> ReadList(Database& database, const ListFilter& filter) {
  ReadTransaction one_moment(database);
  RETURN_IF_ERROR(one_moment.status());
  Query query = database.Prepare(ListSql(filter));
  if (filter.phone.has_value()) query.Text(filter.phone->National());
  query.Text(filter.caller).Int(StatusMask(filter.statuses));
  if (filter.start_time.has_value()) query.Int(EncodeTime(*filter.start_time));
  if (filter.end_time.has_value()) query.Int(EncodeTime(*filter.end_time));
  if (!filter.after_id.empty()) {
    Query after = database.Prepare("SELECT create_time FROM topups WHERE id = ?");
    ASSIGN_OR_RETURN(const std::optional<int64_t> create_time,
                     OnlyNumber(after.Text(filter.after_id)));
    if (!create_time.has_value()) return TopupNotFoundError();
    query.Int(*create_time).Text(filter.after_id);
  }
  // One more than asked for shows whether there are more.
  query.Int(int64_t{filter.limit} + 1);
  ListResult result;
  ASSIGN_OR_RETURN(result.topups, AllRows(query, ReadTopup));
  if (static_cast<int64_t>(result.topups.size()) > filter.limit) {
    result.more = true;
    result.topups.pop_back();
  }
  ASSIGN_OR_RETURN(result.sequence, ReadLatestSequence(database));
  return result;
}

absl::StatusOr<std::optional<core::Topup>> ReadDuplicate(Database& database,
                                                         const core::Topup& topup,
                                                         const DuplicateGuard& guard) {
  static const std::string& sql = *new std::string(SelectTopups(
      "INDEXED BY topups_by_phone WHERE t.phone = ? AND t.create_time >= ? AND t.caller = ? "
      "AND t.plan_code = ? AND t.amount_dzd = ? "
      "AND t.status NOT IN (7, 8, 9) "  // REFUNDED, REJECTED, CANCELLED
      "ORDER BY t.create_time DESC, t.id DESC LIMIT 1"));
  Query query = database.Prepare(sql);
  query.Text(topup.phone.National()).Int(EncodeTime(guard.since));
  query.Text(topup.caller).Text(topup.plan_code).Int(topup.amount_dzd);
  return FirstTopup(query);
}

absl::StatusOr<std::optional<core::Topup>> ReadMenu(Database& database,
                                                    const core::PhoneNumber& phone,
                                                    absl::string_view plan_code, absl::Time since) {
  static const std::string& sql = *new std::string(SelectTopups(
      "INDEXED BY topups_by_phone WHERE t.phone = ? AND t.create_time >= ? AND t.purpose = 1 "
      "AND t.plan_code = ? ORDER BY t.create_time DESC, t.id DESC LIMIT 1"));
  Query query = database.Prepare(sql);
  query.Text(phone.National()).Int(EncodeTime(since)).Text(plan_code);
  return FirstTopup(query);
}

absl::StatusOr<DueTopups> ReadDueTopups(Database& database, core::NextAction action, absl::Time now,
                                        int limit) {
  static const std::string& sql = *new std::string(
      SelectTopups("INDEXED BY topups_due WHERE t.next_action = ? AND t.next_action <> 0 "
                   "AND t.next_action_time <= ? ORDER BY t.next_action_time LIMIT ?"));
  Query query = database.Prepare(sql);
  query.Int(static_cast<int64_t>(action)).Int(EncodeTime(now));
  query.Int(int64_t{limit} + static_cast<int64_t>(kUnreadableMax) + 1);
  DueTopups due;
  while (static_cast<int>(due.topups.size()) < limit) {
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) break;
    absl::StatusOr<core::Topup> topup = ReadTopup(query);
    if (topup.ok()) {
      due.topups.push_back(*std::move(topup));
    } else if (!absl::IsDataLoss(topup.status())) {
      return topup.status();
    } else if (due.unreadable_ids.size() == kUnreadableMax) {
      return StoredDataError("more due top-ups than can be left out");
    } else {
      due.unreadable_ids.push_back(ReadTopupId(query));
    }
  }
  return due;
}

absl::StatusOr<absl::Time> ReadNextDueTime(Database& database, core::NextAction action) {
  Query query = database.Prepare(
      "SELECT MIN(next_action_time) FROM topups INDEXED BY topups_due "
      "WHERE next_action = ? AND next_action <> 0");
  ASSIGN_OR_RETURN(const std::optional<int64_t> time,
                   OnlyNumber(query.Int(static_cast<int64_t>(action))));
  return time.has_value() ? DecodeTime(*time) : absl::InfiniteFuture();
}

absl::StatusOr<int64_t> CountTopups(Database& database, core::TopupStatus status) {
  Query query = database.Prepare("SELECT COUNT(*) FROM topups WHERE status = ?");
  ASSIGN_OR_RETURN(const std::optional<int64_t> count,
                   OnlyNumber(query.Int(static_cast<int64_t>(status))));
  return count.value_or(0);
}

absl::StatusOr<std::vector<core::Attempt>> ReadAttempts(Database& database,
                                                        absl::string_view topup_id) {
  Query query = database.Prepare(kSelectAttempts);
  return AllRows(query.Text(topup_id), ReadAttempt);
}

absl::StatusOr<std::vector<core::Check>> ReadChecks(Database& database,
                                                    absl::string_view topup_id) {
  Query query = database.Prepare(kSelectChecks);
  return AllRows(query.Text(topup_id), ReadCheck);
}

absl::StatusOr<core::Catalogue> ReadCatalogue(Database& database) {
  ReadTransaction one_moment(database);
  RETURN_IF_ERROR(one_moment.status());
  core::Catalogue catalogue;
  Query time = database.Prepare("SELECT read_time FROM catalogue");
  ASSIGN_OR_RETURN(const std::optional<int64_t> read_time, OnlyNumber(time));
  if (!read_time.has_value()) return catalogue;
  catalogue.read_time = DecodeTime(*read_time);
  Query plans = database.Prepare(kSelectPlans);
  ASSIGN_OR_RETURN(catalogue.plans, AllRows(plans, ReadPlan));
  return catalogue;
}

absl::StatusOr<EventPage> ReadEventPage(Database& database, const EventQuery& query) {
  static const std::string& sql = *new std::string(
      SelectEvents("WHERE e.caller = ? AND e.sequence > ? AND ((1 << e.status) & ?) <> 0 "
                   "ORDER BY e.sequence LIMIT ?"));
  ReadTransaction one_moment(database);
  RETURN_IF_ERROR(one_moment.status());
  Query events = database.Prepare(sql);
  events.Text(query.caller).Int(query.after_sequence).Int(StatusMask(query.statuses));
  EventPage page;
  ASSIGN_OR_RETURN(page.events, AllRows(events.Int(query.limit), ReadEvent));
  if (!page.events.empty() && static_cast<int>(page.events.size()) == query.limit) {
    page.through_sequence = page.events.back().sequence;
    return page;
  }
  ASSIGN_OR_RETURN(const int64_t latest, ReadLatestSequence(database));
  page.through_sequence = std::max(query.after_sequence, latest);
  return page;
}

absl::StatusOr<std::vector<core::Event>> ReadEventsOfTopup(Database& database,
                                                           absl::string_view topup_id,
                                                           int64_t after_revision, int limit) {
  static const std::string& event_sql = *new std::string(SelectEvents("WHERE e.sequence = ?"));
  ReadTransaction one_moment(database);
  RETURN_IF_ERROR(one_moment.status());
  Query newest = database.Prepare("SELECT last_event FROM topups WHERE id = ?");
  ASSIGN_OR_RETURN(std::optional<int64_t> sequence, OnlyNumber(newest.Text(topup_id)));
  // Back along the top-up's own chain, as far as it is wanted and kept.
  std::vector<core::Event> events;
  while (sequence.has_value() && *sequence > 0) {
    {
      Query query = database.Prepare(event_sql);
      ASSIGN_OR_RETURN(const bool found, query.Int(*sequence).Step());
      if (!found) break;
      ASSIGN_OR_RETURN(core::Event event, ReadEvent(query));
      if (event.topup.revision <= after_revision) break;
      events.push_back(std::move(event));
    }
    Query link = database.Prepare("SELECT previous_event FROM topup_events WHERE sequence = ?");
    ASSIGN_OR_RETURN(const std::optional<int64_t> previous, OnlyNumber(link.Int(*sequence)));
    // A chain that does not go back would never end.
    if (previous.value_or(0) >= *sequence) return StoredDataError("chain of events");
    sequence = previous;
  }
  std::reverse(events.begin(), events.end());
  if (static_cast<int>(events.size()) > limit) events.resize(static_cast<size_t>(limit));
  return events;
}

absl::StatusOr<int64_t> ReadTrimmedThrough(Database& database) {
  Query query = database.Prepare("SELECT trimmed_through FROM event_log");
  ASSIGN_OR_RETURN(const std::optional<int64_t> through, OnlyNumber(query));
  if (!through.has_value()) return StoredDataError("event log");
  return *through;
}

absl::StatusOr<int64_t> ReadLatestSequence(Database& database) {
  Query query = database.Prepare(
      "SELECT MAX(trimmed_through, COALESCE((SELECT MAX(sequence) FROM topup_events), 0)) "
      "FROM event_log");
  ASSIGN_OR_RETURN(const std::optional<int64_t> latest, OnlyNumber(query));
  if (!latest.has_value()) return StoredDataError("event log");
  return *latest;
}

}  // namespace topup::store::sqlite
