#include "server/pricing/plugin_search.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/pricing/library/load_error.h"

namespace topup::pricing {
namespace {

constexpr size_t kPathSizeMax = 4096;

// "round_up" of "libround_up.so"; empty for names of another form.
absl::string_view StrategyName(absl::string_view library) {
  if (!absl::ConsumePrefix(&library, "lib") || !absl::ConsumeSuffix(&library, ".so")) return "";
  return library;
}

}  // namespace

bool IsLibraryName(absl::string_view library) {
  if (library.empty() || library.size() > kPathSizeMax) return false;
  if (absl::StrContains(library, '\0') || absl::EndsWith(library, "/")) return false;
  if (absl::StartsWith(library, "/")) return true;
  return !absl::StrContains(library, "/") && library != "." && library != "..";
}

std::vector<std::string> PluginDirectories(absl::string_view plugin_dir,
                                           absl::string_view executable_directory) {
  if (!plugin_dir.empty()) return {std::string(plugin_dir)};
  return {std::string(executable_directory),
          absl::StrCat(executable_directory, "/../../pricing_plugins")};
}

std::vector<std::string> LibraryCandidates(absl::string_view library,
                                           const std::vector<std::string>& directories) {
  if (absl::StartsWith(library, "/")) return {std::string(library)};
  std::vector<std::string> candidates;
  const absl::string_view name = StrategyName(library);
  for (const std::string& directory : directories) {
    candidates.push_back(absl::StrCat(directory, "/", library));
    if (!name.empty()) candidates.push_back(absl::StrCat(directory, "/", name, "/", library));
  }
  return candidates;
}

absl::StatusOr<std::string> FindLibrary(absl::string_view library,
                                        const std::vector<std::string>& directories,
                                        const std::function<bool(const std::string&)>& exists) {
  const std::vector<std::string> candidates = LibraryCandidates(library, directories);
  for (const std::string& candidate : candidates) {
    if (exists(candidate)) return candidate;
  }
  const absl::Status refused =
      LoadRefused(library, kStepFile, "a file in one of the plugin directories", "none");
  base::ErrorDetails details = *base::GetErrorDetails(refused);
  details.metadata.emplace_back("searched", absl::StrJoin(candidates, ", "));
  return base::MakeError(refused.code(), refused.message(), std::move(details));
}

}  // namespace topup::pricing
