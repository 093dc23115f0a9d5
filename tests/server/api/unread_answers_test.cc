// The danger excluded here: a client that asks and does not take the answers, and so costs memory
// for as long as it likes.
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "tests/server/api/api_server.h"
#include "tests/server/api/unread_call.h"

namespace topup::api {
namespace {

class UnreadAnswersTest : public ApiServerTest {
 protected:
  // Lets time pass in small steps until `done`: what the server's threads do in between is
  // theirs.
  template <typename Condition>
  void PassTimeUntil(Condition done) {
    while (!done()) {
      timers_.AdvanceBy(absl::Milliseconds(500));
      std::this_thread::yield();
    }
  }

  // Top-ups whose list is far larger than any window.
  void CreateLargeTopups() {
    for (int i = 0; i < 1000; ++i) {
      core::Topup topup = support::MakeQueuedTopup(std::to_string(i), "local");
      topup.labels = {{"load", std::string(1000, 'x')}};
      store_.Create({.topup = topup}, [](auto) {});
    }
  }

  v1::ListTopupsRequest LargePage() {
    v1::ListTopupsRequest request;
    request.set_page_size(1000);
    return request;
  }

  base::Counter* Ended(const char* method) {
    return metrics_.GetCounter("topup_api_calls_total", "", {{"method", method}, {"code", "OK"}});
  }

  // The reason of an error, "" for none.
  std::string GetReason() {
    v1::GetTopupRequest request;
    request.set_topup_id("id-0");
    v1::GetTopupResponse response;
    return ReadError(stub_->GetTopup(Context().get(), request, &response)).reason;
  }
};

TEST_F(UnreadAnswersTest, AnAnswerIsACallUnderWayUntilItsClientHasTakenIt) {
  Start(CallerDirectory::Local(), {.call_limit = 1});
  CreateLargeTopups();
  UnreadCall call(NarrowChannel(server_->address()), "topup.v1.TopupService/ListTopups",
                  LargePage(), Context());
  while (Ended("ListTopups")->Value() == 0) std::this_thread::yield();
  ASSERT_EQ(GetReason(), "OVERLOADED");
  base::Counter* cut = metrics_.GetCounter("topup_api_cut_answers_total", "");
  EXPECT_EQ(cut->Value(), 0);
  PassTimeUntil([&] { return cut->Value() > 0; });
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::CANCELLED);
  while (GetReason() == "OVERLOADED") std::this_thread::yield();
}

TEST_F(UnreadAnswersTest, AnAnswerThatIsTakenIsNotCutHoweverLongTheCallLasts) {
  engine_.HoldSends();
  v1::SendTopupRequest request;
  request.set_ref("slow");
  request.set_phone_number("0612345601");
  request.set_plan_code("MOBILIS_PREPAID");
  request.set_amount_dzd(500);
  v1::SendTopupResponse response;
  auto context = Context();
  std::promise<grpc::Status> ended;
  stub_->async()->SendTopup(context.get(), &request, &response,
                            [&ended](grpc::Status status) { ended.set_value(status); });
  while (engine_.sends().empty()) std::this_thread::yield();
  timers_.AdvanceBy(absl::Minutes(1));
  engine_.Release();
  EXPECT_TRUE(ended.get_future().get().ok());
  EXPECT_EQ(metrics_.GetCounter("topup_api_cut_answers_total", "")->Value(), 0);
}

TEST_F(UnreadAnswersTest, AStopDoesNotWaitForAnAnswerThatNobodyTakes) {
  CreateLargeTopups();
  UnreadCall call(NarrowChannel(server_->address()), "topup.v1.TopupService/ListTopups",
                  LargePage(), Context());
  while (Ended("ListTopups")->Value() == 0) std::this_thread::yield();
  std::promise<void> stopped;
  std::thread stop([&] {
    server_->Shutdown(absl::Hours(1));
    stopped.set_value();
  });
  auto done = stopped.get_future();
  PassTimeUntil(
      [&] { return done.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  stop.join();
  EXPECT_FALSE(call.End().ok());
}

TEST_F(UnreadAnswersTest, ASimulationThatNobodyReadsIsCut) {
  for (int i = 0; i < 1000; ++i) {
    prices_.simulation.moves.push_back({.topup_id = std::string(1000, 'x')});
  }
  UnreadCall call(NarrowChannel(server_->address()), "topup.admin.v1.AdminService/SimulatePricing",
                  admin::v1::SimulatePricingRequest(), Context());
  base::Counter* cut = metrics_.GetCounter("topup_api_cut_streams_total", "");
  PassTimeUntil([&] { return cut->Value() > 0; });
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace topup::api
