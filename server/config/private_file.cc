#include "server/config/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace topup::config {
namespace {

constexpr size_t kFileMax = 1 << 20;

absl::Status CannotBeRead(const std::string& path) {
  return absl::NotFoundError(absl::StrCat("file ", path, " cannot be read"));
}

std::string DescribeMode(const std::string& path, mode_t mode, const char* who,
                         FilePrivacy privacy) {
  return absl::StrFormat("file %s has mode %04o: %s; chmod %s %s", path, mode & 07777, who,
                         privacy == FilePrivacy::kSecret ? "g-w,o-rwx" : "go-w", path);
}

}  // namespace

std::string DoubtAccess(const std::string& path, mode_t mode, uid_t owner, uid_t ourselves,
                        FilePrivacy privacy) {
  if (owner != 0 && owner != ourselves) {
    return absl::StrFormat(
        "file %s belongs to user id %d, who can change it: give it to root or to user id %d, as "
        "which topupd runs (chown)",
        path, owner, ourselves);
  }
  if ((mode & S_IWGRP) != 0) return DescribeMode(path, mode, "its group may change it", privacy);
  if (privacy == FilePrivacy::kSecret && (mode & S_IROTH) != 0) {
    return DescribeMode(path, mode, "everybody may read it", privacy);
  }
  return "";
}

absl::StatusOr<PrivateFile> ReadPrivateFile(const std::string& path, FilePrivacy privacy) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotBeRead(path);
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat file = {};
  // What was opened is what is looked at, wherever the path leads to by now.
  if (fstat(fd, &file) != 0 || S_ISDIR(file.st_mode)) return CannotBeRead(path);
  if ((file.st_mode & S_IWOTH) != 0) {
    return absl::PermissionDeniedError(
        DescribeMode(path, file.st_mode, "everybody may change it", privacy));
  }
  PrivateFile found{.doubt = DoubtAccess(path, file.st_mode, file.st_uid, geteuid(), privacy)};
  char piece[4096];
  ssize_t count = 0;
  while ((count = read(fd, piece, sizeof piece)) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotBeRead(path);
    found.content.append(piece, static_cast<size_t>(count));
    if (found.content.size() > kFileMax) {
      return absl::OutOfRangeError(absl::StrCat("file ", path, " is larger than 1 MiB"));
    }
  }
  return found;
}

}  // namespace topup::config
