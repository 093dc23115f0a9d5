#include "server/store/sqlite/sqlite_writer.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/case_queries.h"
#include "server/store/sqlite/commit_mark.h"
#include "server/store/sqlite/evidence_rows.h"
#include "server/store/sqlite/pricing_queries.h"
#include "server/store/sqlite/row_reader.h"
#include "server/store/sqlite/sqlite_queries.h"
#include "server/store/sqlite/sqlite_rows.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

constexpr int64_t kChecksKept = 50;
constexpr int kFirstSettled = static_cast<int>(core::TopupStatus::kFulfilled);

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Make(
    std::unique_ptr<Database> database) {
  std::unique_ptr<SqliteWriter> writer(new SqliteWriter(std::move(database)));
  RETURN_IF_ERROR(writer->Load());
  return writer;
}

absl::Status SqliteWriter::Load() {
  ASSIGN_OR_RETURN(state_.last_sequence, ReadLatestSequence(*database_));
  Query newest = database_->Prepare("SELECT COALESCE(MAX(number), 0) FROM topups");
  ASSIGN_OR_RETURN(const bool has_row, newest.Step());
  if (has_row) state_.last_number = newest.IntAt(0);
  if (state_.last_sequence > kNumberMax || state_.last_number > kNumberMax) {
    return StoredDataError("the newest number");
  }
  ASSIGN_OR_RETURN(const FileFacts facts, ReadFileFacts(*database_));
  state_.commits = facts.commits.value_or(0);
  // Every open top-up has a next action, so this reads the open ones, not the table.
  Query counts = database_->Prepare(
      "SELECT status, COUNT(*) FROM topups INDEXED BY topups_due "
      "WHERE next_action <> 0 AND status < 6 GROUP BY status");
  while (true) {
    ASSIGN_OR_RETURN(const bool found, counts.Step());
    if (!found) break;
    Count(static_cast<core::TopupStatus>(counts.IntAt(0)), counts.IntAt(1));
  }
  return absl::OkStatus();
}

void SqliteWriter::Count(core::TopupStatus status, int64_t change) {
  const int number = static_cast<int>(status);
  if (number > 0 && number < kFirstSettled) state_.open_counts[number] += change;
}

absl::Status SqliteWriter::Begin() {
  events_.clear();
  state_.event_count = 0;
  before_batch_ = state_;
  changed_before_batch_ = database_->changed_rows();
  return database_->Prepare("BEGIN IMMEDIATE").Run();
}

absl::Status SqliteWriter::Commit() {
  // A batch of nothing but refusals costs no write.
  if (database_->changed_rows() != changed_before_batch_) {
    RETURN_IF_ERROR(database_
                        ->Prepare("INSERT INTO settings (name, value) VALUES ('commits', ?) "
                                  "ON CONFLICT (name) DO UPDATE SET value = excluded.value")
                        .Text(absl::StrCat(++state_.commits))
                        .Run());
  }
  return database_->Prepare("COMMIT").Run();
}

void SqliteWriter::Rollback() {
  static_cast<void>(database_->Prepare("ROLLBACK").Run());
  Restore(before_batch_);
}

void SqliteWriter::Restore(const State& state) {
  state_ = state;
  events_.erase(events_.begin() + static_cast<ptrdiff_t>(state_.event_count), events_.end());
}

absl::Status SqliteWriter::SetSavepoint() {
  before_savepoint_ = state_;
  return database_->Prepare("SAVEPOINT one_write").Run();
}

absl::Status SqliteWriter::RollbackToSavepoint() {
  Restore(before_savepoint_);
  RETURN_IF_ERROR(database_->Prepare("ROLLBACK TO one_write").Run());
  return ReleaseSavepoint();
}

absl::Status SqliteWriter::ReleaseSavepoint() {
  return database_->Prepare("RELEASE one_write").Run();
}

