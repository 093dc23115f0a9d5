#include "tests/server/store/sqlite/crash_point.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/sqlite_database.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/server/store/sqlite/crash_vfs.h"

namespace topup::store::sqlite {
namespace {

// About as many changes as the longest life makes.
constexpr uint64_t kLongestLife = 260;
constexpr uint64_t kMostBursts = 12;
// Points of which one is surveyed as real files.
constexpr uint64_t kRealFilesEach = 4;

std::string ReadAll(Database& database, const std::string& pragma) {
  std::string rows;
  Query query = database.Prepare(pragma);
  while (true) {
    const absl::StatusOr<bool> found = query.Step();
    if (!found.ok()) return found.status().ToString();
    if (!*found) return rows;
    absl::StrAppend(&rows, query.TextAt(0), ";");
  }
}

void WriteFiles(const CrashDisk::Files& files, const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(path + suffix);
  }
  for (const auto& [name, bytes] : files) std::ofstream(name, std::ios::binary) << bytes;
}

// Empty where SQLite finds nothing wrong with the file.
std::string CheckFile(const std::string& path, const std::string& vfs) {
  auto database = Database::Open(path, Database::Mode::kWriter, vfs);
  if (!database.ok()) return database.status().ToString();
  const std::string integrity = ReadAll(**database, "PRAGMA integrity_check");
  if (integrity != "ok;") return integrity;
  return ReadAll(**database, "PRAGMA foreign_key_check");
}

// One life of a machine: from the files it finds to the ones it leaves.
CrashDisk::Files Live(const CrashDisk::Files& files, std::mt19937_64& random, bool lying_disk,
                      const std::string& path, CrashWorkload& workload, CrashResult& result) {
  CrashDisk disk(random(), files);
  if (lying_disk) disk.LieAboutSyncs();
  disk.CutAt(static_cast<int64_t>(1 + random() % kLongestLife));
  const int bursts = static_cast<int>(1 + random() % kMostBursts);
  const bool stops_first = random() % 2 == 0;
  const CrashVfs vfs(disk);
  base::Metrics metrics;
  auto store = SqliteTopupStore::Open(path, CrashOptions(vfs.name()), base::RealClock(), metrics);
  if (store.ok()) {
    const std::string problem = workload.Check(**store);
    if (!problem.empty() && !disk.is_cut() && result.problem.empty()) result.problem = problem;
    const absl::Status end = workload.Run(**store, bursts);
    if (!end.ok() && !disk.is_cut()) result.problem = end.ToString();
    result.cut_under_way = result.cut_under_way || disk.is_cut();
    if (!stops_first) disk.Cut();
    store->reset();
  } else if (!disk.is_cut()) {
    result.corrupt = true;
    result.problem = store.status().ToString();
  }
  result.operations += disk.operations();
  ++result.lives;
  return disk.Survivors();
}

}  // namespace

StoreOptions CrashOptions(const std::string& vfs) {
  StoreOptions options;
  options.vfs = vfs;
  options.reader_count = 1;
  options.idle_checkpoint_pages = 1 << 30;  // it would depend on how long the test takes
  options.forced_checkpoint_pages = 25;
  options.log_limit_pages = 40;
  return options;
}

void CheckSurvivors(const CrashDisk::Files& files, const std::string& path, Survey survey,
                    CrashWorkload& workload, CrashResult& result) {
  CrashDisk disk(1, files);
  const CrashVfs in_memory(disk);
  const std::string vfs = survey == Survey::kInMemory ? in_memory.name() : "";
  if (survey == Survey::kRealFiles) WriteFiles(files, path);
  base::Metrics metrics;
  auto store = SqliteTopupStore::Open(path, CrashOptions(vfs), base::RealClock(), metrics);
  if (!store.ok()) {
    result.corrupt = true;
    result.problem = store.status().ToString();
    return;
  }
  std::string problem = workload.Check(**store);
  if (problem.empty()) {
    const absl::Status more = workload.Run(**store, 1);
    problem = more.ok() ? workload.CheckNothingElse(**store) : more.ToString();
  }
  store->reset();
  const std::string damage = CheckFile(path, vfs);
  if (!damage.empty()) result.corrupt = true;
  if (result.problem.empty()) result.problem = problem + damage;
}

CrashResult RunCrashPoint(uint64_t seed, const std::string& path, bool lying_disk) {
  std::mt19937_64 random(seed);
  CrashWorkload workload(random());
  CrashResult result;
  CrashDisk::Files files;
  const int lives = static_cast<int>(1 + random() % 3);
  for (int i = 0; i < lives; ++i) files = Live(files, random, lying_disk, path, workload, result);
  result.acknowledged = workload.acknowledged();
  const Survey survey = seed % kRealFilesEach == 0 ? Survey::kRealFiles : Survey::kInMemory;
  CheckSurvivors(files, path, survey, workload, result);
  return result;
}

}  // namespace topup::store::sqlite
