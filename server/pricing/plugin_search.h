// Where a strategy's library is looked for. Pure: looks at names, asks for files.
#ifndef TOPUP_SERVER_PRICING_PLUGIN_SEARCH_H_
#define TOPUP_SERVER_PRICING_PLUGIN_SEARCH_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace topup::pricing {

// True for an absolute path and for a bare file name; false for whatever would depend on a
// working directory, and for "." and "..".
bool IsLibraryName(absl::string_view library);

// The directories to search: `plugin_dir` alone where it is set (made absolute by the caller);
// otherwise the program's own directory, and where the build puts strategies as seen from there
// (out/bin/server/main/topupd has them in out/bin/pricing_plugins).
std::vector<std::string> PluginDirectories(absl::string_view plugin_dir,
                                           absl::string_view executable_directory);

// The paths at which `library` may be, in order: in each directory, its file and then, for
// "libround_up.so", round_up/libround_up.so. An absolute `library` is its only candidate.
std::vector<std::string> LibraryCandidates(absl::string_view library,
                                           const std::vector<std::string>& directories);

// The first candidate that `exists`. STRATEGY_LOAD_FAILED, step "file", where none does; its
// metadata `searched` lists the candidates, for those who may see our directories.
absl::StatusOr<std::string> FindLibrary(absl::string_view library,
                                        const std::vector<std::string>& directories,
                                        const std::function<bool(const std::string&)>& exists);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PLUGIN_SEARCH_H_