absl::StatusOr<CreateResult> SqliteWriter::Create(const CreateRequest& request) {
  using Kind = CreateResult::Kind;
  const core::Topup& topup = request.topup;
  if (!topup.ref.empty()) {
    ASSIGN_OR_RETURN(std::optional<core::Topup> known,
                     ReadTopupByRef(*database_, topup.caller, topup.ref));
    if (known.has_value()) return CreateResult{Kind::kExists, *std::move(known)};
  }
  const int64_t queued = state_.open_counts[static_cast<int>(core::TopupStatus::kQueued)];
  if (request.queue_limit > 0 && queued >= request.queue_limit) {
    return CreateResult{Kind::kQueueFull, {}};
  }
  if (request.guard.has_value()) {
    ASSIGN_OR_RETURN(std::optional<core::Topup> first,
                     ReadDuplicate(*database_, topup, *request.guard));
    if (first.has_value()) return CreateResult{Kind::kDuplicate, *std::move(first)};
  }
  const int64_t number = ++state_.last_number;
  {
    Query insert = database_->Prepare(InsertTopupSql());
    BindTopup(insert, topup, state_.last_sequence + 1, number);
    RETURN_IF_ERROR(insert.Run());
  }
  Count(topup.status, 1);
  RETURN_IF_ERROR(AppendEvent(topup, number, 0).status());
  return CreateResult{Kind::kCreated, topup};
}

absl::StatusOr<UpdateResult> SqliteWriter::Update(const UpdateRequest& request) {
  const core::Topup& topup = request.topup;
  int64_t number = 0;
  int64_t last_event = 0;
  {
    Query stored =
        database_->Prepare("SELECT number, version, status, last_event FROM topups WHERE id = ?");
    ASSIGN_OR_RETURN(const bool found, stored.Text(topup.id).Step());
    if (!found) return TopupNotFoundError();
    if (stored.IntAt(1) != topup.version - 1) return VersionChangedError();
    number = stored.IntAt(0);
    last_event = stored.IntAt(3);
    Count(static_cast<core::TopupStatus>(stored.IntAt(2)), -1);
    Count(topup.status, 1);
  }
  if (request.visible) {
    ASSIGN_OR_RETURN(last_event, AppendEvent(topup, number, last_event));
  }
  {
    Query update = database_->Prepare(UpdateTopupSql());
    BindTopupChange(update, topup, last_event, number);
    RETURN_IF_ERROR(update.Run());
  }
  if (request.attempt.has_value()) RETURN_IF_ERROR(ReplaceAttempt(number, *request.attempt));
  if (request.check.has_value()) RETURN_IF_ERROR(AppendCheck(number, *request.check));
  if (request.resolution.has_value()) {
    RETURN_IF_ERROR(KeepResolution(number, *request.resolution));
  }
  UpdateResult result;
  for (const core::Incident& incident : request.incidents) {
    ASSIGN_OR_RETURN(const bool is_new, KeepIncident(incident));
    if (is_new) result.new_incident_ids.push_back(incident.id);
  }
  return result;
}

absl::StatusOr<int64_t> SqliteWriter::AppendEvent(const core::Topup& topup, int64_t topup_number,
                                                  int64_t previous_event) {
  core::Event event{state_.last_sequence + 1, topup};
  event.topup.progress = core::Progress{};
  event.topup.version = 0;
  Query insert = database_->Prepare(InsertEventSql());
  BindEvent(insert, EventLink{event.sequence, topup_number, previous_event}, topup);
  RETURN_IF_ERROR(insert.Run());
  state_.last_sequence = event.sequence;
  events_.push_back(std::move(event));
  state_.event_count = events_.size();
  return state_.last_sequence;
}

absl::Status SqliteWriter::ReplaceAttempt(int64_t topup_number, const core::Attempt& attempt) {
  Query replace = database_->Prepare(kReplaceAttempt);
  BindAttempt(replace, topup_number, attempt);
  return replace.Run();
}

absl::Status SqliteWriter::AppendCheck(int64_t topup_number, const core::Check& check) {
  int64_t position = 1;
  {
    Query newest = database_->Prepare("SELECT MAX(position) FROM checks WHERE topup = ?");
    ASSIGN_OR_RETURN(const bool found, newest.Int(topup_number).Step());
    if (found && newest.IntAt(0) > kNumberMax) return StoredDataError("check");
    if (found) position = newest.IntAt(0) + 1;
  }
  {
    Query insert = database_->Prepare(kInsertCheck);
    BindCheck(insert, topup_number, position, check);
    RETURN_IF_ERROR(insert.Run());
  }
  if (position <= kChecksKept) return absl::OkStatus();
  return database_->Prepare("DELETE FROM checks WHERE topup = ? AND position <= ?")
      .Int(topup_number)
      .Int(position - kChecksKept)
      .Run();
}

