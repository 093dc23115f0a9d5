#include "server/pricing/library/library_file.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "server/base/signer.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/load_error.h"
#include "server/pricing/library/trusted_file.h"

namespace topup::pricing {

absl::StatusOr<LibraryFile> ReadLibraryFile(const std::string& path) {
  const auto refuse = [&path](absl::string_view expected, absl::string_view found) {
    return LoadRefused(path, kStepFile, expected, found);
  };
  ASSIGN_OR_RETURN(std::string bytes, ReadTrustedFile(path, kLibrarySizeMax, refuse));
  std::string digest = base::Sha256Hex(bytes);
  return LibraryFile{path, std::move(bytes), std::move(digest)};
}

}  // namespace topup::pricing
