// Runs many simulations, several at a time, and tells of them in their order: what is printed does
// not depend on how many run at once.
#ifndef TOPUP_TESTS_SIM_RUN_MANY_H_
#define TOPUP_TESTS_SIM_RUN_MANY_H_

#include <cstdint>
#include <functional>

#include "tests/sim/campaign.h"

namespace topup::sim {

struct ManyRuns {
  int64_t count = 0;
  int jobs = 1;  // threads; each run is on one of them alone
  std::function<SimOptions(int64_t number)> options;
  // Whether this one is run twice, to see whether both are the same.
  std::function<bool(int64_t number)> twice;
  // Asked before each run; false ends it all after those under way.
  std::function<bool()> go_on;
};

struct OneOfMany {
  SimOptions options;
  Outcome outcome;
  bool ran_twice = false;
  bool equal = true;  // where it ran twice: to the last hash
};

// Calls `tell` for each run, in the order of their numbers, one at a time, from any thread.
// Returns how many ran.
int64_t RunMany(const ManyRuns& runs, const std::function<void(const OneOfMany&)>& tell);

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_RUN_MANY_H_
