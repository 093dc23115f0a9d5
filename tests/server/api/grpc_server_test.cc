// The dangers excluded here: a method that anybody may call, a caller who is taken for another,
// a server that shows itself to the network in plain text.
#include "server/api/grpc_server.h"

#include <grpcpp/generic/generic_stub.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "tests/server/api/api_server.h"
#include "tests/server/api/inattentive_client.h"
#include "tests/support/test_certificate.h"

namespace topup::api {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

class GrpcServerTest : public ApiServerTest {
 protected:
  // Calls a method by its name with one message, whatever it is; gives how it ended.
  grpc::Status CallByName(const std::string& method, const std::string& bytes,
                          const std::string& caller, grpc::ByteBuffer* answer = nullptr) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channel_);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    auto context = Context(caller);
    std::promise<grpc::Status> ended;
    stub.UnaryCall(context.get(), "/" + method, grpc::StubOptions(), &request,
                   answer == nullptr ? &response : answer,
                   [&ended](grpc::Status status) { ended.set_value(std::move(status)); });
    return ended.get_future().get();
  }
};

TEST_F(GrpcServerTest, LetsEachMethodBeCalledWithItsRoleOnly) {
  const std::vector<std::pair<std::string, core::Roles>> callers = {
      {"nobody", {}},
      {"send", {.send = true}},
      {"read", {.read = true}},
      {"see_cost", {.see_cost = true}},
      {"admin", {.admin = true}},
  };
  Start(CallerDirectory(CallersNamed(callers)));
  const auto* topups = v1::Topup::descriptor()->file()->FindServiceByName("TopupService");
  const auto* admin = admin::v1::Incident::descriptor()->file()->FindServiceByName("AdminService");
  const std::string message("\x0a\x01x", 3);  // field 1 is "x": ends every method at once
  int methods = 0;
  for (const auto* service : {topups, admin}) {
    for (int i = 0; i < service->method_count(); ++i, ++methods) {
      const std::string name = service->full_name() + "/" + service->method(i)->name();
      const bool sends =
          name == "topup.v1.TopupService/SendTopup" || name == "topup.v1.TopupService/CancelTopup";
      const std::string role = service == admin ? "admin" : sends ? "send" : "read";
      const WireError stranger = ReadError(CallByName(name, message, ""));
      EXPECT_EQ(stranger.code, grpc::StatusCode::UNAUTHENTICATED) << name;
      EXPECT_EQ(stranger.reason, "UNAUTHENTICATED");
      EXPECT_THAT(stranger.metadata, UnorderedElementsAre(Pair("method", name)));
      for (const auto& [caller, roles] : callers) {
        const WireError error = ReadError(CallByName(name, message, caller));
        EXPECT_EQ(error.reason == "PERMISSION_DENIED", caller != role) << name << " by " << caller;
        EXPECT_NE(error.reason, "UNAUTHENTICATED");
      }
    }
  }
  EXPECT_EQ(methods, static_cast<int>(kMethods.size()));
}

TEST_F(GrpcServerTest, RefusesMuchMetadata) {
  auto context = Context();
  // Many small pairs, which a limit on names and values alone does not see.
  for (int i = 0; i < 250; ++i) context->AddMetadata("k", "v");
  v1::GetTopupRequest request;
  request.set_topup_id("id-a");
  v1::GetTopupResponse response;
  const grpc::Status status = stub_->GetTopup(context.get(), request, &response);
  // Whichever of gRPC and us counts to the limit first; call_metadata_test.cc is about us alone.
  EXPECT_THAT(status.error_code(), testing::AnyOf(grpc::StatusCode::INVALID_ARGUMENT,
                                                  grpc::StatusCode::RESOURCE_EXHAUSTED));
}

