// The dangers excluded here: a change that a stream leaves out or shows twice, a resume token
// that skips something, a client that reads nothing and costs memory for ever.
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "server/api/page_token.h"
#include "tests/server/api/api_server.h"

namespace topup::api {
namespace {

using testing::ElementsAre;

// A stream with its context.
template <typename Response>
struct Watching {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientReader<Response>> reader;

  // The next message, which comes without any time passing.
  Response Read() {
    Response response;
    EXPECT_TRUE(reader->Read(&response));
    return response;
  }
  WireError End() {
    Response response;
    while (reader->Read(&response)) {
    }
    return ReadError(reader->Finish());
  }
  std::string TrailingToken() const {
    const auto found = context->GetServerTrailingMetadata().find("topup-resume-token");
    if (found == context->GetServerTrailingMetadata().end()) return "";
    return std::string(found->second.data(), found->second.size());
  }
};

class WatchReactorsTest : public ApiServerTest {
 protected:
  Watching<v1::WatchTopupResponse> WatchOne(const std::string& name, int64_t after_revision = 0) {
    v1::WatchTopupRequest request;
    request.set_ref("ref-" + name);
    request.set_after_revision(after_revision);
    auto context = Context();
    auto reader = stub_->WatchTopup(context.get(), request);
    return {std::move(context), std::move(reader)};
  }
  Watching<v1::WatchTopupsResponse> WatchAll(const v1::WatchTopupsRequest& request = {}) {
    auto context = Context();
    auto reader = stub_->WatchTopups(context.get(), request);
    return {std::move(context), std::move(reader)};
  }
  static v1::WatchTopupsRequest From(const std::string& resume_token) {
    v1::WatchTopupsRequest request;
    request.set_resume_token(resume_token);
    return request;
  }
  // Lets time pass in small steps until `done`: what the server's threads do in between is
  // theirs.
  template <typename Condition>
  void PassTimeUntil(Condition done) {
    while (!done()) {
      timers_.AdvanceBy(absl::Milliseconds(500));
      std::this_thread::yield();
    }
  }
};

TEST_F(WatchReactorsTest, OneTopupIsShownAsItIsAndThenAtEveryChangeToItsEnd) {
  Create("a");
  Change("a", core::TopupStatus::kSubmitting);
  auto watch = WatchOne("a");
  v1::WatchTopupResponse shown = watch.Read();
  EXPECT_EQ(shown.topup().revision(), 2);
  EXPECT_EQ(shown.topup().status(), v1::TOPUP_STATUS_SUBMITTING);
  Create("another");
  Change("a", core::TopupStatus::kPending);
  EXPECT_EQ(watch.Read().topup().revision(), 3);
  Change("a", core::TopupStatus::kFulfilled);
  EXPECT_EQ(watch.Read().topup().status(), v1::TOPUP_STATUS_FULFILLED);
  EXPECT_EQ(watch.End().code, grpc::StatusCode::OK);
}

TEST_F(WatchReactorsTest, OneTopupIsReplayedFromTheRevisionSeenLast) {
  Create("a");
  Change("a", core::TopupStatus::kSubmitting);
  Change("a", core::TopupStatus::kPending);
  auto watch = WatchOne("a", 1);
  EXPECT_EQ(watch.Read().topup().revision(), 2);
  EXPECT_EQ(watch.Read().topup().revision(), 3);
  Change("a", core::TopupStatus::kRefunded);
  EXPECT_EQ(watch.Read().topup().revision(), 4);
  EXPECT_EQ(watch.End().code, grpc::StatusCode::OK);
}

TEST_F(WatchReactorsTest, ASettledTopupEndsTheStreamAtOnceWhereItsEndWasSeen) {
  Create("a");
  Change("a", core::TopupStatus::kCancelled);
  EXPECT_EQ(WatchOne("a", 2).End().code, grpc::StatusCode::OK);
  auto seen_half = WatchOne("a", 1);
  EXPECT_EQ(seen_half.Read().topup().revision(), 2);
  EXPECT_EQ(seen_half.End().code, grpc::StatusCode::OK);
}

TEST_F(WatchReactorsTest, ThePresentStateIsShownWhereTheRevisionsBeforeItAreKeptNoLonger) {
  Create("a");
  Change("a", core::TopupStatus::kSubmitting);
  Change("a", core::TopupStatus::kFulfilled);
  store_.TrimEvents(support::TestTime(absl::Hours(1)), [](absl::Status) {});
  auto watch = WatchOne("a", 1);
  EXPECT_EQ(watch.Read().topup().revision(), 3);
  EXPECT_EQ(watch.End().code, grpc::StatusCode::OK);
}

TEST_F(WatchReactorsTest, AnUnknownTopupOrAMalformedKeyEndsTheStream) {
  EXPECT_EQ(WatchOne("none").End().reason, "TOPUP_NOT_FOUND");
  EXPECT_THAT(WatchOne("a b", -1).End().fields, ElementsAre("ref", "after_revision"));
}

TEST_F(WatchReactorsTest, AllChangesStartWithAHeartbeatAndComeInOrder) {
  Create("before");
  auto watch = WatchAll();
  const v1::WatchTopupsResponse first = watch.Read();
  EXPECT_TRUE(first.has_heartbeat());
  EXPECT_NE(first.resume_token(), "");
  Create("a");
  Create("b");
  Change("a", core::TopupStatus::kFulfilled);
  EXPECT_EQ(watch.Read().topup().topup_id(), "id-a");
  const v1::WatchTopupsResponse second = watch.Read();
  EXPECT_EQ(second.topup().topup_id(), "id-b");
  const v1::WatchTopupsResponse third = watch.Read();
  EXPECT_EQ(third.topup().status(), v1::TOPUP_STATUS_FULFILLED);

  auto resumed = WatchAll(From(second.resume_token()));
  EXPECT_TRUE(resumed.Read().has_heartbeat());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(resumed.Read(), third));
}

TEST_F(WatchReactorsTest, AListGivesTheTokenThatMissesNothing) {
  Create("a");
  v1::ListTopupsResponse page;
  ASSERT_TRUE(stub_->ListTopups(Context().get(), {}, &page).ok());
  Create("b");
  v1::WatchTopupsRequest request = From(page.resume_token());
  request.add_statuses(v1::TOPUP_STATUS_QUEUED);
  auto watch = WatchAll(request);
  EXPECT_TRUE(watch.Read().has_heartbeat());
  EXPECT_EQ(watch.Read().topup().topup_id(), "id-b");
}

TEST_F(WatchReactorsTest, OnlyTheStatesAskedForAreShown) {
  v1::WatchTopupsRequest request;
  request.set_from_oldest(true);
  request.add_statuses(v1::TOPUP_STATUS_FULFILLED);
  Create("a");
  Change("a", core::TopupStatus::kFulfilled);
  auto watch = WatchAll(request);
  EXPECT_TRUE(watch.Read().has_heartbeat());
  const v1::WatchTopupsResponse shown = watch.Read();
  EXPECT_EQ(shown.topup().status(), v1::TOPUP_STATUS_FULFILLED);
  auto wider = WatchAll(From(shown.resume_token()));
  EXPECT_EQ(wider.End().reason, "RESUME_TOKEN_INVALID") << "it would miss what was left out";
}

TEST_F(WatchReactorsTest, AnIdleStreamSendsAHeartbeatThatMovesOn) {
  v1::WatchTopupsRequest request;
  request.mutable_heartbeat_interval()->set_seconds(2);
  auto watch = WatchAll(request);
  const std::string start = watch.Read().resume_token();
  // Of somebody else: nothing to show, but a place to move on to.
  Create("other", "rival");
  v1::WatchTopupsResponse heartbeat;
  auto read = std::async(std::launch::async, [&] { return watch.reader->Read(&heartbeat); });
  PassTimeUntil(
      [&] { return read.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  ASSERT_TRUE(read.get());
  EXPECT_TRUE(heartbeat.has_heartbeat());
  EXPECT_NE(heartbeat.resume_token(), start);
  Create("mine");
  auto resumed = WatchAll(From(heartbeat.resume_token()));
  resumed.Read();
  EXPECT_EQ(resumed.Read().topup().topup_id(), "id-mine");
}

TEST_F(WatchReactorsTest, AHeartbeatDoesNotComeBeforeItsTime) {
  auto watch = WatchAll();
  watch.Read();
  timers_.AdvanceBy(absl::Milliseconds(14'900));
  Create("a");
  EXPECT_TRUE(watch.Read().has_topup());
}

TEST_F(WatchReactorsTest, ATokenBeforeTheKeptHistoryIsToldWhereToGoOn) {
  auto first = WatchAll();
  const std::string old = first.Read().resume_token();
  first.context->TryCancel();
  Create("a");
  Create("b");
  store_.TrimEvents(support::TestTime(absl::Hours(1)), [](absl::Status) {});
  const WireError error = WatchAll(From(old)).End();
  EXPECT_EQ(error.code, grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(error.reason, "RESUME_TOKEN_TOO_OLD");
  Create("c");
  auto resumed = WatchAll(From(error.metadata.at("oldest_resume_token")));
  EXPECT_TRUE(resumed.Read().has_heartbeat());
  EXPECT_EQ(resumed.Read().topup().topup_id(), "id-c");
  v1::WatchTopupsRequest from_oldest;
  from_oldest.set_from_oldest(true);
  auto oldest = WatchAll(from_oldest);
  EXPECT_TRUE(oldest.Read().has_heartbeat());
  EXPECT_EQ(oldest.Read().topup().topup_id(), "id-c");
}

TEST_F(WatchReactorsTest, ATokenFromAFutureThatTheStoreDoesNotKnowIsRefused) {
  const ResumeTokens tokens(signer_);
  EXPECT_EQ(WatchAll(From(tokens.Make("local", 999, 0))).End().reason, "RESUME_TOKEN_INVALID");
}

TEST_F(WatchReactorsTest, DrainingEndsStreamsWithATokenToGoOnFrom) {
  auto one = WatchOne((Create("a"), "a"));
  one.Read();
  auto all = WatchAll();
  all.Read();
  server_->Drain();
  const WireError error = all.End();
  EXPECT_EQ(error.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(error.reason, "DRAINING");
  EXPECT_EQ(one.End().reason, "DRAINING");
  EXPECT_EQ(WatchAll().End().reason, "DRAINING");
  const std::string token = all.TrailingToken();
  ASSERT_NE(token, "");
  Create("b");
  Start(CallerDirectory::Local());
  auto resumed = WatchAll(From(token));
  EXPECT_TRUE(resumed.Read().has_heartbeat());
  EXPECT_EQ(resumed.Read().topup().topup_id(), "id-b");
}

TEST_F(WatchReactorsTest, AClientThatGoesAwayGivesItsPlaceBack) {
  auto watch = WatchAll();
  watch.Read();
  base::Gauge* watchers = metrics_.GetGauge("topup_watch_watchers", "");
  EXPECT_EQ(watchers->Value(), 1);
  watch.context->TryCancel();
  while (watchers->Value() != 0) std::this_thread::yield();
}

// A history that answers when the test says so.
class SlowHistoryTest : public WatchReactorsTest {
 protected:
  class HeldExecutor : public base::WorkExecutor {
   public:
    bool TryPost(base::Task task) override {
      std::lock_guard<std::mutex> lock(mutex_);
      tasks_.push_back(std::move(task));
      return true;
    }
    void RunAll() {
      std::vector<base::Task> tasks;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        tasks.swap(tasks_);
      }
      for (const base::Task& task : tasks) task();
    }
    size_t size() {
      std::lock_guard<std::mutex> lock(mutex_);
      return tasks_.size();
    }

   private:
    std::mutex mutex_;
    std::vector<base::Task> tasks_;
  };

  base::WorkExecutor& history_reads() override { return held_; }
  HeldExecutor held_;
};

TEST_F(SlowHistoryTest, AnAnswerThatComesAfterTheClientHasGoneDoesNothing) {
  Create("a");
  Change("a", core::TopupStatus::kSubmitting);
  v1::WatchTopupsRequest request;
  request.set_from_oldest(true);
  auto all = WatchAll(request);
  auto one = WatchOne("a", 1);
  while (held_.size() < 2) std::this_thread::yield();
  const auto ended = [this](const char* method) {
    return metrics_.GetCounter("topup_api_calls_total", "",
                               {{"method", method}, {"code", "CANCELLED"}});
  };
  all.context->TryCancel();
  one.context->TryCancel();
  while (ended("WatchTopups")->Value() + ended("WatchTopup")->Value() < 2) {
    std::this_thread::yield();
  }
  held_.RunAll();
  EXPECT_EQ(metrics_.GetGauge("topup_watch_watchers", "")->Value(), 0);
  v1::GetTopupRequest get;
  get.set_topup_id("id-a");
  v1::GetTopupResponse got;
  ASSERT_TRUE(stub_->GetTopup(Context().get(), get, &got).ok());
}

TEST_F(WatchReactorsTest, AClientThatReadsNothingIsCut) {
  auto watch = WatchAll();
  watch.Read();
  // Far more than the windows of HTTP/2 and the sockets hold.
  for (int i = 0; i < 6000; ++i) {
    core::Topup topup = support::MakeQueuedTopup(std::to_string(i), "local");
    topup.labels = {{"load", std::string(1000, 'x')}};
    store_.Create({.topup = topup}, [](auto) {});
  }
  base::Counter* cut = metrics_.GetCounter("topup_api_cut_streams_total", "");
  PassTimeUntil([&] { return cut->Value() > 0; });
  EXPECT_EQ(watch.End().code, grpc::StatusCode::CANCELLED);
  EXPECT_EQ(cut->Value(), 1);
}

}  // namespace
}  // namespace topup::api
