#include "server/base/secret.h"

#include <openssl/crypto.h>

namespace topup::base {

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    // Wiped first: a longer value makes the string give its old buffer back.
    Wipe();
    bytes_ = other.bytes_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    // Copied and wiped rather than moved: a moved-from short string keeps its bytes.
    Wipe();
    bytes_ = other.bytes_;
    other.Wipe();
  }
  return *this;
}

bool Secret::Equals(const Secret& other) const {
  // The length may show; it is no secret.
  return bytes_.size() == other.bytes_.size() &&
         CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
}

void Secret::Wipe() {
  // OPENSSL_cleanse is not optimised away, as memset before the end of a lifetime would be.
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
  bytes_.clear();
}

}  // namespace topup::base
