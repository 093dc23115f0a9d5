#include "server/upstream/http/httplib_transport.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fakes/fake_clock.h"
#include "tests/support/raw_http_server.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificate.h"

namespace topup::upstream::http {
namespace {

using support::RawHttpServer;
using support::RawPeer;
using support::TestCertificate;

constexpr char kKey[] = "key-3f1c-canary";
constexpr char kBody[] = R"({"success":true,"data":{}})";

int CountOf(absl::string_view needle, absl::string_view text) {
  int count = 0;
  for (size_t at = text.find(needle); at != absl::string_view::npos;
       at = text.find(needle, at + 1)) {
    ++count;
  }
  return count;
}

class HttplibTransportTest : public testing::Test {
 protected:
  HttpReply Exchange(HttpRequest::Method method, int port, bool tls = false) {
    UpstreamOptions options;
    options.address.host = host_;
    options.address.port = port;
    options.address.tls = tls;
    options.ca_file = ca_file_;
    auto transport = HttplibTransport::Create(options, clock_);
    EXPECT_TRUE(transport.ok()) << transport.status();
    HttpRequest request;
    request.method = method;
    request.target = "/v3/x?a=b%2B";
    if (method == HttpRequest::Method::kPost) request.json_body = R"({"a":1})";
    const base::Secret key{std::string(kKey)};
    HttpReply reply = (*transport)->Exchange(request, key, deadline_);
    EXPECT_FALSE(absl::StrContains(reply.error, kKey));
    EXPECT_EQ(reply.complete, reply.error.empty()) << reply.error;
    return reply;
  }
  HttpReply Post(int port) { return Exchange(HttpRequest::Method::kPost, port); }
  HttpReply Get(int port) { return Exchange(HttpRequest::Method::kGet, port); }

  fakes::FakeClock clock_;
  absl::Duration deadline_ = clock_.Elapsed() + absl::Seconds(20);
  std::string host_ = "127.0.0.1";
  std::string ca_file_;
};

TEST_F(HttplibTransportTest, SendsOneRequestAndReturnsItsAnswer) {
  std::string request;
  RawHttpServer server([&](RawPeer& peer) {
    request = peer.ReadRequest();
    peer.Send(RawHttpServer::Reply(201, kBody,
                                   "X-Request-Id: r-1\r\nRetry-After: 5\r\n"
                                   "Date: Mon, 23 Nov 2026 10:00:00 GMT\r\n"));
    peer.AwaitEnd();
  });
  const HttpReply reply = Post(server.port());
  EXPECT_TRUE(reply.request_left);
  EXPECT_TRUE(reply.complete) << reply.error;
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, kBody);
  EXPECT_EQ(reply.request_id, "r-1");
  EXPECT_EQ(reply.retry_after, "5");
  EXPECT_EQ(reply.date, "Mon, 23 Nov 2026 10:00:00 GMT");
  EXPECT_EQ(request.rfind("POST /v3/x?a=b%2B HTTP/1.1\r\n", 0), 0u) << request;
  EXPECT_EQ(CountOf(absl::StrCat("X-Access-Token: ", kKey, "\r\n"), request), 1);
  EXPECT_EQ(CountOf("Connection: close\r\n", request), 1);
  EXPECT_EQ(CountOf("Content-Type: application/json\r\n", request), 1);
  EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(request), "accept-encoding"));
  EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(request), "expect"));
  EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(request), "authorization"));
  EXPECT_EQ(request.substr(request.size() - 11), "\r\n\r\n{\"a\":1}");
}

TEST_F(HttplibTransportTest, OpensAConnectionForEachRequest) {
  RawHttpServer server(RawHttpServer::Replying(RawHttpServer::Reply(200, kBody)));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(Get(server.port()).complete);
    EXPECT_EQ(server.connections(), i);
  }
}

TEST_F(HttplibTransportTest, ReadsChunkedAnswers) {
  RawHttpServer server(
      RawHttpServer::Replying("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                              "chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));
  const HttpReply reply = Get(server.port());
  EXPECT_TRUE(reply.complete) << reply.error;
  EXPECT_EQ(reply.body, "hello world");
}

TEST_F(HttplibTransportTest, DoesNotFollowRedirectsAndDoesNotAskAgainWhenUnauthorised) {
  for (int status : {301, 302, 307, 308, 401}) {
    RawHttpServer server([&](RawPeer& peer) {
      peer.ReadRequest();
      peer.Send(RawHttpServer::Reply(status, kBody,
                                     "Location: /elsewhere\r\n"
                                     "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n"));
    });
    const HttpReply reply = Post(server.port());
    EXPECT_TRUE(reply.complete) << reply.error;
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(server.connections(), 1);
  }
}