TEST_F(GrpcServerTest, RefusesAMessageThatIsLargerThanAnyRequest) {
  v1::SendTopupRequest request;
  v1::SendTopupResponse response;
  request.set_quote_id(std::string(300'000, 'q'));
  EXPECT_EQ(stub_->SendTopup(Context().get(), request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcServerTest, TellsTheHealthOfEachNameFromItsStartToItsDrain) {
  // What grpc.health.v1.Health/Check answers: SERVING (1), NOT_SERVING (2), -1 for an error.
  const auto health = [this](const std::string& name) {
    grpc::ByteBuffer answer;
    const std::string request = "\x0a" + std::string(1, static_cast<char>(name.size())) + name;
    if (!CallByName("grpc.health.v1.Health/Check", request, "", &answer).ok()) return -1;
    grpc::Slice bytes;
    return answer.DumpToSingleSlice(&bytes).ok() && bytes.size() == 2 ? bytes.begin()[1] : 0;
  };
  EXPECT_EQ(health(""), 2);
  server_->SetServing(true);
  server_->SetProviderServing(true);
  for (const char* name :
       {"", "topup.v1.TopupService", "topup.admin.v1.AdminService", "provider"}) {
    EXPECT_EQ(health(name), 1) << name;
  }
  server_->SetProviderServing(false);
  EXPECT_EQ(health("provider"), 2);
  EXPECT_EQ(health("topup.v1.TopupService"), 1);
  EXPECT_EQ(health("stranger"), -1);
  server_->Drain();
  EXPECT_EQ(health(""), 2);
}

TEST_F(GrpcServerTest, KnowsACallerByTheCertificateThatTlsHasVerified) {
  const support::TestCertificate server("DNS:localhost");
  const support::TestCertificate shop("DNS:shop.example");
  const support::TestCertificate stranger("DNS:stranger.example");
  const support::TestCertificate forger("DNS:shop.example");
  ApiOptions options;
  options.tls = TlsMaterial{server.CertificatePem(), base::Secret(server.KeyPem()),
                            shop.CertificatePem() + stranger.CertificatePem()};
  Start(CallerDirectory(std::vector<CallerEntry>{{{"shop", {.read = true}}, {}, {"shop.example"}}}),
        options);
  Create("a", "shop");
  const auto get = [&](const support::TestCertificate* client) {
    grpc::SslCredentialsOptions ssl{.pem_root_certs = server.CertificatePem()};
    if (client != nullptr) {
      ssl.pem_private_key = client->KeyPem();
      ssl.pem_cert_chain = client->CertificatePem();
    }
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    const auto stub = v1::TopupService::NewStub(
        grpc::CreateCustomChannel(server_->address(), grpc::SslCredentials(ssl), arguments));
    v1::GetTopupRequest request;
    request.set_topup_id("id-a");
    v1::GetTopupResponse response;
    return ReadError(stub->GetTopup(Context().get(), request, &response));
  };
  EXPECT_EQ(get(&shop).code, grpc::StatusCode::OK);
  EXPECT_EQ(get(&stranger).reason, "UNAUTHENTICATED");
  EXPECT_EQ(get(&forger).code, grpc::StatusCode::UNAVAILABLE) << "TLS does not let it in";
  EXPECT_EQ(get(nullptr).code, grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcServerTest, StopsBeforeItsGraceThoughAConnectionStaysOpen) {
  const InattentiveClient client(server_->address());
  ASSERT_TRUE(client.IsTaken());
  server_->Shutdown(absl::Hours(1));
}

TEST_F(GrpcServerTest, EndsStreamsWhenItStopsAndWaitsForNoGrace) {
  auto context = Context();
  v1::WatchTopupsRequest request;
  auto stream = stub_->WatchTopups(context.get(), request);
  v1::WatchTopupsResponse first;
  ASSERT_TRUE(stream->Read(&first));
  server_->Shutdown(absl::Hours(1));
  EXPECT_FALSE(stream->Read(&first));
  EXPECT_EQ(ReadError(stream->Finish()).reason, "DRAINING");
}

TEST_F(GrpcServerTest, ListensInPlainOnLoopbackOnly) {
  for (const char* address : {"127.0.0.1:0", "127.9.9.9", "[::1]:50051", "localhost:1", "::1"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
  for (const char* address : {"0.0.0.0:0", "[::]:1", "10.0.0.1:1", "127.example.org:1", ":1", ""}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
  const ApiParts parts{engine_, prices_, *feed_,  *history_, *callers_,
                       signer_, clock_,  timers_, metrics_,  log_.log()};
  ApiOptions options;
  options.listen = "0.0.0.0:0";
  EXPECT_THAT(GrpcServer::Start(options, parts),
              support::StatusIs(absl::StatusCode::kInvalidArgument));
  options.listen = server_->address();
  EXPECT_THAT(GrpcServer::Start(options, parts), support::StatusIs(absl::StatusCode::kUnavailable));
  options.listen = "127.0.0.1";
  EXPECT_THAT(GrpcServer::Start(options, parts),
              support::StatusIs(absl::StatusCode::kInvalidArgument));
  options.listen = "127.0.0.1:0";
  options.tls = TlsMaterial{"no certificate", base::Secret("no key"), ""};
  EXPECT_THAT(GrpcServer::Start(options, parts), support::StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace topup::api
