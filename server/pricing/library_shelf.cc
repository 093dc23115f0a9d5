#include "server/pricing/library_shelf.h"

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/library_file.h"
#include "server/pricing/library/library_format.h"
#include "server/pricing/library/load_error.h"

namespace topup::pricing {

absl::StatusOr<std::shared_ptr<const PluginLibrary>> LibraryShelf::Load(const std::string& path,
                                                                        absl::string_view digest) {
  ASSIGN_OR_RETURN(const LibraryFile file, ReadLibraryFile(path));
  if (!digest.empty() && digest != file.digest) {
    return LoadRefused(path, kStepFile, absl::StrCat("digest ", digest),
                       absl::StrCat("digest ", file.digest));
  }
  if (allowed_.has_value()) RETURN_IF_ERROR(allowed_->Check(file));
  const auto known = opened_.find(file.digest);
  if (known != opened_.end()) return known->second;
  RETURN_IF_ERROR(CheckLibraryFormat(file));
  if (opened_.size() >= static_cast<size_t>(options_.library_limit)) {
    return LoadRefused(path, kStepOpen,
                       absl::StrCat("at most ", options_.library_limit, " libraries"),
                       "one more (a restart lets go of the old ones)");
  }
  // What does not get this far may do so the next time: the machine may have been short of memory.
  ASSIGN_OR_RETURN(const LinkedLibrary linked, PluginLibrary::Link(file));
  return opened_.emplace(file.digest, PluginLibrary::Open(linked, file, options_, log_))
      .first->second;
}

std::shared_ptr<const PluginLibrary> LibraryShelf::Find(absl::string_view digest) const {
  const auto known = opened_.find(std::string(digest));
  return known != opened_.end() && known->second.ok() ? *known->second : nullptr;
}

}  // namespace topup::pricing
