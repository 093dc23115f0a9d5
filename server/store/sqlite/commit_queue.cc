#include "server/store/sqlite/commit_queue.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "server/base/status_macros.h"
#include "server/store/sqlite/checkpoint_rule.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

// Nobody has asked for anything for this long: a good moment to write the log back.
constexpr std::chrono::milliseconds kIdle{50};

// Refused because of what is stored, before anything was changed.
bool IsRefusal(const absl::Status& status) {
  return absl::IsAborted(status) || absl::IsNotFound(status);
}

// Says something of one write, nothing of the disk.
bool ConcernsOneWrite(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsDataLoss(status);
}

}  // namespace

CommitQueue::CommitQueue(std::unique_ptr<SqliteWriter> writer, MarkKeeper* mark,
                         const StoreOptions& options, const base::Clock& clock,
                         base::Metrics& metrics)
    : options_(options),
      clock_(clock),
      mark_(mark),
      commit_seconds_(metrics.GetDurationHistogram("topup_store_commit_seconds",
                                                   "Time of one commit of a batch of writes.")),
      commits_(metrics.GetCounter("topup_store_commits_total", "Batches committed.")),
      writes_(metrics.GetCounter("topup_store_writes_total", "Writes in committed batches.")),
      waiting_(metrics.GetGauge("topup_store_waiting_writes", "Writes that wait for a commit.")),
      log_pages_(metrics.GetGauge("topup_store_log_pages",
                                  "Pages in the write-ahead log that are not written back.")),
      free_bytes_(metrics.GetGauge("topup_store_free_bytes",
                                   "Room on the store's file system, as of the last commit.")),
      writer_(std::move(writer)) {
  Publish();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "store-commit");
    Run();
  });
}

CommitQueue::~CommitQueue() { Stop(); }

void CommitQueue::Submit(std::unique_ptr<Write> write) {
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (!stopping_) {
      const bool full = queue_.size() >= static_cast<size_t>(options_.commit_queue_limit);
      const bool was_empty = queue_.empty() && refused_.empty();
      if (full) {
        refused_.push_back(std::move(write));
      } else {
        queue_.push_back(std::move(write));
      }
      if (was_empty) changed_.notify_one();
      return;
    }
  }
  write->Finish(StorageUnavailableError("it is stopping"));
}

void CommitQueue::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status CommitQueue::health() const {
  std::lock_guard<std::mutex> lock(mu_);
  return dead_;
}

int64_t CommitQueue::OpenCount(core::TopupStatus status) const {
  return open_counts_[static_cast<size_t>(status)].load(std::memory_order_acquire);
}

void CommitQueue::Run() {
  Batch batch;
  Batch refused;
  while (WaitForBatch(batch, refused)) {
    const bool idle = batch.empty() && refused.empty();
    const absl::Status commit = batch.empty() ? absl::OkStatus() : Process(batch);
    for (const std::unique_ptr<Write>& write : refused) write->Finish(CommitQueueFullError());
    batch.clear();
    refused.clear();
    Checkpoint(idle, commit);
  }
  // A store that has failed is left exactly as the failure left it.
  if (health().ok()) static_cast<void>(writer_->Checkpoint(CheckpointMode::kTruncate));
  writer_.reset();
}

bool CommitQueue::WaitForBatch(Batch& batch, Batch& refused) {
  std::unique_lock<std::mutex> lock(mu_);
  const auto has_work = [this] { return !queue_.empty() || !refused_.empty() || stopping_; };
  if (writer_->log_pages() >= options_.idle_checkpoint_pages && dead_.ok()) {
    if (!changed_.wait_for(lock, kIdle, has_work)) return true;
  } else {
    changed_.wait(lock, has_work);
  }
  if (queue_.empty() && refused_.empty()) return false;
  waiting_->Set(static_cast<int64_t>(queue_.size()));
  while (!queue_.empty() && batch.size() < static_cast<size_t>(options_.batch_limit)) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  refused.swap(refused_);
  return true;
}

