#include "server/pricing/library/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/status_macros.h"

namespace topup::pricing {
namespace {

absl::Status CheckFile(const struct stat& file, int64_t size_max, FileRefusal refuse) {
  if (!S_ISREG(file.st_mode)) return refuse("a regular file", "something else");
  if (file.st_size <= 0 || file.st_size > size_max) {
    return refuse(absl::StrCat("1 to ", size_max, " bytes"), absl::StrCat(file.st_size, " bytes"));
  }
  if (file.st_uid != 0 && file.st_uid != geteuid()) {
    return refuse(absl::StrCat("owned by root or user id ", geteuid()),
                  absl::StrCat("owned by user id ", file.st_uid));
  }
  if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refuse("not writable by group or others",
                  absl::StrFormat("mode %04o", file.st_mode & 07777));
  }
  return absl::OkStatus();
}

// In a directory that everyone may write to, only the sticky bit keeps others from putting
// their file in the place of ours.
absl::Status CheckDirectory(const std::string& real_path, FileRefusal refuse) {
  const std::string directory = real_path.substr(0, real_path.rfind('/') + 1);
  struct stat found = {};
  if (stat(directory.c_str(), &found) != 0) return refuse("a directory", strerror(errno));
  if ((found.st_mode & S_IWOTH) != 0 && (found.st_mode & S_ISVTX) == 0) {
    return refuse("a directory that not everyone may write to",
                  absl::StrFormat("mode %04o", found.st_mode & 07777));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAll(int fd, size_t size, FileRefusal refuse) {
  std::string bytes(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t count = read(fd, &bytes[filled], size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refuse("a file that can be read", strerror(errno));
    if (count == 0) {
      return refuse(absl::StrCat(size, " bytes"), absl::StrCat(filled, " bytes"));
    }
    filled += static_cast<size_t>(count);
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ReadTrustedFile(const std::string& path, int64_t size_max,
                                            FileRefusal refuse) {
  if (!absl::StartsWith(path, "/")) return refuse("an absolute path", "a relative one");
  const std::unique_ptr<char, void (*)(void*)> resolved(realpath(path.c_str(), nullptr), &free);
  if (resolved == nullptr) return refuse("a file that exists", strerror(errno));
  const std::string real_path = resolved.get();

  // Not blocking: a named pipe must not hold us up before we see that it is none of ours.
  const int fd = open(real_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return refuse("a file that can be opened", strerror(errno));
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat file = {};
  if (fstat(fd, &file) != 0) return refuse("a file that can be read", strerror(errno));
  RETURN_IF_ERROR(CheckFile(file, size_max, refuse));
  RETURN_IF_ERROR(CheckDirectory(real_path, refuse));
  return ReadAll(fd, static_cast<size_t>(file.st_size), refuse);
}

}  // namespace topup::pricing
