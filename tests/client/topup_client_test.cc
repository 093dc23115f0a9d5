// The danger: a top-up that is sold twice because a repeat looked like another send, or an error
// that hides that it may have been sold. Method: real gRPC in one process, against a service that
// fails on demand, in a world where no time passes.
#include "client/topup_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "client/grpc_topup_client.h"
#include "tests/client/fake_topup_service.h"
#include "tests/client/recorded_world.h"

namespace topup::client {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using tests::MakeErrorStatus;

class TopupClientTest : public ::testing::Test {
 protected:
  TopupClientTest() { client_ = Make({}); }

  std::unique_ptr<TopupClient> Make(ClientOptions options) {
    return MakeTopupClient(server_.NewStub(), std::move(options), world_.Make());
  }

  static v1::SendTopupRequest SendRequest() {
    v1::SendTopupRequest request;
    request.set_ref("ref-1");
    request.set_phone_number("0600000000");
    request.set_plan_code("PREPAID_MOBILIS");
    request.set_amount_dzd(500);
    return request;
  }

  tests::InProcessServer server_;
  tests::RecordedWorld world_;
  std::unique_ptr<TopupClient> client_;
};

TEST_F(TopupClientTest, RepeatsASendUnderTheSameRefUntilItIsAnswered) {
  server_.service.FailNext("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  server_.service.FailNext("SendTopup", grpc::Status(StatusCode::DEADLINE_EXCEEDED, "late"));
  server_.service.FailNext("SendTopup",
                           MakeErrorStatus(StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", "Full.",
                                           {.retry_after = absl::Seconds(2)}));
  const Result<v1::SendTopupResponse> sent = client_->Send(SendRequest());
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->topup().status(), v1::TOPUP_STATUS_QUEUED);
  const auto sends = server_.service.sends();
  ASSERT_THAT(sends, SizeIs(4));
  for (const v1::SendTopupRequest& send : sends) {
    EXPECT_EQ(send.SerializeAsString(), sends[0].SerializeAsString());
  }
  EXPECT_EQ(server_.service.recorded_topups(), 1);
}

TEST_F(TopupClientTest, GetsTheRecordedTopupWhereTheFirstAnswerWasLost) {
  server_.service.LoseNextAnswer("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  const Result<v1::SendTopupResponse> sent = client_->Send(SendRequest());
  ASSERT_TRUE(sent.ok());
  EXPECT_TRUE(sent->replayed());
  EXPECT_EQ(server_.service.recorded_topups(), 1);
}

TEST_F(TopupClientTest, WaitsLongerEachTimeAndAsLongAsTheServerAsks) {
  server_.service.FailNext("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  server_.service.FailNext("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  server_.service.FailNext("SendTopup",
                           MakeErrorStatus(StatusCode::UNAVAILABLE, "STORAGE_UNAVAILABLE", "Later.",
                                           {.retry_after = absl::Seconds(5)}));
  ASSERT_TRUE(client_->Send(SendRequest()).ok());
  EXPECT_THAT(world_.sleeps, ElementsAre(absl::Milliseconds(100), absl::Milliseconds(200),
                                         absl::Milliseconds(5400)));
}

TEST_F(TopupClientTest, GivesUpAfterTheLastTryAndSaysThatItMayHaveHappened) {
  ClientOptions options;
  options.retry.tries_max = 3;
  for (int i = 0; i < 3; ++i) {
    server_.service.FailNext("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  }
  const Result<v1::SendTopupResponse> sent = Make(options)->Send(SendRequest());
  ASSERT_FALSE(sent.ok());
  EXPECT_TRUE(IsUnreachable(sent.error()));
  EXPECT_TRUE(sent.error().may_have_happened);
  EXPECT_EQ(sent.error().tries, 3);
  EXPECT_THAT(server_.service.sends(), SizeIs(3));
}

TEST_F(TopupClientTest, RemembersTheLostAnswerBehindALaterRefusal) {
  server_.service.FailNext("SendTopup", grpc::Status(StatusCode::DEADLINE_EXCEEDED, "late"));
  server_.service.FailNext(
      "SendTopup", MakeErrorStatus(StatusCode::FAILED_PRECONDITION, "PLAN_DISABLED", "Off."));
  const Result<v1::SendTopupResponse> sent = client_->Send(SendRequest());
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().reason, "PLAN_DISABLED");
  EXPECT_TRUE(sent.error().may_have_happened);
}

TEST_F(TopupClientTest, TriesARefusedSendOnceAndReadsItsDetails) {
  server_.service.FailNext(
      "SendTopup",
      MakeErrorStatus(StatusCode::INVALID_ARGUMENT, "AMOUNT_OUT_OF_RANGE", "20 is not 50 to 5000.",
                      {.metadata = {{"amount_dzd", "20"}, {"min_amount_dzd", "50"}},
                       .field_violations = {{"amount_dzd", "is below 50"}}}));
  const Result<v1::SendTopupResponse> sent = client_->Send(SendRequest());
  ASSERT_FALSE(sent.ok());
  const ClientError& error = sent.error();
  EXPECT_EQ(error.code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error.reason, "AMOUNT_OUT_OF_RANGE");
  EXPECT_EQ(error.message, "20 is not 50 to 5000.");
  EXPECT_THAT(error.metadata,
              UnorderedElementsAre(Pair("amount_dzd", "20"), Pair("min_amount_dzd", "50")));
  ASSERT_THAT(error.field_violations, SizeIs(1));
  EXPECT_EQ(error.field_violations[0].field, "amount_dzd");
  EXPECT_FALSE(error.may_have_happened);
  EXPECT_THAT(server_.service.sends(), SizeIs(1));
  EXPECT_THAT(world_.sleeps, SizeIs(0));
}

TEST_F(TopupClientTest, TakesNoReasonFromAnotherDomainOrFromDamagedDetails) {
  server_.service.FailNext("GetTopup", MakeErrorStatus(StatusCode::NOT_FOUND, "TOPUP_NOT_FOUND",
                                                       "No.", {.domain = "proxy.example"}));
  server_.service.FailNext("GetTopup", grpc::Status(StatusCode::NOT_FOUND, "No.", "\xff\xff"));
  EXPECT_EQ(client_->Get({}).error().reason, "");
  EXPECT_EQ(client_->Get({}).error().reason, "");
}

TEST_F(TopupClientTest, SendsNothingWithoutARef) {
  v1::SendTopupRequest request = SendRequest();
  request.clear_ref();
  const Result<v1::SendTopupResponse> sent = client_->Send(request);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().field_violations[0].field, "ref");
  EXPECT_THAT(server_.service.sends(), SizeIs(0));
}

TEST_F(TopupClientTest, TakesItsOwnLostCancellationForASuccess) {
  ASSERT_TRUE(client_->Send(SendRequest()).ok());
  server_.service.LoseNextAnswer("CancelTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  v1::CancelTopupRequest request;
  request.set_ref("ref-1");
  const Result<v1::CancelTopupResponse> cancelled = client_->Cancel(request);
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().message;
  EXPECT_EQ(cancelled->topup().status(), v1::TOPUP_STATUS_CANCELLED);
  // Asked again, nothing was lost: it is a refusal.
  const Result<v1::CancelTopupResponse> again = client_->Cancel(request);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().reason, "NOT_CANCELLABLE");
}

TEST_F(TopupClientTest, EndsACallThatIsNotAnsweredInTime) {
  ClientOptions options;
  options.retry.tries_max = 1;
  server_.service.AddStream(tests::StreamScript<v1::WatchTopupResponse>{.hangs = true});
  const std::optional<ClientError> error = Make(options)->StreamTopup(
      {}, [](const v1::WatchTopupResponse&) { return true; }, {.timeout = absl::Milliseconds(20)});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, absl::StatusCode::kDeadlineExceeded);
}

TEST_F(TopupClientTest, GivesEveryCallADeadlineAndTheToken) {
  ClientOptions options;
  options.bearer_token = "secret";
  const std::unique_ptr<TopupClient> client = Make(options);
  ASSERT_TRUE(client->ListPlans({}).ok());
  EXPECT_TRUE(server_.service.last_had_deadline());
  EXPECT_EQ(server_.service.last_authorization(), "Bearer secret");
  ASSERT_TRUE(client_->ListPlans({}).ok());
  EXPECT_EQ(server_.service.last_authorization(), "");
}

TEST_F(TopupClientTest, StopsRepeatingWhenItIsCancelled) {
  Cancellation cancellation;
  world_.on_sleep = [&] { cancellation.Cancel(); };
  for (int i = 0; i < 5; ++i) {
    server_.service.FailNext("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  }
  const Result<v1::SendTopupResponse> sent =
      client_->Send(SendRequest(), {.cancellation = &cancellation});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().code, absl::StatusCode::kCancelled);
  EXPECT_TRUE(sent.error().may_have_happened);
  EXPECT_THAT(server_.service.sends(), SizeIs(1));
}

}  // namespace
}  // namespace topup::client
