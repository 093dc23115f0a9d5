// The danger excluded here: a flood of connections after which the server never serves again, or
// takes the descriptors that the store and the provider need.
#include "server/api/connection_acceptor.h"

#include <sys/resource.h>

#include <memory>
#include <vector>

#include "tests/server/api/api_server.h"
#include "tests/server/api/inattentive_client.h"

namespace topup::api {
namespace {

// Descriptors of this process, which is client and server at once, while it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = limit;
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

class ConnectionAcceptorTest : public ApiServerTest {
 protected:
  // How a call over a new connection ends.
  WireError CallOverNewConnection(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto stub = v1::TopupService::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
    v1::GetTopupRequest request;
    request.set_topup_id("id-none");
    v1::GetTopupResponse response;
    return ReadError(stub->GetTopup(Context().get(), request, &response));
  }

  int64_t Refused() {
    return metrics_.GetCounter("topup_api_refused_connections_total", "")->Value();
  }
};

TEST_F(ConnectionAcceptorTest, ServesAgainOnceAFloodThatTookEveryDescriptorIsOver) {
  {
    const DescriptorLimit limit(200);
    Start(CallerDirectory::Local());
    std::vector<std::unique_ptr<InattentiveClient>> flood;
    do {
      flood.push_back(std::make_unique<InattentiveClient>(server_->address()));
    } while (flood.back()->is_connected() && flood.size() < 1000);
    EXPECT_FALSE(flood.back()->is_connected()) << "not one descriptor is left";
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(CallOverNewConnection(server_->address()).reason, "TOPUP_NOT_FOUND");
  }
}

TEST_F(ConnectionAcceptorTest, RefusesConnectionsBeforeDescriptorsRunOut) {
  {
    const DescriptorLimit limit(200);
    Start(CallerDirectory::Local());
  }
  std::vector<std::unique_ptr<InattentiveClient>> clients;
  int taken = 0;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<InattentiveClient>(server_->address()));
    taken += clients.back()->IsTaken() ? 1 : 0;
  }
  EXPECT_GT(taken, 10);
  EXPECT_LT(taken, DescriptorsForConnections(200));
  EXPECT_EQ(Refused(), 200 - taken);
  EXPECT_EQ(log_.CountWith("connections.refused"), 1) << "a flood does not fill the log";
  clients.clear();
  // The server may learn of their end later than the client.
  while (CallOverNewConnection(server_->address()).code == grpc::StatusCode::UNAVAILABLE) {
  }
}

TEST_F(ConnectionAcceptorTest, KeepsAReserveForEverythingElse) {
  EXPECT_EQ(DescriptorsForConnections(65536), 65280);
  EXPECT_EQ(DescriptorsForConnections(1024), 768);
  EXPECT_EQ(DescriptorsForConnections(100), 75);
}

TEST_F(ConnectionAcceptorTest, ListensOnEveryAddressOfAName) {
  const ApiParts parts{engine_, prices_, *feed_,  *history_, *callers_,
                       signer_, clock_,  timers_, metrics_,  log_.log()};
  for (const char* listen : {"localhost:0", "[::1]:0", "127.0.0.1:0"}) {
    ApiOptions options;
    options.listen = listen;
    auto server = GrpcServer::Start(options, parts);
    if (!server.ok() && std::string(listen) == "[::1]:0") continue;  // a machine without IPv6
    ASSERT_THAT(server, support::IsOk()) << listen;
    EXPECT_EQ(CallOverNewConnection((*server)->address()).reason, "TOPUP_NOT_FOUND") << listen;
    EXPECT_NE((*server)->address().substr((*server)->address().rfind(':')), ":0");
  }
}

TEST_F(ConnectionAcceptorTest, AnyAddressIsBothFamilies) {
  auto acceptor = ConnectionAcceptor::Listen("0.0.0.0", 0, clock_, log_.log(), metrics_);
  ASSERT_THAT(acceptor, support::IsOk());
  EXPECT_TRUE(InattentiveClient(absl::StrCat(":", (*acceptor)->port())).is_connected());
  EXPECT_THAT(
      ConnectionAcceptor::Listen("0.0.0.0", (*acceptor)->port(), clock_, log_.log(), metrics_),
      support::StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace topup::api
