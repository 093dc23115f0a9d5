// A shadow is there to be tried out: whatever it does, the answer, the breaches that are logged and
// counted, and the caller's time are those of the configuration in force alone.
#include "server/pricing/shadow_pricer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "server/base/log.h"
#include "server/pricing/plugin_host.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/inline_executor.h"
#include "tests/server/pricing/plugin_paths.h"
#include "tests/support/activate_pricing.h"
#include "tests/support/status_matchers.h"

namespace topup::pricing {
namespace {

using core::Money;
using support::HasReason;
using support::IsOk;

PricingConfiguration Percent(const std::string& percent,
                             const GuardrailConfiguration& guardrails = {}) {
  return {.chains = {{.name = "default",
                      .strategies = {{.library = "libpercentage_markup.so",
                                      .config = R"({"percent": ")" + percent + R"("})"}}}},
          .default_chain = "default",
          .guardrails = guardrails};
}

PricingConfiguration Library(const std::string& library) {
  return {.chains = {{.name = "default", .strategies = {{.library = library}}}},
          .default_chain = "default"};
}

// Of tests/server/pricing/strategies.
std::string OddLibrary(const std::string& name) {
  return std::filesystem::current_path().string() + "/tests/server/pricing/strategies/lib" + name +
         ".so";
}

TEST(CompareWithShadowTest, TellsEveryCaseApart) {
  const Money ten = Money::Centimes(1000);
  const Money nine = Money::Centimes(900);
  EXPECT_EQ(CompareWithShadow(ten, ten), ShadowOutcome::kSame);
  EXPECT_EQ(CompareWithShadow(nine, ten), ShadowOutcome::kHigher);
  EXPECT_EQ(CompareWithShadow(ten, nine), ShadowOutcome::kLower);
  EXPECT_EQ(CompareWithShadow(ten, std::nullopt), ShadowOutcome::kOnlyInForce);
  EXPECT_EQ(CompareWithShadow(std::nullopt, ten), ShadowOutcome::kOnlyByShadow);
  EXPECT_EQ(CompareWithShadow(std::nullopt, std::nullopt), ShadowOutcome::kNeither);
}

// The cost of 1000 DZD is 980 DZD: 98000 centimes. In force at first: 5 %, 102900.
class ShadowPricerTest : public testing::Test {
 protected:
  ShadowPricerTest() { EXPECT_THAT(support::ActivatePricing(host_, Percent("5")), IsOk()); }

  void Shadow(const PricingConfiguration& configuration) {
    auto set = host_.LoadAside(configuration);
    ASSERT_THAT(set, IsOk());
    pricer_.SetShadow(*std::move(set));
  }

  PricingRequest Request() const { return {.plan = &plan_, .amount_dzd = 1000, .caller = "shop"}; }

  int64_t Comparisons(const std::string& outcome) {
    return metrics_
        .GetCounter("topup_pricing_shadow_comparisons_total", "", {{"outcome", outcome}})
        ->Value();
  }
  int64_t AllComparisons() {
    int64_t all = 0;
    for (const char* outcome :
         {"same", "higher", "lower", "only_in_force", "only_by_shadow", "neither"}) {
      all += Comparisons(outcome);
    }
    return all;
  }
  int64_t Difference(const std::string& direction) {
    return metrics_
        .GetCounter("topup_pricing_shadow_difference_centimes_total", "",
                    {{"direction", direction}})
        ->Value();
  }
  int64_t Dropped() {
    return metrics_.GetCounter("topup_pricing_shadow_dropped_comparisons_total", "")->Value();
  }
  int64_t InUse() { return metrics_.GetGauge("topup_pricing_shadow_in_use", "")->Value(); }
  int64_t Breaches(const std::string& rule) {
    return metrics_
        .GetCounter("topup_pricing_guardrail_breaches_total", "",
                    {{"rule", rule}, {"outcome", "refused"}})
        ->Value();
  }

