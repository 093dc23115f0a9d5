// Reads a file that holds a secret, or says who may call, and looks at who else can read or change
// it.
#ifndef TOPUP_SERVER_CONFIG_PRIVATE_FILE_H_
#define TOPUP_SERVER_CONFIG_PRIVATE_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"

namespace topup::config {

enum class FilePrivacy {
  kOthersMayRead,  // a directory of callers: it holds digests
  kSecret,         // a key
};

struct PrivateFile {
  std::string content;
  // Who else can read or change it, and what helps, in words; empty where nobody can.
  std::string doubt;
};

// The whole file at `path`, of at most 1 MiB; links are followed. Blocks on the disk.
//
// kNotFound where it cannot be read, kOutOfRange where it is larger; kPermissionDenied where
// everybody may change it. Doubted, and no error: what belongs to neither root nor us, what its
// group may change, and a secret that everybody may read, which is how Kubernetes hands secrets out
// unless it is told otherwise (0644). Every error and doubt names the file, and the remedy where
// the mode is one.
absl::StatusOr<PrivateFile> ReadPrivateFile(const std::string& path, FilePrivacy privacy);

// The doubt about a file of this mode and owner, where we run as `ourselves`. Pure.
std::string DoubtAccess(const std::string& path, mode_t mode, uid_t owner, uid_t ourselves,
                        FilePrivacy privacy);

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_PRIVATE_FILE_H_
