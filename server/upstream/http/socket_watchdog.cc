#include "server/upstream/http/socket_watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace topup::upstream::http {
namespace {

// How late a deadline may be noticed. The clock is not slept on: it counts suspension, which
// timers do not, and tests move it.
constexpr std::chrono::milliseconds kLookEvery(25);

}  // namespace

SocketWatchdog::Watch::Watch(SocketWatchdog& watchdog, absl::Duration deadline, bool may_be_cut)
    : watchdog_(watchdog), deadline_(deadline), may_be_cut_(may_be_cut) {
  std::lock_guard<std::mutex> lock(watchdog_.mutex_);
  watchdog_.watches_.insert(this);
  watchdog_.changed_.notify_one();
}

SocketWatchdog::Watch::~Watch() {
  std::lock_guard<std::mutex> lock(watchdog_.mutex_);
  watchdog_.watches_.erase(this);
  for (int socket : sockets_) close(socket);
}

void SocketWatchdog::Watch::Add(int socket) {
  std::lock_guard<std::mutex> lock(watchdog_.mutex_);
  const int duplicate = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) {
    // Out of descriptors. A connection that cannot be watched is not used.
    over_ = true;
    shutdown(socket, SHUT_RDWR);
    return;
  }
  sockets_.push_back(duplicate);
  watchdog_.EndIfOver(*this);
}

bool SocketWatchdog::Watch::over() const {
  std::lock_guard<std::mutex> lock(watchdog_.mutex_);
  return over_ || watchdog_.IsOver(*this);
}

SocketWatchdog::SocketWatchdog(const base::Clock& clock)
    : clock_(clock), thread_([this] { Run(); }) {}

SocketWatchdog::~SocketWatchdog() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void SocketWatchdog::Cut() {
  std::lock_guard<std::mutex> lock(mutex_);
  cut_ = true;
  for (Watch* watch : watches_) EndIfOver(*watch);
}

bool SocketWatchdog::IsOver(const Watch& watch) const {
  return (cut_ && watch.may_be_cut_) || clock_.Elapsed() >= watch.deadline_;
}

void SocketWatchdog::EndIfOver(Watch& watch) {
  if (!watch.over_ && !IsOver(watch)) return;
  watch.over_ = true;
  // Again at each look: a socket may only have been connected since.
  for (int socket : watch.sockets_) shutdown(socket, SHUT_RDWR);
}

void SocketWatchdog::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (watches_.empty()) {
      changed_.wait(lock);
      continue;
    }
    for (Watch* watch : watches_) EndIfOver(*watch);
    changed_.wait_for(lock, kLookEvery);
  }
}

}  // namespace topup::upstream::http
