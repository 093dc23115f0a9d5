// The danger excluded here: a stranger, or one caller, who takes what the service needs for all
// callers: threads, memory, connections, places for calls.
#include <dirent.h>

#include <chrono>
#include <future>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/api/api_server.h"
#include "tests/server/api/bytes_stream.h"

namespace topup::api {
namespace {

constexpr char kReflection[] = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
constexpr char kListServices[] = "\x3a\x01*";

int ThreadsOfThisProcess() {
  int threads = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (const dirent* task = readdir(tasks)) threads += task->d_name[0] != '.' ? 1 : 0;
  closedir(tasks);
  return threads;
}

class EdgeLimitsTest : public ApiServerTest {
 protected:
  std::string GetReason() {
    v1::GetTopupRequest request;
    request.set_topup_id("id-none");
    v1::GetTopupResponse response;
    return ReadError(stub_->GetTopup(Context().get(), request, &response)).reason;
  }
};

// Sends that the engine does not answer before the test's end.
class HeldSendsTest : public EdgeLimitsTest {
 protected:
  struct Send {
    std::unique_ptr<grpc::ClientContext> context;
    v1::SendTopupRequest request;
    v1::SendTopupResponse response;
    std::promise<void> ended;
  };

  void SetUp() override {
    Start(CallerDirectory(CallersNamed(
              {{"shop", {.send = true}}, {"rival", {.send = true}}, {"owner", {.admin = true}}})),
          {.call_limit = 20});
    engine_.HoldSends();
  }
  void TearDown() override {
    engine_.Release();
    for (Send& send : sends_) send.ended.get_future().wait();
    EdgeLimitsTest::TearDown();
  }

  // Returns once the engine holds them.
  void HoldSends(const std::string& caller, int count) {
    for (int i = 0; i < count; ++i) {
      Send& send = sends_.emplace_back();
      send.context = Context(caller);
      send.request = Request(absl::StrCat(caller, i));
      stub_->async()->SendTopup(send.context.get(), &send.request, &send.response,
                                [&send](const grpc::Status&) { send.ended.set_value(); });
    }
    while (engine_.sends().size() < sends_.size()) std::this_thread::yield();
  }

  WireError SendOneMore(const std::string& caller) {
    v1::SendTopupResponse response;
    return ReadError(stub_->SendTopup(Context(caller).get(), Request("one-more"), &response));
  }

 private:
  static v1::SendTopupRequest Request(const std::string& ref) {
    v1::SendTopupRequest request;
    request.set_ref(ref);
    request.set_phone_number("0612345601");
    request.set_plan_code("MOBILIS_PREPAID");
    request.set_amount_dzd(500);
    return request;
  }

  std::list<Send> sends_;
};

TEST_F(HeldSendsTest, OneOfSeveralCallersHasHalfOfThePlacesForCalls) {
  HoldSends("shop", 10);
  const WireError refused = SendOneMore("shop");
  EXPECT_EQ(refused.reason, "OVERLOADED");
  EXPECT_EQ(refused.metadata.at("limit"), "calls");
  HoldSends("rival", 1);
}

TEST_F(HeldSendsTest, OperatorsFindAPlaceWhenAllOthersAreTaken) {
  HoldSends("shop", 10);
  HoldSends("rival", 8);
  EXPECT_EQ(SendOneMore("rival").reason, "OVERLOADED");
  admin::v1::GetProviderResponse provider;
  EXPECT_TRUE(admin_->GetProvider(Context("owner").get(), {}, &provider).ok());
}

TEST_F(EdgeLimitsTest, ReflectionTakesFewThreadsHoweverManyStreamsAreOpen) {
  EXPECT_EQ(GetReason(), "TOPUP_NOT_FOUND");
  const int before = ThreadsOfThisProcess();
  std::vector<std::unique_ptr<BytesStream>> streams;
  int served = 0;
  for (int i = 0; i < 100; ++i) {
    streams.push_back(
        std::make_unique<BytesStream>(channel_, kReflection, kListServices, Context()));
    if (streams.back()->AnswersFirst()) {
      ++served;
    } else {
      EXPECT_EQ(streams.back()->End().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    }
  }
  EXPECT_GT(served, 0);
  // gRPC's own executors may grow a little meanwhile.
  EXPECT_LT(ThreadsOfThisProcess(), before + 20);
  EXPECT_EQ(GetReason(), "TOPUP_NOT_FOUND") << "our own calls need none of these threads";
  streams.clear();
  // The server may learn of their end later than the client.
  while (!BytesStream(channel_, kReflection, kListServices, Context()).AnswersFirst()) {
  }
}

TEST_F(EdgeLimitsTest, AConnectionCarriesSoManyStreamsAndNoMore) {
  Start(CallerDirectory::Local(), {.connection_streams = 2});
  auto first_context = Context();
  auto first = stub_->WatchTopups(first_context.get(), {});
  auto second_context = Context();
  auto second = stub_->WatchTopups(second_context.get(), {});
  v1::WatchTopupsResponse response;
  ASSERT_TRUE(first->Read(&response));
  ASSERT_TRUE(second->Read(&response));
  auto third_context = Context();
  third_context->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  EXPECT_EQ(stub_->WatchTopups(third_context.get(), {})->Finish().error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  first_context->TryCancel();
  EXPECT_EQ(GetReason(), "TOPUP_NOT_FOUND") << "it waits until one of them has ended";
}

TEST_F(EdgeLimitsTest, AConnectionOnWhichNothingIsUnderWayIsClosedAndMadeAgainByTheNextCall) {
  Start(CallerDirectory::Local(), {.connection_idle = absl::Milliseconds(100)});
  EXPECT_EQ(GetReason(), "TOPUP_NOT_FOUND");
  EXPECT_TRUE(channel_->WaitForStateChange(
      GRPC_CHANNEL_READY, std::chrono::system_clock::now() + std::chrono::seconds(10)));
  EXPECT_EQ(GetReason(), "TOPUP_NOT_FOUND");
}

}  // namespace
}  // namespace topup::api
