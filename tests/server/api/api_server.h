// A whole server on a port of its own, and a client that reads errors as other languages do.
#ifndef TOPUP_TESTS_SERVER_API_API_SERVER_H_
#define TOPUP_TESTS_SERVER_API_API_SERVER_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/api/grpc_server.h"
#include "server/base/error.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_engine.h"
#include "tests/fakes/fake_price_control.h"
#include "tests/fakes/inline_executor.h"
#include "tests/fakes/manual_task_loop.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topup_builder.h"
#include "topup/admin/v1/admin_service.grpc.pb.h"
#include "topup/v1/topup_service.grpc.pb.h"

namespace topup::api {

// An error as a client sees it.
struct WireError {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  std::string domain;
  std::string reason;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> fields;  // of the violations, in order
  int retry_seconds = -1;           // -1: no RetryInfo
};

inline WireError ReadError(const grpc::Status& status) {
  WireError error{status.error_code(), status.error_message()};
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  // An end that gRPC itself made has no details.
  if (!status.error_details().empty()) {
    EXPECT_EQ(rich.code(), status.error_code());
  }
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  for (const google::protobuf::Any& detail : rich.details()) {
    if (detail.UnpackTo(&info)) {
      error.domain = info.domain();
      error.reason = info.reason();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.UnpackTo(&bad_request)) {
      for (const auto& violation : bad_request.field_violations()) {
        EXPECT_NE(violation.description(), "");
        error.fields.push_back(violation.field());
      }
    } else if (detail.UnpackTo(&retry)) {
      error.retry_seconds = static_cast<int>(retry.retry_delay().seconds());
    }
  }
  return error;
}

// Callers of a server with a directory: the token of each is "token-" and its name.
inline std::vector<CallerEntry> CallersNamed(
    const std::vector<std::pair<std::string, core::Roles>>& callers) {
  std::vector<CallerEntry> entries;
  for (const auto& [name, roles] : callers) {
    entries.push_back({{name, roles}, {base::Sha256Hex("token-" + name)}, {}});
  }
  return entries;
}

class ApiServerTest : public testing::Test {
 protected:
  void SetUp() override { Start(CallerDirectory::Local()); }
  void TearDown() override { server_.reset(); }

  // Replaces the server, with the same engine and store.
  void Start(CallerDirectory callers, ApiOptions options = {}) {
    server_.reset();
    history_ = std::make_unique<watch::TopupHistory>(store_, history_reads());
    callers_ = std::make_unique<CallerDirectory>(std::move(callers));
    feed_ = std::make_unique<watch::TopupFeed>(store_, executor_, watch::FeedOptions{}, metrics_,
                                               [](const absl::Status&) {});
    store_.SetListener(feed_.get());
    options.listen = "127.0.0.1:0";
    auto server =
        GrpcServer::Start(options, ApiParts{engine_, prices_, *feed_, *history_, *callers_, signer_,
                                            clock_, timers_, metrics_, log_.log()});
    ASSERT_THAT(server, support::IsOk());
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::TopupService::NewStub(channel_);
    admin_ = admin::v1::AdminService::NewStub(channel_);
  }

  // Where the history is read; at once, unless a test says otherwise.
  virtual base::WorkExecutor& history_reads() { return executor_; }

  // A context that no test waits on for ever, of the caller of that name where it is given.
  static std::unique_ptr<grpc::ClientContext> Context(const std::string& caller = "") {
    auto context = std::make_unique<grpc::ClientContext>();
    gpr_timespec deadline = gpr_time_from_seconds(60, GPR_TIMESPAN);
    context->set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), deadline));
    if (!caller.empty()) context->AddMetadata("authorization", "Bearer token-" + caller);
    return context;
  }

  core::Topup Create(const std::string& name, const std::string& caller = "local") {
    core::Topup topup =
        support::MakeQueuedTopup(name, caller, support::TestTime(absl::Seconds(++created_)));
    store_.Create({.topup = topup}, [](auto result) { ASSERT_THAT(result, support::IsOk()); });
    return topup;
  }
  void Change(const std::string& name, core::TopupStatus status) {
    core::Topup topup = support::NextVersion(*store_.FindById("id-" + name));
    topup.status = status;
    store_.Update({.topup = topup, .visible = true},
                  [](const auto& result) { ASSERT_THAT(result, support::IsOk()); });
  }

  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  fakes::ManualTaskLoop timers_{clock_};
  fakes::InlineExecutor executor_;
  fakes::MemoryTopupStore store_;
  fakes::FakeEngine engine_{store_};
  fakes::FakePriceControl prices_;
  base::Metrics metrics_;
  base::Signer signer_{base::Secret("a key of 32 bytes for the tests.")};
  std::unique_ptr<watch::TopupHistory> history_;
  std::unique_ptr<CallerDirectory> callers_;
  std::unique_ptr<watch::TopupFeed> feed_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::TopupService::Stub> stub_;
  std::unique_ptr<admin::v1::AdminService::Stub> admin_;
  int created_ = 0;
};

}  // namespace topup::api

#endif  // TOPUP_TESTS_SERVER_API_API_SERVER_H_
