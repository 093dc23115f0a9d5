// What leaves on the wire, byte by byte, seen by a client of raw sockets.
#include "server/sandbox/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/sandbox/http/gzip_bomb.h"
#include "server/sandbox/program_flags.h"
#include "tests/support/status_matchers.h"

namespace topup::sandbox {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using testing::StartsWith;

// What came until the connection ended, and how it ended.
struct Received {
  std::string bytes;
  int end = 0;  // errno; 0 for FIN
};

class RawClient {
 public:
  explicit RawClient(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawClient() { close(socket_); }

  void Write(const std::string& bytes) {
    EXPECT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), bytes.size());
  }
  Received ReadToEnd() {
    Received received;
    char buffer[65536];
    for (;;) {
      const ssize_t count = recv(socket_, buffer, sizeof(buffer), 0);
      if (count <= 0) {
        received.end = count < 0 ? errno : 0;
        return received;
      }
      received.bytes.append(buffer, count);
    }
  }

 private:
  const int socket_;
};

std::string GetText(const std::string& path) {
  return absl::StrCat(
      "GET ", path, " HTTP/1.1\r\nHost: x\r\nX-Access-Token: sandbox\r\nConnection: close\r\n\r\n");
}

std::string SendText(const std::string& ref, const std::string& phone = "0660000001") {
  const std::string body = absl::StrCat(R"({"plan_code":"PREPAID_MOBILIS","MSSIDN":")", phone,
                                        R"(","amount":500,"ref":")", ref, "\"}");
  return absl::StrCat(
      "POST /v3/mobile/send HTTP/1.1\r\nHost: x\r\nX-Access-Token: sandbox\r\n"
      "Content-Type: application/json\r\nConnection: close\r\nContent-Length: ",
      body.size(), "\r\n\r\n", body);
}

class SandboxTest : public testing::Test {
 protected:
  SandboxTest() : sandbox_({}, base::RealClock(), base::SystemRandom()) {
    EXPECT_THAT(sandbox_.Start(), IsOk());
  }

  Received Exchange(const std::string& bytes) {
    RawClient client(sandbox_.port());
    client.Write(bytes);
    return client.ReadToEnd();
  }
  // The answer to a ping under the fault.
  Received Ping(const std::string& fault) {
    EXPECT_THAT(sandbox_.SetFaults(absl::StrCat("rules { endpoints: PING ", fault, " }")), IsOk());
    return Exchange(GetText("/v3/ping"));
  }
  httplib::Client Client() {
    httplib::Client client("127.0.0.1", sandbox_.port());
    client.set_tcp_nodelay(true);
    client.set_default_headers({{"X-Access-Token", "sandbox"}});
    return client;
  }

  Sandbox sandbox_;
};

// The length that the headers promise, and the one that came.
std::pair<int, int> Lengths(const std::string& bytes) {
  const size_t at = bytes.find("Content-Length: ");
  const size_t body = bytes.find("\r\n\r\n");
  if (at == std::string::npos || body == std::string::npos) return {-1, -1};
  return {atoi(bytes.c_str() + at + 16), static_cast<int>(bytes.size() - body - 4)};
}

TEST_F(SandboxTest, AnswersAnOrdinaryRequestWhole) {
  const Received received = Exchange(GetText("/v3/ping"));
  EXPECT_THAT(received.bytes, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(received.bytes, HasSubstr("X-Request-Id: req_"));
  EXPECT_EQ(Lengths(received.bytes).first, Lengths(received.bytes).second);
  EXPECT_EQ(received.end, 0);
}

TEST_F(SandboxTest, KeepsAConnectionOpenForManyRequests) {
  httplib::Client client = Client();
  client.set_keep_alive(true);
  for (int i = 0; i < 20; ++i) {
    const auto plans = client.Get("/v3/mobile/plans");
    ASSERT_TRUE(plans);
    EXPECT_EQ(plans->status, 200);
  }
  EXPECT_EQ(sandbox_.RequestCount("plans"), 20);
}

TEST_F(SandboxTest, CloseEndsWithFinAndResetWithRst) {
  Received received = Ping("kind: CLOSE");
  EXPECT_EQ(received.bytes, "");
  EXPECT_EQ(received.end, 0);
  received = Ping("kind: RESET");
  EXPECT_EQ(received.bytes, "");
  EXPECT_EQ(received.end, ECONNRESET);
}

TEST_F(SandboxTest, CutSendsExactlySoManyBytes) {
  for (const int bytes : {1, 12, 100}) {
    const Received received = Ping(absl::StrCat("kind: CUT after_bytes: ", bytes));
    EXPECT_EQ(received.bytes.size(), bytes);
    EXPECT_EQ(received.end, 0);
  }
  EXPECT_EQ(Ping("kind: CUT after_bytes: 5 reset: true").end, ECONNRESET);
}

TEST_F(SandboxTest, AHangSendsNothingUntilTheServerStops) {
  ASSERT_THAT(sandbox_.SetFaults("rules { endpoints: SEND kind: HANG moment: AFTER_ACCEPTANCE }"),
              IsOk());
  RawClient client(sandbox_.port());
  client.Write(SendText("r1"));
  while (sandbox_.AcceptedTopups().empty()) std::this_thread::yield();
  EXPECT_EQ(sandbox_.AcceptedTopups()[0].ref, "r1");
  sandbox_.Stop();
  EXPECT_EQ(client.ReadToEnd().bytes, "");
}

TEST_F(SandboxTest, ContentLengthsCanLieBothWays) {
  auto [promised, sent] = Lengths(Ping("kind: WRONG_CONTENT_LENGTH size: 9").bytes);
  EXPECT_EQ(promised, sent + 9);
  std::tie(promised, sent) = Lengths(Ping("kind: SHORT_CONTENT_LENGTH size: 4").bytes);
  EXPECT_EQ(promised, sent - 4);
}

// That they leave one by one, wire_connection_test.cc says.
TEST_F(SandboxTest, BytesThatComeOneByOneAreTheWholeAnswer) {
  const Received whole = Exchange(GetText("/v3/ping"));
  const Received slow = Ping("kind: SLOW delay_ms: 1");
  EXPECT_EQ(slow.bytes.size(), whole.bytes.size());
  EXPECT_EQ(Ping("kind: ONE_BYTE_SEGMENTS").bytes.size(), whole.bytes.size());
}

TEST_F(SandboxTest, ARepliedRequestCanBeRepliedTwice) {
  const std::string bytes = Ping("kind: DUPLICATED_REPLY").bytes;
  EXPECT_EQ(bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2));
  EXPECT_THAT(bytes, StartsWith("HTTP/1.1 200"));
}

