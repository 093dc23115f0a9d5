#include "tests/process/watcher_crowd.h"

#include <algorithm>
#include <utility>

namespace topup::process {

WatcherCrowd::WatcherCrowd(WatcherCrowdOptions options, const std::string& token_key,
                           const StepClock& clock, ServiceSide& service, CommitWatch& watch,
                           const RecentTopups& recent, Problems& problems)
    : options_(std::move(options)),
      signer_(base::Secret(token_key)),
      surroundings_{.clock = clock,
                    .service = service,
                    .watch = watch,
                    .recent = recent,
                    .problems = problems,
                    .tokens = api::ResumeTokens(signer_),
                    .loop = base::ThreadTaskLoop("watchers", clock.clock())} {
  for (int i = 0; i < options_.watchers; ++i) {
    const auto place = static_cast<size_t>(i);
    Watcher::Plan plan{.caller = options_.callers[place / 2 % options_.callers.size()],
                       .place = place / 2,
                       .reconnects = options_.reconnects,
                       .seed = options_.seed * 1'000'000 + place};
    watchers_.push_back(i % 2 == 0 ? MakeSingleWatcher(surroundings_, std::move(plan))
                                   : MakeFeedWatcher(surroundings_, std::move(plan)));
  }
}

WatcherCrowd::~WatcherCrowd() { Stop(); }

void WatcherCrowd::Start() {
  for (const auto& watcher : watchers_) watcher->OpenLater(absl::ZeroDuration());
}

bool WatcherCrowd::EveryoneHasReconnected() const {
  return std::all_of(watchers_.begin(), watchers_.end(),
                     [](const auto& watcher) { return watcher->HasReconnected(); });
}

int WatcherCrowd::CountWaiting(int64_t sequence) const {
  return static_cast<int>(
      std::count_if(watchers_.begin(), watchers_.end(),
                    [sequence](const auto& watcher) { return watcher->IsWaiting(sequence); }));
}

void WatcherCrowd::Stop() {
  surroundings_.stopping = true;
  surroundings_.loop.Stop();
  for (const auto& watcher : watchers_) watcher->Leave();
  std::unique_lock<std::mutex> lock(surroundings_.mutex);
  surroundings_.stream_ended.wait(lock, [this] { return surroundings_.open_streams == 0; });
}

void WatcherCrowd::WriteHistory(sim::History& history) const {
  Watcher::Sequences sequences;
  for (const sim::LoggedEvent& logged : history.events) {
    sequences[{logged.event.topup.id, logged.event.topup.revision}] = logged.event.sequence;
  }
  Watcher::Rows rows;
  for (const core::Topup& topup : history.topups) rows[topup.id] = &topup;
  for (const auto& watcher : watchers_) watcher->WriteHistory(sequences, rows, history);
}

}  // namespace topup::process
