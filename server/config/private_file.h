// Reads a file that holds a secret, or says who may call: only where nobody else may change it,
// and, of a secret, where not everybody may read it.
#ifndef TOPUP_SERVER_CONFIG_PRIVATE_FILE_H_
#define TOPUP_SERVER_CONFIG_PRIVATE_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace topup::config {

enum class FilePrivacy {
  kOthersMayRead,  // a directory of callers: it holds digests
  kSecret,         // a key
};

// The whole file at `path`, of at most 1 MiB; links are followed. Blocks on the disk.
//
// kNotFound where it cannot be read, kOutOfRange where it is larger; kPermissionDenied where it is
// owned by anyone but root and ourselves, writable by its group or by others, or, of a secret,
// readable by others. Its group may read it: that is how Kubernetes hands secrets out
// (root:fsGroup, 0440 or 0640). Every error names the file, and the remedy where the mode is one.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, FilePrivacy privacy);

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_PRIVATE_FILE_H_
