// What everything in one simulated world shares: time, chance, faults, and the record of it all.
#ifndef TOPUP_TESTS_SIM_RUN_CONTEXT_H_
#define TOPUP_TESTS_SIM_RUN_CONTEXT_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "server/base/task_loop.h"
#include "tests/fakes/fake_clock.h"
#include "tests/sim/dice.h"
#include "tests/sim/history.h"
#include "tests/sim/sim_options.h"

namespace topup::sim {

// Single-threaded. Outlives everything in the world.
struct RunContext {
  explicit RunContext(const SimOptions& seed_options)
      : options(seed_options),
        faults(seed_options),
        dice(seed_options.seed ^ 0x5eed, seed_options.script) {}

  const SimOptions options;
  // The faults in force: none once the world is healed.
  SimOptions faults;
  // Of the machine that the process runs on: its wall clock is set, and both may stand still.
  fakes::FakeClock clock;
  // The time that really passes, for everybody else.
  fakes::FakeClock truth;
  const absl::Duration start = truth.Elapsed();
  const absl::Time wall_start = truth.Now();
  Dice dice;
  Trace trace;
  History history;
  int64_t step = 0;
  // The machine stands still: what reaches it waits.
  bool stands_still = false;
  std::vector<base::Task> waiting;

  int64_t NextStep() { return ++step; }
  bool Happens(Fault fault) { return dice.Chance(faults.Rate(fault)); }
  // Since the start of the run, in truth.
  absl::Duration Elapsed() const { return truth.Elapsed() - start; }
  // Something reaches the machine.
  void AtTheMachine(base::Task task) { stands_still ? waiting.push_back(std::move(task)) : task(); }
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_RUN_CONTEXT_H_
