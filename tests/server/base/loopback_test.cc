#include "server/base/loopback.h"

#include "gtest/gtest.h"

namespace topup::base {
namespace {

TEST(LoopbackTest, IsThisMachineByAddressOrByItsOneName) {
  for (const char* host : {"127.0.0.1", "127.255.255.254", "::1", "localhost"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
}

TEST(LoopbackTest, IsNotWhateverOnlyBeginsLikeIt) {
  for (const char* host : {"", "127.", "127.1", "127.evil.example", "127.0.0.1.example",
                           "127.0.0.256", "localhost.example", "0.0.0.0", "::", "10.0.0.1",
                           "128.0.0.1", " 127.0.0.1", "LOCALHOST."}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
  EXPECT_FALSE(IsLoopback(absl::string_view("127.0.0.1\0.example", 18)));
}

}  // namespace
}  // namespace topup::base
