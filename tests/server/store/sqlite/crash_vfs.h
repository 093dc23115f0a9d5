// A CrashDisk as SQLite's file system, so that the real store runs over it.
#ifndef TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_VFS_H_
#define TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_VFS_H_

#include <memory>
#include <string>

#include "tests/server/store/sqlite/crash_disk.h"

namespace topup::store::sqlite {

// One machine from its start to its end: the disk outlives it, its locks and the shared memory
// of the write-ahead log (kept on the heap) do not. Thread-safe, but for what SQLite keeps to
// one thread. Every connection is closed before it goes.
class CrashVfs {
 public:
  // Registers itself. `disk` outlives it.
  explicit CrashVfs(CrashDisk& disk);
  ~CrashVfs();
  CrashVfs(const CrashVfs&) = delete;
  CrashVfs& operator=(const CrashVfs&) = delete;

  // For StoreOptions::vfs.
  const std::string& name() const;

 private:
  struct Machine;
  const std::unique_ptr<Machine> machine_;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_VFS_H_