// Every way to end early, byte by byte: never a complete answer, never a second request, and
// never the claim that nothing was sent.
TEST_F(HttplibTransportTest, AnAnswerCutAfterAnyByteIsIncomplete) {
  const std::string whole = RawHttpServer::Reply(200, kBody);
  for (bool reset : {false, true}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      RawHttpServer server([&](RawPeer& peer) {
        peer.ReadRequest();
        peer.Send(absl::string_view(whole).substr(0, size));
        if (reset) peer.Reset();
      });
      const HttpReply reply = Post(server.port());
      EXPECT_TRUE(reply.request_left) << size;
      EXPECT_FALSE(reply.complete) << size;
      EXPECT_EQ(reply.status, 0);
      EXPECT_EQ(server.connections(), 1);
    }
  }
}

TEST_F(HttplibTransportTest, AnswersWithDoubtfulFramingAreIncomplete) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string large(kReplyBodyMax + 1, 'x');
  const std::string answers[] = {
      head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      head + "Content-Length: +5\r\n\r\nhello",
      head + "Content-Length: 99999999999999999999\r\n\r\nhello",
      head + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello",
      head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
      head + "\r\n" + kBody,  // ends where the connection does: nobody can tell
      head + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
      absl::StrCat(head, "Content-Length: ", large.size(), "\r\n\r\n", large),
      absl::StrCat(head, "Transfer-Encoding: chunked\r\n\r\n", absl::Hex(large.size()), "\r\n",
                   large, "\r\n0\r\n\r\n"),
      "HTTP/1.1 100 Continue\r\n\r\n" + RawHttpServer::Reply(200, kBody),
      "HTTP/1.1 103 Early Hints\r\n\r\n" + RawHttpServer::Reply(200, kBody),
      "HTTP/1.1 200 " + std::string(100'000, 'y') + "\r\nContent-Length: 0\r\n\r\n",
      head + "X-Long: " + std::string(100'000, 'z') + "\r\nContent-Length: 0\r\n\r\n",
      "HTTP/2 200\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n",
      "<html>sorry</html>\r\n\r\n",
      std::string("\0\0\0\0", 4),
  };
  for (const std::string& answer : answers) {
    RawHttpServer server(RawHttpServer::Replying(answer));
    const HttpReply reply = Post(server.port());
    EXPECT_TRUE(reply.request_left) << answer.substr(0, 100);
    EXPECT_FALSE(reply.complete) << answer.substr(0, 100);
    EXPECT_EQ(server.connections(), 1);
  }
}

TEST_F(HttplibTransportTest, AnAnswerThatDripsEndsAtTheDeadline) {
  RawHttpServer server([&](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\n");
    clock_.Advance(absl::Seconds(21));
    peer.AwaitEnd();
  });
  const HttpReply reply = Post(server.port());
  EXPECT_TRUE(reply.request_left);
  EXPECT_FALSE(reply.complete);
}

TEST_F(HttplibTransportTest, NothingIsSentOnceTheTimeIsOver) {
  RawHttpServer server(RawHttpServer::Replying(RawHttpServer::Reply(200, kBody)));
  clock_.Advance(absl::Seconds(20));
  const HttpReply reply = Post(server.port());
  EXPECT_FALSE(reply.request_left);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttplibTransportTest, ARefusedConnectionProvesThatNothingLeft) {
  const support::RefusingPort refusing;
  const HttpReply reply = Post(refusing.port());
  EXPECT_FALSE(reply.request_left);
  EXPECT_FALSE(reply.complete);
}

TEST_F(HttplibTransportTest, AFailedNameLookUpProvesThatNothingLeft) {
  host_ = std::string(64, 'a') + ".invalid";  // labels have 63 characters at most
  EXPECT_FALSE(Post(443).request_left);
}

TEST_F(HttplibTransportTest, AResetOnceTheRequestHasBegunProvesNothing) {
  RawHttpServer server([](RawPeer& peer) {
    peer.ReadSome();
    peer.Reset();
  });
  EXPECT_TRUE(Post(server.port()).request_left);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttplibTransportTest, CutEndsReadsAndLeavesPostsAlone) {
  UpstreamOptions options;
  options.address.host = "127.0.0.1";
  options.address.tls = false;
  std::unique_ptr<HttplibTransport> transport;
  RawHttpServer server([&](RawPeer& peer) {
    const std::string request = peer.ReadRequest();
    transport->CutReads();
    if (request[0] == 'P') peer.Send(RawHttpServer::Reply(200, kBody));
    if (request[0] == 'G') peer.AwaitEnd();
  });
  options.address.port = server.port();
  transport = *HttplibTransport::Create(options, clock_);
  const base::Secret key{std::string(kKey)};
  HttpRequest request;
  request.target = "/v3/ping";
  EXPECT_FALSE(transport->Exchange(request, key, deadline_).complete);
  const HttpReply late = transport->Exchange(request, key, deadline_);
  EXPECT_FALSE(late.request_left);
  request.method = HttpRequest::Method::kPost;
  EXPECT_TRUE(transport->Exchange(request, key, deadline_).complete);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttplibTransportTest, RefusesTargetsThatWouldBreakTheRequestLine) {
  RawHttpServer server(RawHttpServer::Replying(RawHttpServer::Reply(200, kBody)));
  auto transport = HttplibTransport::Create(UpstreamOptions(), clock_);
  for (const char* target : {"", "v3", "/a b", "/a\r\nX: y", "/\xc3\xa9"}) {
    HttpRequest request;
    request.target = target;
    EXPECT_FALSE((*transport)->Exchange(request, base::Secret("k"), deadline_).request_left);
  }
}

class HttplibTransportTlsTest : public HttplibTransportTest {
 protected:
  HttpReply PostWithTls(const TestCertificate& of_server, const TestCertificate& trusted) {
    ca_file_ = directory_.File("ca.pem");
    trusted.WritePem(ca_file_);
    RawHttpServer server(of_server, [&](RawPeer& peer) {
      seen_ += peer.ReadRequest();
      peer.Send(RawHttpServer::Reply(200, kBody));
    });
    return Exchange(HttpRequest::Method::kPost, server.port(), /*tls=*/true);
  }

  support::TempDir directory_;
  std::string seen_;
};

TEST_F(HttplibTransportTlsTest, TalksToTheServerThatItTrusts) {
  const TestCertificate good("IP:127.0.0.1");
  const HttpReply reply = PostWithTls(good, good);
  EXPECT_TRUE(reply.complete) << reply.error;
  EXPECT_TRUE(reply.request_left);
  EXPECT_TRUE(absl::StrContains(seen_, kKey));
}

TEST_F(HttplibTransportTlsTest, TheKeyNeverLeavesWhereTheCertificateIsBad) {
  const TestCertificate good("IP:127.0.0.1");
  const TestCertificate foreign("IP:127.0.0.1");
  const TestCertificate other_address("IP:127.0.0.2");
  const TestCertificate other_name("DNS:127.0.0.1");
  const TestCertificate expired("IP:127.0.0.1", -10);
  const struct {
    const TestCertificate& of_server;
    const TestCertificate& trusted;
  } cases[] = {{good, foreign},
               {other_address, other_address},
               {other_name, other_name},
               {expired, expired}};
  for (const auto& bad : cases) {
    const HttpReply reply = PostWithTls(bad.of_server, bad.trusted);
    EXPECT_FALSE(reply.request_left);
    EXPECT_FALSE(reply.complete);
    EXPECT_EQ(seen_, "");
  }
}

TEST_F(HttplibTransportTlsTest, WithoutACaFileTheSystemsCertificatesDecide) {
  const TestCertificate good("IP:127.0.0.1");
  RawHttpServer server(good, [&](RawPeer& peer) { seen_ += peer.ReadRequest(); });
  EXPECT_FALSE(Exchange(HttpRequest::Method::kPost, server.port(), /*tls=*/true).request_left);
  EXPECT_EQ(seen_, "");
}

TEST_F(HttplibTransportTlsTest, AHandshakeThatNeverEndsEndsAtTheDeadline) {
  const TestCertificate good("IP:127.0.0.1");
  ca_file_ = directory_.File("ca.pem");
  good.WritePem(ca_file_);
  RawHttpServer server([&](RawPeer& peer) {
    clock_.Advance(absl::Seconds(21));
    peer.AwaitEnd();
  });
  const HttpReply reply = Exchange(HttpRequest::Method::kPost, server.port(), /*tls=*/true);
  EXPECT_FALSE(reply.request_left);
  EXPECT_FALSE(reply.complete);
}

TEST_F(HttplibTransportTlsTest, RefusesACaFileWithoutACertificate) {
  UpstreamOptions options;
  options.ca_file = directory_.File("missing.pem");
  EXPECT_EQ(HttplibTransport::Create(options, clock_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace topup::upstream::http
