// The danger: a change of prices that is made twice, or taken back twice, because its answer was
// lost; or one that counts as failed though it is in force. Method: real gRPC in one process,
// against a service that loses answers on demand, in a world where no time passes.
#include "client/admin_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "client/cancellation.h"
#include "client/grpc_admin_client.h"
#include "tests/client/fake_admin_service.h"
#include "tests/client/recorded_world.h"

namespace topup::client {
namespace {

using grpc::StatusCode;
using ::testing::SizeIs;
using tests::DigestOf;

const grpc::Status kGone(StatusCode::UNAVAILABLE, "Socket closed");

class AdminClientTest : public ::testing::Test {
 protected:
  AdminClientTest() {
    client_ =
        MakeAdminClient(admin::v1::AdminService::NewStub(server_.NewChannel()), {}, world_.Make());
  }

  static admin::v1::ActivatePricingRequest Activation(const std::string& expected) {
    admin::v1::ActivatePricingRequest request;
    request.set_config("second");
    request.set_expected_config_digest(expected);
    return request;
  }

  static admin::v1::RollbackPricingRequest Rollback(const std::string& expected) {
    admin::v1::RollbackPricingRequest request;
    request.set_expected_config_digest(expected);
    return request;
  }

  tests::FakeAdminService service_;
  tests::InProcessServer server_{&service_};
  tests::RecordedWorld world_;
  std::unique_ptr<AdminClient> client_;
};

TEST_F(AdminClientTest, AnActivationThatExpectsNothingIsTriedOnce) {
  service_.FailNext("ActivatePricing", kGone);
  const auto activated = client_->ActivatePricing(Activation(""));
  ASSERT_FALSE(activated.ok());
  EXPECT_TRUE(activated.error().may_have_happened);
  EXPECT_THAT(service_.activations(), SizeIs(1));
}

TEST_F(AdminClientTest, AnActivationThatSaysWhatItExpectsIsRepeated) {
  service_.FailNext("ActivatePricing", kGone);
  const auto activated = client_->ActivatePricing(Activation(DigestOf("first")));
  ASSERT_TRUE(activated.ok());
  EXPECT_EQ(activated->config_digest(), DigestOf("second"));
  EXPECT_THAT(service_.activations(), SizeIs(2));
}

TEST_F(AdminClientTest, AValidationIsRepeatedWhateverItExpects) {
  service_.FailNext("ActivatePricing", kGone);
  admin::v1::ActivatePricingRequest request = Activation("");
  request.set_validate_only(true);
  EXPECT_TRUE(client_->ActivatePricing(request).ok());
  EXPECT_EQ(service_.digest_in_force(), DigestOf("first"));
}

// A read may take --provider_timeout, 20 s, and waits for its turn before that.
TEST_F(AdminClientTest, ARefreshHasTheTimeThatTheProviderMayTake) {
  ASSERT_TRUE(client_->RefreshPlans({}, {}).ok());
  EXPECT_GT(service_.last_refresh_timeout(), absl::Seconds(40));
  ASSERT_TRUE(client_->RefreshPlans({}, {.timeout = absl::Seconds(30)}).ok());
  EXPECT_LT(service_.last_refresh_timeout(), absl::Seconds(31));
}

// The repeat is refused, CONFIG_CHANGED: by the first try itself.
TEST_F(AdminClientTest, AnActivationWhoseAnswerWasLostHasSucceeded) {
  service_.LoseNextAnswer("ActivatePricing", kGone);
  const auto activated = client_->ActivatePricing(Activation(DigestOf("first")));
  ASSERT_TRUE(activated.ok()) << activated.error().message;
  EXPECT_EQ(activated->config_digest(), DigestOf("second"));
  EXPECT_EQ(service_.digest_in_force(), DigestOf("second"));
}

TEST_F(AdminClientTest, AnActivationThatAnotherOwnerFollowedIsNotKnownToHaveHappened) {
  service_.LoseNextAnswer("ActivatePricing", kGone);
  world_.on_sleep = [this] { service_.Intrude("third"); };
  const auto activated = client_->ActivatePricing(Activation(DigestOf("first")));
  ASSERT_FALSE(activated.ok());
  EXPECT_EQ(activated.error().reason, "CONFIG_CHANGED");
  EXPECT_TRUE(activated.error().may_have_happened);
  EXPECT_EQ(service_.digest_in_force(), DigestOf("third"));
}

TEST_F(AdminClientTest, AnActivationThatComesSecondIsRefusedAndLooksNoFurther) {
  service_.Intrude("third");
  const auto activated = client_->ActivatePricing(Activation(DigestOf("first")));
  ASSERT_FALSE(activated.ok());
  EXPECT_EQ(activated.error().reason, "CONFIG_CHANGED");
  EXPECT_FALSE(activated.error().may_have_happened);
  EXPECT_EQ(service_.calls(), 1);
}

TEST_F(AdminClientTest, ARollbackThatExpectsNothingIsTriedOnce) {
  service_.Intrude("second");
  service_.Intrude("third");
  service_.LoseNextAnswer("RollbackPricing", kGone);
  const auto rolled_back = client_->RollbackPricing({});
  ASSERT_FALSE(rolled_back.ok());
  EXPECT_TRUE(rolled_back.error().may_have_happened);
  EXPECT_EQ(service_.digest_in_force(), DigestOf("second"));
}

TEST_F(AdminClientTest, ARollbackThatIsRepeatedGoesBackOnce) {
  service_.Intrude("second");
  service_.Intrude("third");
  service_.LoseNextAnswer("RollbackPricing", kGone);
  const auto rolled_back = client_->RollbackPricing(Rollback(DigestOf("third")));
  ASSERT_FALSE(rolled_back.ok());
  EXPECT_THAT(service_.rollbacks(), SizeIs(2));
  EXPECT_TRUE(rolled_back.error().may_have_happened);
  EXPECT_EQ(service_.digest_in_force(), DigestOf("second"));
}

TEST_F(AdminClientTest, PassesOnEachMessageOfASimulation) {
  tests::StreamScript<admin::v1::SimulatePricingResponse> script;
  script.messages.emplace_back().mutable_move()->set_topup_id("a");
  script.messages.emplace_back().mutable_totals()->set_topups(1);
  service_.AddSimulation(script);
  std::vector<std::string> seen;
  const auto error = client_->SimulatePricing({}, [&](const auto& message) {
    seen.push_back(message.has_totals() ? "totals" : message.move().topup_id());
    return true;
  });
  EXPECT_FALSE(error.has_value());
  EXPECT_THAT(seen, testing::ElementsAre("a", "totals"));
}

TEST_F(AdminClientTest, ASimulationThatFailsIsNotBegunAgain) {
  service_.FailNext("SimulatePricing", kGone);
  const auto error = client_->SimulatePricing({}, [](const auto&) { return true; });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, absl::StatusCode::kUnavailable);
  EXPECT_THAT(service_.simulations(), SizeIs(1));
}

TEST_F(AdminClientTest, ASimulationEndsAtOnceWhereItsCallerHasSeenEnough) {
  tests::StreamScript<admin::v1::SimulatePricingResponse> script{.hangs = true};
  script.messages.emplace_back().mutable_move();
  service_.AddSimulation(script);
  EXPECT_FALSE(client_->SimulatePricing({}, [](const auto&) { return false; }).has_value());
  service_.AwaitCancelledSimulation();
}

TEST_F(AdminClientTest, ACancelledSimulationEndsOnBothSides) {
  service_.AddSimulation({.hangs = true});
  Cancellation cancellation;
  std::thread user([&] {
    service_.AwaitSimulation();
    cancellation.Cancel();
  });
  const auto error = client_->SimulatePricing({}, [](const auto&) { return true; },
                                              {.cancellation = &cancellation});
  user.join();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, absl::StatusCode::kCancelled);
  service_.AwaitCancelledSimulation();
}

}  // namespace
}  // namespace topup::client
