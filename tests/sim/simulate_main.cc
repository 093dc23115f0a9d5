// Runs many seeds and says whether all was well.
//
//   simulate [--seeds N] [--minutes M] [--seed S] [--mode safety|liveness|both] [--jobs J]
//            [--repeat_every R] [--log]
//
// Runs N seeds from S on (1), or as many as M minutes allow, J at a time, and every R-th (20th) of
// them twice, to see that a seed is a run. A failing seed is printed with all its options, then
// shrunk. --log prints the log of every seed. The exit status is 0 where the asked number of seeds
// ran and nothing was violated, 1 where not, 2 for arguments that mean nothing.
#include <cstdio>
#include <limits>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "tests/sim/run_many.h"
#include "tests/support/figures.h"
#include "tests/support/proof_flags.h"

namespace topup::sim {
namespace {

using support::Grouped;

constexpr int kJobsMax = 64;
constexpr int kCountMax = std::numeric_limits<int>::max();
// Shrinking every failing seed would take all the time there is.
constexpr int kShrunkMax = 5;

struct Arguments {
  int64_t seeds = 0;
  int64_t minutes = 0;
  uint64_t first = 0;
  int jobs = 0;
  int64_t repeat_every = 0;
  std::string mode;
  bool log = false;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  support::ProofFlags flags(argc, argv);
  arguments.log = flags.Switch("log");
  arguments.seeds = flags.Number("seeds", 0, 0, kCountMax);
  arguments.minutes = flags.Number("minutes", 0, 0, kCountMax);
  arguments.first = flags.Seed("seed", 1);
  arguments.repeat_every = flags.Number("repeat_every", 20, 1, kCountMax);
  arguments.jobs = flags.Number("jobs", 1, 1, kJobsMax);
  arguments.mode = flags.Text("mode", "both");
  if (arguments.seeds == 0 && arguments.minutes == 0) arguments.seeds = arguments.log ? 1 : 100;
  if (arguments.log) arguments.jobs = 1;
  const std::string& mode = arguments.mode;
  return flags.problem().empty() && (mode == "safety" || mode == "liveness" || mode == "both");
}

// Adds up what is told, and prints what is wrong.
class Tally {
 public:
  explicit Tally(const Arguments& arguments) : arguments_(arguments) {}
  void Add(const OneOfMany& one);
  void PrintReached() const;
  void PrintLastLine() const;
  bool all_well() const { return failed_ == 0 && unequal_ == 0; }
  int64_t seeds(bool liveness) const { return liveness ? liveness_runs_ : safety_runs_; }