  core::Plan plan_ = {.code = "PREPAID_DJEZZY",
                      .op = core::Operator::kDjezzy,
                      .kind = core::PlanKind::kDynamic,
                      .cost_ppm = 980000};
  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  PluginHost host_{OptionsOfThisBuild(), log_.log(), metrics_};
  fakes::InlineExecutor executor_;
  ShadowPricer pricer_{host_, executor_, metrics_};
};

TEST_F(ShadowPricerTest, AnswersAsInForceAndCountsByHowMuchTheShadowDiffers) {
  const auto in_force = host_.Price(Request());
  for (const char* percent : {"7", "7", "4", "5"}) {
    Shadow(Percent(percent));
    EXPECT_EQ(pricer_.Price(Request()), in_force);
  }
  EXPECT_EQ(Comparisons("higher"), 2);
  EXPECT_EQ(Comparisons("lower"), 1);
  EXPECT_EQ(Comparisons("same"), 1);
  EXPECT_EQ(AllComparisons(), 4);
  EXPECT_EQ(Difference("up"), 2 * (104860 - 102900));
  EXPECT_EQ(Difference("down"), 102900 - 101920);
}

TEST_F(ShadowPricerTest, WithoutAShadowNothingIsPostedOrCounted) {
  EXPECT_THAT(pricer_.Price(Request()), IsOk());
  EXPECT_EQ(InUse(), 0);
  Shadow(Percent("7"));
  EXPECT_EQ(InUse(), 1);
  pricer_.SetShadow(nullptr);
  EXPECT_EQ(InUse(), 0);
  EXPECT_THAT(pricer_.Price(Request()), IsOk());
  EXPECT_EQ(executor_.count(), 0);
  EXPECT_EQ(AllComparisons(), 0);
}

TEST_F(ShadowPricerTest, AShadowThatFailsOrAnswersNonsenseChangesNoAnswerAndNoLogOfBreaches) {
  const auto in_force = host_.Price(Request());
  int shadows = 0;
  for (const std::string& library :
       {BrokenLibrary("price_fails"), BrokenLibrary("unknown_code"), BrokenLibrary("huge_price"),
        BrokenLibrary("negative_price"), BrokenLibrary("no_steps"), BrokenLibrary("endless_text"),
        BrokenLibrary("moody"), BrokenLibrary("below_cost"), OddLibrary("other_currency")}) {
    Shadow(Library(library));
    const int lines = static_cast<int>(log_.lines().size());
    EXPECT_EQ(pricer_.Price(Request()), in_force) << library;
    EXPECT_EQ(static_cast<int>(log_.lines().size()), lines) << library;
    EXPECT_EQ(Comparisons("only_in_force"), ++shadows) << library;
  }
  EXPECT_EQ(Breaches("below_cost"), 0);
  EXPECT_EQ(Difference("up") + Difference("down"), 0);
}

TEST_F(ShadowPricerTest, ARefusalIsToldAndCountedOnceWhateverTheShadowWouldSay) {
  ASSERT_THAT(support::ActivatePricing(host_, Library("libbelow_cost.so")), IsOk());
  const auto in_force = host_.Price(Request());
  ASSERT_THAT(in_force, HasReason("MARGIN_GUARDRAIL"));
  const int64_t breaches = Breaches("below_cost");
  Shadow(Percent("5"));
  EXPECT_EQ(pricer_.Price(Request()).status(), in_force.status());
  EXPECT_EQ(Comparisons("only_by_shadow"), 1);
  Shadow(Library("libbelow_cost.so"));
  EXPECT_EQ(pricer_.Price(Request()).status(), in_force.status());
  EXPECT_EQ(Comparisons("neither"), 1);
  EXPECT_EQ(Breaches("below_cost"), breaches + 2);  // of what is in force
  EXPECT_EQ(log_.CountWith("guardrail.breached"), breaches + 2);
}

// As if it were activated now: 107800 is 4.76 % above 102900.
TEST_F(ShadowPricerTest, LimitsOfChangeAreHeldAgainstThePriceInForce) {
  Shadow(Percent("10", {.limits = {.max_change_ppm = 40000}}));
  EXPECT_THAT(pricer_.Price(Request()), IsOk());
  EXPECT_EQ(Comparisons("only_in_force"), 1);
  Shadow(Percent("10", {.limits = {.max_change_ppm = 50000}}));
  EXPECT_THAT(pricer_.Price(Request()), IsOk());
  EXPECT_EQ(Comparisons("higher"), 1);
  // What was not sold has no price before.
  ASSERT_THAT(support::ActivatePricing(host_, Library("libbelow_cost.so")), IsOk());
  Shadow(Percent("10", {.limits = {.max_change_ppm = 1}}));
  EXPECT_THAT(pricer_.Price(Request()), HasReason("MARGIN_GUARDRAIL"));
  EXPECT_EQ(Comparisons("only_by_shadow"), 1);
}

TEST_F(ShadowPricerTest, WhatTheExecutorDoesNotTakeIsDroppedAndCounted) {
  Shadow(Percent("7"));
  executor_.SetFull(true);
  EXPECT_EQ(pricer_.Price(Request())->price, Money::Centimes(102900));
  EXPECT_EQ(Dropped(), 1);
  EXPECT_EQ(AllComparisons(), 0);
}

// Keeps what it is given until it is told to do it.
class LaterExecutor : public base::WorkExecutor {
 public:
  [[nodiscard]] bool TryPost(base::Task task) override {
    tasks_.push_back(std::move(task));
    return true;
  }
  void RunAll() {
    for (; !tasks_.empty(); tasks_.pop_front()) tasks_.front()();
  }

