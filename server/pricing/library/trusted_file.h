// Reads a file that decides which code runs here: only where nobody else may change it.
#ifndef TOPUP_SERVER_PRICING_LIBRARY_TRUSTED_FILE_H_
#define TOPUP_SERVER_PRICING_LIBRARY_TRUSTED_FILE_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace topup::pricing {

// Words the error for a file that is not as expected.
using FileRefusal =
    absl::FunctionRef<absl::Status(absl::string_view expected, absl::string_view found)>;

// The whole content of the file at `path`, which is absolute; links are followed once, to the
// file that is read. Blocks on the disk.
//
// What `refuse` makes of it where it is missing, no regular file, empty or larger than
// `size_max` bytes, owned by anyone but root and ourselves, writable by group or others, or in a
// directory where others may replace it.
absl::StatusOr<std::string> ReadTrustedFile(const std::string& path, int64_t size_max,
                                            FileRefusal refuse);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_LIBRARY_TRUSTED_FILE_H_
