#include "server/pricing/library/allow_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/load_error.h"
#include "server/pricing/library/trusted_file.h"
#include "server/pricing/strategy_text.h"

namespace topup::pricing {
namespace {

constexpr size_t kDigestSize = 64;
constexpr size_t kNameAt = kDigestSize + 2;

absl::string_view FileName(absl::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool IsDigit(char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); }

// What is wrong with `line`; empty where it names a library.
absl::string_view FindProblem(absl::string_view line) {
  const absl::string_view digest = line.substr(0, kDigestSize);
  if (digest.size() < kDigestSize || !std::all_of(digest.begin(), digest.end(), IsDigit)) {
    return "does not begin with 64 lower-case hex digits";
  }
  const absl::string_view between = line.substr(kDigestSize, 2);
  if (between != "  " && between != " *") {
    return "has no space, and space or asterisk, after 64 hex digits";
  }
  const std::string name(line.substr(kNameAt));
  if (name.empty()) return "names no file";
  // Up to its first NUL it would be another name.
  const bool is_text =
      !absl::StrContains(name, '\0') && ReadStrategyText(name.c_str(), name.size() + 1).has_value();
  return is_text ? "" : "has a name that is not UTF-8, or has control characters";
}

absl::Status ListRefused(absl::string_view path, absl::string_view expected,
                         absl::string_view found,
                         std::vector<base::FieldViolation> violations = {}) {
  const std::string file(FileName(path));
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("The list of allowed libraries ", file,
                                      " was refused: expected ", expected, ", found ", found, "."),
                         {.reason = "STRATEGY_LOAD_FAILED",
                          .metadata = {{"file", file},
                                       {"step", std::string(kStepAllowList)},
                                       {"expected", std::string(expected)},
                                       {"found", std::string(found)}},
                          .field_violations = std::move(violations)});
}

}  // namespace

std::vector<AllowedLibrary> ParseAllowList(absl::string_view text,
                                           std::vector<std::string>& problems) {
  std::vector<AllowedLibrary> libraries;
  size_t problem_count = 0;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    if (++number > kAllowListLinesMax) {
      problems.push_back(absl::StrCat("more than ", kAllowListLinesMax, " lines"));
      break;
    }
    if (absl::StartsWith(line, "#") || absl::StripAsciiWhitespace(line).empty()) continue;
    const absl::string_view problem = FindProblem(line);
    if (problem.empty()) {
      libraries.push_back(
          {std::string(line.substr(0, kDigestSize)), std::string(line.substr(kNameAt))});
      continue;
    }
    problems.push_back(absl::StrCat("line ", number, " ", problem));
    if (++problem_count == kAllowListProblemsMax) break;
  }
  return libraries;
}

AllowList::AllowList(std::string name, std::vector<AllowedLibrary> libraries)
    : name_(std::move(name)), libraries_(std::move(libraries)) {}

absl::Status AllowList::Check(const LibraryFile& file) const {
  const auto is_it = [&file](const AllowedLibrary& allowed) {
    return allowed.digest == file.digest;
  };
  if (std::any_of(libraries_.begin(), libraries_.end(), is_it)) return absl::OkStatus();
  const auto is_named_so = [&file](const AllowedLibrary& allowed) {
    return FileName(allowed.name) == FileName(file.path);
  };
  const auto named = std::find_if(libraries_.begin(), libraries_.end(), is_named_so);
  std::string found = absl::StrCat("digest ", file.digest);
  if (named != libraries_.end()) {
    absl::StrAppend(&found, " (for this name ", named->digest, " is listed)");
  }
  return LoadRefused(file.path, kStepAllowList, absl::StrCat("a digest that ", name_, " lists"),
                     found);
}

absl::StatusOr<AllowList> ReadAllowList(const std::string& path) {
  const auto refuse = [&path](absl::string_view expected, absl::string_view found) {
    return ListRefused(path, expected, found);
  };
  ASSIGN_OR_RETURN(const std::string text, ReadTrustedFile(path, kAllowListSizeMax, refuse));
  std::vector<std::string> problems;
  std::vector<AllowedLibrary> libraries = ParseAllowList(text, problems);
  std::string name(FileName(path));
  if (problems.empty()) return AllowList(std::move(name), std::move(libraries));
  std::vector<base::FieldViolation> violations;
  violations.reserve(problems.size());
  for (const std::string& problem : problems) violations.push_back({name, problem});
  return ListRefused(path, "lines as sha256sum prints them", problems.front(),
                     std::move(violations));
}

}  // namespace topup::pricing
