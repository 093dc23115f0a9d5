#include "server/store/sqlite/mark_keeper.h"

#include <pthread.h>

#include <chrono>
#include <optional>
#include <utility>

#include "server/base/status_macros.h"

namespace topup::store::sqlite {
namespace {

constexpr std::chrono::seconds kPace{1};

}  // namespace

MarkKeeper::MarkKeeper(std::string path, Judgement judgement, base::Metrics& metrics)
    : path_(std::move(path)),
      failures_(metrics.GetCounter("topup_store_mark_failures_total",
                                   "Marks beside the store's file that could not be written.")),
      mark_(std::move(judgement.mark)),
      standing_(std::move(judgement.standing)) {
  metrics
      .GetGauge("topup_store_older_copy",
                "1 where this process was started on an older copy of the store's file.")
      ->Set(standing_.older_copy ? 1 : 0);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "store-mark");
    Run();
  });
}

MarkKeeper::~MarkKeeper() { Stop(); }

void MarkKeeper::SetDeployment(const std::string& deployment_id) {
  std::lock_guard<std::mutex> lock(mu_);
  changed_ = changed_ || mark_.deployment_id != deployment_id;
  mark_.deployment_id = deployment_id;
  wake_.notify_one();
}

void MarkKeeper::Committed(int64_t commits) {
  std::lock_guard<std::mutex> lock(mu_);
  mark_.commits = commits;
  // Only the first change since the last write finds a thread that waits for one.
  if (!std::exchange(changed_, true)) wake_.notify_one();
}

void MarkKeeper::Swept(absl::Time through) {
  std::lock_guard<std::mutex> lock(mu_);
  mark_.swept_through = through;
  standing_.swept_through = through;
  changed_ = true;
  wake_.notify_one();
}

void MarkKeeper::TakenOver(std::function<void(absl::Status)> done) {
  {
    std::lock_guard<std::mutex> lock(mu_);
    mark_.older_copy = false;
    standing_.older_copy = false;
    changed_ = true;
    if (Writable() && !stopping_) {
      waiting_.push_back(std::move(done));
      wake_.notify_one();
      return;
    }
  }
  done(absl::OkStatus());
}

Standing MarkKeeper::standing() const {
  std::lock_guard<std::mutex> lock(mu_);
  return standing_;
}

void MarkKeeper::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void MarkKeeper::Run() {
  std::unique_lock<std::mutex> lock(mu_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || WriteWanted(); });
    // What it is told during a write is in the next one, also where it is stopped meanwhile.
    const bool last = stopping_;
    if (WriteWanted()) Write(lock);
    // The last write is not repeated: what it said is only a little less.
    if (last) return;
    wake_.wait_for(lock, kPace, [this] { return stopping_ || !waiting_.empty(); });
  }
}

void MarkKeeper::Write(std::unique_lock<std::mutex>& lock) {
  changed_ = false;
  const CommitMark mark = mark_;
  std::vector<std::function<void(absl::Status)>> waiting;
  waiting.swap(waiting_);
  lock.unlock();
  const absl::Status status = WriteMark(path_, mark);
  if (!status.ok()) failures_->Increment();
  for (const auto& done : waiting) done(status);
  lock.lock();
  if (!status.ok()) changed_ = true;
}

absl::StatusOr<std::unique_ptr<MarkKeeper>> KeepMark(const std::string& file, Database& database,
                                                     base::Metrics& metrics) {
  const std::string path = file + ".mark";
  ASSIGN_OR_RETURN(const FileFacts facts, ReadFileFacts(database));
  ASSIGN_OR_RETURN(const std::optional<CommitMark> found, ReadMark(path));
  Judgement judgement = JudgeMark(facts, found);
  // The commits of taking over soon look like those that are missing: only the mark remembers.
  if (judgement.standing.older_copy) RETURN_IF_ERROR(WriteMark(path, judgement.mark));
  return std::make_unique<MarkKeeper>(path, std::move(judgement), metrics);
}

}  // namespace topup::store::sqlite