absl::Status CommitQueue::Process(Batch& batch) {
  absl::Status dead = health();
  if (!dead.ok()) {
    Answer(batch, dead);
    return dead;
  }
  const absl::Duration start = clock_.Elapsed();
  absl::Status commit = TryCommit(batch, /*careful=*/false);
  if (ConcernsOneWrite(commit)) commit = TryCommit(batch, /*careful=*/true);
  if (commit.ok()) {
    commit_seconds_->Observe(clock_.Elapsed() - start);
    commits_->Increment();
    writes_->Add(static_cast<int64_t>(batch.size()));
    if (mark_ != nullptr) mark_->Committed(writer_->commits());
    Publish();
    if (listener_ != nullptr && !writer_->events().empty()) {
      listener_->OnCommitted(writer_->events());
    }
  }
  Answer(batch, commit);
  return commit;
}

absl::Status CommitQueue::TryCommit(Batch& batch, bool careful) {
  // Nothing has been written where this fails: somebody else may be looking at the file.
  RETURN_IF_ERROR(writer_->Begin());
  absl::Status status;
  for (const std::unique_ptr<Write>& write : batch) {
    status = careful ? ApplyAlone(*write) : write->Apply(*writer_);
    if (IsRefusal(status)) status = absl::OkStatus();
    if (!status.ok()) break;
  }
  if (status.ok()) status = writer_->Commit();
  if (status.ok()) return status;
  writer_->Rollback();
  // With a full disk nothing was recorded. After any other failure on the way to the disk it is
  // not known what is on it, and asking again can be answered wrongly: the kernel reports a
  // failed write-back once, and then forgets it.
  if (absl::IsUnavailable(status)) Die(status);
  return status;
}

absl::Status CommitQueue::ApplyAlone(Write& write) {
  RETURN_IF_ERROR(writer_->SetSavepoint());
  absl::Status status = write.Apply(*writer_);
  if (status.ok() || IsRefusal(status)) return writer_->ReleaseSavepoint();
  // The write keeps its own error for its answer.
  if (ConcernsOneWrite(status)) return writer_->RollbackToSavepoint();
  return status;
}

void CommitQueue::Answer(Batch& batch, const absl::Status& commit) {
  for (std::unique_ptr<Write>& write : batch) {
    if (commit.ok() && write->unfinished()) {
      std::lock_guard<std::mutex> lock(mu_);
      if (!stopping_) {
        queue_.push_back(std::move(write));
        continue;
      }
    }
    const bool cut_short = commit.ok() && write->unfinished();
    write->Finish(cut_short ? StorageUnavailableError("it is stopping") : commit);
  }
}

void CommitQueue::Publish() {
  const OpenCounts& counts = writer_->open_counts();
  for (size_t status = 0; status < counts.size(); ++status) {
    open_counts_[status].store(counts[status], std::memory_order_release);
  }
}

void CommitQueue::Checkpoint(bool idle, const absl::Status& commit) {
  const LogStanding standing{.pages = writer_->log_pages(),
                             .free_bytes = writer_->FreeBytes(),
                             .is_idle = idle,
                             .found_no_room = absl::IsResourceExhausted(commit)};
  log_pages_->Set(standing.pages);
  free_bytes_->Set(standing.free_bytes.value_or(0));
  const CheckpointMode mode = ChooseCheckpoint(standing, options_);
  if (mode == CheckpointMode::kNone || !health().ok()) return;
  const absl::Status status = writer_->Checkpoint(mode);
  // A full disk heals; a failed sync of the file does not.
  if (absl::IsUnavailable(status)) Die(status);
}

void CommitQueue::Die(const absl::Status& reason) {
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (!dead_.ok()) return;
    dead_ = reason;
  }
  if (listener_ != nullptr) listener_->OnFatal(reason);
}

}  // namespace topup::store::sqlite
