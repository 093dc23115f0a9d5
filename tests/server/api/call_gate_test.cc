// The danger excluded here: a server that stops while an answer is still to be written.
#include "server/api/call_gate.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/manual_task_loop.h"

namespace topup::api {
namespace {

class CallGateTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  fakes::ManualTaskLoop timers_{clock_};
  base::Metrics metrics_;
  const CallerDirectory callers_ = CallerDirectory::Local();
};

TEST_F(CallGateTest, ACallThatIsAnsweredIsUnderWayUntilGrpcIsDoneWithTheAnswer) {
  CallGate gate(callers_, {}, clock_, timers_, metrics_);
  grpc::CallbackServerContext context;
  grpc::ServerUnaryReactor* reactor =
      UnaryCall(gate, &context, Method::kGetTopup).Finish(absl::OkStatus());
  EXPECT_FALSE(gate.WaitUntilIdle(absl::ZeroDuration()));
  reactor->OnDone();
  EXPECT_TRUE(gate.WaitUntilIdle(absl::ZeroDuration()));
}

}  // namespace
}  // namespace topup::api