TEST_F(SandboxTest, AnInterimAnswerCanComeUnasked) {
  EXPECT_THAT(Ping("kind: EARLY_CONTINUE").bytes,
              StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(SandboxTest, ADelayedAnswerComesWhole) {
  EXPECT_THAT(Ping("kind: DELAY delay_ms: 1").bytes, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(SandboxTest, OtherAnswersLookAsNamed) {
  EXPECT_THAT(Ping("kind: HTML_BODY http_status: 502").bytes,
              StartsWith("HTTP/1.1 502 Bad Gateway"));
  EXPECT_THAT(Ping("kind: RATE_LIMITED retry_after_seconds: 7").bytes,
              HasSubstr("Retry-After: 7\r\n"));
  EXPECT_THAT(Ping("kind: RATE_LIMITED").bytes, testing::Not(HasSubstr("Retry-After")));
  EXPECT_THAT(Ping("kind: UNAVAILABLE").bytes, HasSubstr("SERVICE_UNAVAILABLE"));
  EXPECT_EQ(Lengths(Ping("kind: EMPTY_BODY").bytes), std::make_pair(0, 0));
}

TEST_F(SandboxTest, TheGzipBombUnpacksToWhatItSays) {
  ASSERT_THAT(sandbox_.SetFaults("rules { kind: GZIP_BOMB }"), IsOk());
  const auto answer = Client().Get("/v3/ping");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), kGzipBombUnpackedSize);
  EXPECT_EQ(answer->body.find_first_not_of('\0'), std::string::npos);
  EXPECT_LT(GzipBomb().size(), 120'000);
}

TEST_F(SandboxTest, WhileDownEveryRequestIsCutOffButTheControls) {
  ASSERT_EQ(Client().Put("/sandbox/down", R"({"down":true})", "application/json")->status, 204);
  EXPECT_EQ(Exchange(SendText("r1")).end, ECONNRESET);
  EXPECT_TRUE(sandbox_.AcceptedTopups().empty());
  EXPECT_EQ(sandbox_.PostsOfRef("r1"), 1);
  sandbox_.SetDown(false);
  EXPECT_THAT(Exchange(SendText("r1")).bytes, StartsWith("HTTP/1.1 200"));
}

TEST_F(SandboxTest, TheControlsWorkOverHttp) {
  EXPECT_EQ(Client().Put("/sandbox/faults", "rules { kind: HANG", "text/plain")->status, 400);
  Exchange(SendText("r1"));
  const auto ledger = Client().Get("/sandbox/ledger?from=1");
  ASSERT_TRUE(ledger);
  EXPECT_THAT(ledger->body, HasSubstr(R"("kind":"accepted")"));
  EXPECT_THAT(ledger->body, testing::Not(HasSubstr(R"("kind":"balance")")));
  EXPECT_EQ(Client()
                .Put("/sandbox/topups", R"({"ref":"r1","status":"UNKNOWN_ERROR"})", "text/plain")
                ->status,
            204);
  EXPECT_EQ(sandbox_.AcceptedTopups()[0].status, "UNKNOWN_ERROR");
}

TEST_F(SandboxTest, AnUnreadableRequestIsRefusedAndTheServerLivesOn) {
  EXPECT_THAT(Exchange("NONSENSE\r\n\r\n").bytes, StartsWith("HTTP/1.1 400"));
  const auto large = Client().Put("/sandbox/faults", std::string(2 << 20, ' '), "text/plain");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->status, 413);
  EXPECT_THAT(Exchange(GetText("/v3/ping")).bytes, StartsWith("HTTP/1.1 200"));
}

TEST_F(SandboxTest, ARefWithEscapesInThePathIsFound) {
  Exchange(SendText("a b"));
  EXPECT_THAT(Exchange(GetText("/v3/mobile/check-ref/a%20b")).bytes, StartsWith("HTTP/1.1 200"));
}

TEST_F(SandboxTest, ManyClientsAtOnceAreCountedOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 25; ++i) Exchange(SendText(absl::StrCat("r", t, "-", i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sandbox_.AcceptedTopups().size(), 200);
  EXPECT_EQ(sandbox_.BalanceCentimes(), 1'000'000'000 - 200 * 48'000);
}

TEST(SandboxStartTest, TheObserverSeesASendBeforeItIsDecided) {
  SandboxOptions options;
  std::mutex mu;
  std::vector<int> posts;  // guarded by mu
  options.on_send = [&](const ArrivedSend& send) {
    const std::lock_guard<std::mutex> lock(mu);
    posts.push_back(send.posts_of_ref);
  };
  Sandbox sandbox(options, base::RealClock(), base::SystemRandom());
  ASSERT_THAT(sandbox.Start(), IsOk());
  for (int i = 0; i < 2; ++i) {
    RawClient client(sandbox.port());
    client.Write(SendText("r1", "0600000154"));
    client.ReadToEnd();
  }
  const std::lock_guard<std::mutex> lock(mu);
  EXPECT_EQ(posts, (std::vector<int>{1, 2}));
}

// What was decided is told before anybody can know it from an answer, and the observer may act.
TEST(SandboxStartTest, TheObserverSeesWhatWasDecidedBeforeTheAnswerLeaves) {
  SandboxOptions options;
  std::mutex mu;
  std::vector<DecidedRequest> seen;  // guarded by mu
  Sandbox* running = nullptr;
  options.on_decided = [&](const DecidedRequest& request) {
    if (request.accepted) {
      EXPECT_THAT(running->SetStatus(request.ref, "REFUNDED"), IsOk());
    }
    const std::lock_guard<std::mutex> lock(mu);
    seen.push_back(request);
  };
  Sandbox sandbox(options, base::RealClock(), base::SystemRandom());
  running = &sandbox;
  ASSERT_THAT(sandbox.Start(), IsOk());
  httplib::Client client("127.0.0.1", sandbox.port());
  const httplib::Headers key = {{"X-Access-Token", "sandbox"}};
  ASSERT_TRUE(client.Post("/v3/mobile/send", key,
                          R"({"plan_code":"PREPAID_MOBILIS","MSSIDN":"0612345678",)"
                          R"("amount":100,"ref":"r1"})",
                          "application/json"));
  ASSERT_TRUE(client.Get("/v3/mobile/check-ref/r1", key));

  const std::lock_guard<std::mutex> lock(mu);
  ASSERT_EQ(seen.size(), 2);
  EXPECT_EQ(seen[0].endpoint, "send");
  EXPECT_EQ(seen[0].ref, "r1");
  EXPECT_EQ(seen[0].posts_of_ref, 1);
  ASSERT_EQ(seen[1].shown.size(), 1);
  EXPECT_EQ(seen[1].shown[0].ref, "r1");
  EXPECT_EQ(seen[1].shown[0].status, "REFUNDED");
  EXPECT_TRUE(sandbox.AcceptedTopups().at(0).given_back);
}

TEST(SandboxStartTest, RefusesWhatItCannotDo) {
  SandboxOptions options;
  options.time_scale = 0;
  options.api_keys.clear();
  Sandbox wrong(options, base::RealClock(), base::SystemRandom());
  const absl::Status status = wrong.Start();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()), HasSubstr("time_scale"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("API key"));

  Sandbox first({}, base::RealClock(), base::SystemRandom());
  ASSERT_THAT(first.Start(), IsOk());
  SandboxOptions taken;
  taken.port = first.port();
  Sandbox second(taken, base::RealClock(), base::SystemRandom());
  EXPECT_THAT(second.Start(), StatusIs(absl::StatusCode::kUnavailable));
  first.Stop();
  Sandbox third(taken, base::RealClock(), base::SystemRandom());
  EXPECT_THAT(third.Start(), IsOk());
}

TEST(ProgramFlagsTest, ReadsTheFlagsAndListsEveryProblem) {
  const ProgramFlags good =
      ParseProgramFlags({"--listen=[::1]:0", "--time_scale=10", "--requests_per_minute=60",
                         "--faults=rules { kind: HANG }"});
  EXPECT_TRUE(good.problems.empty());
  EXPECT_EQ(good.options.host, "::1");
  EXPECT_EQ(good.options.port, 0);
  EXPECT_EQ(good.options.time_scale, 10);
  const ProgramFlags bad = ParseProgramFlags(
      {"--listen=8181", "--time_scale=fast", "now", "--faults=/does/not/exist", "--fault=x"});
  EXPECT_EQ(bad.problems.size(), 5);
  EXPECT_THAT(ProgramHelp(), HasSubstr("0600000003"));
}

}  // namespace
}  // namespace topup::sandbox
