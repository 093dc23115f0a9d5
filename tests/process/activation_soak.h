// topupd as a process whose prices are changed again and again while callers quote: no call
// fails, no quote is priced by a mixture of configurations, what is charged is what was quoted,
// and the process does not grow.
#ifndef TOPUP_TESTS_PROCESS_ACTIVATION_SOAK_H_
#define TOPUP_TESTS_PROCESS_ACTIVATION_SOAK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/process/price_owner.h"
#include "tests/process/process_size.h"
#include "tests/process/quote_crowd.h"

namespace topup::process {

struct SoakOptions {
  std::string topupd;     // the program
  std::string libraries;  // the folder of strategies, each in one of its own
  std::string counting;   // libholds_a_file.so
  std::string folder;     // an empty one, for the store, logs and files
  int activations = 1000;
  int quotes_per_change = 20;   // that are asked for meanwhile; changes come in bursts
  int warm_up = 100;            // activations until the process is measured first
  int64_t more_growth_kib = 0;  // for a build that keeps what it frees
  QuoteCrowdOptions quotes;
};

struct SoakMeasure {
  ProcessSize process;
  int64_t recorded_kib = 0;  // what its store takes
  int64_t events = 0;        // that it has recorded
};

struct SoakResult {
  OwnerFigures owner;
  CrowdFigures crowd;
  int64_t quotes = 0;     // answered while prices were changed
  int64_t misdated = 0;   // of a configuration that was not in force then
  absl::Duration lasted;  // of the changes
  SoakMeasure warm;
  SoakMeasure end;
  int64_t growth_max_kib = 0;  // of the process, by what it has recorded
  std::vector<std::string> problems;
};

// Blocks for as long as it takes.
SoakResult RunActivationSoak(const SoakOptions& options);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_ACTIVATION_SOAK_H_
