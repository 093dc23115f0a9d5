// The callers and watchers of a simulated world: what they ask, repeat, reuse, cancel and watch.
#ifndef TOPUP_TESTS_SIM_WORKLOAD_H_
#define TOPUP_TESTS_SIM_WORKLOAD_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace topup::sim {

// Runs on the world's loop of clients. Outlives every process.
class Workload {
 public:
  explicit Workload(World& world) : world_(world) {}

  // Puts everything that will be done onto the clients' loop.
  void Plan();
  // Streams break, and watchers come back.
  void ProcessDied();
  // Says where every watcher has got to.
  void Finish();

 private:
  // What one caller wants, under one ref.
  struct Wish {
    std::string caller;
    std::string ref;
    core::PhoneNumber phone;
    std::string plan_code;
    std::optional<int64_t> amount_dzd;
    std::string quote_id;
    bool allow_repeat = true;
    int tries = 0;
  };
  struct Watcher {
    std::string caller;
    std::string topup_id;
    std::vector<core::TopupStatus> statuses;
    int64_t token = 0;
    std::shared_ptr<watch::Subscription> subscription;
    size_t session = 0;  // in the history, while subscribed
  };

  Wish MakeWish(int number);
  void Send(size_t wish_place);
  void Answered(size_t call_place, size_t wish_place,
                const absl::StatusOr<engine::SendResult>& answer);
  // A caller that does not know what became of its send repeats it, as it was.
  void RepeatLater(size_t wish_place);
  void QuoteThenSend(size_t wish_place);
  void Reuse(size_t wish_place);
  void Cancel(size_t wish_place);
  void Get(size_t wish_place);
  void AskForOffers(size_t wish_place);

  size_t Begin(Call::Kind kind, const Wish& wish);
  void End(size_t call_place, const absl::Status& status);
  engine::SendCommand MakeCommand(const Wish& wish);

  void Watch(std::shared_ptr<Watcher> watcher);
  void Next(const std::shared_ptr<Watcher>& watcher);
  void Deliver(const std::shared_ptr<Watcher>& watcher,
               const absl::StatusOr<watch::FeedBatch>& batch);
  // Ends its stream here; it comes back with its token, or with an older one.
  void Disconnect(const std::shared_ptr<Watcher>& watcher);

  Dice& dice() { return world_.run().dice; }
  // Some time while faults last.
  absl::Duration Sometime();

  World& world_;
  std::vector<Wish> wishes_;
  std::deque<std::shared_ptr<Watcher>> watchers_;
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_WORKLOAD_H_
