#include "server/pricing/library/library_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/signer.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/load_error.h"

namespace topup::pricing {
namespace {

absl::Status Refuse(const std::string& path, absl::string_view expected, absl::string_view found) {
  return LoadRefused(path, kStepFile, expected, found);
}

absl::Status CheckFile(const std::string& path, const struct stat& file) {
  if (!S_ISREG(file.st_mode)) return Refuse(path, "a regular file", "something else");
  if (file.st_size <= 0 || file.st_size > kLibrarySizeMax) {
    return Refuse(path, absl::StrCat("1 to ", kLibrarySizeMax, " bytes"),
                  absl::StrCat(file.st_size, " bytes"));
  }
  if (file.st_uid != 0 && file.st_uid != geteuid()) {
    return Refuse(path, absl::StrCat("owned by root or user id ", geteuid()),
                  absl::StrCat("owned by user id ", file.st_uid));
  }
  if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Refuse(path, "not writable by group or others",
                  absl::StrFormat("mode %04o", file.st_mode & 07777));
  }
  return absl::OkStatus();
}

// In a directory that everyone may write to, only the sticky bit keeps others from putting
// their file in the place of ours.
absl::Status CheckDirectory(const std::string& path, const std::string& real_path) {
  const std::string directory = real_path.substr(0, real_path.rfind('/') + 1);
  struct stat found = {};
  if (stat(directory.c_str(), &found) != 0) return Refuse(path, "a directory", strerror(errno));
  if ((found.st_mode & S_IWOTH) != 0 && (found.st_mode & S_ISVTX) == 0) {
    return Refuse(path, "a directory that not everyone may write to",
                  absl::StrFormat("mode %04o", found.st_mode & 07777));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAll(const std::string& path, int fd, size_t size) {
  std::string bytes(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t count = read(fd, &bytes[filled], size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Refuse(path, "a file that can be read", strerror(errno));
    if (count == 0) {
      return Refuse(path, absl::StrCat(size, " bytes"), absl::StrCat(filled, " bytes"));
    }
    filled += static_cast<size_t>(count);
  }
  return bytes;
}

}  // namespace

absl::StatusOr<LibraryFile> ReadLibraryFile(const std::string& path) {
  if (!absl::StartsWith(path, "/")) return Refuse(path, "an absolute path", "a relative one");
  const std::unique_ptr<char, void (*)(void*)> resolved(realpath(path.c_str(), nullptr), &free);
  if (resolved == nullptr) return Refuse(path, "a file that exists", strerror(errno));
  const std::string real_path = resolved.get();

  // Not blocking: a named pipe must not hold us up before we see that it is none of ours.
  const int fd = open(real_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return Refuse(path, "a file that can be opened", strerror(errno));
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat file = {};
  if (fstat(fd, &file) != 0) return Refuse(path, "a file that can be read", strerror(errno));
  RETURN_IF_ERROR(CheckFile(path, file));
  RETURN_IF_ERROR(CheckDirectory(path, real_path));
  ASSIGN_OR_RETURN(std::string bytes, ReadAll(path, fd, static_cast<size_t>(file.st_size)));
  std::string digest = base::Sha256Hex(bytes);
  return LibraryFile{path, std::move(bytes), std::move(digest)};
}

}  // namespace topup::pricing
