// Everything that changes the store's file: the statements of one batch of writes.
#ifndef TOPUP_SERVER_STORE_SQLITE_SQLITE_WRITER_H_
#define TOPUP_SERVER_STORE_SQLITE_SQLITE_WRITER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite/sqlite_database.h"
#include "server/store/topup_store.h"

namespace topup::store::sqlite {

// Top-ups by status number; kept for the statuses that are not settled, 0 for the others.
using OpenCounts = std::array<int64_t, 10>;

// Begin, any number of writes, then Commit or Rollback. Used by one thread.
//
// A write that is refused (kAborted, kNotFound) has changed nothing. Any other error may have
// left part of a change in the batch, which must then be rolled back, or to a savepoint.
class SqliteWriter {
 public:
  // `database` is migrated, and of mode kWriter.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Make(std::unique_ptr<Database> database);

  absl::Status Begin();
  absl::Status Commit();
  // Forgets the batch. Never fails: where SQLite has rolled back already, nothing is left.
  void Rollback();

  // Marks a place in the batch; then either undoes or keeps everything after it.
  absl::Status SetSavepoint();
  absl::Status RollbackToSavepoint();
  absl::Status ReleaseSavepoint();

  absl::StatusOr<CreateResult> Create(const CreateRequest& request);
  absl::StatusOr<UpdateResult> Update(const UpdateRequest& request);
  // False where it was known.
  absl::StatusOr<bool> KeepIncident(const core::Incident& incident);
  absl::StatusOr<core::Incident> CloseIncident(const IncidentClosing& closing);
  absl::Status SaveCatalogue(const core::Catalogue& catalogue);
  absl::Status AppendActivation(const PricingActivation& activation);
  absl::StatusOr<std::string> KeepSetting(const std::string& name, const std::string& value);
  // Forgets at most `limit` of the oldest events. False: there may be more to forget.
  absl::StatusOr<bool> TrimEvents(absl::Time before, int limit);

  // Events of the batch, in order. Cleared by Begin.
  const std::vector<core::Event>& events() const { return events_; }
  // As of the last Commit while no batch is open.
  const OpenCounts& open_counts() const { return state_.open_counts; }
  // Batches that have changed this file, over all processes; the same.
  int64_t commits() const { return state_.commits; }

  int log_pages() const { return database_->log_pages(); }
  std::optional<int64_t> FreeBytes() const { return database_->FreeBytes(); }
  absl::Status Checkpoint(CheckpointMode mode) { return database_->Checkpoint(mode); }

 private:
  // What a rollback has to take back beside the file.
  struct State {
    int64_t last_sequence = 0;
    int64_t last_number = 0;
    int64_t commits = 0;
    OpenCounts open_counts{};
    size_t event_count = 0;  // of the batch
  };

  explicit SqliteWriter(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  absl::Status Load();
  // Appends the event of `topup` and gives its sequence.
  absl::StatusOr<int64_t> AppendEvent(const core::Topup& topup, int64_t topup_number,
                                      int64_t previous_event);
  absl::Status ReplaceAttempt(int64_t topup_number, const core::Attempt& attempt);
  absl::Status KeepResolution(int64_t topup_number, const core::Resolution& resolution);
  absl::Status AppendCheck(int64_t topup_number, const core::Check& check);
  void Count(core::TopupStatus status, int64_t change);

  void Restore(const State& state);

  const std::unique_ptr<Database> database_;
  std::vector<core::Event> events_;
  State state_;
  State before_batch_;
  int64_t changed_before_batch_ = 0;
  State before_savepoint_;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_SQLITE_WRITER_H_
