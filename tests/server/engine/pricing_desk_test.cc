// The owner's questions, answered from what is recorded and what is loaded.
#include "server/engine/pricing_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/fakes/inline_executor.h"
#include "tests/server/engine/pricing_world.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topup_builder.h"

namespace topup::engine {
namespace {

using core::Money;
using support::HasReason;
using support::IsOk;
using support::IsOkAndHolds;
using support::TestTime;
using testing::ElementsAre;
using testing::HasSubstr;

class PricingDeskTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(world_.activations->Start(), IsOk()); }

  // Records a top-up at the price of the configuration in force.
  core::Topup Record(const std::string& name) {
    core::Topup topup = support::MakeQueuedTopup(name, "shop", TestTime(absl::Seconds(++count_)));
    topup.op = world_.plan.op;
    topup.plan_code = world_.plan.code;
    topup.plan_kind = world_.plan.kind;
    topup.amount_dzd = 1000;
    topup.price = *world_.Price();
    world_.store.Create({.topup = topup}, [](auto created) { ASSERT_THAT(created, IsOk()); });
    return topup;
  }

  template <typename T>
  absl::StatusOr<T> Answer(const std::function<void(PriceControl::Done<T>)>& ask) {
    std::optional<absl::StatusOr<T>> answer;
    ask([&answer](absl::StatusOr<T> given) { answer = std::move(given); });
    return answer.has_value() ? *answer : absl::UnknownError("no answer");
  }
  absl::StatusOr<Explanation> Explain(const std::string& id) {
    return Answer<Explanation>([&](auto done) { desk_.Explain(id, done); });
  }
  absl::StatusOr<Simulation> Simulate(SimulateCommand command) {
    return Answer<Simulation>([&](auto done) { desk_.Simulate(std::move(command), done); });
  }

  PricingWorld world_;
  fakes::InlineExecutor changes_;
  fakes::InlineExecutor simulations_;
  PricingDesk desk_{
      {world_.log.log(), changes_, simulations_, world_.store, *world_.host, *world_.activations}};
  int count_ = 0;
};

TEST_F(PricingDeskTest, ListsWhatIsInForceWithItsRoutesAndWhatWasRefused) {
  ASSERT_THAT(
      world_.Activate(PercentText("6", "route { name: \"vip\" chain: \"all\" caller: \"shop\" }")),
      IsOk());
  EXPECT_THAT(world_.Activate(PercentText("five")), HasReason("CONFIG_INVALID"));
  const auto listed = Answer<StrategyDirectory>([&](auto done) { desk_.ListStrategies(done); });
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->config_digest, world_.activations->config_digest());
  ASSERT_EQ(listed->strategies.size(), 2u);
  EXPECT_TRUE(listed->strategies[0].loaded);
  EXPECT_EQ(listed->strategies[0].identity.strategy_id, "dz.topup.percentage_markup");
  EXPECT_THAT(listed->strategies[0].routes, ElementsAre("(default)", "vip"));
  EXPECT_FALSE(listed->strategies[1].loaded);
  EXPECT_THAT(listed->strategies[1].load_error, HasSubstr("libpercentage_markup.so"));
}

TEST_F(PricingDeskTest, ActivatesAndRollsBack) {
  const auto activated = Answer<std::string>(
      [&](auto done) { desk_.Activate({.caller = "owner", .config = PercentText("6")}, done); });
  EXPECT_THAT(activated, IsOkAndHolds(base::Sha256Hex(PercentText("6"))));
  const auto back = Answer<std::string>([&](auto done) { desk_.Rollback({}, done); });
  EXPECT_THAT(back, IsOkAndHolds(base::Sha256Hex(PercentText("5"))));
}

TEST_F(PricingDeskTest, WhatIsTooMuchIsRefusedAtOnce) {
  changes_.SetFull(true);
  simulations_.SetFull(true);
  EXPECT_THAT(Explain("id-a"), HasReason("OVERLOADED"));
  EXPECT_THAT(Simulate({}), HasReason("OVERLOADED"));
}

TEST_F(PricingDeskTest, APriceIsTheSameWhenItIsWorkedOutAgain) {
  const core::Topup topup = Record("a");
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  const auto explained = Explain(topup.id);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->recorded, topup.price);
  ASSERT_TRUE(explained->replayed.has_value()) << explained->failure;
  EXPECT_EQ(*explained->replayed, topup.price) << "by what was in force then";
  EXPECT_EQ(explained->detail, "");
}