 private:
  const Arguments& arguments_;
  int64_t safety_runs_ = 0;
  int64_t liveness_runs_ = 0;
  int64_t failed_ = 0;
  int64_t violations_ = 0;
  int64_t posts_ = 0;
  int64_t twice_ = 0;
  int64_t unequal_ = 0;
  absl::Duration virtual_time_;
  Settling settling_;
  std::map<std::string, int> by_checker_;
  std::map<std::string, int64_t> reached_;
};

void Tally::Add(const OneOfMany& one) {
  const Outcome& outcome = one.outcome;
  if (arguments_.log) {
    World world(one.options);
    for (const std::string& line : world.Run().log_lines) std::printf("%s\n", line.c_str());
  }
  ++(one.options.liveness ? liveness_runs_ : safety_runs_);
  posts_ += outcome.posts;
  virtual_time_ += outcome.virtual_time;
  violations_ += static_cast<int64_t>(outcome.violations.size());
  twice_ += one.ran_twice ? 1 : 0;
  for (const auto& [name, count] : outcome.reached) reached_[name] += count;
  settling_.count += outcome.settling.count;
  settling_.within_a_minute += outcome.settling.within_a_minute;
  if (outcome.settling.longest > settling_.longest) {
    settling_.longest = outcome.settling.longest;
    settling_.slowest = absl::StrCat("seed ", one.options.seed, ", ", outcome.settling.slowest);
  }
  if (!one.equal) {
    ++unequal_;
    std::printf("UNEQUAL runs of one seed: %s\n", Describe(one.options).c_str());
  }
  if (outcome.violations.empty()) return;
  ++by_checker_[outcome.violations[0].checker];
  std::printf("FAILED %s", Report(one.options, outcome).c_str());
  if (++failed_ <= kShrunkMax) {
    const SimOptions shrunk = Shrink(one.options, outcome.violations[0].checker);
    std::printf("SHRUNK %s", Report(shrunk, RunOnce(shrunk)).c_str());
  }
  std::fflush(stdout);
}

void Tally::PrintReached() const {
  for (const auto& [name, count] : reached_) {
    std::printf("%12s  %s\n", Grouped(count).c_str(), name.c_str());
  }
  for (const auto& [checker, count] : by_checker_) {
    std::printf("%-26s first in %d runs\n", checker.c_str(), count);
  }
  if (settling_.count == 0) return;
  std::printf(
      "after the faults' end: %s top-ups settled, %s of them within 60 s of when they could; the "
      "longest took %s (%s)\n",
      Grouped(settling_.count).c_str(), Grouped(settling_.within_a_minute).c_str(),
      absl::FormatDuration(absl::Trunc(settling_.longest, absl::Seconds(1))).c_str(),
      settling_.slowest.c_str());
}

void Tally::PrintLastLine() const {
  const std::string seeds =
      arguments_.mode == "both"
          ? absl::StrCat(Grouped(std::min(safety_runs_, liveness_runs_)), " seeds in each mode")
          : absl::StrCat(Grouped(safety_runs_ + liveness_runs_), " seeds, ", arguments_.mode);
  std::printf(
      "simulation: %s runs (%s), %s virtual hours, %s POSTs, %s violations, %s seeds run twice "
      "with %s\n",
      Grouped(safety_runs_ + liveness_runs_).c_str(), seeds.c_str(),
      Grouped(absl::ToInt64Hours(virtual_time_)).c_str(), Grouped(posts_).c_str(),
      Grouped(violations_).c_str(), Grouped(twice_).c_str(),
      unequal_ == 0 ? "equal hashes" : absl::StrCat(unequal_, " UNEQUAL hashes").c_str());
}

int Run(const Arguments& arguments) {
  const base::Clock& clock = base::RealClock();
  const absl::Duration begin = clock.Elapsed();
  const bool both = arguments.mode == "both";
  ManyRuns runs;
  runs.jobs = arguments.jobs;
  const int64_t seeds_max = std::numeric_limits<int64_t>::max() / 2;
  const int64_t seeds = arguments.seeds == 0 ? seeds_max : std::min(arguments.seeds, seeds_max);
  runs.count = both ? 2 * seeds : seeds;
  const auto seed_of = [&](int64_t number) {
    return arguments.first + static_cast<uint64_t>(both ? number / 2 : number);
  };
  runs.options = [&](int64_t number) {
    return OptionsOfSeed(seed_of(number), both ? number % 2 == 1 : arguments.mode == "liveness");
  };
  runs.twice = [&](int64_t number) {
    // One mode after the other.
    const uint64_t seed = seed_of(number);
    const uint64_t every = static_cast<uint64_t>(arguments.repeat_every);
    return seed % every == 0 && (!both || (seed / every) % 2 == static_cast<uint64_t>(number % 2));
  };
  if (arguments.minutes > 0) {
    runs.go_on = [&] { return clock.Elapsed() - begin < absl::Minutes(arguments.minutes); };
  }
  Tally tally(arguments);
  const int64_t ran = RunMany(runs, [&tally](const OneOfMany& one) { tally.Add(one); });
  tally.PrintReached();
  std::printf("%lld s\n", static_cast<long long>(absl::ToInt64Seconds(clock.Elapsed() - begin)));
  tally.PrintLastLine();
  const bool reached = arguments.seeds == 0 ? ran > 0 : ran == runs.count;
  return tally.all_well() && reached ? 0 : 1;
}

}  // namespace
}  // namespace topup::sim

int main(int argc, char** argv) {
  topup::sim::Arguments arguments;
  if (!topup::sim::Parse(argc, argv, arguments)) {
    std::fputs(
        "usage: simulate [--seeds N] [--minutes M] [--seed S] [--mode safety|liveness|both] "
        "[--jobs J] [--repeat_every R] [--log]\n",
        stderr);
    return 2;
  }
  return topup::sim::Run(arguments);
}
