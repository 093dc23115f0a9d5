// crash_storage_main [--points N] [--seed S]: cuts the power at N seeded moments and prints how
// many acknowledged writes were lost and how many files were damaged. Exits with 1 where any was.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "tests/server/store/sqlite/crash_point.h"
#include "tests/support/temp_dir.h"

int main(int argc, char** argv) {
  using topup::store::sqlite::CrashResult;
  uint64_t points = 1000;
  uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--points") == 0) points = value;
    if (std::strcmp(argv[i], "--seed") == 0) seed = value;
  }
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
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(point),
                  result.problem.c_str());
    }
  }
  std::printf(
      "points %llu (seeds %llu to %llu), power cuts %lld, points cut under load %llu, "
      "writes acknowledged %lld\nlost %llu, corrupt %llu\n",
      static_cast<unsigned long long>(points), static_cast<unsigned long long>(seed),
      static_cast<unsigned long long>(seed + points - 1), static_cast<long long>(cuts),
      static_cast<unsigned long long>(under_way), static_cast<long long>(acknowledged),
      static_cast<unsigned long long>(lost), static_cast<unsigned long long>(corrupt));
  return lost == 0 && corrupt == 0 ? 0 : 1;
}
