// One seed, run: the real engine, feed and quote book over a simulated disk, network, provider
// and clocks, one process at a time, with callers and watchers who do what callers do.
//
// Everything runs on the calling thread. Which of several loops runs its next task is a throw
// of the dice; time jumps to the next timer when nothing is ready. The same options give the
// same run, hash for hash.
#ifndef TOPUP_TESTS_SIM_WORLD_H_
#define TOPUP_TESTS_SIM_WORLD_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/engine/topup_engine.h"
#include "server/watch/topup_feed.h"
#include "tests/fakes/manual_task_loop.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/fakes/seeded_random.h"
#include "tests/sim/sim_link.h"
#include "tests/sim/sim_store.h"

namespace topup::sim {

// Wrong versions of parts of the engine's surroundings, for the proof that they are noticed.
// What is left empty is right.
struct Decorations {
  std::function<std::unique_ptr<store::TopupStore>(store::TopupStore&, RunContext&)> store;
  std::function<std::unique_ptr<upstream::Provider>(upstream::Provider&, RunContext&)> provider;
  std::function<void(engine::EngineOptions&)> options;
};

// Cost and a markup that can change at any time.
class SimPricer : public pricing::Pricer {
 public:
  absl::StatusOr<core::PriceBreakdown> Price(const pricing::PricingRequest& request) const override;
  core::PartsPerMillion markup = 1'050'000;
};

class Workload;

class World {
 public:
  explicit World(const SimOptions& options, Decorations decorations = {});
  ~World();

  // Runs to the end and hands over what is left behind. Once.
  History Run();
  uint64_t trace_hash() const { return run_.trace.hash(); }
  absl::Duration virtual_time() const { return run_.Elapsed(); }

  // --- for the workload
  RunContext& run() { return run_; }
  fakes::ManualTaskLoop& clients() { return clients_; }
  // Null while no process serves.
  engine::TopupEngine* engine();
  watch::TopupFeed* feed();
  SimPricer& pricer() { return pricer_; }

 private:
  struct Process;
  class ReadQueue;

  void StartProcess();
  // Kills it, and has it started again after `pause`.
  void Crash(absl::Duration pause);
  void LoadKey(const std::string& environment);
  void PlanTrouble();
  void PlanClockTrouble();
  void SetClock(absl::Time now);
  // The machine stands still for so long. Its clocks count that, or lose it.
  void StandStill(absl::Duration time, bool counted);
  void GoOn();
  void NoteIdle();
  void PlanTimes(Fault fault, std::function<void()> strike);
  void Heal();
  // One task of some loop; false where none is ready.
  bool RunOne();
  void Pass(absl::Duration time);
  void RunUntil(absl::Duration end);
  void Committed(const std::vector<core::Event>& events);
  // Runs on after the faults' time, until the end or until there is nothing to wait for.
  void Settle();
  void CloseBooks();

  RunContext run_;
  const Decorations decorations_;
  fakes::ManualTaskLoop clients_{run_.truth};
  fakes::ManualTaskLoop outside_{run_.truth};  // network and provider
  fakes::MemoryTopupStore disk_;
  fakes::SeededRandom random_;
  base::Log log_;
  base::Signer signer_{base::Secret("a key for tests")};
  SimPricer pricer_;
  SimProvider far_end_;
  Network network_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Workload> workload_;
  bool healed_ = false;
  std::function<void()> after_standstill_;
  std::optional<absl::Duration> idle_since_;
  // Tasks to go until a crash; negative: none is planned.
  int crash_countdown_ = -1;
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_WORLD_H_
