#include "tests/fakes/manual_task_loop.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace topup::fakes {

void ManualTaskLoop::Post(base::Task task) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!stopped_) tasks_.push_back(std::move(task));
}

base::TaskLoop::TimerId ManualTaskLoop::PostAfter(absl::Duration delay, base::Task task) {
  const absl::Duration due = clock_.Elapsed() + delay;
  std::lock_guard<std::mutex> lock(mutex_);
  const TimerId id = ++last_timer_;
  if (stopped_) return id;
  timers_.emplace(std::make_pair(due, id), std::move(task));
  due_times_.emplace(id, due);
  return id;
}

void ManualTaskLoop::Cancel(TimerId timer) {
  base::Task task;  // destroyed after the lock is let go
  std::lock_guard<std::mutex> lock(mutex_);
  const auto due = due_times_.find(timer);
  if (due == due_times_.end()) return;
  const auto found = timers_.find({due->second, timer});
  task = std::move(found->second);
  timers_.erase(found);
  due_times_.erase(due);
}

bool ManualTaskLoop::RunOne() {
  base::Task task;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!tasks_.empty()) {
      task = std::move(tasks_.front());
      tasks_.pop_front();
    } else if (!timers_.empty() && timers_.begin()->first.first <= clock_.Elapsed()) {
      task = std::move(timers_.begin()->second);
      due_times_.erase(timers_.begin()->first.second);
      timers_.erase(timers_.begin());
    } else {
      return false;
    }
  }
  task();
  return true;
}

int ManualTaskLoop::RunReady() {
  int count = 0;
  while (RunOne()) {
    if (++count < kTasksMax) continue;
    std::fputs("ManualTaskLoop: tasks post each other without end.\n", stderr);
    std::abort();
  }
  return count;
}

int ManualTaskLoop::AdvanceBy(absl::Duration duration) {
  const absl::Duration end = clock_.Elapsed() + duration;
  int count = RunReady();
  std::optional<absl::Duration> next;
  while ((next = NextTimer()).has_value() && *next <= end) {
    clock_.Advance(std::max(*next - clock_.Elapsed(), absl::ZeroDuration()));
    count += RunReady();
  }
  // A task may have moved the clock by itself, even beyond the end.
  clock_.Advance(std::max(end - clock_.Elapsed(), absl::ZeroDuration()));
  return count;
}

std::optional<absl::Duration> ManualTaskLoop::NextTimer() const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

int ManualTaskLoop::pending_tasks() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(tasks_.size());
}

int ManualTaskLoop::pending_timers() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(timers_.size());
}

void ManualTaskLoop::Stop() {
  // Destroyed after the lock is let go: what they hold may call us.
  decltype(tasks_) tasks;
  decltype(timers_) timers;
  std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  tasks.swap(tasks_);
  timers.swap(timers_);
  due_times_.clear();
}

}  // namespace topup::fakes
