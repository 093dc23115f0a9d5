// Keeps a second process away from a store's file.
#ifndef TOPUP_SERVER_STORE_SQLITE_FILE_LOCK_H_
#define TOPUP_SERVER_STORE_SQLITE_FILE_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace topup::store::sqlite {

// Holds PATH.lock until it is destroyed; the kernel lets go of it when the process dies. The
// file stays, empty.
class FileLock {
 public:
  // kFailedPrecondition where another process (or another lock of this one) holds it.
  static absl::StatusOr<FileLock> Take(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;  // -1 after a move
};

// Makes the file where it is missing, and only its owner able to read it.
absl::Status MakePrivateFile(const std::string& path);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_FILE_LOCK_H_
