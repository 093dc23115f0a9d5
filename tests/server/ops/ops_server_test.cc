#include "server/ops/ops_server.h"

#include <httplib.h>

#include <atomic>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace topup::ops {
namespace {

using support::IsOk;
using support::StatusIs;

class OpsServerTest : public testing::Test {
 protected:
  OpsSources Sources() {
    return {.metrics_text = [] { return "topup_x 1\n"; },
            .live = [] { return absl::OkStatus(); },
            .ready =
                [this] {
                  return ready_ ? absl::OkStatus() : absl::UnavailableError("starting or draining");
                }};
  }
  httplib::Result Get(const OpsServer& server, const std::string& path) {
    return httplib::Client("127.0.0.1", server.port()).Get(path);
  }

  std::atomic<bool> ready_{false};
};

TEST_F(OpsServerTest, AnswersOnThePortThatItPicked) {
  const auto server = OpsServer::Start("127.0.0.1", 0, Sources());
  ASSERT_THAT(server, IsOk());
  ASSERT_GT((*server)->port(), 0);
  const auto metrics = Get(**server, "/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->status, 200);
  EXPECT_EQ(metrics->body, "topup_x 1\n");
  EXPECT_EQ(metrics->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(Get(**server, "/livez")->body, "ok\n");
  EXPECT_EQ(Get(**server, "/other")->status, 404);
}

TEST_F(OpsServerTest, SaysWhyItIsNotReadyAndThatItIs) {
  const auto server = OpsServer::Start("127.0.0.1", 0, Sources());
  ASSERT_THAT(server, IsOk());
  EXPECT_EQ(Get(**server, "/readyz")->status, 503);
  EXPECT_EQ(Get(**server, "/readyz")->body, "starting or draining\n");
  ready_ = true;
  EXPECT_EQ(Get(**server, "/readyz")->status, 200);
}

TEST_F(OpsServerTest, ATakenPortIsAnErrorAndNotSharedBehindOurBack) {
  const auto first = OpsServer::Start("127.0.0.1", 0, Sources());
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(OpsServer::Start("127.0.0.1", (*first)->port(), Sources()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Get(**first, "/livez")->status, 200);
}

TEST_F(OpsServerTest, AnAddressThatIsNotOursIsAnError) {
  EXPECT_THAT(OpsServer::Start("192.0.2.1", 0, Sources()),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(OpsServerTest, ThePortIsFreeOnceItIsDestroyed) {
  int port = 0;
  {
    const auto server = OpsServer::Start("127.0.0.1", 0, Sources());
    ASSERT_THAT(server, IsOk());
    port = (*server)->port();
  }
  EXPECT_THAT(OpsServer::Start("127.0.0.1", port, Sources()), IsOk());
}

}  // namespace
}  // namespace topup::ops
