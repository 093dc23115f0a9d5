// Runs many seeds and says whether all was well.
//
//   simulate [--seeds N] [--minutes M] [--seed S] [--mode safety|liveness|both] [--log]
//
// Runs N seeds from S on (1), or as many as M minutes allow; the exit status is 0 where nothing
// was violated, 1 where something was, 2 for arguments that mean nothing. A failing seed is
// printed with all its options, then shrunk. --log prints the log of one seed.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "tests/sim/campaign.h"

namespace topup::sim {
namespace {

struct Arguments {
  int64_t seeds = 0;
  int64_t minutes = 0;
  uint64_t first = 1;
  std::string mode = "both";
  bool log = false;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--log") {
      arguments.log = true;
      continue;
    }
    if (++i == argc) return false;
    const std::string value = argv[i];
    if (name == "--seeds" && absl::SimpleAtoi(value, &arguments.seeds)) continue;
    if (name == "--minutes" && absl::SimpleAtoi(value, &arguments.minutes)) continue;
    if (name == "--seed" && absl::SimpleAtoi(value, &arguments.first)) continue;
    if (name == "--mode" && (value == "safety" || value == "liveness" || value == "both")) {
      arguments.mode = value;
      continue;
    }
    return false;
  }
  if (arguments.seeds == 0 && arguments.minutes == 0) arguments.seeds = arguments.log ? 1 : 100;
  return true;
}

void PrintLog(const SimOptions& options) {
  World world(options);
  for (const std::string& line : world.Run().log_lines) std::printf("%s\n", line.c_str());
}

// Shrinking every failing seed would take all the time there is.
constexpr int kShrunkMax = 5;

int Run(const Arguments& arguments) {
  const base::Clock& clock = base::RealClock();
  const absl::Duration begin = clock.Elapsed();
  const absl::Duration end =
      arguments.minutes > 0 ? begin + absl::Minutes(arguments.minutes) : absl::InfiniteDuration();
  int64_t runs = 0;
  int64_t failed = 0;
  int64_t posts = 0;
  absl::Duration virtual_time;
  std::map<std::string, int> by_checker;
  std::map<std::string, int64_t> reached;
  for (int64_t i = 0; arguments.seeds == 0 || i < arguments.seeds; ++i) {
    if (clock.Elapsed() >= end) break;
    for (const bool liveness : {false, true}) {
      if (arguments.mode != "both" && (arguments.mode == "liveness") != liveness) continue;
      const SimOptions options =
          OptionsOfSeed(arguments.first + static_cast<uint64_t>(i), liveness);
      if (arguments.log) PrintLog(options);
      const Outcome outcome = RunOnce(options);
      ++runs;
      posts += outcome.posts;
      virtual_time += outcome.virtual_time;
      for (const auto& [name, count] : outcome.reached) reached[name] += count;
      if (outcome.violations.empty()) continue;
      ++failed;
      std::printf("FAILED %s", Report(options, outcome).c_str());
      ++by_checker[outcome.violations[0].checker];
      if (failed <= kShrunkMax) {
        const SimOptions shrunk = Shrink(options, outcome.violations[0].checker);
        std::printf("SHRUNK %s", Report(shrunk, RunOnce(shrunk)).c_str());
      }
      std::fflush(stdout);
    }
  }
  for (const auto& [name, count] : reached) {
    std::printf("%10lld  %s\n", static_cast<long long>(count), name.c_str());
  }
  for (const auto& [checker, count] : by_checker) {
    std::printf("%-26s first in %d runs\n", checker.c_str(), count);
  }
  std::printf("%lld runs, %lld virtual hours, %lld POSTs, %lld runs with violations, %lld s\n",
              static_cast<long long>(runs),
              static_cast<long long>(absl::ToInt64Hours(virtual_time)),
              static_cast<long long>(posts), static_cast<long long>(failed),
              static_cast<long long>(absl::ToInt64Seconds(clock.Elapsed() - begin)));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace topup::sim

int main(int argc, char** argv) {
  topup::sim::Arguments arguments;
  if (!topup::sim::Parse(argc, argv, arguments)) {
    std::fputs(
        "usage: simulate [--seeds N] [--minutes M] [--seed S] [--mode safety|liveness|both] "
        "[--log]\n",
        stderr);
    return 2;
  }
  return topup::sim::Run(arguments);
}
