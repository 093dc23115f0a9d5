#include "tests/process/commit_watch.h"

#include <algorithm>
#include <chrono>

namespace topup::process {
namespace {

constexpr std::chrono::milliseconds kPause(2);

}  // namespace

CommitWatch::CommitWatch(const StepClock& clock, StoreReader& reader)
    : clock_(clock), reader_(reader), thread_([this] { Look(); }) {}

CommitWatch::~CommitWatch() { Stop(); }

void CommitWatch::Rest() {
  std::unique_lock<std::mutex> lock(mutex_);
  resting_ = true;
  changed_.wait(lock, [this] { return !looking_; });
}

void CommitWatch::Resume() {
  const std::lock_guard<std::mutex> lock(mutex_);
  resting_ = false;
  changed_.notify_all();
}

void CommitWatch::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void CommitWatch::Look() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    if (resting_) {
      changed_.wait(lock);
      continue;
    }
    looking_ = true;
    lock.unlock();
    const int64_t begin = clock_.Step();
    const absl::StatusOr<int64_t> newest = reader_.LatestSequence();
    if (newest.ok()) {
      if (*newest > (marks_.empty() ? 0 : marks_.back().sequence)) {
        ReadWallClock();
        marks_.push_back({*newest, last_look_, clock_.Step(), wall_clocks_.size() - 1});
        newest_seen_ = *newest;
      }
      last_look_ = begin;
    }
    lock.lock();
    looking_ = false;
    changed_.notify_all();
    changed_.wait_for(lock, kPause, [this] { return stopped_; });
  }
}

void CommitWatch::ReadWallClock() {
  const absl::Duration before = clock_.Elapsed();
  const absl::Time now = clock_.clock().Now();
  const absl::Duration after = clock_.Elapsed();
  const WallClock read{now - after, now - before};
  if (!wall_clocks_.empty()) {
    WallClock& known = wall_clocks_.back();
    const WallClock both{std::max(known.earliest, read.earliest),
                         std::min(known.latest, read.latest)};
    if (both.earliest <= both.latest) {
      known = both;
      return;
    }
  }
  wall_clocks_.push_back(read);
}

void CommitWatch::Shown(const std::string& topup_id, int64_t revision) {
  const absl::StatusOr<int64_t> committed = reader_.Revision(topup_id);
  if (!committed.ok() || *committed >= revision) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  early_revisions_.emplace(std::pair(topup_id, revision), clock_.Step());
}

void CommitWatch::ShownSequence(int64_t sequence) {
  if (sequence <= newest_seen_) return;
  const absl::StatusOr<int64_t> committed = reader_.LatestSequence();
  if (!committed.ok() || *committed >= sequence) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  early_sequences_.emplace(sequence, clock_.Step());
}

void CommitWatch::Date(std::vector<sim::LoggedEvent>& events) const {
  size_t mark = 0;
  for (sim::LoggedEvent& logged : events) {
    while (mark < marks_.size() && marks_[mark].sequence < logged.event.sequence) ++mark;
    logged.step = last_look_;
    if (mark < marks_.size()) {
      const WallClock& wall_clock = wall_clocks_[marks_[mark].wall_clock];
      const absl::Time start = wall_clock.earliest + (wall_clock.latest - wall_clock.earliest) / 2;
      const absl::Duration told = logged.event.topup.update_time - start;
      logged.step =
          std::clamp(absl::ToInt64Nanoseconds(told), marks_[mark].after, marks_[mark].before);
    }
    const core::Topup& topup = logged.event.topup;
    const auto early = early_sequences_.find(logged.event.sequence);
    if (early != early_sequences_.end()) logged.step = std::max(logged.step, early->second);
    const auto early_too = early_revisions_.find({topup.id, topup.revision});
    if (early_too != early_revisions_.end()) {
      logged.step = std::max(logged.step, early_too->second);
    }
    logged.elapsed = absl::Nanoseconds(logged.step);
  }
}

}  // namespace topup::process
