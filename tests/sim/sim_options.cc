#include "tests/sim/sim_options.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/sim/dice.h"

namespace topup::sim {
namespace {

struct FaultRange {
  Fault fault;
  const char* name;
  int rate_max;  // permille of requests, or a count
};

constexpr FaultRange kFaultRanges[] = {
    {Fault::kUnsent, "unsent", 200},
    {Fault::kLostBefore, "lost_before", 250},
    {Fault::kLostAfter, "lost_after", 300},
    {Fault::kSlow, "slow", 300},
    {Fault::kLateArrival, "late_arrival", 150},
    {Fault::kCopies, "copies", 300},
    {Fault::kQueueing, "queueing", 300},
    {Fault::kServerError, "server_error", 250},
    {Fault::kThrottled, "throttled", 200},
    {Fault::kConfiguration, "configuration", 40},
    {Fault::kRefused, "refused", 150},
    {Fault::kGarbage, "garbage", 150},
    {Fault::kReadFaults, "read_faults", 300},
    {Fault::kLaggingReads, "lagging_reads", 500},
    {Fault::kWrongFields, "wrong_fields", 100},
    {Fault::kUnknownWords, "unknown_words", 100},
    {Fault::kRefundedFlap, "refunded_flap", 300},
    {Fault::kUnknownError, "unknown_error", 400},
    {Fault::kLateSettlement, "late_settlement", 400},
    {Fault::kLowBalance, "low_balance", 4},
    {Fault::kBalanceFirst, "balance_first", 1},
    {Fault::kDown, "down", 4},
    {Fault::kWrongKey, "wrong_key", 3},
    {Fault::kClockJumps, "clock_jumps", 6},
    {Fault::kStoreRefused, "store_refused", 60},
    {Fault::kStoreUnknown, "store_unknown", 60},
    {Fault::kStoreReads, "store_reads", 5},
    {Fault::kStoreDeath, "store_death", 2},
    {Fault::kBusyReads, "busy_reads", 200},
    {Fault::kCrashes, "crashes", 8},
    {Fault::kPriceChanges, "price_changes", 5},
    {Fault::kStandstills, "standstills", 3},
};

// Looking first and taking later is survived only as long as the grace parts two copies: no
// middlebox may send a POST twice within a second.
void LeaveOutWhatCannotBeSurvived(SimOptions& options) {
  if (options.Has(Fault::kQueueing)) options.faults.erase(Fault::kCopies);
}

}  // namespace

const char* FaultName(Fault fault) {
  for (const FaultRange& range : kFaultRanges) {
    if (range.fault == fault) return range.name;
  }
  return "?";
}

SimOptions OptionsOfSeed(uint64_t seed, bool liveness) {
  Dice dice(seed * 2 + (liveness ? 1 : 0));
  SimOptions options{.seed = seed, .liveness = liveness};
  const bool is_long = seed % 40 == 39;
  options.topups = static_cast<int>(dice.Between(20, 60));
  options.fault_time = dice.Between(absl::Minutes(10), absl::Minutes(40));
  options.settle_time =
      liveness ? absl::Minutes(150) : dice.Between(absl::Minutes(5), absl::Hours(1));
  if (is_long) {
    options.fault_time = dice.Between(absl::Hours(4), absl::Hours(20));
    options.settle_time = absl::Hours(liveness ? 40 : 30);
  }
  for (const FaultRange& range : kFaultRanges) {
    // Thrown for each in any case: what one fault gets does not depend on the others.
    const bool wanted = dice.Chance(450);
    const int rate = static_cast<int>(dice.Between(1, range.rate_max));
    if (wanted) options.faults[range.fault] = rate;
  }
  LeaveOutWhatCannotBeSurvived(options);
  // Dates of an earlier process can only be compared by the wall clock. Where that was set forward
  // by a day they are a day old, and what is a day old is read every 6 h: the end is that far
  // away, too.
  const bool restarts = options.Has(Fault::kCrashes) || options.Has(Fault::kStoreDeath);
  if (liveness && !is_long && restarts && options.Has(Fault::kClockJumps)) {
    options.settle_time = absl::Hours(7);
  }
  return options;
}

SimOptions OptionsOfClockSeed(uint64_t seed) {
  Dice dice(seed ^ 0xc10c);
  SimOptions options{.seed = seed};
  options.topups = static_cast<int>(dice.Between(15, 30));
  options.fault_time = seed % 3 == 0 ? dice.Between(absl::Hours(26), absl::Hours(34))
                                     : dice.Between(absl::Hours(2), absl::Hours(8));
  options.settle_time = absl::Minutes(30);
  const auto rate = [&dice](int low, int high) {
    return static_cast<int>(dice.Between(low, high));
  };
  options.faults = {{Fault::kClockJumps, rate(20, 30)},     {Fault::kStandstills, rate(3, 8)},
                    {Fault::kUnknownError, rate(300, 600)}, {Fault::kRefundedFlap, rate(200, 400)},
                    {Fault::kLostBefore, rate(50, 200)},    {Fault::kLostAfter, rate(50, 200)},
                    {Fault::kLateSettlement, rate(1, 400)}, {Fault::kRefused, rate(1, 150)},
                    {Fault::kUnsent, rate(1, 100)},         {Fault::kLateArrival, rate(1, 100)}};
  if (dice.Chance(500)) options.faults[Fault::kQueueing] = rate(100, 600);
  if (dice.Chance(300)) options.faults[Fault::kCrashes] = rate(1, 4);
  LeaveOutWhatCannotBeSurvived(options);
  return options;
}

SimOptions OptionsOfProgram(const std::string& bytes) {
  constexpr size_t kHeaderSize = 12;
  const std::string header = (bytes + std::string(kHeaderSize, '\0')).substr(0, kHeaderSize);
  const auto byte = [&header](size_t at) { return static_cast<unsigned char>(header[at]); };
  // Not a multiple of four: such runs go on to the end.
  SimOptions options{.seed = byte(0) * uint64_t{4} + 1, .liveness = byte(1) % 2 == 1};
  options.topups = 1 + byte(2) % 3;
  options.watchers = byte(3) % 2;
  options.fault_time = absl::Seconds(5 + byte(4) / 8);
  // A stream may pause for five minutes.
  if (options.watchers == 0) options.settle_step = absl::Seconds(20);
  // Long enough for what waits for a grace, a window or the end of the faults.
  options.settle_time = options.liveness ? absl::Minutes(150) : absl::Seconds(byte(5));
  const int strength = 1 + byte(6);
  for (size_t i = 0; i < std::size(kFaultRanges); ++i) {
    const FaultRange& range = kFaultRanges[i];
    const bool wanted = (byte(7 + i / 8) >> (i % 8) & 1) != 0;
    if (wanted) options.faults[range.fault] = 1 + range.rate_max * strength / 256;
  }
  LeaveOutWhatCannotBeSurvived(options);
  if (options.liveness && options.Has(Fault::kClockJumps)) options.settle_time = absl::Hours(7);
  if (bytes.size() > kHeaderSize) options.script = bytes.substr(kHeaderSize);
  return options;
}

std::string Describe(const SimOptions& options) {
  std::string text = absl::StrCat(
      "seed=", options.seed, " mode=", options.liveness ? "liveness" : "safety",
      " topups=", options.topups, " fault_time=", absl::FormatDuration(options.fault_time),
      " settle_time=", absl::FormatDuration(options.settle_time), " faults:");
  for (const auto& [fault, rate] : options.faults) {
    absl::StrAppend(&text, " ", FaultName(fault), "=", rate);
  }
  return text;
}

}  // namespace topup::sim
