// Tokens that we hand out and recognise again: quotes, page tokens, resume tokens.
//
// A token is base64url(payload || HMAC-SHA256(key, purpose || 0 || payload)), the MAC cut to
// 16 bytes. It is authentic, not secret: nothing confidential may go into a payload unless its
// owner may read it anyway. A sealed token is both: base64url(MAC || AES-256-CTR(payload)),
// with the MAC as the counter's start, so that equal payloads give equal tokens.
#ifndef TOPUP_SERVER_BASE_SIGNER_H_
#define TOPUP_SERVER_BASE_SIGNER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/secret.h"

namespace topup::base {

// Thread-safe: constant after construction.
class Signer {
 public:
  explicit Signer(Secret key) : key_(std::move(key)) {}

  // `purpose` separates kinds of tokens: one made for "page" does not open as "resume". It is
  // printable text.
  std::string Sign(absl::string_view purpose, absl::string_view payload) const;

  // The payload; nothing where the token was altered, is not ours or has another purpose.
  std::optional<std::string> Open(absl::string_view purpose, absl::string_view token) const;

  // The same for payloads that whoever holds the token must not read.
  std::string Seal(absl::string_view purpose, absl::string_view payload) const;
  std::optional<std::string> Unseal(absl::string_view purpose, absl::string_view token) const;

  // A keyed hash of `text`, 16 lower-case hex digits: names a value in logs and tokens
  // without giving it away (a plain hash of a phone number is reversed in seconds).
  std::string Fingerprint(absl::string_view text) const;

 private:
  Secret key_;
};

// Lower-case hex SHA-256 of `bytes`.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_SIGNER_H_
