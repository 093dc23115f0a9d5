// What a seed stands for: how long a run is, what is asked of the engine, and what goes wrong.
#ifndef TOPUP_TESTS_SIM_SIM_OPTIONS_H_
#define TOPUP_TESTS_SIM_SIM_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"

namespace topup::sim {

// Each can be left out by itself; shrinking a failing run does that.
enum class Fault {
  kUnsent,          // connect fails: no byte leaves
  kLostBefore,      // a request is lost on the way
  kLostAfter,       // an answer is lost on the way
  kSlow,            // latencies up to and beyond the time-out
  kLateArrival,     // a POST arrives after we have closed its socket
  kCopies,          // a middlebox sends a POST twice
  kQueueing,        // the provider looks for a ref, and takes the top-up up to a minute later
  kServerError,     // 5xx, before or after the work was done
  kThrottled,       // 429, and 503 in the envelope
  kConfiguration,   // 401, 403 of our address or key, 404 without envelope, 3xx
  kRefused,         // codes that refuse, known and new
  kGarbage,         // HTML, a cut body, another ref echoed
  kReadFaults,      // all of the above for reads
  kLaggingReads,    // reads of a copy that is behind: found, then not found
  kWrongFields,     // reads that show another number, plan or amount
  kUnknownWords,    // status words that nobody knows
  kRefundedFlap,    // REFUNDED shown once, and not meant
  kUnknownError,    // UNKNOWN_ERROR for up to 30 h
  kLateSettlement,  // accepted, and open for long
  kLowBalance,      // somebody else spends our balance
  kBalanceFirst,    // the balance is looked at before the ref
  kDown,            // periods in which nothing gets through
  kWrongKey,        // the key of the other environment is loaded for a while
  kClockJumps,      // the wall clock is set, by an hour or 25, either way, or to 2038
  kStoreRefused,    // writes that are not recorded, and say so
  kStoreUnknown,    // writes whose outcome is not told
  kStoreReads,      // reads of the store that fail
  kStoreDeath,      // the store stops for good: the process has to
  kBusyReads,       // the reading executor is full
  kCrashes,         // the process dies at any moment
  kPriceChanges,    // the price list changes between quote and send
  kStandstills,     // the machine stands still, and its clocks count that, or do not
};
const char* FaultName(Fault fault);

struct SimOptions {
  uint64_t seed = 0;
  // False: faults to the end (safety). True: they stop, and everything has to come to an end.
  bool liveness = false;
  int topups = 50;
  int watchers = 8;
  absl::Duration fault_time;   // the workload and the faults
  absl::Duration settle_time;  // after it; without faults where `liveness`
  // How often it is looked whether all is settled, which ends most runs.
  absl::Duration settle_step = absl::Minutes(7);
  // How often, in a thousand, or how many where it is not a matter of requests.
  std::map<Fault, int> faults;
  // Bytes that decide instead of the seed, as far as they go: see Dice.
  std::string script;

  int Rate(Fault fault) const {
    const auto found = faults.find(fault);
    return found == faults.end() ? 0 : found->second;
  }
  bool Has(Fault fault) const { return Rate(fault) > 0; }
};

// Most seeds are a few hours long; every fortieth is two days, with UNKNOWN_ERROR to the end.
SimOptions OptionsOfSeed(uint64_t seed, bool liveness);

// A program: its first bytes say what kind of a run it is (a few top-ups, some minutes, which
// faults and how often), all others decide what happens in it.
SimOptions OptionsOfProgram(const std::string& bytes);

// Hours to days in which the clocks are set and stopped many times, and little else goes wrong:
// reads are answered, so that one that does not come is missed.
SimOptions OptionsOfClockSeed(uint64_t seed);

// One line with everything.
std::string Describe(const SimOptions& options);

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_SIM_OPTIONS_H_