 private:
  std::deque<base::Task> tasks_;
};

TEST_F(ShadowPricerTest, ComparesTheRequestAsItWasAndNotWhatItsPlanHasBecome) {
  LaterExecutor later;
  ShadowPricer pricer(host_, later, metrics_);
  const auto set = host_.LoadAside(Percent("5"));
  ASSERT_THAT(set, IsOk());
  pricer.SetShadow(*set);
  {
    auto plan = std::make_unique<core::Plan>(plan_);
    EXPECT_THAT(pricer.Price({.plan = plan.get(), .amount_dzd = 1000, .caller = "shop"}), IsOk());
    plan->cost_ppm = 1;
  }
  later.RunAll();
  EXPECT_EQ(Comparisons("same"), 1);
}

TEST_F(ShadowPricerTest, WhatWaitsIsComparedWithTheShadowOfThenOrWithNone) {
  LaterExecutor later;
  ShadowPricer pricer(host_, later, metrics_);
  const auto seven = host_.LoadAside(Percent("7"));
  const auto four = host_.LoadAside(Percent("4"));
  ASSERT_THAT(seven, IsOk());
  ASSERT_THAT(four, IsOk());
  pricer.SetShadow(*seven);
  EXPECT_THAT(pricer.Price(Request()), IsOk());
  pricer.SetShadow(*four);
  later.RunAll();
  EXPECT_EQ(Comparisons("lower"), 1);
  EXPECT_THAT(pricer.Price(Request()), IsOk());
  pricer.SetShadow(nullptr);
  later.RunAll();
  EXPECT_EQ(AllComparisons(), 1);
}

TEST_F(ShadowPricerTest, LoadsNoLibraryTwiceAndListsNothingOfTheShadow) {
  PricingOptions options = OptionsOfThisBuild();
  options.library_limit = 1;
  PluginHost host(options, log_.log(), metrics_);
  ASSERT_THAT(support::ActivatePricing(host, Percent("5")), IsOk());
  EXPECT_THAT(host.LoadAside(Percent("7")), IsOk());
  EXPECT_THAT(host.LoadAside(Library("libface_value.so")), HasReason("STRATEGY_LOAD_FAILED"));
  EXPECT_EQ(host.ListStrategies().size(), 1u);
  EXPECT_EQ(log_.CountWith("strategy.refused"), 1);
}

// A shadow's strategy that does not come back holds its own thread, and nobody else.
TEST(BlockedShadowTest, AnswersGoOnWhileTheShadowHangsAndWhatIsTooMuchIsDropped) {
  fakes::FakeClock clock;
  absl::Notification hangs;
  absl::Notification let_go;
  base::Log log(clock, [&](absl::string_view line) {
    if (!absl::StrContains(line, "\"asked\"")) return;
    if (!hangs.HasBeenNotified()) hangs.Notify();
    let_go.WaitForNotification();
  });
  base::Metrics metrics;
  PluginHost host(OptionsOfThisBuild(), log, metrics);
  ASSERT_THAT(support::ActivatePricing(host, Percent("5")), IsOk());
  constexpr int kQueue = 3;
  base::WorkerPool pool("shadow", 1, kQueue);
  ShadowPricer pricer(host, pool, metrics);
  auto set = host.LoadAside(Library(OddLibrary("says_when_asked")));
  ASSERT_THAT(set, IsOk());
  pricer.SetShadow(*std::move(set));

  const core::Plan plan = {.code = "PREPAID_DJEZZY", .cost_ppm = 980000};
  const PricingRequest request = {.plan = &plan, .amount_dzd = 1000, .caller = "shop"};
  EXPECT_THAT(pricer.Price(request), IsOk());
  hangs.WaitForNotification();
  for (int i = 0; i < kQueue + 5; ++i) {
    EXPECT_EQ(pricer.Price(request)->price, Money::Centimes(102900));
  }
  EXPECT_EQ(metrics.GetCounter("topup_pricing_shadow_dropped_comparisons_total", "")->Value(), 5);
  // Another shadow does not wait for it either; the comparison that hangs is still with the old.
  pricer.SetShadow(*host.LoadAside(Percent("7")));
  let_go.Notify();
  pool.Stop();
  const auto comparisons = [&metrics](const std::string& outcome) {
    return metrics.GetCounter("topup_pricing_shadow_comparisons_total", "", {{"outcome", outcome}})
        ->Value();
  };
  EXPECT_EQ(comparisons("lower"), 1);  // it sells at the cost
  EXPECT_EQ(comparisons("higher"), kQueue);
}

}  // namespace
}  // namespace topup::pricing
