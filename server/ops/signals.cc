#include "server/ops/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace topup::ops {
namespace {

constexpr int kStatusOfSecondSignal = 130;

sigset_t WatchedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

void BlockSignals() {
  const sigset_t signals = WatchedSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

SignalWatcher::SignalWatcher(SignalActions actions)
    : actions_(std::move(actions)), thread_([this] {
        const sigset_t signals = WatchedSignals();
        bool terminating = false;
        int signal = 0;
        while (sigwait(&signals, &signal) == 0 && !stopping_) {
          if (signal == SIGHUP) {
            actions_.reload();
          } else if (terminating) {
            _exit(kStatusOfSecondSignal);
          } else if (signal != SIGUSR2) {
            terminating = true;
            actions_.terminate();
          }
        }
      }) {}

SignalWatcher::~SignalWatcher() {
  stopping_ = true;
  // SIGUSR2 only wakes the thread up.
  pthread_kill(thread_.native_handle(), SIGUSR2);
  thread_.join();
}

}  // namespace topup::ops
