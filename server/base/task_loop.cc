#include "server/base/task_loop.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace topup::base {
namespace {

constexpr size_t kThreadNameSizeMax = 15;

// The longest wait for a timer. The condition variable's clock stands still while the machine
// is suspended and Elapsed() does not: a timer is late by this much at most.
constexpr absl::Duration kWaitMax = absl::Seconds(1);

struct Timer {
  absl::Duration due;
  Task task;
};

// Something to run: a posted task, or the timer with this id, unless it was cancelled since.
struct Ready {
  TaskLoop::TimerId timer = 0;
  Task task;
};

}  // namespace

struct ThreadTaskLoop::State {
  explicit State(const Clock& loop_clock) : clock(loop_clock) {}

  void Run();
  void MoveDueTimers();
  Task TakeNext();

  const Clock& clock;
  std::thread thread;
  std::mutex stop_mutex;  // held while the thread is joined; taken before `mutex`

  std::mutex mutex;  // guards everything below
  std::condition_variable changed;
  bool stopping = false;
  TimerId last_timer = 0;
  std::deque<Ready> ready;
  std::map<TimerId, Timer> timers;  // those that have neither run nor been cancelled
  std::set<std::pair<absl::Duration, TimerId>> schedule;  // those of them not yet in `ready`
};

// Puts what is due at the end of the queue, so that neither timers nor tasks starve.
void ThreadTaskLoop::State::MoveDueTimers() {
  if (schedule.empty()) return;
  const absl::Duration now = clock.Elapsed();
  while (!schedule.empty() && schedule.begin()->first <= now) {
    ready.push_back({.timer = schedule.begin()->second, .task = nullptr});
    schedule.erase(schedule.begin());
  }
}

// Null where the next thing is a timer that must not run any more.
Task ThreadTaskLoop::State::TakeNext() {
  Ready next = std::move(ready.front());
  ready.pop_front();
  if (next.timer == 0) return std::move(next.task);
  const auto timer = timers.find(next.timer);
  if (timer == timers.end() || stopping) return nullptr;
  Task task = std::move(timer->second.task);
  timers.erase(timer);
  return task;
}

void ThreadTaskLoop::State::Run() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    if (!stopping) MoveDueTimers();
    if (!ready.empty()) {
      Task task = TakeNext();
      lock.unlock();
      if (task) task();
      task = nullptr;  // what it holds may call us when it is destroyed
      lock.lock();
    } else if (stopping) {
      return;
    } else if (schedule.empty()) {
      changed.wait(lock);
    } else {
      const absl::Duration wait = schedule.begin()->first - clock.Elapsed();
      changed.wait_for(lock, absl::ToChronoNanoseconds(std::min(wait, kWaitMax)));
    }
  }
}

ThreadTaskLoop::ThreadTaskLoop(std::string name, const Clock& clock)
    : state_(std::make_shared<State>(clock)) {
  if (name.size() > kThreadNameSizeMax) name.resize(kThreadNameSizeMax);
  state_->thread = std::thread([state = state_, name = std::move(name)] {
    pthread_setname_np(pthread_self(), name.c_str());
    state->Run();
  });
}

ThreadTaskLoop::~ThreadTaskLoop() { Stop(); }

void ThreadTaskLoop::Post(Task task) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->stopping) return;
  state_->ready.push_back({.timer = 0, .task = std::move(task)});
  state_->changed.notify_one();
}

TaskLoop::TimerId ThreadTaskLoop::PostAfter(absl::Duration delay, Task task) {
  const absl::Duration due = state_->clock.Elapsed() + delay;
  std::lock_guard<std::mutex> lock(state_->mutex);
  const TimerId id = ++state_->last_timer;
  if (state_->stopping) return id;
  state_->timers.emplace(id, Timer{.due = due, .task = std::move(task)});
  state_->schedule.emplace(due, id);
  // Only a new first timer changes how long the thread may wait.
  if (state_->schedule.begin()->second == id) state_->changed.notify_one();
  return id;
}

void ThreadTaskLoop::Cancel(TimerId timer) {
  Task task;  // destroyed after the lock is let go
  std::lock_guard<std::mutex> lock(state_->mutex);
  const auto found = state_->timers.find(timer);
  if (found == state_->timers.end()) return;
  state_->schedule.erase({found->second.due, timer});
  task = std::move(found->second.task);
  state_->timers.erase(found);
}

void ThreadTaskLoop::Stop() {
  std::lock_guard<std::mutex> stop_lock(state_->stop_mutex);
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_one();
  }
  if (state_->thread.joinable()) state_->thread.join();
  std::map<TimerId, Timer> forgotten;  // destroyed after the lock is let go
  std::lock_guard<std::mutex> lock(state_->mutex);
  forgotten.swap(state_->timers);
  state_->schedule.clear();
}

}  // namespace topup::base
