// What everything in one simulated world shares: time, chance, faults, and the record of it all.
#ifndef TOPUP_TESTS_SIM_RUN_CONTEXT_H_
#define TOPUP_TESTS_SIM_RUN_CONTEXT_H_

#include <cstdint>

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
  fakes::FakeClock clock;
  const absl::Duration start = clock.Elapsed();
  const absl::Time wall_start = clock.Now();
  Dice dice;
  Trace trace;
  History history;
  int64_t step = 0;

  int64_t NextStep() { return ++step; }
  bool Happens(Fault fault) { return dice.Chance(faults.Rate(fault)); }
  // Since the start of the run; no wall clock moves it.
  absl::Duration Elapsed() const { return clock.Elapsed() - start; }
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_RUN_CONTEXT_H_
