// One power cut, or several, and what is left afterwards.
#ifndef TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_POINT_H_
#define TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_POINT_H_

#include <cstdint>
#include <string>

#include "server/store/store_options.h"
#include "tests/server/store/sqlite/crash_disk.h"
#include "tests/server/store/sqlite/crash_workload.h"

namespace topup::store::sqlite {

struct CrashResult {
  bool corrupt = false;  // the file cannot be opened, or SQLite finds it damaged
  std::string problem;   // empty: everything acknowledged is there, nothing is there in part
  int64_t acknowledged = 0;
  int64_t operations = 0;      // changes that reached the disk, of all lives
  int lives = 0;               // power cuts
  bool cut_under_way = false;  // at least one of them in the middle of an operation
};

// Small logs, so that a short run writes them back and starts them anew often.
StoreOptions CrashOptions(const std::string& vfs);

// Runs a store over a crashing disk once to three times, each time until the power is cut, then
// looks at what survived. `path` is in a directory of the caller's. All follows from `seed`.
// With `lying_disk` no sync does anything, so that acknowledged writes are lost.
CrashResult RunCrashPoint(uint64_t seed, const std::string& path, bool lying_disk = false);

// The last part of it: opens `files`, checks them and writes on. Either as files at `path`, which
// are written over, through SQLite's own layer; or, much faster, on a disk in memory.
enum class Survey { kRealFiles, kInMemory };
void CheckSurvivors(const CrashDisk::Files& files, const std::string& path, Survey survey,
                    CrashWorkload& workload, CrashResult& result);

}  // namespace topup::store::sqlite

#endif  // TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_POINT_H_
