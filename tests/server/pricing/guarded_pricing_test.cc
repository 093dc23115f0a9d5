// From a configuration to what is sold, refused or sold by the fallback: routes and guardrails
// with real strategies, and what is counted and logged of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "server/base/error.h"
#include "server/pricing/plugin_host.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/server/pricing/plugin_paths.h"
#include "tests/support/activate_pricing.h"
#include "tests/support/status_matchers.h"

namespace topup::pricing {
namespace {

using core::Money;
using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ChainConfiguration Percent(const std::string& name, const std::string& percent) {
  return {.name = name,
          .strategies = {{.library = "libpercentage_markup.so",
                          .config = R"({"percent": ")" + percent + R"("})"}}};
}

// Of tests/server/pricing/strategies.
std::string OddLibrary(const std::string& name) {
  return std::filesystem::current_path().string() + "/tests/server/pricing/strategies/lib" + name +
         ".so";
}

ChainConfiguration One(const std::string& name, const std::string& library) {
  return {.name = name, .strategies = {{.library = library}}};
}

// The cost of 1000 DZD is 980 DZD: 98000 centimes.
class GuardedPricingTest : public testing::Test {
 protected:
  absl::StatusOr<core::PriceBreakdown> Price(const std::string& caller = "shop") const {
    return host_.Price({.plan = &plan_, .amount_dzd = 1000, .caller = caller});
  }
  int64_t Centimes(const std::string& caller = "shop") const {
    const auto price = Price(caller);
    return price.ok() ? price->price.centimes() : -1;
  }
  int64_t Breaches(const std::string& rule, const std::string& outcome) {
    return metrics_
        .GetCounter("topup_pricing_guardrail_breaches_total", "",
                    {{"rule", rule}, {"outcome", outcome}})
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
};

TEST_F(GuardedPricingTest, EachRequestIsPricedByTheChainOfItsMostSpecificRoute) {
  ASSERT_THAT(
      support::ActivatePricing(
          host_, {.chains = {Percent("five", "5"), Percent("two", "2"), Percent("one", "1")},
                  .default_chain = "five",
                  .routes = {{.name = "djezzy",
                              .conditions = {.plan_operators = {core::Operator::kDjezzy}},
                              .chain = "two"},
                             {.name = "big", .conditions = {.callers = {"big"}}, .chain = "one"}}}),
      IsOk());
  EXPECT_EQ(Centimes("shop"), 99960);
  EXPECT_EQ(Centimes("big"), 98980);
  plan_.op = core::Operator::kMobilis;
  EXPECT_EQ(Centimes("shop"), 102900);
  EXPECT_EQ(Centimes("big"), 98980);
}

TEST_F(GuardedPricingTest, ABreachIsRefusedCountedAndLogged) {
  ASSERT_THAT(support::ActivatePricing(
                  host_, {.chains = {Percent("two", "2")},
                          .default_chain = "two",
                          .guardrails = {.limits = {.min_profit = Money::Centimes(2000)}}}),
              IsOk());
  EXPECT_THAT(
      Price(),
      AllOf(support::StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("MARGIN_GUARDRAIL"),
            HasMetadata("rule", "min_profit_centimes"), HasMetadata("price_centimes", "99960"),
            HasMetadata("limit_centimes", "100000")));
  EXPECT_EQ(Breaches("min_profit_centimes", "refused"), 1);
  EXPECT_EQ(Breaches("min_profit_centimes", "fell_back"), 0);
  EXPECT_EQ(log_.CountWith("guardrail.breached"), 1);
  EXPECT_THAT(log_.lines().back(),
              AllOf(HasSubstr("\"outcome\":\"refused\""), HasSubstr("\"route\":\"(default)\""),
                    HasSubstr("\"chain\":\"two\""), HasSubstr("\"limit_centimes\":100000"),
                    HasSubstr("\"caller\":\"shop\"")));
}

TEST_F(GuardedPricingTest, AFallbackSellsWhatItsPriceAllows) {
  PricingConfiguration configuration = {
      .chains = {One("loss", "libbelow_cost.so"), Percent("five", "5"), Percent("nine", "9")},
      .default_chain = "loss",
      .routes = {{.name = "refuses",
                  .conditions = {.callers = {"strict"}},
                  .chain = "loss",
                  .guardrails = {.fallback_chain = ""}}},
      .guardrails = {.limits = {.max_profit_ppm = 70000}, .fallback_chain = "five"}};
  ASSERT_THAT(support::ActivatePricing(host_, configuration), IsOk());
  const auto price = Price();
  ASSERT_THAT(price, IsOk());
  EXPECT_EQ(price->price, Money::Centimes(102900));
  EXPECT_EQ(price->profit, Money::Centimes(4900));
  ASSERT_EQ(price->steps.size(), 1u);  // of the chain that sells, and of no other
  ASSERT_EQ(price->strategies.size(), 1u);
  EXPECT_EQ(price->strategies[0].strategy_id, "dz.topup.percentage_markup");
  EXPECT_EQ(Breaches("below_cost", "fell_back"), 1);
  EXPECT_THAT(log_.lines().back(),
              AllOf(HasSubstr(R"("outcome":"fell_back")"), HasSubstr(R"("asked_last":"five")")));
  EXPECT_THAT(Price("strict"), HasReason("MARGIN_GUARDRAIL"));

  // The fallback is held to the same limits. The error is about the first price.
  configuration.guardrails.fallback_chain = "nine";
  ASSERT_THAT(support::ActivatePricing(host_, configuration), IsOk());
  EXPECT_THAT(Price(), AllOf(HasReason("MARGIN_GUARDRAIL"), HasMetadata("rule", "below_cost"),
                             HasMetadata("price_centimes", "97999")));
  EXPECT_EQ(Breaches("below_cost", "refused"), 2);
  EXPECT_EQ(Breaches("max_profit_percent", "refused"), 1);
}

TEST_F(GuardedPricingTest, AFallbackThatFailsSellsNothing) {
  ASSERT_THAT(support::ActivatePricing(host_, {.chains = {One("loss", "libbelow_cost.so"),
                                                          One("fails", "libprice_fails.so")},
                                               .default_chain = "loss",
                                               .guardrails = {.fallback_chain = "fails"}}),
              IsOk());
  EXPECT_THAT(Price(), HasReason("PRICING_UNAVAILABLE"));
  EXPECT_EQ(Breaches("below_cost", "refused"), 1);
}

TEST_F(GuardedPricingTest, AStrategyThatFailsIsNoCaseForTheFallback) {
  ASSERT_THAT(support::ActivatePricing(
                  host_, {.chains = {One("fails", "libprice_fails.so"), Percent("five", "5")},
                          .default_chain = "fails",
                          .guardrails = {.fallback_chain = "five"}}),
              IsOk());
  EXPECT_THAT(Price(), HasReason("PRICING_UNAVAILABLE"));
}

TEST_F(GuardedPricingTest, WhatNoStrategyPricesIsCountedAndLoggedWithTheStrategyAndItsReason) {
  const base::Counter& unavailable =
      *metrics_.GetCounter("topup_pricing_prices_unavailable_total", "");
  ASSERT_THAT(
      support::ActivatePricing(
          host_,
          {.chains = {Percent("five", "5"), One("fails", "libprice_fails.so"),
                      One("loss", "libbelow_cost.so")},
           .default_chain = "five",
           .routes = {{.name = "broken", .conditions = {.callers = {"broken"}}, .chain = "fails"},
                      {.name = "cheap",
                       .conditions = {.callers = {"cheap"}},
                       .chain = "loss",
                       .guardrails = {.fallback_chain = "fails"}},
                      {.name = "strict", .conditions = {.callers = {"strict"}}, .chain = "loss"}}}),
      IsOk());
  EXPECT_THAT(Price("broken"), HasReason("PRICING_UNAVAILABLE"));
  EXPECT_EQ(unavailable.Value(), 1);
  EXPECT_THAT(log_.lines().back(),
              AllOf(HasSubstr("price.unavailable"), HasSubstr(R"("strategy":"test.broken")"),
                    HasSubstr(R"("error":"code 2: it will not price this")"),
                    HasSubstr(R"("route":"broken")"), HasSubstr(R"("chain":"fails")"),
                    HasSubstr(R"("caller":"broken")"), HasSubstr(R"("plan":"PREPAID_DJEZZY")")));
  EXPECT_THAT(Price("cheap"), HasReason("PRICING_UNAVAILABLE"));
  EXPECT_EQ(unavailable.Value(), 2) << "a fallback that fails counts, too";
  EXPECT_THAT(Price("shop"), IsOk());
  EXPECT_THAT(Price("strict"), HasReason("MARGIN_GUARDRAIL"));
  plan_.cost_ppm.reset();
  EXPECT_THAT(Price("broken"), HasReason("PLAN_COST_UNKNOWN"));
  EXPECT_EQ(unavailable.Value(), 2) << "nothing of that is a strategy's fault";
  EXPECT_EQ(log_.CountWith("price.unavailable"), 2);
}

TEST_F(GuardedPricingTest, AStrategyThatIsRefusedIsCountedAndLogged) {
  EXPECT_THAT(support::ActivatePricing(
                  host_, {.chains = {Percent("five", "5"), One("no", "libcreate_fails.so")},
                          .default_chain = "five"}),
              HasReason("STRATEGY_LOAD_FAILED"));
  EXPECT_EQ(metrics_.GetCounter("topup_pricing_strategies_refused_total", "")->Value(), 1);
  EXPECT_THAT(log_.lines().back(),
              AllOf(HasSubstr("strategy.refused"), HasSubstr(R"("library":"libcreate_fails.so")"),
                    HasSubstr(R"("chain":"no")"), HasSubstr("code 1: it will not be made")));
}

TEST_F(GuardedPricingTest, OnlyARouteThatSaysSoSellsAtALossAndNeverSilently) {
  ASSERT_THAT(support::ActivatePricing(
                  host_, {.chains = {One("loss", "libbelow_cost.so")},
                          .default_chain = "loss",
                          .routes = {{.name = "promo",
                                      .conditions = {.callers = {"promo"}},
                                      .chain = "loss",
                                      .guardrails = {.limits = {.min_profit = Money::Centimes(-1),
                                                                .allow_below_cost = true}}}}}),
              IsOk());
  EXPECT_THAT(Price("shop"), HasReason("MARGIN_GUARDRAIL"));
  EXPECT_EQ(Centimes("promo"), 97999);
  EXPECT_EQ(metrics_.GetCounter("topup_pricing_prices_below_cost_total", "")->Value(), 1);
  EXPECT_THAT(log_.lines().back(),
              AllOf(HasSubstr("price.below_cost"), HasSubstr(R"("route":"promo")"),
                    HasSubstr(R"("profit_centimes":-1)")));
}

// `percent` for everybody, and at most 10 % of change.
PricingConfiguration Changing(const std::string& percent) {
  return {.chains = {Percent("only", percent)},
          .default_chain = "only",
          .guardrails = {.limits = {.max_change_ppm = 100000}}};
}

TEST_F(GuardedPricingTest, APriceMayNotLeapFromTheConfigurationBefore) {
  ASSERT_THAT(support::ActivatePricing(host_, Changing("5")), IsOk());
  EXPECT_EQ(Centimes(), 102900);  // nothing to compare with
  ASSERT_THAT(support::ActivatePricing(host_, Changing("10")), IsOk());
  EXPECT_EQ(Centimes(), 107800);
  ASSERT_THAT(support::ActivatePricing(host_, Changing("50")), IsOk());
  EXPECT_THAT(
      Price(),
      AllOf(HasReason("MARGIN_GUARDRAIL"), HasMetadata("rule", "max_change_percent"),
            HasMetadata("price_centimes", "147000"), HasMetadata("limit_centimes", "118580")));
}

TEST_F(GuardedPricingTest, ActivatingTheSameAgainDoesNotLiftTheLimit) {
  ASSERT_THAT(support::ActivatePricing(host_, Changing("5")), IsOk());
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(support::ActivatePricing(host_, Changing("50")), IsOk());
    EXPECT_THAT(Price(), HasReason("MARGIN_GUARDRAIL")) << i;
  }
}

TEST_F(GuardedPricingTest, WhatWasNeverSoldIsNoPriceBefore) {
  ASSERT_THAT(support::ActivatePricing(host_, Changing("5")), IsOk());
  ASSERT_THAT(support::ActivatePricing(host_, Changing("50")), IsOk());
  ASSERT_THAT(support::ActivatePricing(host_, Changing("60")),
              IsOk());  // near to 50 %, which nobody was asked
  EXPECT_THAT(Price(), HasReason("MARGIN_GUARDRAIL"));
  ASSERT_THAT(support::ActivatePricing(host_, Changing("6")), IsOk());  // near to 5 %, which was
  EXPECT_EQ(Centimes(), 103880);
}

TEST_F(GuardedPricingTest, GoingBackIsNeverHeldUp) {
  PricingConfiguration leap = Changing("50");
  leap.guardrails.limits = {};
  ASSERT_THAT(support::ActivatePricing(host_, Changing("5")), IsOk());
  ASSERT_THAT(support::ActivatePricing(host_, leap), IsOk());
  EXPECT_EQ(Centimes(), 147000);
  ASSERT_THAT(support::ActivatePricing(host_, Changing("5")), IsOk());
  EXPECT_EQ(Centimes(), 102900);
  ASSERT_THAT(support::ActivatePricing(host_, Changing("60")), IsOk());  // and 50 % is forgotten
  EXPECT_THAT(Price(), HasReason("MARGIN_GUARDRAIL"));
}

TEST_F(GuardedPricingTest, NoNumberOfAttemptsWearsTheLimitOut) {
  ASSERT_THAT(support::ActivatePricing(host_, Changing("5")), IsOk());
  EXPECT_EQ(Centimes(), 102900);
  ASSERT_THAT(support::ActivatePricing(host_, Changing("5")),
              IsOk());  // the same: it has sold already
  std::weak_ptr<const PricingSet> attempt;
  for (int percent = 50; percent < 60; ++percent) {
    ASSERT_THAT(support::ActivatePricing(host_, Changing(std::to_string(percent))), IsOk());
    EXPECT_THAT(Price(), HasReason("MARGIN_GUARDRAIL")) << percent;
    if (percent == 50) attempt = host_.InForce();
  }
  EXPECT_TRUE(attempt.expired());
  ASSERT_THAT(support::ActivatePricing(host_, Changing("6")), IsOk());
  EXPECT_EQ(Centimes(), 103880);
}

TEST_F(GuardedPricingTest, KeepsAFewConfigurationsAndNotAll) {
  ASSERT_THAT(support::ActivatePricing(host_, Changing("1")), IsOk());
  EXPECT_EQ(Centimes(), 98980);
  const std::weak_ptr<const PricingSet> first = host_.InForce();
  for (size_t i = 0; i <= PricingLine::kBeforeMax; ++i) {
    EXPECT_FALSE(first.expired()) << i;
    ASSERT_THAT(support::ActivatePricing(host_, Changing(std::to_string(2 + i))), IsOk());
    EXPECT_GT(Centimes(), 0) << i;
  }
  EXPECT_TRUE(first.expired());
}

TEST_F(GuardedPricingTest, RefusesAPriceInAnotherCurrency) {
  ASSERT_THAT(
      support::ActivatePricing(
          host_, {.chains = {One("euro", OddLibrary("other_currency"))}, .default_chain = "euro"}),
      IsOk());
  EXPECT_THAT(Price(), AllOf(HasReason("PRICING_UNAVAILABLE"),
                             HasMetadata("detail", HasSubstr("currency 978"))));
}

TEST_F(GuardedPricingTest, NoStrategySeesAConfigurationThatItsSchemaRefuses) {
  // It would fail with its own words if it were asked.
  const absl::Status refused = support::ActivatePricing(
      host_, {.chains = {{.name = "a",
                          .strategies = {{.library = "libpercentage_markup.so",
                                          .config = R"({"percent": "5,0"})"},
                                         {.library = "libround_up.so",
                                          .config = R"({"step_dzd": 3, "step": 1})"}}},
                         {.name = "b",
                          .strategies = {{.library = OddLibrary("says_when_made"),
                                          .config = R"({"a": 1)"}}}},
              .default_chain = "a"});
  EXPECT_THAT(refused, AllOf(support::StatusIs(absl::StatusCode::kInvalidArgument),
                             HasReason("CONFIG_INVALID"), HasMetadata("problems", "4")));
  std::string all;
  const std::optional<base::ErrorDetails> details = base::GetErrorDetails(refused);
  for (const base::FieldViolation& violation : details->field_violations) {
    all += violation.field + " " + violation.description + "\n";
  }
  EXPECT_THAT(all, AllOf(HasSubstr("chain[0].strategy[0].config of libpercentage_markup.so in "
                                   "chain \"a\": /percent is \"5,0\": give a text"),
                         HasSubstr("chain[0].strategy[1].config of libround_up.so in chain \"a\": "
                                   "/step is not a key here: use \"step_dzd\""),
                         HasSubstr("/step_dzd is 3: give one of 1, 5, 10 (whole dinars)"),
                         HasSubstr("chain[1].strategy[0].config of libsays_when_made.so in chain "
                                   "\"b\": it is not JSON")));
  EXPECT_EQ(log_.CountWith("strategy.refused"), 3);
  EXPECT_EQ(log_.CountWith("create was called"), 0);
  ASSERT_THAT(support::ActivatePricing(host_, {.chains = {One("b", OddLibrary("says_when_made"))},
                                               .default_chain = "b"}),
              IsOk());
  EXPECT_EQ(log_.CountWith("create was called"), 1);
}

TEST_F(GuardedPricingTest, RefusesASchemaThatItCannotEnforce) {
  EXPECT_THAT(support::ActivatePricing(
                  host_, {.chains = {One("a", OddLibrary("odd_schema"))}, .default_chain = "a"}),
              AllOf(HasReason("STRATEGY_LOAD_FAILED"), HasMetadata("step", "descriptor"),
                    HasMetadata("found", HasSubstr("/properties/a/format is a keyword"))));
}

TEST_F(GuardedPricingTest, ALibraryThatIsNotThereHidesNoOtherProblem) {
  const absl::Status refused = support::ActivatePricing(
      host_, {.chains = {{.name = "a",
                          .strategies = {{.library = "libnot_there.so"},
                                         {.library = "libround_up.so", .config = "{}"},
                                         {.library = "libgone.so"}}}},
              .default_chain = "a"});
  EXPECT_THAT(refused, AllOf(HasReason("STRATEGY_LOAD_FAILED"), HasMetadata("step", "file"),
                             HasMetadata("file", "libnot_there.so"), HasMetadata("chain", "a")));
  const std::optional<base::ErrorDetails> details = base::GetErrorDetails(refused);
  ASSERT_EQ(details->field_violations.size(), 2u);
  EXPECT_EQ(details->field_violations[0].field, "chain[0].strategy[1].config");
  EXPECT_EQ(details->field_violations[1].field, "chain[0].strategy[2]");
}

}  // namespace
}  // namespace topup::pricing