absl::Status SqliteWriter::KeepResolution(int64_t topup_number,
                                          const core::Resolution& resolution) {
  Query insert = database_->Prepare(kInsertResolution);
  BindResolution(insert, topup_number, resolution);
  return insert.Run();
}

absl::StatusOr<bool> SqliteWriter::KeepIncident(const core::Incident& incident) {
  {
    // Of a top-up, one of a kind is enough; without one, each detail is a case of its own.
    Query same = database_->Prepare(
        "SELECT 1 FROM incidents INDEXED BY incidents_by_topup "
        "WHERE topup_id = ?1 AND kind = ?2 AND (?1 <> '' OR detail = ?3)");
    same.Text(incident.topup_id).Text(incident.kind).Text(incident.detail);
    ASSIGN_OR_RETURN(const bool found, same.Step());
    if (found) return false;
  }
  Query insert = database_->Prepare(kInsertIncident);
  BindIncident(insert, incident);
  RETURN_IF_ERROR(insert.Run());
  return true;
}

absl::StatusOr<core::Incident> SqliteWriter::CloseIncident(const IncidentClosing& closing) {
  RETURN_IF_ERROR(
      database_
          ->Prepare("UPDATE incidents SET close_time = ?, closed_by = ?, close_reason = ? "
                    "WHERE id = ? AND close_time IS NULL")
          .Int(EncodeTime(closing.time))
          .Text(closing.closed_by)
          .Text(closing.reason)
          .Text(closing.incident_id)
          .Run());
  return ReadIncidentById(*database_, closing.incident_id);
}

absl::Status SqliteWriter::SaveCatalogue(const core::Catalogue& catalogue) {
  RETURN_IF_ERROR(database_->Prepare("DELETE FROM catalogue_plans").Run());
  for (const core::Plan& plan : catalogue.plans) {
    Query insert = database_->Prepare(kInsertPlan);
    BindPlan(insert, plan);
    RETURN_IF_ERROR(insert.Run());
  }
  return database_->Prepare("INSERT OR REPLACE INTO catalogue (one, read_time) VALUES (1, ?)")
      .Int(EncodeTime(catalogue.read_time))
      .Run();
}

absl::Status SqliteWriter::AppendActivation(const PricingActivation& activation) {
  return InsertActivation(*database_, activation);
}

absl::StatusOr<std::string> SqliteWriter::KeepSetting(const std::string& name,
                                                      const std::string& value) {
  RETURN_IF_ERROR(
      database_->Prepare("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
          .Text(name)
          .Text(value)
          .Run());
  Query kept = database_->Prepare("SELECT value FROM settings WHERE name = ?");
  ASSIGN_OR_RETURN(const bool found, kept.Text(name).Step());
  if (!found) return StoredDataError("setting");
  return std::string(kept.TextAt(0));
}

absl::StatusOr<bool> SqliteWriter::TrimEvents(absl::Time before, int limit) {
  int64_t through = 0;
  int old = 0;
  {
    Query oldest = database_->Prepare(
        "SELECT sequence, update_time FROM topup_events ORDER BY sequence LIMIT ?");
    oldest.Int(limit);
    while (true) {
      ASSIGN_OR_RETURN(const bool found, oldest.Step());
      // Never past one that has to stay: the log has no holes.
      if (!found || oldest.IntAt(1) >= EncodeTime(before)) break;
      through = oldest.IntAt(0);
      ++old;
    }
  }
  if (old == 0) return true;
  RETURN_IF_ERROR(
      database_->Prepare("DELETE FROM topup_events WHERE sequence <= ?").Int(through).Run());
  RETURN_IF_ERROR(
      database_->Prepare("UPDATE event_log SET trimmed_through = ?").Int(through).Run());
  return old < limit;
}

}  // namespace topup::store::sqlite
