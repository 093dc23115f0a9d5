// The libraries that may be opened, by their digests: whoever writes this file decides which
// code prices, whatever a configuration says.
#ifndef TOPUP_SERVER_PRICING_LIBRARY_ALLOW_LIST_H_
#define TOPUP_SERVER_PRICING_LIBRARY_ALLOW_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/pricing/library/library_file.h"

namespace topup::pricing {

// Many times what a process may ever open; a line is some hundred bytes.
inline constexpr int64_t kAllowListSizeMax = int64_t{256} * 1024;
inline constexpr int kAllowListLinesMax = 4096;
// A file that is no list at all is not told line by line.
inline constexpr size_t kAllowListProblemsMax = 20;

struct AllowedLibrary {
  std::string digest;  // SHA-256 of the file, lower-case hex
  std::string name;    // for people: what a library is called decides nothing

  friend bool operator==(const AllowedLibrary&, const AllowedLibrary&) = default;
};

// Reads what `sha256sum *.so` prints: 64 lower-case hex digits, a space, a space or an asterisk,
// and a name, on each line. Blank lines and lines that begin with # say nothing. Appends to
// `problems` what is wrong, each with its line's number, up to kAllowListProblemsMax; lines past
// kAllowListLinesMax are one problem. Pure; copes with any bytes.
std::vector<AllowedLibrary> ParseAllowList(absl::string_view text,
                                           std::vector<std::string>& problems);

// Constant after construction.
class AllowList {
 public:
  // `name` is that of the list's file, for errors.
  AllowList(std::string name, std::vector<AllowedLibrary> libraries);

  // STRATEGY_LOAD_FAILED, step "allow list", unless the digest of `file` is listed. `found` also
  // tells which digest is listed for a file of this name, where one is.
  absl::Status Check(const LibraryFile& file) const;

 private:
  std::string name_;
  std::vector<AllowedLibrary> libraries_;
};

// Reads the list at `path`, which has to be a file to be trusted: see trusted_file.h. Blocks on
// the disk. STRATEGY_LOAD_FAILED, step "allow list", for the first thing that is wrong, with
// every wrong line as a field violation. A list without a library allows none.
absl::StatusOr<AllowList> ReadAllowList(const std::string& path);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_LIBRARY_ALLOW_LIST_H_
