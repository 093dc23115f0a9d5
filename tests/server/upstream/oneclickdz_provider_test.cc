// The client as main builds it, against a peer of raw bytes.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/metrics.h"
#include "server/upstream/build_provider.h"
#include "tests/fakes/fake_clock.h"
#include "tests/support/raw_http_server.h"

namespace topup::upstream {
namespace {

using support::RawHttpServer;
using support::RawPeer;

constexpr char kAccepted[] =
    R"({"success":true,"data":{"topupId":"65a0","topupRef":"r1"},"requestId":"q"})";

// An answer that may be waited for; `done` runs on another thread.
template <typename Answer>
class Awaited {
 public:
  std::function<void(Answer)> done() {
    return [promise = promise_](Answer answer) { promise->set_value(std::move(answer)); };
  }
  Answer Get() { return future_.get(); }

 private:
  std::shared_ptr<std::promise<Answer>> promise_ = std::make_shared<std::promise<Answer>>();
  std::future<Answer> future_ = promise_->get_future();
};

SendRequest ASend() {
  SendRequest request;
  request.provider_ref = "r1";
  request.plan_code = "PREPAID_MOBILIS";
  request.phone = *core::PhoneNumber::Parse("0612345678");
  request.amount_dzd = 500;
  return request;
}

class OneClickDzProviderTest : public testing::Test {
 protected:
  std::unique_ptr<KeyedProvider> Build(int port, int submit_concurrency = 2,
                                       const std::string& key = "key-one") {
    UpstreamOptions options;
    options.address.host = "127.0.0.1";
    options.address.port = port;
    options.address.tls = false;
    options.submit_concurrency = submit_concurrency;
    auto built = BuildProvider(options, base::Secret(key), clock_, metrics_);
    EXPECT_TRUE(built.ok()) << built.status();
    return *std::move(built);
  }
  absl::Duration In(absl::Duration time) const { return clock_.Elapsed() + time; }

  fakes::FakeClock clock_;
  base::Metrics metrics_;
};

TEST_F(OneClickDzProviderTest, SendsATopUpAndTellsWhatCameBack) {
  std::string request;
  RawHttpServer server([&](RawPeer& peer) {
    request = peer.ReadRequest();
    clock_.Advance(absl::Seconds(2));
    peer.Send(RawHttpServer::Reply(200, kAccepted));
  });
  const absl::Time start = clock_.Now();
  auto provider = Build(server.port());
  Awaited<core::SendAnswer> awaited;
  provider->Send(ASend(), In(absl::Seconds(20)), awaited.done());
  const core::SendAnswer answer = awaited.Get();
  EXPECT_TRUE(answer.exchange.success);
  EXPECT_EQ(answer.exchange.request_id, "q");
  EXPECT_EQ(answer.provider_topup_id, "65a0");
  EXPECT_EQ(answer.echoed_ref, "r1");
  EXPECT_EQ(answer.exchange.start_time, start);
  EXPECT_EQ(answer.exchange.end_time, start + absl::Seconds(2));
  EXPECT_TRUE(absl::StrContains(request, "POST /v3/mobile/send HTTP/1.1\r\n"));
  EXPECT_TRUE(absl::StrContains(request, "X-Access-Token: key-one\r\n"));
  EXPECT_TRUE(absl::StrContains(request, R"("MSSIDN":"0612345678")"));
  EXPECT_TRUE(absl::StrContains(metrics_.Text(), "result=\"success\""));
}

// Answers are logged, kept as evidence, and shown to operators and callers.
TEST_F(OneClickDzProviderTest, AnAnswerThatEchoesTheKeyDoesNotBringItIn) {
  const std::string key = "0123456789abcdef-0123456789abcdef";
  const std::string body =
      absl::StrCat(R"({"success":false,"error":{"code":"BAD_)", key, R"(","message":"not )", key,
                   R"(: no"},"requestId":")", key, R"("})");
  RawHttpServer server(RawHttpServer::Replying(RawHttpServer::Reply(400, body)));
  auto provider = Build(server.port(), 2, key);
  Awaited<core::SendAnswer> awaited;
  provider->Send(ASend(), In(absl::Seconds(20)), awaited.done());
  const core::Exchange exchange = awaited.Get().exchange;
  EXPECT_EQ(exchange.error_message, "not [key]: no");
  EXPECT_EQ(exchange.request_id, "[key]");
  EXPECT_FALSE(absl::StrContains(exchange.error_code, "0123456789ABCDEF")) << exchange.error_code;
}

