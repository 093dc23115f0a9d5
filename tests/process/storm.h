// Real processes under fire: topupd is killed again and again while callers send, watchers
// watch and the provider misbehaves; then everything settles, and what is left behind is told
// as the history that the simulator's checkers judge.
#ifndef TOPUP_TESTS_PROCESS_STORM_H_
#define TOPUP_TESTS_PROCESS_STORM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/sim/history.h"

namespace topup::process {

struct StormOptions {
  std::string topupd;  // the program
  std::string folder;  // an empty one, for the store, logs and files
  uint64_t seed = 1;
  int kills = 3;
  int clients = 8;
  int sends_per_second = 100;  // at most
  // It goes on until so many sends were answered, all kills were made, and each watcher has
  // come back so often.
  int64_t sends = 300;
  int watchers = 16;
  int reconnects = 2;
};

// What was done, for people and for the question whether it was enough.
struct StormFigures {
  int kills = 0;
  int64_t answered = 0;
  int64_t repeats = 0;
  int watchers = 0;
  int64_t reconnects = 0;
  std::vector<absl::Duration> times_to_serving;
  absl::Duration lasted;
};

struct StormResult {
  sim::History history;
  StormFigures figures;
  // What could not be done, or was told to a client and must not be.
  std::vector<std::string> problems;
};

// Blocks for as long as it takes; gives up, with a problem, where nothing moves any more. The
// seed decides what is asked for and when; what the machine makes of it is never the same twice.
StormResult RunStorm(const StormOptions& options);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_STORM_H_
