#include "server/store/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace topup::store::sqlite {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

absl::Status FileError(absl::string_view path, absl::string_view step) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", step, ": ", std::strerror(errno)));
}

absl::StatusOr<int> OpenPrivate(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) return FileError(path, "cannot be opened for writing");
  // One made earlier, under a loose umask, is tightened too.
  if (fchmod(descriptor, kOwnerOnly) != 0) {
    const absl::Status error = FileError(path, "cannot be made private (mode 0600)");
    close(descriptor);
    return error;
  }
  return descriptor;
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Take(const std::string& path) {
  const std::string lock_path = path + ".lock";
  absl::StatusOr<int> descriptor = OpenPrivate(lock_path);
  if (!descriptor.ok()) return descriptor.status();
  FileLock lock(*descriptor);
  if (flock(*descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FileError(lock_path, "cannot be locked");
    return absl::FailedPreconditionError(
        absl::StrCat("another topupd uses ", path, ": it holds ", lock_path));
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) {
  other.descriptor_ = -1;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status MakePrivateFile(const std::string& path) {
  absl::StatusOr<int> descriptor = OpenPrivate(path);
  if (!descriptor.ok()) return descriptor.status();
  close(*descriptor);
  return absl::OkStatus();
}

}  // namespace topup::store::sqlite
