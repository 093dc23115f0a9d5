// Runs seeds and judges them.
#ifndef TOPUP_TESTS_SIM_CAMPAIGN_H_
#define TOPUP_TESTS_SIM_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/checkers/checkers.h"
#include "tests/sim/world.h"

namespace topup::sim {

// What was open when faults ended, or came to an end there later: how long after that it was
// settled here.
struct Settling {
  int count = 0;
  int within_a_minute = 0;
  absl::Duration longest;
  std::string slowest;  // which top-up, and what it was
};

struct Outcome {
  uint64_t trace_hash = 0;
  absl::Duration virtual_time;
  std::vector<Violation> violations;
  int posts = 0;
  // How often a clock was set, or stood still.
  int jumps = 0;
  Settling settling;
  // What the run got to, by name: statuses, incidents, answers. Shows what was exercised.
  std::map<std::string, int> reached;
};

// Deterministic: equal options and decorations give equal outcomes.
Outcome RunOnce(const SimOptions& options, const Decorations& decorations = {});

// Leaves faults out one by one, and then top-ups, as long as the same checker still objects.
SimOptions Shrink(const SimOptions& options, const std::string& checker,
                  const Decorations& decorations = {});

// Everything that is needed to see it again.
std::string Report(const SimOptions& options, const Outcome& outcome);

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_CAMPAIGN_H_
