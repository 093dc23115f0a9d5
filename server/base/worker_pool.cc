#include "server/base/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace topup::base {
namespace {

constexpr size_t kThreadNameSizeMax = 15;

}  // namespace

struct WorkerPool::State {
  void Run();

  std::vector<std::thread> threads;
  std::mutex stop_mutex;  // held while the threads are joined; taken before `mutex`

  std::mutex mutex;  // guards everything below
  std::condition_variable changed;
  bool stopping = false;
  size_t running = 0;
  size_t unfinished_max = 0;  // running and queued
  std::deque<Task> queue;
};

void WorkerPool::State::Run() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return stopping || !queue.empty(); });
    if (queue.empty()) return;
    Task task = std::move(queue.front());
    queue.pop_front();
    ++running;
    lock.unlock();
    task();
    task = nullptr;  // what it holds may call us when it is destroyed
    lock.lock();
    --running;
  }
}

WorkerPool::WorkerPool(std::string name, int threads, int queue_limit)
    : state_(std::make_unique<State>()) {
  const int thread_count = std::max(threads, 1);
  state_->unfinished_max = static_cast<size_t>(thread_count) + std::max(queue_limit, 0);
  state_->threads.reserve(thread_count);
  if (name.size() > kThreadNameSizeMax) name.resize(kThreadNameSizeMax);
  for (int i = 0; i < thread_count; ++i) {
    state_->threads.emplace_back([state = state_.get(), name] {
      pthread_setname_np(pthread_self(), name.c_str());
      state->Run();
    });
  }
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::TryPost(Task task) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->stopping) return false;
  if (state_->queue.size() + state_->running >= state_->unfinished_max) return false;
  state_->queue.push_back(std::move(task));
  state_->changed.notify_one();
  return true;
}

void WorkerPool::Stop() {
  std::lock_guard<std::mutex> stop_lock(state_->stop_mutex);
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
  }
  for (std::thread& thread : state_->threads) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace topup::base
