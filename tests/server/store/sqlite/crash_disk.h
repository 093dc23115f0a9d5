// A disk in memory that forgets what was not synced when its power is cut, and that fails on
// demand. Harsher than most real ones: each unsynced sector, truncation and change of the
// directory is kept or lost by itself, in any mixture, and a sector can be kept in part.
//
// After a failed sync what it should have written is kept or lost at once, although programs
// still read it: no later sync brings it back, as on Linux.
//
// Not modelled: bytes beside the ones written are never harmed, and what was synced stays.
#ifndef TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_DISK_H_
#define TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace topup::store::sqlite {

// Thread-safe. The same seed and the same operations leave the same bytes.
class CrashDisk {
 public:
  enum class Operation { kCreate, kDelete, kWrite, kTruncate, kSync };
  enum class Outcome {
    kDone,
    kIoError,  // nothing was done (a sync: see above)
    kFull,     // no room: nothing was done
    kShort,    // half was written
  };
  using Files = std::map<std::string, std::string>;  // bytes by name

  // The `nth` operation of its kind, from 1, fails; with `lasting` those after it too.
  struct Fault {
    Operation operation = Operation::kWrite;
    int64_t nth = 0;  // 0: none
    Outcome outcome = Outcome::kIoError;
    bool lasting = false;
  };

  class File;  // an open file; stays readable when its name is deleted

  explicit CrashDisk(uint64_t seed, const Files& files = {});
  ~CrashDisk();

  // The power is cut in the middle of the `operation`th change, from 1; 0: never.
  void CutAt(int64_t operation);
  void Cut();
  void SetFault(const Fault& fault);
  // Says of every sync that it is done, and does nothing: what the proof has to find out.
  void LieAboutSyncs();

  // Changes asked for so far, and faults met.
  int64_t operations() const;
  int64_t faults() const;
  bool is_cut() const;

  // Null where there is none and it is not to be made, or the power is off.
  std::shared_ptr<File> Open(const std::string& name, bool create, bool* created);
  bool Exists(const std::string& name) const;
  Outcome Delete(const std::string& name, bool sync_directory);
  // `offset` and sizes in bytes. A read beyond the end gives fewer bytes.
  std::string Read(const File& file, int64_t offset, int64_t size) const;
  int64_t Size(const File& file) const;
  Outcome Write(File& file, int64_t offset, absl::string_view bytes);
  Outcome Truncate(File& file, int64_t size);
  // `directory`: names given and taken so far become durable too.
  Outcome Sync(File& file, bool directory);

  // What a machine finds that starts after the power was cut now, or was cut before.
  Files Survivors();

 private:
  struct NameChange {
    std::string name;
    std::shared_ptr<File> file;  // null: deleted
  };

  // Counts the operation. Anything but kDone: it fails so.
  Outcome Begin(Operation operation);
  void Forget(File& file);

  mutable std::mutex mu_;  // guards everything below, and the files
  std::mt19937_64 random_;
  std::map<std::string, std::shared_ptr<File>> names_;
  std::map<std::string, std::shared_ptr<File>> durable_names_;
  std::vector<NameChange> name_changes_;
  std::map<Operation, int64_t> counts_;
  int64_t operations_ = 0;
  int64_t cut_at_ = 0;
  int64_t faults_ = 0;
  bool cut_ = false;
  bool lies_ = false;
  Fault fault_;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_TESTS_SERVER_STORE_SQLITE_CRASH_DISK_H_