TEST_F(PricingDeskTest, ARecordThatWasAlteredIsFoundOut) {
  core::Topup topup = Record("a");
  topup.id = "id-b";
  topup.ref = "b";
  topup.provider_ref = "p-b";
  topup.price.price = Money::Centimes(102901);
  world_.store.Create({.topup = topup}, [](auto created) { ASSERT_THAT(created, IsOk()); });
  const auto explained = Explain("id-b");
  ASSERT_THAT(explained, IsOk());
  EXPECT_THAT(explained->detail, HasSubstr("the price was 1029.01 DZD and is 1029.00 DZD"));
}

TEST_F(PricingDeskTest, WhatCannotBePricedAgainSaysWhy) {
  core::Topup bare = support::MakeQueuedTopup("bare", "shop", TestTime());
  bare.price.basis = {};
  world_.store.Create({.topup = bare}, [](auto created) { ASSERT_THAT(created, IsOk()); });
  EXPECT_THAT(Explain(bare.id)->failure.message(),
              HasSubstr("without what its price was worked out from"));
  EXPECT_FALSE(Explain(bare.id)->replayed.has_value());

  const core::Topup topup = Record("a");
  // A new process that has never opened the library.
  world_.Restart();
  PricingDesk desk(
      {world_.log.log(), changes_, simulations_, world_.store, *world_.host, *world_.activations});
  const auto explained = Answer<Explanation>([&](auto done) { desk.Explain(topup.id, done); });
  ASSERT_THAT(explained, IsOk());
  EXPECT_FALSE(explained->replayed.has_value());
  EXPECT_THAT(explained->failure.message(), HasSubstr("is not loaded"));

  EXPECT_THAT(Explain("id-nobody"), HasReason("TOPUP_NOT_FOUND"));
}

TEST_F(PricingDeskTest, ASimulationPricesWhatWasSoldAndChangesNothing) {
  for (const char* name : {"a", "b", "c"}) Record(name);
  const int64_t writes = world_.store.WriteCount();
  const auto simulated = Simulate({.config = PercentText("6")});
  ASSERT_THAT(simulated, IsOk());
  EXPECT_EQ(simulated->topups, 3);
  EXPECT_EQ(simulated->failures, 0);
  EXPECT_EQ(simulated->old_revenue, Money::Centimes(3 * 102900));
  EXPECT_EQ(simulated->new_revenue, Money::Centimes(3 * 103880));
  EXPECT_EQ(simulated->old_profit, Money::Centimes(3 * 4900));
  EXPECT_EQ(simulated->new_profit, Money::Centimes(3 * 5880));
  EXPECT_EQ(simulated->moves.size(), 3u);
  EXPECT_EQ(world_.store.WriteCount(), writes);
  EXPECT_EQ(world_.PriceCentimes(), 102900);
  EXPECT_EQ(world_.Latest().number, 1);
}

TEST_F(PricingDeskTest, ASimulationIsStoppedByTheGuardrailsOfTheCandidate) {
  Record("a");
  const auto simulated =
      Simulate({.config = PercentText("6", "guardrails { max_change_percent: \"0.5\" }")});
  ASSERT_THAT(simulated, IsOk());
  EXPECT_EQ(simulated->failures, 1);
  EXPECT_THAT(simulated->moves[0].failure.message(), HasSubstr("max_change_percent"));
  EXPECT_EQ(world_.log.CountWith("guardrail.breached"), 0) << "it was no sale";
}

TEST_F(PricingDeskTest, ASimulationKeepsToItsStretchOfTime) {
  for (const char* name : {"a", "b", "c"}) Record(name);
  const auto simulated = Simulate({.config = PercentText("6"),
                                   .start_time = TestTime(absl::Seconds(2)),
                                   .end_time = TestTime(absl::Seconds(3))});
  ASSERT_THAT(simulated, IsOk());
  EXPECT_EQ(simulated->topups, 1);
}

TEST_F(PricingDeskTest, ASimulationEndsWhenNobodyWaitsAndACandidateThatIsWrongIsRefused) {
  EXPECT_THAT(Simulate({.config = PercentText("6"), .is_cancelled = [] { return true; }}),
              HasReason("CANCELLED"));
  EXPECT_THAT(Simulate({.config = PercentText("six")}), HasReason("CONFIG_INVALID"));
  EXPECT_THAT(Simulate({}), IsOk()) << "without a text it is the configured file";
}

}  // namespace
}  // namespace topup::engine
