#include "server/base/signer.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace topup::base {
namespace {

constexpr size_t kMacSize = 16;
constexpr size_t kFingerprintSize = 8;

// Not a purpose that anyone signs for: fingerprints and tokens never share a MAC.
constexpr absl::string_view kFingerprintPurpose = "\x01 fingerprint";
constexpr absl::string_view kSealKeyPurpose = "\x02 seal key";
constexpr absl::string_view kSealPurpose = "\x03 seal ";
constexpr size_t kSealKeySize = 32;

// The first `size` bytes of HMAC-SHA256(key, purpose || 0 || text).
std::string Mac(const Secret& key, absl::string_view purpose, absl::string_view text, size_t size) {
  std::string message(purpose);
  // Without the zero, "page" of "x..." and "pagex" of "..." would be the same message.
  message.push_back('\0');
  message.append(text.data(), text.size());
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int mac_size = 0;
  const absl::string_view bytes = key.Reveal();
  if (HMAC(EVP_sha256(), bytes.data(), static_cast<int>(bytes.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac,
           &mac_size) == nullptr ||
      mac_size < size) {
    // Only a broken OpenSSL gets here; an unsigned token must never leave.
    std::fputs("OpenSSL gives no HMAC-SHA256.\n", stderr);
    std::abort();
  }
  return std::string(reinterpret_cast<const char*>(mac), size);
}

// AES-256 in counter mode from `start`: the same call encrypts and decrypts.
std::string Crypt(const std::string& key, const std::string& start, absl::string_view text) {
  std::string result(text.size(), '\0');
  int size = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  const bool done = context != nullptr &&
                    EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nullptr,
                                       reinterpret_cast<const unsigned char*>(key.data()),
                                       reinterpret_cast<const unsigned char*>(start.data())) == 1 &&
                    EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(result.data()),
                                      &size, reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size())) == 1;
  EVP_CIPHER_CTX_free(context);
  if (!done || static_cast<size_t>(size) != text.size()) {
    std::fputs("OpenSSL gives no AES-256-CTR.\n", stderr);
    std::abort();
  }
  return result;
}

// The token's bytes; nothing where it is not one spelling of at least a MAC.
std::optional<std::string> DecodeToken(absl::string_view token) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() < kMacSize) return std::nullopt;
  // The decoder takes padding and spaces too; one token has one spelling.
  if (absl::WebSafeBase64Escape(bytes) != token) return std::nullopt;
  return bytes;
}

}  // namespace

std::string Signer::Sign(absl::string_view purpose, absl::string_view payload) const {
  return absl::WebSafeBase64Escape(absl::StrCat(payload, Mac(key_, purpose, payload, kMacSize)));
}

std::optional<std::string> Signer::Open(absl::string_view purpose, absl::string_view token) const {
  std::optional<std::string> bytes = DecodeToken(token);
  if (!bytes.has_value()) return std::nullopt;
  const size_t payload_size = bytes->size() - kMacSize;
  const std::string mac =
      Mac(key_, purpose, absl::string_view(bytes->data(), payload_size), kMacSize);
  if (CRYPTO_memcmp(mac.data(), bytes->data() + payload_size, kMacSize) != 0) return std::nullopt;
  bytes->resize(payload_size);
  return bytes;
}

std::string Signer::Seal(absl::string_view purpose, absl::string_view payload) const {
  const std::string mac = Mac(key_, absl::StrCat(kSealPurpose, purpose), payload, kMacSize);
  const std::string key = Mac(key_, kSealKeyPurpose, purpose, kSealKeySize);
  return absl::WebSafeBase64Escape(absl::StrCat(mac, Crypt(key, mac, payload)));
}

std::optional<std::string> Signer::Unseal(absl::string_view purpose,
                                          absl::string_view token) const {
  const std::optional<std::string> bytes = DecodeToken(token);
  if (!bytes.has_value()) return std::nullopt;
  const std::string mac = bytes->substr(0, kMacSize);
  const std::string key = Mac(key_, kSealKeyPurpose, purpose, kSealKeySize);
  std::string payload = Crypt(key, mac, absl::string_view(*bytes).substr(kMacSize));
  const std::string expected = Mac(key_, absl::StrCat(kSealPurpose, purpose), payload, kMacSize);
  if (CRYPTO_memcmp(mac.data(), expected.data(), kMacSize) != 0) return std::nullopt;
  return payload;
}

std::string Signer::Fingerprint(absl::string_view text) const {
  return absl::BytesToHexString(Mac(key_, kFingerprintPurpose, text, kFingerprintSize));
}

std::string Sha256Hex(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace topup::base
