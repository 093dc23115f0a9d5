#include "server/api/write_watchdog.h"

#include <map>
#include <mutex>

namespace topup::api {
namespace {

struct Write {
  grpc::CallbackServerContext* context;
  base::Counter* cuts;
  absl::Duration since;
};

}  // namespace

struct WriteWatchdog::State : std::enable_shared_from_this<State> {
  State(absl::Duration limit, const base::Clock& clock, base::TaskLoop& timers)
      : limit(limit), clock(clock), timers(timers) {}

  // With the mutex held.
  void Arm() {
    armed = true;
    timers.PostAfter(limit / 2, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Look();
    });
  }

  // The mutex is held while gRPC is told to cut, so that no context goes meanwhile: its
  // reactions never run inside such a call.
  void Look() {
    std::lock_guard<std::mutex> lock(mutex);
    const absl::Duration now = clock.Elapsed();
    while (!writes.empty() && now - writes.begin()->second.since >= limit) {
      const Write& write = writes.begin()->second;
      write.cuts->Increment();
      write.context->TryCancel();
      writes.erase(writes.begin());
    }
    armed = false;
    if (!writes.empty()) Arm();
  }

  const absl::Duration limit;
  const base::Clock& clock;
  base::TaskLoop& timers;
  std::mutex mutex;  // guards everything below
  WriteId last_write = 0;
  std::map<WriteId, Write> writes;  // under way and not cut: the oldest first
  bool armed = false;               // a Look is coming
};

WriteWatchdog::WriteWatchdog(absl::Duration limit, const base::Clock& clock, base::TaskLoop& timers)
    : state_(std::make_shared<State>(limit, clock, timers)) {}

WriteWatchdog::~WriteWatchdog() = default;

WriteWatchdog::WriteId WriteWatchdog::Begin(grpc::CallbackServerContext* context,
                                            base::Counter* cuts) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  const WriteId write = ++state_->last_write;
  state_->writes.emplace_hint(state_->writes.end(), write,
                              Write{context, cuts, state_->clock.Elapsed()});
  if (!state_->armed) state_->Arm();
  return write;
}

void WriteWatchdog::End(WriteId write) {
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->writes.erase(write);
}

}  // namespace topup::api
