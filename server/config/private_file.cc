#include "server/config/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/status_macros.h"

namespace topup::config {
namespace {

constexpr size_t kFileMax = 1 << 20;

absl::Status CannotBeRead(const std::string& path) {
  return absl::NotFoundError(absl::StrCat("file ", path, " cannot be read"));
}

absl::Status CheckAccess(const std::string& path, const struct stat& file, FilePrivacy privacy) {
  if (file.st_uid != 0 && file.st_uid != geteuid()) {
    return absl::PermissionDeniedError(absl::StrFormat(
        "file %s belongs to user id %d: give it to root or to user id %d, as which topupd runs "
        "(chown)",
        path, file.st_uid, geteuid()));
  }
  const bool is_secret = privacy == FilePrivacy::kSecret;
  const mode_t refused = S_IWGRP | S_IWOTH | (is_secret ? S_IROTH : 0);
  if ((file.st_mode & refused) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrFormat(
      "file %s has mode %04o: others may %s it; chmod %s %s", path, file.st_mode & 07777,
      (file.st_mode & (S_IWGRP | S_IWOTH)) != 0 ? "change" : "read",
      is_secret ? "g-w,o-rwx" : "go-w", path));
}

}  // namespace

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, FilePrivacy privacy) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotBeRead(path);
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat file = {};
  // What was opened is what is looked at, wherever the path leads to by now.
  if (fstat(fd, &file) != 0 || S_ISDIR(file.st_mode)) return CannotBeRead(path);
  RETURN_IF_ERROR(CheckAccess(path, file, privacy));
  std::string content;
  char piece[4096];
  ssize_t count = 0;
  while ((count = read(fd, piece, sizeof piece)) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotBeRead(path);
    content.append(piece, static_cast<size_t>(count));
    if (content.size() > kFileMax) {
      return absl::OutOfRangeError(absl::StrCat("file ", path, " is larger than 1 MiB"));
    }
  }
  return content;
}

}  // namespace topup::config
