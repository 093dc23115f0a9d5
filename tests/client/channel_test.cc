#include "client/channel.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <fstream>
#include <sstream>

#include "tests/client/fake_topup_service.h"
#include "tests/support/test_certificate.h"

namespace topup::client {
namespace {

// Plain text is for this machine only: a bearer token would be read by anybody on the way.
TEST(ChannelTest, KnowsTheAddressesOfThisMachine) {
  for (const char* server :
       {"127.0.0.1:50051", "127.9.9.9:1", "localhost:50051", "localhost", "[::1]:50051", "::1",
        "unix:/run/topupd.sock", "ipv4:127.0.0.1:50051", "ipv6:[::1]:1", "dns:///localhost:1"}) {
    EXPECT_TRUE(IsLoopback(server)) << server;
  }
}

TEST(ChannelTest, TakesEveryOtherAddressForForeign) {
  for (const char* server :
       {"10.0.0.1:50051", "topup.internal:443", "127.0.0.1.evil.example:443", "localhost.evil:1",
        "[::2]:1", "[::10]:1", "1127.0.0.1:1", "dns:///topup.internal:443", ""}) {
    EXPECT_FALSE(IsLoopback(server)) << server;
  }
}

TEST(ChannelTest, RefusesACertificateWithoutItsKey) {
  const Result<Connection> connection = Connect({.cert_pem = "certificate"}, {});
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().code, absl::StatusCode::kInvalidArgument);
}

TEST(ChannelTest, RefusesAnEmptyAddress) { EXPECT_FALSE(Connect({.server = ""}, {}).ok()); }

TEST(ChannelTest, KnowsThatACallToNobodyNeverLeft) {
  ClientOptions options;
  options.retry.tries_max = 1;
  // Port 1 is one that nothing listens on.
  const Result<Connection> connection = Connect({.server = "127.0.0.1:1"}, options);
  ASSERT_TRUE(connection.ok());
  const Result<v1::GetTopupResponse> got = connection->topups->Get({});
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(IsUnreachable(got.error())) << got.error().message;
  EXPECT_FALSE(got.error().may_have_happened) << got.error().message;
}

// A server with TLS and a certificate of its own, on a port of its own.
class TlsServer {
 public:
  TlsServer() {
    const std::string path = testing::TempDir() + "/channel_test.pem";
    certificate_.WritePem(path);
    std::ostringstream pem;
    pem << std::ifstream(path).rdbuf();
    certificate_pem_ = pem.str();
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, certificate_.key(), nullptr, nullptr, 0, nullptr, nullptr);
    char* key = nullptr;
    const long key_size = BIO_get_mem_data(memory, &key);
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({std::string(key, key_size), certificate_pem_});
    BIO_free(memory);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
    address = "127.0.0.1:" + std::to_string(port);
  }
  ~TlsServer() { server_->Shutdown(std::chrono::system_clock::now()); }

  const std::string& certificate_pem() const { return certificate_pem_; }

  tests::FakeTopupService service;
  std::string address;

 private:
  support::TestCertificate certificate_{"IP:127.0.0.1"};
  std::string certificate_pem_;
  std::unique_ptr<grpc::Server> server_;
};

TEST(ChannelTest, SpeaksTlsToAServerItWasToldToTrust) {
  TlsServer server;
  ClientOptions options;
  options.bearer_token = "secret";
  const Result<Connection> connection =
      Connect({.server = server.address, .ca_pem = server.certificate_pem()}, options);
  ASSERT_TRUE(connection.ok());
  const Result<v1::ListPlansResponse> plans = connection->topups->ListPlans({});
  ASSERT_TRUE(plans.ok()) << plans.error().message;
  EXPECT_EQ(server.service.last_authorization(), "Bearer secret");
}

// What came in the way: gRPC gives an error 8 KiB by default, and drops all of it where it has
// more.
TEST(ChannelTest, AnErrorWithHundredsOfProblemsArrivesWhole) {
  TlsServer server;
  tests::ErrorContent content;
  for (int i = 0; i < 500; ++i) {
    content.field_violations.emplace_back("chain[" + std::to_string(i) + "]",
                                          std::string(200, 'x'));
  }
  server.service.FailNext("ListPlans", tests::MakeErrorStatus(grpc::StatusCode::INVALID_ARGUMENT,
                                                              "CONFIG_INVALID", "Wrong.", content));
  const Result<Connection> connection =
      Connect({.server = server.address, .ca_pem = server.certificate_pem()}, {});
  ASSERT_TRUE(connection.ok());
  const Result<v1::ListPlansResponse> plans = connection->topups->ListPlans({});
  ASSERT_FALSE(plans.ok());
  EXPECT_EQ(plans.error().reason, "CONFIG_INVALID");
  EXPECT_EQ(plans.error().field_violations.size(), 500U);
}

TEST(ChannelTest, TellsNothingToAServerThatItDoesNotTrust) {
  TlsServer server;
  TlsServer other;
  ClientOptions options;
  options.retry.tries_max = 1;
  options.bearer_token = "secret";
  const Result<Connection> connection =
      Connect({.server = server.address, .ca_pem = other.certificate_pem()}, options);
  ASSERT_TRUE(connection.ok());
  EXPECT_FALSE(connection->topups->ListPlans({}).ok());
  EXPECT_EQ(server.service.last_authorization(), "");
}

}  // namespace
}  // namespace topup::client
