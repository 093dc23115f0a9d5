#include "tests/support/test_certificate.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

namespace topup::support {
namespace {

constexpr long kDaySeconds = 24 * 60 * 60;

// What `write` puts into a memory BIO.
template <typename Write>
std::string WrittenPem(Write write) {
  BIO* text = BIO_new(BIO_s_mem());
  EXPECT_EQ(write(text), 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text, &bytes);
  std::string pem(bytes, size);
  BIO_free(text);
  return pem;
}

}  // namespace

TestCertificate::TestCertificate(const std::string& subject_alternative_name, int days)
    : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
  X509_set_version(certificate_, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate_), (days < 0 ? 2 * days : -1) * kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate_), days * kDaySeconds);
  X509_set_pubkey(certificate_, key_);
  X509_NAME* name = X509_get_subject_name(certificate_);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("topup test"), -1, -1, 0);
  X509_set_issuer_name(certificate_, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject_alternative_name.c_str());
  EXPECT_NE(names, nullptr) << subject_alternative_name;
  X509_add_ext(certificate_, names, -1);
  X509_EXTENSION_free(names);
  EXPECT_GT(X509_sign(certificate_, key_, EVP_sha256()), 0);
}

TestCertificate::~TestCertificate() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

void TestCertificate::WritePem(const std::string& certificate_path) const {
  std::FILE* file = std::fopen(certificate_path.c_str(), "w");
  ASSERT_NE(file, nullptr) << certificate_path;
  EXPECT_EQ(PEM_write_X509(file, certificate_), 1);
  std::fclose(file);
}

std::string TestCertificate::CertificatePem() const {
  return WrittenPem([this](BIO* text) { return PEM_write_bio_X509(text, certificate_); });
}

std::string TestCertificate::KeyPem() const {
  return WrittenPem([this](BIO* text) {
    return PEM_write_bio_PKCS8PrivateKey(text, key_, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace topup::support
