#include "server/api/caller_directory.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/signer.h"

namespace topup::api {
namespace {

constexpr absl::string_view kBearer = "bearer ";
constexpr size_t kNameSizeMax = 64;
constexpr size_t kSha256HexSize = 64;

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kNameSizeMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '~' || c == '-';
         });
}

bool IsSha256(absl::string_view text) {
  return text.size() == kSha256HexSize &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isxdigit(c); });
}

absl::Status Refuse(absl::StatusCode code, absl::string_view reason, absl::string_view why,
                    const MethodRule& rule) {
  return base::MakeError(
      code, absl::StrCat(why, ": ", rule.name, "."),
      {.reason = std::string(reason), .metadata = {{"method", std::string(rule.name)}}});
}

}  // namespace

CallerDirectory CallerDirectory::Local() { return CallerDirectory(); }

std::vector<std::string> CallerDirectory::FindProblems(const std::vector<CallerEntry>& entries) {
  std::vector<std::string> problems;
  std::set<std::string> names, tokens, sans;
  for (const CallerEntry& entry : entries) {
    const std::string& name = entry.caller.name;
    if (!IsName(name)) {
      problems.push_back(
          absl::StrCat("caller \"", name, "\": a name is 1 to 64 of A-Z a-z 0-9 . _ ~ -"));
    }
    if (!names.insert(name).second) {
      problems.push_back(absl::StrCat("caller \"", name, "\" is listed twice"));
    }
    if (entry.token_sha256.empty() && entry.certificate_sans.empty()) {
      problems.push_back(absl::StrCat("caller \"", name, "\" has no way to prove who it is"));
    }
    for (const std::string& token : entry.token_sha256) {
      if (!IsSha256(token)) {
        problems.push_back(absl::StrCat("caller \"", name, "\": a token is given by the 64 hex ",
                                        "digits of its SHA-256"));
      } else if (!tokens.insert(absl::AsciiStrToLower(token)).second) {
        problems.push_back(absl::StrCat("caller \"", name, "\": its token is listed twice"));
      }
    }
    for (const std::string& san : entry.certificate_sans) {
      if (san.empty() || !sans.insert(san).second) {
        problems.push_back(
            absl::StrCat("caller \"", name, "\": the SAN \"", san, "\" is empty or listed twice"));
      }
    }
  }
  return problems;
}

CallerDirectory::CallerDirectory(std::vector<CallerEntry> entries) : entries_(std::move(entries)) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    for (const std::string& token : entries_[i].token_sha256) {
      tokens_.push_back({base::Secret(absl::AsciiStrToLower(token)), i});
    }
  }
}

absl::StatusOr<core::Caller> CallerDirectory::Admit(const Credentials& credentials,
                                                    Method method) const {
  if (is_local_) return core::Caller{"local", core::Roles::All()};
  const MethodRule& rule = RuleOf(method);
  const core::Caller* caller = Identify(credentials);
  if (caller == nullptr) {
    return Refuse(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED",
                  "It is not known who is calling", rule);
  }
  if (!(caller->roles.*rule.role)) {
    return Refuse(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                  "The caller has no role for this method", rule);
  }
  return *caller;
}

const core::Caller* CallerDirectory::Identify(const Credentials& credentials) const {
  if (!credentials.authorizations.empty()) {
    const absl::string_view value = credentials.authorizations.front();
    if (credentials.authorizations.size() > 1 || !absl::StartsWithIgnoreCase(value, kBearer)) {
      return nullptr;
    }
    const base::Secret shown(base::Sha256Hex(value.substr(kBearer.size())));
    const core::Caller* found = nullptr;
    // All are compared, each in constant time: how long it takes says nothing.
    for (const Token& token : tokens_) {
      if (token.sha256.Equals(shown)) found = &entries_[token.entry].caller;
    }
    return found;
  }
  const core::Caller* found = nullptr;
  for (const CallerEntry& entry : entries_) {
    for (const std::string& san : entry.certificate_sans) {
      if (std::find(credentials.certificate_sans.begin(), credentials.certificate_sans.end(),
                    san) == credentials.certificate_sans.end()) {
        continue;
      }
      // A certificate with the names of two callers is nobody's.
      if (found != nullptr && found != &entry.caller) return nullptr;
      found = &entry.caller;
    }
  }
  return found;
}

}  // namespace topup::api
