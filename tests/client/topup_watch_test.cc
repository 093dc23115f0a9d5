// The danger: a change that a caller acts on twice, or never hears of, because a connection broke.
#include "client/topup_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/grpc_topup_client.h"
#include "tests/client/fake_topup_service.h"
#include "tests/client/recorded_world.h"

namespace topup::client {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using OneScript = tests::StreamScript<v1::WatchTopupResponse>;
using AllScript = tests::StreamScript<v1::WatchTopupsResponse>;

const grpc::Status kGone(StatusCode::UNAVAILABLE, "gone");
// What a server, or a proxy, makes of a stream that it cuts: nothing of ours was cancelled.
const grpc::Status kCut(StatusCode::CANCELLED, "CANCELLED");

v1::WatchTopupResponse Revision(int64_t revision, v1::TopupStatus status) {
  v1::WatchTopupResponse message;
  message.mutable_topup()->set_topup_id("topup-1");
  message.mutable_topup()->set_revision(revision);
  message.mutable_topup()->set_status(status);
  return message;
}

v1::WatchTopupsResponse Event(const std::string& topup_id, int64_t revision,
                              const std::string& token) {
  v1::WatchTopupsResponse message;
  message.mutable_topup()->set_topup_id(topup_id);
  message.mutable_topup()->set_revision(revision);
  message.set_resume_token(token);
  return message;
}

v1::WatchTopupsResponse Heartbeat(const std::string& token) {
  v1::WatchTopupsResponse message;
  message.mutable_heartbeat();
  message.set_resume_token(token);
  return message;
}

class TopupWatchTest : public ::testing::Test {
 protected:
  TopupWatchTest() : client_(MakeTopupClient(server_.NewStub(), {}, world_.Make())) {
    request_.set_topup_id("topup-1");
  }

  Result<v1::Topup> Follow(const FollowOptions& options = {}) {
    return FollowTopup(
        *client_, request_,
        [&](const v1::Topup& topup) {
          revisions_.push_back(topup.revision());
          return topup.revision() != stop_at_;
        },
        world_.Make(), options);
  }

  FollowEnd FollowAll(const v1::WatchTopupsRequest& request, const std::string& last_token) {
    return FollowTopups(
        *client_, request,
        [&](const v1::Topup* topup, const std::string& token) {
          events_.push_back(topup == nullptr
                                ? "heartbeat"
                                : topup->topup_id() + "/" + std::to_string(topup->revision()));
          return token != last_token;
        },
        world_.Make());
  }

  tests::InProcessServer server_;
  tests::RecordedWorld world_;
  std::unique_ptr<TopupClient> client_;
  v1::WatchTopupRequest request_;
  std::vector<int64_t> revisions_;
  int64_t stop_at_ = 0;
  std::vector<std::string> events_;
};

TEST_F(TopupWatchTest, ResumesWhereTheStreamBrokeAndRepeatsNothing) {
  server_.service.AddStream(OneScript{
      {Revision(1, v1::TOPUP_STATUS_QUEUED), Revision(2, v1::TOPUP_STATUS_SUBMITTING)}, kGone});
  server_.service.AddStream(OneScript{
      {Revision(3, v1::TOPUP_STATUS_PENDING), Revision(4, v1::TOPUP_STATUS_FULFILLED)}, {}});
  const Result<v1::Topup> end = Follow();
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->status(), v1::TOPUP_STATUS_FULFILLED);
  EXPECT_THAT(revisions_, ElementsAre(1, 2, 3, 4));
  ASSERT_THAT(server_.service.watches(), SizeIs(2));
  EXPECT_EQ(server_.service.watches()[0].after_revision(), 0);
  EXPECT_EQ(server_.service.watches()[1].after_revision(), 2);
}

TEST_F(TopupWatchTest, DropsARevisionThatTheServerSendsAgain) {
  server_.service.AddStream(OneScript{{Revision(2, v1::TOPUP_STATUS_PENDING)}, kGone});
  server_.service.AddStream(OneScript{
      {Revision(2, v1::TOPUP_STATUS_PENDING), Revision(3, v1::TOPUP_STATUS_FULFILLED)}, {}});
  ASSERT_TRUE(Follow().ok());
  EXPECT_THAT(revisions_, ElementsAre(2, 3));
}

TEST_F(TopupWatchTest, WaitsLongerAfterEachFailureAndAfreshAfterProgress) {
  server_.service.AddStream(OneScript{{}, kGone});
  server_.service.AddStream(OneScript{{}, kGone});
  server_.service.AddStream(OneScript{{Revision(1, v1::TOPUP_STATUS_QUEUED)}, kGone});
  server_.service.AddStream(OneScript{{Revision(2, v1::TOPUP_STATUS_FULFILLED)}, {}});
  ASSERT_TRUE(Follow().ok());
  EXPECT_THAT(world_.sleeps, ElementsAre(absl::Milliseconds(250), absl::Milliseconds(500),
                                         absl::Milliseconds(250)));
}

TEST_F(TopupWatchTest, GivesUpAfterTooManyFailuresInARow) {
  for (int i = 0; i < 4; ++i) server_.service.AddStream(OneScript{{}, kGone});
  const Result<v1::Topup> end = Follow({.failures_max = 3});
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code, absl::StatusCode::kUnavailable);
  EXPECT_THAT(server_.service.watches(), SizeIs(3));
}

TEST_F(TopupWatchTest, EndsAtOnceWhereThereIsNoSuchTopup) {
  const Result<v1::Topup> end = Follow();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().reason, "TOPUP_NOT_FOUND");
  EXPECT_THAT(world_.sleeps, IsEmpty());
}

