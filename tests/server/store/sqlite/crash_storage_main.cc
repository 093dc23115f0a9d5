// Cuts the power at seeded moments and counts the acknowledged writes that were lost and the
// files that were damaged. Exits with 1 where there was any.
#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "tests/server/store/sqlite/crash_point.h"
#include "tests/support/temp_dir.h"

ABSL_FLAG(uint64_t, points, 1000, "how many moments");
ABSL_FLAG(uint64_t, seed, 1, "the first one's seed; each other has the next");

int main(int argc, char** argv) {
  using topup::store::sqlite::CrashResult;
  absl::SetProgramUsageMessage("Cuts the power under the store, and looks at what is left.");
  absl::ParseCommandLine(argc, argv);
  const uint64_t points = absl::GetFlag(FLAGS_points);
  const uint64_t seed = absl::GetFlag(FLAGS_seed);
  const topup::support::TempDir directory;
  uint64_t corrupt = 0;
  uint64_t lost = 0;
  uint64_t under_way = 0;
  int64_t cuts = 0;
  int64_t acknowledged = 0;
  for (uint64_t point = seed; point < seed + points; ++point) {
    const CrashResult result =
        topup::store::sqlite::RunCrashPoint(point, directory.File("topup.db"));
    cuts += result.lives;
    acknowledged += result.acknowledged;
    if (result.cut_under_way) ++under_way;
    if (result.corrupt) ++corrupt;
    if (!result.problem.empty()) {
      ++lost;
      std::printf("seed %" PRIu64 ": %s\n", point, result.problem.c_str());
    }
  }
  std::printf("crash points: %" PRIu64 " points, %" PRId64 " power cuts, %" PRIu64
              " under load, %" PRId64 " writes acknowledged, %" PRIu64 " lost, %" PRIu64
              " corrupt\n",
              points, cuts, under_way, acknowledged, lost, corrupt);
  return points > 0 && acknowledged > 0 && lost == 0 && corrupt == 0 ? 0 : 1;
}
