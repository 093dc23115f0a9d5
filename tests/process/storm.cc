#include "tests/process/storm.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "tests/process/client_crowd.h"
#include "tests/process/commit_watch.h"
#include "tests/process/provider_side.h"
#include "tests/process/service_side.h"
#include "tests/process/topup_message.h"
#include "tests/process/watcher_crowd.h"
#include "tests/sim/dice.h"

namespace topup::process {
namespace {

constexpr int kSubmitConcurrency = 16;
constexpr absl::Duration kLook = absl::Milliseconds(50);
// Nothing at all has moved for so long: it will not.
constexpr absl::Duration kPatience = absl::Minutes(2);

class Storm {
 public:
  explicit Storm(const StormOptions& options);
  StormResult Run();

 private:
  absl::Status Begin();
  absl::Status KillMany();
  absl::Status KillOnce(int& left);
  // Returns when `done`, which is asked again and again; an error where `progress` stands still.
  absl::Status Await(const std::string& what, const std::function<bool()>& done,
                     const std::function<int64_t()>& progress);
  absl::Status Settle();
  absl::Status AwaitWatchers();
  void WriteHistory();

  const StormOptions options_;
  const StepClock clock_{base::RealClock()};
  sim::Dice dice_;
  Problems problems_;
  StormResult result_;
  // In the order of dependence; destroyed from the last to the first.
  StoreReader reader_;
  CommitWatch watch_;
  ProviderSide provider_;
  RecentTopups recent_;
  std::unique_ptr<ServiceSide> service_;
  std::unique_ptr<ClientCrowd> clients_;
  std::unique_ptr<WatcherCrowd> watchers_;
};

Storm::Storm(const StormOptions& options)
    : options_(options),
      dice_(options.seed),
      reader_(ServiceSide::StorePath(options.folder)),
      watch_(clock_, reader_),
      provider_(clock_, reader_, problems_, options.seed) {}

absl::Status Storm::Begin() {
  if (const absl::Status started = provider_.Start(); !started.ok()) return started;
  // So that no stream tells more than a small part of everything.
  const std::vector<CallerName> callers = MakeCallers(std::max(4, options_.watchers / 50));
  ServiceOptions service;
  service.program = options_.topupd;
  service.folder = options_.folder;
  service.provider_url = provider_.url();
  service.provider_key = ProviderSide::kKey;
  service.submit_concurrency = kSubmitConcurrency;
  service.callers = callers;
  service_ = std::make_unique<ServiceSide>(service, clock_, reader_, watch_);
  if (const absl::Status started = service_->Start(); !started.ok()) return started;
  const absl::StatusOr<std::string> token_key = reader_.Setting("token_key");
  if (!token_key.ok()) return token_key.status();
  CrowdOptions crowd;
  crowd.clients = options_.clients;
  crowd.sends_per_second = options_.sends_per_second;
  crowd.seed = options_.seed;
  crowd.callers = callers;
  clients_ = std::make_unique<ClientCrowd>(crowd, clock_, *service_, watch_, recent_, problems_);
  WatcherCrowdOptions watchers;
  watchers.watchers = options_.watchers;
  watchers.reconnects = options_.reconnects;
  watchers.seed = options_.seed;
  watchers.callers = callers;
  watchers_ = std::make_unique<WatcherCrowd>(watchers, *token_key, clock_, *service_, watch_,
                                             recent_, problems_);
  clients_->Start();
  watchers_->Start();
  return absl::OkStatus();
}

absl::Status Storm::KillMany() {
  for (int left = options_.kills; left > 0;) {
    if (const absl::Status killed = KillOnce(left); !killed.ok()) return killed;
  }
  return absl::OkStatus();
}

absl::Status Storm::KillOnce(int& left) {
  // At some moment, or right when a POST has arrived.
  const absl::Duration up = dice_.Between(absl::Milliseconds(300), absl::Milliseconds(1800));
  const bool at_a_post = dice_.Chance(400);
  const int64_t posts = at_a_post ? dice_.Between(int64_t{1}, int64_t{200}) : 1'000'000'000;
  provider_.AwaitPosts(posts, up);
  if (const absl::Status killed = service_->Kill(); !killed.ok()) return killed;
  --left;
  ++result_.figures.kills;
  // Now and then the next one does not live to serve.
  if (left > 0 && dice_.Chance(150)) {
    const absl::Duration after = dice_.Between(absl::ZeroDuration(), absl::Milliseconds(300));
    if (const absl::Status killed = service_->StartAndKill(after); !killed.ok()) return killed;
    --left;
    ++result_.figures.kills;
  }
  return service_->Start();
}

absl::Status Storm::Await(const std::string& what, const std::function<bool()>& done,
                          const std::function<int64_t()>& progress) {
  int64_t last = progress();
  absl::Duration moved = clock_.Elapsed();
  std::mutex mutex;
  std::condition_variable never;
  while (!done()) {
    const int64_t now = progress();
    if (now != last) {
      last = now;
      moved = clock_.Elapsed();
    } else if (clock_.Elapsed() - moved > kPatience) {
      return absl::DeadlineExceededError(absl::StrCat("in vain: ", what));
    }
    std::unique_lock<std::mutex> lock(mutex);
    never.wait_for(lock, absl::ToChronoNanoseconds(kLook));
  }
  return absl::OkStatus();
}

absl::Status Storm::Settle() {
  provider_.Heal();
  return Await(
      "everything settles",
      [this] {
        const absl::StatusOr<int64_t> unsettled = reader_.CountUnsettled();
        return unsettled.ok() && *unsettled == 0;
      },
      [this] { return reader_.LatestSequence().value_or(0); });
}

absl::Status Storm::AwaitWatchers() {
  watchers_->FinishFollowing();
  const absl::StatusOr<int64_t> newest = reader_.LatestSequence();
  if (!newest.ok()) return newest.status();
  const auto waiting = [this, newest = *newest] { return watchers_->CountWaiting(newest); };
  return Await(
      "every watcher is told of the end", [&] { return waiting() == 0; }, waiting);
}

void Storm::WriteHistory() {
  sim::History& history = result_.history;
  history.healed = true;
  // How far apart two reads that say REFUNDED were cannot be seen from outside: their arrivals
  // are not their beginnings. That there were two of them can.
  history.poll_interval = absl::ZeroDuration();
  history.unknown_review_after = absl::Minutes(3);
  history.submit_concurrency = kSubmitConcurrency;
  if (const absl::Status read = reader_.ReadAll(history); !read.ok()) {
    problems_.Add(absl::StrCat("the store cannot be read: ", read.ToString()));
  }
  watch_.Date(history.events);
  provider_.WriteHistory(history);
  clients_->WriteHistory(history);
  watchers_->WriteHistory(history);
  history.log_lines = service_->LogLines();
  history.secrets.push_back(ProviderSide::kKey);
  std::map<std::string, const core::Topup*> rows;
  for (const core::Topup& topup : history.topups) rows[topup.id] = &topup;
  for (sim::Call& call : history.calls) {
    if (!call.topup.has_value()) continue;
    const auto row = rows.find(call.topup->id);
    if (row != rows.end()) Complete(*row->second, *call.topup);
  }
}

StormResult Storm::Run() {
  const auto step = [this](const absl::Status& status) {
    if (!status.ok()) problems_.Add(std::string(status.message()));
    return status.ok();
  };
  const auto run = [&] {
    return step(Begin()) && step(KillMany()) &&
           step(Await(
               "enough sends and reconnects",
               [this] {
                 return clients_->answered() >= options_.sends &&
                        watchers_->EveryoneHasReconnected();
               },
               [this] { return clients_->answered() + watchers_->reconnects(); }));
  };
  const bool good = run();
  if (clients_ != nullptr) {
    clients_->StopSending();
    // The last answers belong to what has to settle. Where nobody serves any more, they give up
    // by themselves, in the end.
    if (good) clients_->Join();
  }
  if (good && step(Settle())) step(AwaitWatchers());
  if (watchers_ != nullptr) watchers_->Stop();
  if (good) step(service_->Stop());
  watch_.Stop();
  if (clients_ != nullptr) {
    clients_->Join();
    result_.figures.answered = clients_->answered();
    result_.figures.repeats = clients_->repeats();
    result_.figures.watchers = options_.watchers;
    result_.figures.reconnects = watchers_->reconnects();
    result_.figures.times_to_serving = service_->TimesToServing();
    WriteHistory();
  }
  result_.figures.lasted = clock_.Elapsed();
  result_.problems = problems_.All();
  return std::move(result_);
}

}  // namespace

StormResult RunStorm(const StormOptions& options) { return Storm(options).Run(); }

}  // namespace topup::process
