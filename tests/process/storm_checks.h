// What a run of real processes is judged by: the simulator's checkers, three more, and whether
// there was anything for them to see.
#ifndef TOPUP_TESTS_PROCESS_STORM_CHECKS_H_
#define TOPUP_TESTS_PROCESS_STORM_CHECKS_H_

#include <string>
#include <vector>

#include "server/core/money.h"
#include "tests/sim/checkers/checkers.h"
#include "tests/sim/history.h"

namespace topup::process {

// No more POSTs arrived under a ref than attempts may have left, and no fewer than were answered.
void CheckOnePostForEachAttempt(const sim::History& history, sim::Breaches& breaches);

// No POST arrived under a ref that was accepted already: a provider that keeps no refs would have
// sold it twice. So whoever takes over a top-up asks before it sends.
void CheckNoPostAfterAcceptance(const sim::History& history, sim::Breaches& breaches);

// The prices of all that was delivered add up to what its callers were quoted or told.
void CheckChargedSum(const sim::History& history, sim::Breaches& breaches);

// These, and all of the simulator's but no_read_stuck.
const std::vector<sim::Checker>& StormCheckers();
std::vector<sim::Violation> CheckStorm(const sim::History& history);

// What the checkers had to look at. A run where one of these is 0 has proven nothing about it,
// which a short run may leave to chance for some.
struct Sight {
  const char* what;
  int64_t count = 0;
  bool may_be_none = false;
};
std::vector<Sight> CountSights(const sim::History& history);

struct Sums {
  core::Money balance_drop;  // at the provider
  core::Money costs;         // of what was delivered, by our rows
  core::Money charged;       // for it, by our rows
  core::Money quoted;        // for it, by what callers were told
};
Sums AddUp(const sim::History& history);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_STORM_CHECKS_H_
