// How bytes leave: over a socket that keeps apart what was written apart, as TCP does not.
#include "server/sandbox/http/wire_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace topup::sandbox {
namespace {

using testing::ElementsAre;

// What SendAs writes of `bytes`, each write by itself.
std::vector<std::string> Writes(const WireAction& action, const std::string& bytes) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
  const int stop_event = eventfd(0, 0);
  {
    WireConnection connection(ends[0], stop_event);
    EXPECT_TRUE(connection.SendAs(action, bytes));
  }
  std::vector<std::string> writes;
  char buffer[256];
  for (ssize_t size; (size = recv(ends[1], buffer, sizeof(buffer), 0)) > 0;) {
    writes.emplace_back(buffer, size);
  }
  close(ends[1]);
  close(stop_event);
  return writes;
}

TEST(WireConnectionTest, AnOrdinaryAnswerIsWrittenAtOnce) {
  EXPECT_THAT(Writes({}, "answer"), ElementsAre("answer"));
}

TEST(WireConnectionTest, BytesThatLeaveOneByOneAreWrittenOneByOne) {
  for (const absl::Duration interval : {absl::ZeroDuration(), absl::Milliseconds(1)}) {
    EXPECT_THAT(Writes({.byte_interval = interval}, "answer"),
                ElementsAre("a", "n", "s", "w", "e", "r"));
  }
}

}  // namespace
}  // namespace topup::sandbox