TEST_F(TopupWatchTest, ReturnsTheSettledTopupWhereTheCallerHadSeenItAlready) {
  v1::SendTopupRequest send;
  send.set_ref("ref-1");
  send.set_phone_number("0600000000");
  send.set_plan_code("PREPAID_MOBILIS");
  send.set_wait_for(v1::WAIT_FOR_SETTLED);
  const Result<v1::SendTopupResponse> sent = client_->Send(send);
  ASSERT_TRUE(sent.ok());
  request_.set_after_revision(sent->topup().revision());
  const Result<v1::Topup> end = Follow();
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->status(), v1::TOPUP_STATUS_FULFILLED);
  EXPECT_THAT(revisions_, IsEmpty());
}

TEST_F(TopupWatchTest, DoesNotTakeAnEarlyEndOfTheStreamForTheEndOfTheTopup) {
  v1::SendTopupRequest send;
  send.set_ref("ref-1");
  send.set_phone_number("0600000000");
  send.set_plan_code("PREPAID_MOBILIS");
  ASSERT_TRUE(client_->Send(send).ok());
  server_.service.AddStream(OneScript{});  // ends with OK and says nothing
  const Result<v1::Topup> end = Follow();
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->status(), v1::TOPUP_STATUS_FULFILLED);
  EXPECT_THAT(revisions_, ElementsAre(1, 2, 3, 4));
}

TEST_F(TopupWatchTest, StopsWhereTheCallerHasSeenEnough) {
  stop_at_ = 2;
  server_.service.AddStream(
      OneScript{{Revision(1, v1::TOPUP_STATUS_QUEUED), Revision(2, v1::TOPUP_STATUS_UNKNOWN_ERROR)},
                {},
                /*hangs=*/true});
  const Result<v1::Topup> end = Follow();
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->status(), v1::TOPUP_STATUS_UNKNOWN_ERROR);
}

TEST_F(TopupWatchTest, EndsWhenItIsCancelledInTheMiddleOfAStream) {
  Cancellation cancellation;
  server_.service.AddStream(OneScript{{Revision(1, v1::TOPUP_STATUS_QUEUED)}, {}, /*hangs=*/true});
  const Result<v1::Topup> end = FollowTopup(*client_, request_,
                                            [&](const v1::Topup&) {
                                              cancellation.Cancel();
                                              return true;
                                            },
                                            world_.Make(), {.cancellation = &cancellation});
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code, absl::StatusCode::kCancelled);
}

TEST_F(TopupWatchTest, GoesOnWhereTheServerCutAStreamThatStalled) {
  server_.service.AddStream(OneScript{{Revision(1, v1::TOPUP_STATUS_QUEUED)}, kCut});
  server_.service.AddStream(OneScript{{Revision(2, v1::TOPUP_STATUS_FULFILLED)}, {}});
  ASSERT_TRUE(Follow().ok());
  server_.service.AddStream(AllScript{{Heartbeat("t0"), Event("a", 1, "t1")}, kCut});
  server_.service.AddStream(AllScript{{Event("a", 2, "t2")}, {}, /*hangs=*/true});
  const FollowEnd end = FollowAll({}, "t2");
  EXPECT_FALSE(end.error.has_value());
  EXPECT_THAT(events_, ElementsAre("heartbeat", "a/1", "a/2"));
  ASSERT_THAT(server_.service.watches_of_all(), SizeIs(2));
  EXPECT_EQ(server_.service.watches_of_all()[1].resume_token(), "t1");
}

TEST_F(TopupWatchTest, TakesAStreamThatLivedItsLifeUpAnewWithoutCountingAFailure) {
  const grpc::Status lifetime_over(StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded");
  for (int i = 0; i < 10; ++i) server_.service.AddStream(OneScript{{}, lifetime_over});
  server_.service.AddStream(OneScript{{Revision(1, v1::TOPUP_STATUS_FULFILLED)}, {}});
  ASSERT_TRUE(Follow({.failures_max = 3}).ok());
}

TEST_F(TopupWatchTest, FollowsAllFromTheLastTokenAndRepeatsNothing) {
  server_.service.AddStream(
      AllScript{{Heartbeat("t0"), Event("a", 1, "t1"), Event("b", 1, "t2")}, kGone});
  server_.service.AddStream(
      AllScript{{Heartbeat("t2"), Event("b", 1, "t2"), Event("a", 2, "t3")}, {}, /*hangs=*/true});
  v1::WatchTopupsRequest request;
  request.set_from_oldest(true);
  const FollowEnd end = FollowAll(request, "t3");
  EXPECT_FALSE(end.error.has_value());
  EXPECT_EQ(end.resume_token, "t3");
  EXPECT_THAT(events_, ElementsAre("heartbeat", "a/1", "b/1", "heartbeat", "a/2"));
  const auto watches = server_.service.watches_of_all();
  ASSERT_THAT(watches, SizeIs(2));
  EXPECT_TRUE(watches[0].from_oldest());
  EXPECT_EQ(watches[1].resume_token(), "t2");
  EXPECT_FALSE(watches[1].from_oldest());
}

TEST_F(TopupWatchTest, HandsBackTheOldestTokenWhereItsOwnIsTooOld) {
  server_.service.FailNext(
      "WatchTopups",
      tests::MakeErrorStatus(StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_TOO_OLD", "Too old.",
                             {.metadata = {{"oldest_resume_token", "t9"}}}));
  v1::WatchTopupsRequest request;
  request.set_resume_token("t1");
  const FollowEnd end = FollowAll(request, "");
  ASSERT_TRUE(end.error.has_value());
  EXPECT_EQ(OldestResumeToken(*end.error), "t9");
  EXPECT_EQ(end.resume_token, "t1");
  EXPECT_THAT(events_, IsEmpty());
  EXPECT_THAT(world_.sleeps, IsEmpty());
}

}  // namespace
}  // namespace topup::client
