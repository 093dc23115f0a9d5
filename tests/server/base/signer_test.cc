#include "server/base/signer.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace topup::base {
namespace {

const char kKey[] = "a signing key of the tests, 32 b";

Signer TestSigner() { return Signer(Secret(kKey)); }

TEST(SignerTest, OpensWhatItSigned) {
  const Signer signer = TestSigner();
  for (const std::string& payload :
       {std::string(), std::string("v1:42"), std::string("\0\xff\n", 3), std::string(5000, 'x')}) {
    EXPECT_EQ(signer.Open("page", signer.Sign("page", payload)), payload);
  }
}

TEST(SignerTest, TokensAreFitForUrls) {
  const std::string token = TestSigner().Sign("page", "\xff\xfe\xfd?>~ some payload");
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "abcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos)
      << token;
}

// Tokens outlive a release: their bytes may not change. Recomputed with another program:
// HMAC-SHA256 of "page", a zero, "hello", cut to 16 bytes.
TEST(SignerTest, KeepsTheFormOfItsTokens) {
  EXPECT_EQ(TestSigner().Sign("page", "hello"), "aGVsbG-V3zbtMEWyzagDE79nYhg0");
}

TEST(SignerTest, RefusesATokenWithAnyCharacterAltered) {
  const Signer signer = TestSigner();
  const std::string token = signer.Sign("page", "offset=100");
  for (size_t i = 0; i < token.size(); ++i) {
    for (char other : {'A', 'z', '0', '-', '=', ' '}) {
      std::string altered = token;
      if (altered[i] == other) continue;
      altered[i] = other;
      EXPECT_EQ(signer.Open("page", altered), std::nullopt) << altered;
    }
  }
}

TEST(SignerTest, RefusesOtherSpellingsOfAToken) {
  const Signer signer = TestSigner();
  const std::string token = signer.Sign("page", "1");
  ASSERT_TRUE(signer.Open("page", token).has_value());
  for (const std::string& spelling :
       {token + "=", token + " ", " " + token, token + "\n", token.substr(0, token.size() - 1),
        token.substr(1), token + token, std::string()}) {
    EXPECT_EQ(signer.Open("page", spelling), std::nullopt) << spelling;
  }
}

TEST(SignerTest, RefusesATokenOfAnotherPurpose) {
  const Signer signer = TestSigner();
  EXPECT_EQ(signer.Open("resume", signer.Sign("page", "7")), std::nullopt);
  // One is the start of the other: the border between purpose and payload counts.
  const std::string token = signer.Sign("page", "x7");
  EXPECT_EQ(signer.Open("pagex", token), std::nullopt);
}

TEST(SignerTest, RefusesATokenOfAnotherKey) {
  const Signer other(Secret("another key"));
  EXPECT_EQ(other.Open("page", TestSigner().Sign("page", "7")), std::nullopt);
}

TEST(SignerTest, FingerprintsNameAValueWithoutShowingIt) {
  const Signer signer = TestSigner();
  const std::string fingerprint = signer.Fingerprint("0612345601");
  EXPECT_EQ(fingerprint.size(), 16u);
  EXPECT_EQ(fingerprint.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(fingerprint, signer.Fingerprint("0612345601"));
  EXPECT_NE(fingerprint, signer.Fingerprint("0612345602"));
  EXPECT_NE(fingerprint, Signer(Secret("another key")).Fingerprint("0612345601"));
  EXPECT_NE(fingerprint, Sha256Hex("0612345601").substr(0, 16));
}

TEST(Sha256Test, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(SignerTest, ASealedTokenOpensToItsPayloadAndShowsNothingOfIt) {
  const Signer signer{Secret("key")};
  const std::string payload = "cost 98000, profit 4900";
  const std::string token = signer.Seal("quote", payload);
  EXPECT_EQ(signer.Unseal("quote", token), payload);
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token, &bytes));
  EXPECT_EQ(bytes.find("98000"), std::string::npos);
  EXPECT_EQ(signer.Seal("quote", payload), token);
}

TEST(SignerTest, ASealedTokenThatWasAlteredOrIsOfAnotherKindOrKeyDoesNotOpen) {
  const Signer signer{Secret("key")};
  const std::string token = signer.Seal("quote", "payload");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(signer.Unseal("quote", altered), std::nullopt) << i;
  }
  EXPECT_EQ(signer.Unseal("page", token), std::nullopt);
  EXPECT_EQ(Signer{Secret("other")}.Unseal("quote", token), std::nullopt);
  EXPECT_EQ(signer.Open("quote", token), std::nullopt);
  EXPECT_EQ(signer.Unseal("quote", signer.Sign("quote", "payload")), std::nullopt);
}

}  // namespace
}  // namespace topup::base