TEST_F(OneClickDzProviderTest, ALostAnswerIsTheEndOfItsOnlyPost) {
  RawHttpServer server([&](RawPeer& peer) { peer.ReadRequest(); });
  auto provider = Build(server.port());
  Awaited<core::SendAnswer> awaited;
  provider->Send(ASend(), In(absl::Seconds(20)), awaited.done());
  const core::SendAnswer answer = awaited.Get();
  EXPECT_TRUE(answer.exchange.request_left);
  EXPECT_FALSE(answer.exchange.response_complete);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(OneClickDzProviderTest, PastItsWatchdogASendStaysHere) {
  RawHttpServer server(RawHttpServer::Replying(RawHttpServer::Reply(200, kAccepted)));
  auto provider = Build(server.port());
  Awaited<core::SendAnswer> awaited;
  provider->Send(ASend(), clock_.Elapsed(), awaited.done());
  EXPECT_FALSE(awaited.Get().exchange.request_left);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(OneClickDzProviderTest, EachReadAsksItsOwnPath) {
  std::string seen;
  RawHttpServer server([&](RawPeer& peer) {
    const std::string request = peer.ReadRequest();
    absl::StrAppend(&seen, request.substr(0, request.find(" HTTP/")), "\n");
    peer.Send(RawHttpServer::Reply(
        404, R"({"success":false,"error":{"code":"NOT_FOUND","message":"?"}})"));
  });
  auto provider = Build(server.port());
  Awaited<core::ReadAnswer> by_ref, by_id;
  provider->ReadByRef("r/1", by_ref.done());
  EXPECT_EQ(by_ref.Get().exchange.error_code, "NOT_FOUND");
  provider->ReadById("65a0", by_id.done());
  EXPECT_EQ(by_id.Get().exchange.http_status, 404);
  Awaited<core::ListAnswer> list;
  provider->List(ListRequest(), list.done());
  EXPECT_FALSE(list.Get().decoded);
  Awaited<core::PlansAnswer> plans;
  provider->ReadPlans(plans.done());
  EXPECT_FALSE(plans.Get().decoded);
  Awaited<core::BalanceAnswer> balance;
  provider->ReadBalance(balance.done());
  EXPECT_FALSE(balance.Get().balance.has_value());
  Awaited<core::PingAnswer> ping;
  provider->Ping(ping.done());
  EXPECT_FALSE(ping.Get().api_up);
  Awaited<core::ValidateAnswer> validate;
  provider->Validate(validate.done());
  EXPECT_FALSE(validate.Get().decoded);
  EXPECT_EQ(seen,
            "GET /v3/mobile/check-ref/r%2F1\nGET /v3/mobile/check-id/65a0\n"
            "GET /v3/mobile/list?page=1&pageSize=100\nGET /v3/mobile/plans\n"
            "GET /v3/account/balance\nGET /v3/ping\nGET /v3/validate\n");
}

TEST_F(OneClickDzProviderTest, ANewKeyIsUsedFromTheNextRequestOn) {
  std::string request;
  RawHttpServer server([&](RawPeer& peer) {
    request = peer.ReadRequest();
    peer.Send(RawHttpServer::Reply(200, R"({"success":true,"data":{"api":"ok"}})"));
  });
  auto provider = Build(server.port());
  EXPECT_TRUE(provider->SetKey(base::Secret("key-two")).ok());
  for (const char* bad : {"", "a\r\nX-Evil: 1", "a b", "\xc3\xa9"}) {
    EXPECT_EQ(provider->SetKey(base::Secret(std::string(bad))).code(),
              absl::StatusCode::kInvalidArgument);
  }
  Awaited<core::PingAnswer> ping;
  provider->Ping(ping.done());
  EXPECT_TRUE(ping.Get().api_up);
  EXPECT_TRUE(absl::StrContains(request, "X-Access-Token: key-two\r\n"));
}

TEST_F(OneClickDzProviderTest, TooManySendsAtOnceAreAnsweredUnsent) {
  std::promise<void> arrived, go_on;
  RawHttpServer server([&, first = true](RawPeer& peer) mutable {
    peer.ReadRequest();
    if (first) {
      first = false;
      arrived.set_value();
      go_on.get_future().wait();
    }
    peer.Send(RawHttpServer::Reply(200, kAccepted));
  });
  auto provider = Build(server.port(), /*submit_concurrency=*/1);
  Awaited<core::SendAnswer> in_flight, queued, refused;
  provider->Send(ASend(), In(absl::Seconds(20)), in_flight.done());
  arrived.get_future().wait();
  provider->Send(ASend(), In(absl::Seconds(20)), queued.done());
  provider->Send(ASend(), In(absl::Seconds(20)), refused.done());
  EXPECT_FALSE(refused.Get().exchange.request_left);
  go_on.set_value();
  EXPECT_TRUE(in_flight.Get().exchange.success);
  EXPECT_TRUE(queued.Get().exchange.success);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(OneClickDzProviderTest, ShutdownLetsAPostEndAndAnswersEverybody) {
  std::promise<void> arrived;
  std::promise<void> go_on;
  RawHttpServer server([&](RawPeer& peer) {
    // The cut reads are accepted after the POST, and have nothing left to read.
    if (peer.ReadRequest().rfind("POST", 0) != 0) return;
    arrived.set_value();
    go_on.get_future().wait();
    peer.Send(RawHttpServer::Reply(200, kAccepted));
  });
  auto provider = Build(server.port(), /*submit_concurrency=*/1);
  Awaited<core::SendAnswer> in_flight, queued;
  provider->Send(ASend(), In(absl::Seconds(20)), in_flight.done());
  arrived.get_future().wait();
  provider->Send(ASend(), In(absl::Seconds(20)), queued.done());
  // Reads that the far end would never answer: the server is busy with the POST.
  std::vector<Awaited<core::ReadAnswer>> reads(10);
  for (Awaited<core::ReadAnswer>& read : reads) provider->ReadByRef("r1", read.done());
  std::thread destroyer([&] { provider.reset(); });
  for (Awaited<core::ReadAnswer>& read : reads) {
    EXPECT_FALSE(read.Get().exchange.response_complete);
  }
  go_on.set_value();
  destroyer.join();
  EXPECT_TRUE(in_flight.Get().exchange.success);
  EXPECT_FALSE(queued.Get().exchange.request_left);
}

TEST_F(OneClickDzProviderTest, AKeyThatIsNoneIsRefusedBeforeAnythingStarts) {
  auto built = BuildProvider(UpstreamOptions(), base::Secret(), clock_, metrics_);
  EXPECT_EQ(built.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace topup::upstream
