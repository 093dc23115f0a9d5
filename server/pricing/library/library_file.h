// A library's file, read once: what is checked and hashed here is what gets loaded.
#ifndef TOPUP_SERVER_PRICING_LIBRARY_LIBRARY_FILE_H_
#define TOPUP_SERVER_PRICING_LIBRARY_LIBRARY_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace topup::pricing {

// A strategy is some ten kilobytes; one that carries its own C++ library a few megabytes.
inline constexpr int64_t kLibrarySizeMax = int64_t{64} * 1024 * 1024;

struct LibraryFile {
  std::string path;    // as it was asked for
  std::string bytes;   // the whole file
  std::string digest;  // SHA-256 of `bytes`, lower-case hex
};

// Reads the file at `path`. STRATEGY_LOAD_FAILED, step "file", where it is none to be trusted:
// see trusted_file.h. Blocks on the disk.
absl::StatusOr<LibraryFile> ReadLibraryFile(const std::string& path);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_LIBRARY_LIBRARY_FILE_H_
