// Whatever metadata and certificate names a call brings: somebody is let in by exactly one known
// token after "bearer ", or by the names of exactly one caller, to what that caller may do; and
// what was shown is never repeated.
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/api/call_metadata.h"
#include "server/api/caller_directory.h"
#include "server/base/error.h"
#include "server/base/signer.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

using api::Method;

struct Known {
  const char* name;
  const char* token;
  const char* san;
  core::Roles roles;
};

const std::vector<Known>& Callers() {
  static const auto& callers =
      *new std::vector<Known>{{"shop", "tok-shop", "shop.example", {.send = true, .read = true}},
                              {"till", "tok-till", "till.example", {.read = true}},
                              {"desk", "tok-desk", "desk.example", core::Roles::All()}};
  return callers;
}

const api::CallerDirectory& Directory() {
  static const auto& directory = *new api::CallerDirectory([] {
    std::vector<api::CallerEntry> entries;
    for (const Known& known : Callers()) {
      entries.push_back({{known.name, known.roles}, {base::Sha256Hex(known.token)}, {known.san}});
    }
    Promise(api::CallerDirectory::FindProblems(entries).empty(), "the directory is one");
    return entries;
  }());
  return directory;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Pairs as NAME SIZE VALUE; some names in full, so that bytes get behind them.
Pairs TakePairs(FuzzInput& input) {
  Pairs pairs;
  for (int left = input.Byte() % 8; left > 0 && !input.AtEnd(); --left) {
    const uint8_t kind = input.Byte();
    const std::string name = kind % 4 == 0   ? input.Text(kind / 4)
                             : kind % 4 == 1 ? "Authorization"
                                             : "authorization";
    pairs.emplace_back(name, input.Text(input.Number(kind % 16 == 15 ? 2 : 1)));
  }
  return pairs;
}

// Who the token or the names belong to, by the rule in one sentence; null where nobody.
const Known* WhoItIs(const api::Credentials& credentials) {
  const Known* found = nullptr;
  if (!credentials.authorizations.empty()) {
    const std::string& value = credentials.authorizations[0];
    if (credentials.authorizations.size() > 1 || value.size() < 7 ||
        absl::AsciiStrToLower(value.substr(0, 7)) != "bearer ") {
      return nullptr;
    }
    for (const Known& known : Callers()) {
      if (value.substr(7) == known.token) found = &known;
    }
    return found;
  }
  int matches = 0;
  for (const Known& known : Callers()) {
    for (const std::string& san : credentials.certificate_sans) {
      if (san != known.san) continue;
      found = &known;
      ++matches;
      break;
    }
  }
  return matches == 1 ? found : nullptr;
}

api::Credentials TakeCredentials(FuzzInput& input, const Pairs& pairs) {
  api::CallMetadata metadata;
  size_t size = 0;
  size_t authorizations = 0;
  for (const auto& [name, value] : pairs) {
    metadata.emplace(grpc::string_ref(name.data(), name.size()),
                     grpc::string_ref(value.data(), value.size()));
    size += name.size() + value.size() + 32;
    authorizations += name == "authorization" ? 1 : 0;
  }
  const auto read = api::ReadAuthorizations(metadata);
  Promise(read.ok() == (size <= api::kMetadataSizeMax), "metadata has a limit, and only that");
  api::Credentials credentials;
  if (read.ok()) {
    Promise(read->size() == authorizations, "each authorization is read");
    credentials.authorizations = *read;
  } else {
    Promise(base::ErrorReason(read.status()) == "INVALID_ARGUMENT", "too much is a wrong form");
  }
  for (int left = input.Byte() % 4; left > 0; --left) {
    const uint8_t choice = input.Byte();
    credentials.certificate_sans.push_back(choice < 128 ? Callers()[choice % Callers().size()].san
                                                        : input.Text(choice - 128));
  }
  return credentials;
}

void CheckAdmission(const api::Credentials& credentials, Method method) {
  const Known* expected = WhoItIs(credentials);
  const bool may = expected != nullptr && expected->roles.*api::RuleOf(method).role;
  const absl::StatusOr<core::Caller> admitted = Directory().Admit(credentials, method);
  Promise(admitted.ok() == may, "in comes who is known and may, nobody else");
  if (admitted.ok()) {
    Promise(admitted->name == expected->name, "as itself");
    return;
  }
  const std::string reason = base::ErrorReason(admitted.status());
  Promise(reason == (expected == nullptr ? "UNAUTHENTICATED" : "PERMISSION_DENIED"),
          "a refusal says which of the two");
  api::Credentials plain;
  if (expected != nullptr) plain.authorizations = {absl::StrCat("Bearer ", expected->token)};
  Promise(admitted.status() == Directory().Admit(plain, method).status(),
          "a refusal says nothing of what was shown");
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  FuzzInput input(data, size);
  const auto method = static_cast<topup::api::Method>(input.Byte() % topup::api::kMethods.size());
  const Pairs pairs = TakePairs(input);
  CheckAdmission(TakeCredentials(input, pairs), method);
  return 0;
}
