#include "client/channel.h"

#include <gtest/gtest.h>

namespace topup::client {
namespace {

// Plain text is for this machine only: a bearer token would be read by anybody on the way.
TEST(ChannelTest, KnowsTheAddressesOfThisMachine) {
  for (const char* server :
       {"127.0.0.1:50051", "127.9.9.9:1", "localhost:50051", "localhost", "[::1]:50051", "::1",
        "unix:/run/topupd.sock", "ipv4:127.0.0.1:50051", "ipv6:[::1]:1", "dns:///localhost:1"}) {
    EXPECT_TRUE(IsLoopback(server)) << server;
  }
}

TEST(ChannelTest, TakesEveryOtherAddressForForeign) {
  for (const char* server :
       {"10.0.0.1:50051", "topup.internal:443", "127.0.0.1.evil.example:443", "localhost.evil:1",
        "[::2]:1", "[::10]:1", "1127.0.0.1:1", "dns:///topup.internal:443", ""}) {
    EXPECT_FALSE(IsLoopback(server)) << server;
  }
}

TEST(ChannelTest, RefusesACertificateWithoutItsKey) {
  const Result<Connection> connection = Connect({.cert_pem = "certificate"}, {});
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().code, absl::StatusCode::kInvalidArgument);
}

TEST(ChannelTest, RefusesAnEmptyAddress) { EXPECT_FALSE(Connect({.server = ""}, {}).ok()); }

TEST(ChannelTest, KnowsThatACallToNobodyNeverLeft) {
  ClientOptions options;
  options.retry.tries_max = 1;
  // Port 1 is one that nothing listens on.
  const Result<Connection> connection = Connect({.server = "127.0.0.1:1"}, options);
  ASSERT_TRUE(connection.ok());
  const Result<v1::GetTopupResponse> got = connection->topups->Get({});
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(IsUnreachable(got.error())) << got.error().message;
  EXPECT_FALSE(got.error().may_have_happened) << got.error().message;
}

}  // namespace
}  // namespace topup::client
