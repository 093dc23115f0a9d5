#include "server/upstream/upstream_options.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace topup::upstream {
namespace {

TEST(UpstreamOptionsTest, ReadsAUrlIntoItsParts) {
  const auto plain = ParseProviderUrl("https://api.oneclickdz.com");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->host, "api.oneclickdz.com");
  EXPECT_EQ(plain->port, 443);
  EXPECT_TRUE(plain->tls);
  EXPECT_EQ(plain->path_prefix, "");

  const auto full = ParseProviderUrl(" https://Example.test:8443/far/end// ");
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(full->host, "example.test");
  EXPECT_EQ(full->port, 8443);
  EXPECT_EQ(full->path_prefix, "/far/end");

  const auto v6 = ParseProviderUrl("http://[::1]:8181/");
  ASSERT_TRUE(v6.ok()) << v6.status();
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 8181);
  EXPECT_FALSE(v6->tls);
}

TEST(UpstreamOptionsTest, PlainHttpIsForLoopbackOnly) {
  EXPECT_TRUE(ParseProviderUrl("http://127.0.0.1:8181").ok());
  EXPECT_TRUE(ParseProviderUrl("http://localhost").ok());
  for (const char* url : {"http://api.oneclickdz.com", "http://10.0.0.1", "http://127.evil.test",
                          "http://localhost.evil.test"}) {
    const auto parsed = ParseProviderUrl(url);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_TRUE(absl::StrContains(parsed.status().message(), "plain http")) << url;
  }
}

TEST(UpstreamOptionsTest, RefusesWhatIsNotABaseUrl) {
  for (const char* url :
       {"", "api.oneclickdz.com", "ftp://x", "https://", "https:///v3", "https://user:pw@host",
        "https://host:0", "https://host:65536", "https://host:8x", "https://host:", "https://a b",
        "https://host/?q=1", "https://host/#f", "https://host/a b", "https://[::1", "https://[]",
        "https://host/%2e", "https://[::1]x"}) {
    EXPECT_EQ(ParseProviderUrl(url).status().code(), absl::StatusCode::kInvalidArgument) << url;
  }
}

}  // namespace
}  // namespace topup::upstream
