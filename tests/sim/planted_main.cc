// Plants every bug and says which checker noticed it, after how many seeds.
//
//   planted [--seeds N]
//
// Each is hunted with N seeds at most (60), in a table in Markdown. The exit status is 0 where all
// were found and the first seeds are clean without them, 1 where not, 2 for arguments that mean
// nothing.
#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "tests/sim/campaign.h"
#include "tests/sim/planted_bugs.h"

namespace topup::sim {
namespace {

constexpr uint64_t kCleanSeeds = 10;
constexpr int kFourteen = 14;

// A checker that objects to everything would find every bug.
bool AreFirstSeedsClean() {
  bool clean = true;
  for (uint64_t seed = 1; seed <= kCleanSeeds; ++seed) {
    const SimOptions options = OptionsOfSeed(seed, /*liveness=*/false);
    const Outcome outcome = RunOnce(options);
    if (outcome.violations.empty()) continue;
    clean = false;
    std::printf("NOT CLEAN without a bug: %s", Report(options, outcome).c_str());
  }
  return clean;
}

int Run(int seeds_max) {
  int found = 0;
  int found_of_fourteen = 0;
  int fourteen = 0;
  std::printf("%s", HuntTableHead().c_str());
  for (const PlantedBug& bug : PlantedBugs()) {
    const Hunt hunt = HuntBug(bug, seeds_max);
    std::printf("%s", HuntTableRow(bug, hunt).c_str());
    std::fflush(stdout);
    found += hunt.found ? 1 : 0;
    fourteen += bug.known_as.empty() ? 0 : 1;
    found_of_fourteen += hunt.found && !bug.known_as.empty() ? 1 : 0;
  }
  const bool clean = AreFirstSeedsClean();
  const int all = static_cast<int>(PlantedBugs().size());
  std::printf("planted bugs: %d of %d found (%d of %d with ours), %s without them\n",
              found_of_fourteen, fourteen, found, all, clean ? "none" : "FALSE ALARMS");
  return clean && found == all && fourteen == kFourteen ? 0 : 1;
}

}  // namespace
}  // namespace topup::sim

int main(int argc, char** argv) {
  int seeds = 60;
  const bool given = argc == 3 && std::string(argv[1]) == "--seeds";
  if (argc != 1 && (!given || !absl::SimpleAtoi(argv[2], &seeds) || seeds < 1)) {
    std::fputs("usage: planted [--seeds N]\n", stderr);
    return 2;
  }
  return topup::sim::Run(seeds);
}
