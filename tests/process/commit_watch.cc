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
        marks_.push_back(
            {*newest, last_look_, clock_.Step(), clock_.clock().Now() - clock_.Elapsed()});
      }
      last_look_ = begin;
    }
    lock.lock();
    looking_ = false;
    changed_.notify_all();
    changed_.wait_for(lock, kPause, [this] { return stopped_; });
  }
}

void CommitWatch::Date(std::vector<sim::LoggedEvent>& events) const {
  size_t mark = 0;
  for (sim::LoggedEvent& logged : events) {
    while (mark < marks_.size() && marks_[mark].sequence < logged.event.sequence) ++mark;
    logged.step = last_look_;
    if (mark < marks_.size()) {
      const absl::Duration told = logged.event.topup.update_time - marks_[mark].start;
      logged.step =
          std::clamp(absl::ToInt64Nanoseconds(told), marks_[mark].after, marks_[mark].before);
    }
    logged.elapsed = absl::Nanoseconds(logged.step);
  }
}

}  // namespace topup::process
