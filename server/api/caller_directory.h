// Who may call us, and how each of them proves who it is.
#ifndef TOPUP_SERVER_API_CALLER_DIRECTORY_H_
#define TOPUP_SERVER_API_CALLER_DIRECTORY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/api/methods.h"
#include "server/base/secret.h"
#include "server/core/caller.h"

namespace topup::api {

struct CallerEntry {
  core::Caller caller;
  // SHA-256 of each bearer token that it may show, 64 hex digits. Several: tokens can change.
  std::vector<std::string> token_sha256;
  // Subject alternative names of its certificates.
  std::vector<std::string> certificate_sans;
};

// What a call shows. Nothing in it has been believed yet.
struct Credentials {
  // Values of the `authorization` metadata, as sent.
  std::vector<std::string> authorizations;
  // SANs of the certificate that TLS has verified; empty without one.
  std::vector<std::string> certificate_sans;
};

// Thread-safe: constant after construction.
class CallerDirectory {
 public:
  // Everybody is `local` and may do everything. Only for a server on loopback.
  static CallerDirectory Local();

  // Every problem with `entries` at once, a sentence each: a name, a hash or a SAN of the wrong
  // form, or given twice.
  static std::vector<std::string> FindProblems(const std::vector<CallerEntry>& entries);

  // `entries` have no problems.
  explicit CallerDirectory(std::vector<CallerEntry> entries);

  // Who calls, where it may call `method`. A token decides alone where there is one.
  // UNAUTHENTICATED; PERMISSION_DENIED. Both name the method, and neither says what was wrong
  // with the credentials.
  absl::StatusOr<core::Caller> Admit(const Credentials& credentials, Method method) const;

  bool is_local() const { return is_local_; }

  // How many callers there are.
  size_t size() const { return is_local_ ? 1 : entries_.size(); }

 private:
  struct Token {
    base::Secret sha256;
    size_t entry;
  };

  CallerDirectory() : is_local_(true) {}
  const core::Caller* Identify(const Credentials& credentials) const;

  bool is_local_ = false;
  std::vector<CallerEntry> entries_;
  std::vector<Token> tokens_;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_CALLER_DIRECTORY_H_
