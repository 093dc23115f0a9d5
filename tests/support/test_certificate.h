// A certificate of a test's own, made on the spot: nothing secret is kept in the repository,
// and nothing expires.
#ifndef TOPUP_TESTS_SUPPORT_TEST_CERTIFICATE_H_
#define TOPUP_TESTS_SUPPORT_TEST_CERTIFICATE_H_

#include <string>

struct evp_pkey_st;
struct x509_st;

namespace topup::support {

// Self-signed: whoever trusts its PEM as a CA trusts it as a server.
class TestCertificate {
 public:
  // `subject_alternative_name` as OpenSSL writes it: "IP:127.0.0.1", "DNS:example.test".
  // Valid from a day before `days` from now begins to its end; negative: it has expired.
  explicit TestCertificate(const std::string& subject_alternative_name, int days = 30);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  x509_st* certificate() const { return certificate_; }
  evp_pkey_st* key() const { return key_; }

  void WritePem(const std::string& certificate_path) const;
  std::string CertificatePem() const;
  std::string KeyPem() const;

 private:
  evp_pkey_st* key_;
  x509_st* certificate_;
};

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_TEST_CERTIFICATE_H_
