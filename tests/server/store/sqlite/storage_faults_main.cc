// Fails the N-th sync, write and truncation under the store, N = 1 to --last, and prints what it
// acknowledged although it was not there. Exit status 0 where that was nothing, and every N up to
// --last was tried or a run with fewer operations met no failure.
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "tests/server/store/sqlite/fault_loop.h"
#include "tests/support/temp_dir.h"

ABSL_FLAG(int64_t, last, 300, "N at most");
ABSL_FLAG(int, bursts, 8, "commits of each run");

namespace topup::store::sqlite {
namespace {

struct Loop {
  const char* name;
  CrashDisk::Fault fault;
};

int Run() {
  using Operation = CrashDisk::Operation;
  using Outcome = CrashDisk::Outcome;
  const FaultLoopSize size{.last = absl::GetFlag(FLAGS_last),
                           .bursts = absl::GetFlag(FLAGS_bursts)};
  const support::TempDir directory;
  int64_t runs = 0;
  int64_t acknowledged = 0;
  size_t problems = 0;
  bool all_tried = true;
  for (const Loop& loop :
       std::vector<Loop>{{"sync", {Operation::kSync, 0, Outcome::kIoError, false}},
                         {"write", {Operation::kWrite, 0, Outcome::kIoError, false}},
                         {"write without room", {Operation::kWrite, 0, Outcome::kFull, true}},
                         {"short write", {Operation::kWrite, 0, Outcome::kShort, false}},
                         {"truncation", {Operation::kTruncate, 0, Outcome::kIoError, false}}}) {
    const FaultTally tally = FailEach(directory.File("topup.db"), loop.fault, size);
    std::printf("%s: %lld runs%s: not opened %lld, stopped %lld, full %lld, unnoticed %lld\n",
                loop.name, static_cast<long long>(tally.runs),
                tally.clean ? ", the last clean" : "", static_cast<long long>(tally.opening),
                static_cast<long long>(tally.dead), static_cast<long long>(tally.full),
                static_cast<long long>(tally.unnoticed));
    std::fflush(stdout);
    for (const std::string& problem : tally.problems) {
      std::printf("%s, %s\n", loop.name, problem.c_str());
    }
    runs += tally.runs;
    acknowledged += tally.acknowledged;
    problems += tally.problems.size();
    all_tried = all_tried && (tally.clean || tally.runs == size.last);
  }
  std::printf(
      "io_failures: %lld runs, N to %lld, %lld writes acknowledged, %zu false "
      "acknowledgements\n",
      static_cast<long long>(runs), static_cast<long long>(size.last),
      static_cast<long long>(acknowledged), problems);
  return problems == 0 && all_tried && size.last > 0 ? 0 : 1;
}

}  // namespace
}  // namespace topup::store::sqlite

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return topup::store::sqlite::Run();
}
