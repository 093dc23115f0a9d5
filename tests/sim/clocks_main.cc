// Sets and stops the clocks of a running topupd many times, and says whether anything came too
// early or was not asked for any more.
//
//   clocks [--jumps N] [--seed S] [--jobs J]
//
// Runs seeds from S (1) on until at least N (1000) settings and standstills were made. The exit
// status is 0 where nothing was violated, 1 where something was, 2 for arguments that mean nothing.
#include <atomic>
#include <cstdio>
#include <limits>
#include <map>
#include <string>

#include "tests/sim/run_many.h"
#include "tests/support/figures.h"
#include "tests/support/proof_flags.h"

namespace topup::sim {
namespace {

using support::Grouped;

constexpr int kJobsMax = 64;
constexpr int kCountMax = std::numeric_limits<int>::max();

struct Arguments {
  int64_t jumps = 0;
  uint64_t first = 0;
  int jobs = 0;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  support::ProofFlags flags(argc, argv);
  arguments.jumps = flags.Number("jumps", 1000, 1, kCountMax);
  arguments.first = flags.Seed("seed", 1);
  arguments.jobs = flags.Number("jobs", 1, 1, kJobsMax);
  return flags.problem().empty();
}

int Run(const Arguments& arguments) {
  int64_t jumps = 0;
  int64_t runs = 0;
  int64_t hours = 0;
  std::map<std::string, int64_t> by_checker;
  std::map<std::string, int64_t> reached;
  std::atomic<bool> enough = false;
  ManyRuns many;
  many.count = std::numeric_limits<int64_t>::max();
  many.jobs = arguments.jobs;
  many.options = [&](int64_t number) {
    return OptionsOfClockSeed(arguments.first + static_cast<uint64_t>(number));
  };
  many.go_on = [&enough] { return !enough; };
  RunMany(many, [&](const OneOfMany& one) {
    // Those under way at the end are left out, so that the figures are those of the seeds alone.
    if (enough) return;
    ++runs;
    jumps += one.outcome.jumps;
    hours += absl::ToInt64Hours(one.outcome.virtual_time);
    for (const auto& [name, count] : one.outcome.reached) reached[name] += count;
    for (const Violation& violation : one.outcome.violations) ++by_checker[violation.checker];
    if (!one.outcome.violations.empty()) {
      std::printf("FAILED %s", Report(one.options, one.outcome).c_str());
      std::fflush(stdout);
    }
    enough = jumps >= arguments.jumps;
  });
  for (const char* name :
       {"clock set", "machine stood still", "status UNKNOWN_ERROR", "status REFUNDED",
        "status NEVER_ACCEPTED", "advice REVIEW", "POST sent again", "claim taken over"}) {
    std::printf("%10s  %s\n", Grouped(reached[name]).c_str(), name);
  }
  int64_t others = 0;
  for (const auto& [checker, count] : by_checker) {
    std::printf("%s: %s violations\n", checker.c_str(), Grouped(count).c_str());
    if (checker != "refund_only_when_allowed" && checker != "no_read_stuck") others += count;
  }
  std::printf(
      "clocks: %s jumps in %s runs of %s virtual hours, %s early advice, %s stuck reads, %s other "
      "violations\n",
      Grouped(jumps).c_str(), Grouped(runs).c_str(), Grouped(hours).c_str(),
      Grouped(by_checker["refund_only_when_allowed"]).c_str(),
      Grouped(by_checker["no_read_stuck"]).c_str(), Grouped(others).c_str());
  for (const auto& [checker, count] : by_checker) {
    if (count > 0) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace topup::sim

int main(int argc, char** argv) {
  topup::sim::Arguments arguments;
  if (!topup::sim::Parse(argc, argv, arguments)) {
    std::fputs("usage: clocks [--jumps N] [--seed S] [--jobs J]\n", stderr);
    return 2;
  }
  return topup::sim::Run(arguments);
}
