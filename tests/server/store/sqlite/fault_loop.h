// Fails the N-th operation on the disk under a store, for N = 1, 2, 3... until a run meets no
// failure: what the store says of each, and what is there afterwards.
#ifndef TOPUP_TESTS_SERVER_STORE_SQLITE_FAULT_LOOP_H_
#define TOPUP_TESTS_SERVER_STORE_SQLITE_FAULT_LOOP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/server/store/sqlite/crash_disk.h"

namespace topup::store::sqlite {

struct FaultLoopSize {
  int64_t last = 300;  // N at most
  int bursts = 3;      // commits of a run, the longer the more operations there are to fail
};

// How the runs of one loop ended.
struct FaultTally {
  int64_t runs = 0;
  int64_t opening = 0;    // the store did not open: it said so
  int64_t dead = 0;       // it answered nothing any more, and told its listener once
  int64_t full = 0;       // it recorded nothing, and worked again with room
  int64_t unnoticed = 0;  // by callers: the log could not be written back
  bool clean = false;     // the last run met no failure: there is no N left
  int64_t acknowledged = 0;
  std::vector<std::string> problems;  // what was wrong, each with its N
};

// `path` is in a directory of the caller's; its files are written over. `fault`'s N is not used.
FaultTally FailEach(const std::string& path, CrashDisk::Fault fault, const FaultLoopSize& size);

}  // namespace topup::store::sqlite

#endif  // TOPUP_TESTS_SERVER_STORE_SQLITE_FAULT_LOOP_H_
