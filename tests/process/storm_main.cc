// Kills topupd under load, again and again, and says whether anything was lost, sold twice or
// told wrongly.
//
//   storm [--topupd PATH] [--kills N] [--clients N] [--sends N] [--rate N] [--watchers N]
//         [--reconnects N] [--seed S] [--keep]
//
// The proof is made of two runs, many kills and many watchers:
//   --kills 60 --clients 32 --rate 200 --sends 12000 --watchers 32 --reconnects 10
//   --kills 6 --clients 8 --rate 40 --sends 1000 --watchers 1000 --reconnects 10
//
// --rate: sends a second of all clients together, at most. --sends: how many have to be answered.
// --reconnects: of each watcher. --keep: leaves the folder with store and log where it is.
// The last line has the figures. Exit status: 0 where all that was asked for was done and nothing
// was violated, 1 where not, 2 for arguments that mean nothing.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/process/storm.h"
#include "tests/process/storm_checks.h"
#include "tests/support/proof_flags.h"

namespace topup::process {
namespace {

constexpr int kShownMax = 40;
constexpr int kCountMax = std::numeric_limits<int>::max();

struct Arguments {
  StormOptions options;
  bool keep = false;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  support::ProofFlags flags(argc, argv);
  StormOptions& options = arguments.options;
  arguments.keep = flags.Switch("keep");
  options.topupd = flags.Text("topupd", options.topupd);
  options.kills = flags.Number("kills", options.kills, 0, kCountMax);
  options.clients = flags.Number("clients", options.clients, 1, kCountMax);
  options.sends = flags.Number("sends", static_cast<int>(options.sends), 0, kCountMax);
  options.sends_per_second = flags.Number("rate", options.sends_per_second, 1, kCountMax);
  options.watchers = flags.Number("watchers", options.watchers, 0, kCountMax);
  options.reconnects = flags.Number("reconnects", options.reconnects, 0, kCountMax);
  options.seed = flags.Seed("seed", options.seed);
  return flags.problem().empty();
}

// Below the folder that a test runner gives, or where temporary files go.
std::string MakeFolder() {
  const char* given = getenv("TEST_TMPDIR");
  std::string path =
      (given != nullptr ? std::filesystem::path(given) : std::filesystem::temp_directory_path()) /
      "storm_XXXXXX";
  return mkdtemp(path.data()) == nullptr ? "" : path;
}

// Where the build puts it, seen from this program.
std::string FindTopupd() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "../../server/main/topupd").lexically_normal();
}

std::string Percentile(std::vector<absl::Duration> times, int percent) {
  if (times.empty()) return "never";
  std::sort(times.begin(), times.end());
  const size_t place = (times.size() * static_cast<size_t>(percent) + 99) / 100;
  return absl::FormatDuration(absl::Trunc(times[place - 1], absl::Milliseconds(1)));
}

int64_t CountOf(const std::vector<sim::Violation>& violations, absl::string_view checker) {
  return std::count_if(violations.begin(), violations.end(),
                       [checker](const sim::Violation& v) { return v.checker == checker; });
}

// True where nothing is wrong.
bool Report(const StormOptions& options, const StormResult& result,
            const std::vector<sim::Violation>& violations) {
  const StormFigures& done = result.figures;
  bool good = violations.empty() && result.problems.empty();
  for (const Sight& sight : CountSights(result.history)) {
    std::printf("%9lld  %s\n", static_cast<long long>(sight.count), sight.what);
    if (sight.count > 0 || sight.may_be_none) continue;
    // Where nobody is asked to watch, nobody does.
    if (options.watchers == 0 && absl::StrContains(sight.what, "watche")) continue;
    std::printf("NOT SEEN: %s\n", sight.what);
    good = false;
  }
  const Sums sums = AddUp(result.history);
  std::printf("the provider's balance fell by %s, what was delivered cost %s\n",
              sums.balance_drop.ToString().c_str(), sums.costs.ToString().c_str());
  std::printf("charged %s, callers were told %s\n", sums.charged.ToString().c_str(),
              sums.quoted.ToString().c_str());
  std::printf("from a kill to the next answer: half within %s, 99 %% within %s\n",
              Percentile(done.times_to_serving, 50).c_str(),
              Percentile(done.times_to_serving, 99).c_str());
  for (const std::string& problem : result.problems) std::printf("PROBLEM %s\n", problem.c_str());
  for (size_t i = 0; i < std::min<size_t>(violations.size(), kShownMax); ++i) {
    std::printf("VIOLATION %s: %s\n", violations[i].checker.c_str(), violations[i].detail.c_str());
  }
  for (const sim::Checker& checker : StormCheckers()) {
    const int64_t count = CountOf(violations, checker.name);
    if (count > 0) std::printf("%9lld  by %s\n", static_cast<long long>(count), checker.name);
  }
  const int64_t reconnects_wanted = int64_t{options.watchers} * options.reconnects;
  if (done.kills < options.kills || done.answered < options.sends ||
      done.reconnects < reconnects_wanted) {
    std::printf("NOT DONE: what was asked for\n");
    good = false;
  }
  std::printf(
      "storm: %d kills, %lld sends answered (%lld repeats), %lld lost, %lld accepted twice, "
      "%d watchers, %lld reconnects, %lld stream breaks, %zu violations, %zu problems, seed %llu, "
      "%lld s\n",
      done.kills, static_cast<long long>(done.answered), static_cast<long long>(done.repeats),
      static_cast<long long>(CountOf(violations, "acked_survives")),
      static_cast<long long>(CountOf(violations, "at_most_one_acceptance")), done.watchers,
      static_cast<long long>(done.reconnects),
      static_cast<long long>(CountOf(violations, "streams_monotone_complete")), violations.size(),
      result.problems.size(), static_cast<unsigned long long>(options.seed),
      static_cast<long long>(absl::ToInt64Seconds(done.lasted)));
  return good;
}

int Run(Arguments arguments) {
  StormOptions& options = arguments.options;
  if (options.topupd.empty()) options.topupd = FindTopupd();
  // The process runs in a folder of its own.
  options.topupd = std::filesystem::absolute(options.topupd);
  options.folder = MakeFolder();
  if (options.folder.empty() || access(options.topupd.c_str(), X_OK) != 0) {
    std::fprintf(stderr, "no folder to work in, or no program at %s\n", options.topupd.c_str());
    return 1;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  const StormResult result = RunStorm(options);
  const std::vector<sim::Violation> violations = CheckStorm(result.history);
  const bool keep = arguments.keep || !violations.empty() || !result.problems.empty();
  if (keep) {
    std::printf("store and log are in %s\n", options.folder.c_str());
  } else {
    std::error_code ignored;
    std::filesystem::remove_all(options.folder, ignored);
  }
  const bool good = Report(options, result, violations);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace topup::process

int main(int argc, char** argv) {
  topup::process::Arguments arguments;
  if (!topup::process::Parse(argc, argv, arguments)) {
    std::fputs(
        "usage: storm [--topupd PATH] [--kills N] [--clients N] [--sends N] [--rate N]\n"
        "             [--watchers N] [--reconnects N] [--seed S] [--keep]\n",
        stderr);
    return 2;
  }
  return topup::process::Run(std::move(arguments));
}
