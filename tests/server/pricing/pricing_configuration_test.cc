// A configuration that contradicts itself, or that cannot mean what it says, is refused before
// anything is loaded, with everything that is wrong in it.
#include "server/pricing/pricing_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/server/pricing/plugin_paths.h"
#include "tests/support/status_matchers.h"

namespace topup::pricing {
namespace {

using core::Money;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

ChainConfiguration Chain(const std::string& name) {
  return {.name = name, .strategies = {{.library = "libx.so"}}};
}

// Two chains, and what a test adds.
PricingConfiguration Base() {
  return {.chains = {Chain("standard"), Chain("promo")}, .default_chain = "standard"};
}

RouteConfiguration Route(const std::string& name, RouteConditions conditions) {
  return {.name = name, .conditions = std::move(conditions), .chain = "promo"};
}

std::vector<std::string> Problems(const PricingConfiguration& configuration) {
  const absl::Status status = CheckPricingConfiguration(configuration);
  if (status.ok()) return {};
  EXPECT_THAT(status, support::HasReason("CONFIG_INVALID"));
  std::vector<std::string> problems;
  const std::optional<base::ErrorDetails> details = base::GetErrorDetails(status);
  for (const base::FieldViolation& violation : details->field_violations) {
    problems.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return problems;
}

TEST(PricingConfigurationTest, TakesWhatItComesWith) {
  EXPECT_THAT(Problems(FivePercent()), IsEmpty());
  EXPECT_THAT(Problems(Base()), IsEmpty());
}

TEST(PricingConfigurationTest, NamesEachProblemByItsPathInTheFile) {
  PricingConfiguration configuration = {
      .chains = {{.name = "A b"},
                 {.name = "x", .strategies = {{.library = "../libx.so"}}},
                 {.name = "x", .strategies = {{.library = "libx.so", .library_digest = "abc"}}}},
      .default_chain = "y"};
  EXPECT_THAT(
      Problems(configuration),
      ElementsAre(StartsWith("chain[0].name is \"A b\""),
                  StartsWith("chain[0].strategy is given 0 times"),
                  StartsWith("chain[1].strategy[0].library is \"../libx.so\""),
                  StartsWith("chain[2].strategy[0].library_digest is \"abc\""),
                  StartsWith("chain[2].name is \"x\" like"), StartsWith("default_chain is \"y\"")));
}

TEST(PricingConfigurationTest, RoutesNeedANameAChainAndACondition) {
  PricingConfiguration configuration = Base();
  configuration.routes = {Route("a", {.callers = {"shop"}}), Route("a", {.plan_codes = {"P", "P"}}),
                          Route("", {.plan_kinds = {core::PlanKind::kFixed}}), Route("all", {})};
  configuration.routes[2].chain = "none";
  EXPECT_THAT(
      Problems(configuration),
      ElementsAre(StartsWith("route[1].name is \"a\" like"),
                  StartsWith("route[1].plan_code lists a value twice"),
                  StartsWith("route[2].name is \"\""), StartsWith("route[2].chain is \"none\""),
                  StartsWith("route[3] has no condition")));
}

TEST(PricingConfigurationTest, NamesEveryPairOfAmbiguousRoutes) {
  PricingConfiguration configuration = Base();
  configuration.routes = {Route("one", {.callers = {"a", "b"}}), Route("two", {.callers = {"b"}}),
                          Route("three", {.callers = {"a"}}),
                          Route("other", {.plan_codes = {"a"}})};
  EXPECT_THAT(Problems(configuration),
              ElementsAre(StartsWith("route[1] \"two\" and route[0] \"one\" have"),
                          StartsWith("route[2] \"three\" and route[0] \"one\" have")));
}

TEST(PricingConfigurationTest, NamesAFewOfManyAmbiguousPairsAndCountsTheRest) {
  PricingConfiguration configuration = Base();
  for (int i = 0; i < 10; ++i) {
    configuration.routes.push_back(Route(absl::StrCat("r", i), {.callers = {"a"}}));
  }
  const auto problems = Problems(configuration);
  ASSERT_EQ(problems.size(), 21u);
  EXPECT_EQ(problems.back(), "route has 25 more pairs like these");
}

TEST(PricingConfigurationTest, FallbacksAreOtherChains) {
  PricingConfiguration configuration = Base();
  configuration.guardrails.fallback_chain = "standard";  // routes fall back to it
  configuration.routes = {Route("a", {.callers = {"a"}}), Route("b", {.callers = {"b"}}),
                          Route("c", {.callers = {"c"}}), Route("d", {.callers = {"d"}})};
  configuration.routes[1].guardrails.fallback_chain = "";
  EXPECT_THAT(Problems(configuration), IsEmpty());
  configuration.routes[2].guardrails.fallback_chain = "promo";
  configuration.routes[3].guardrails.fallback_chain = "none";
  EXPECT_THAT(Problems(configuration),
              ElementsAre(StartsWith("route[2].guardrails.fallback_chain is \"promo\", the chain"),
                          StartsWith("route[3].guardrails.fallback_chain is \"none\"")));
}

TEST(PricingConfigurationTest, LimitsAreInRangeAndLeaveAPrice) {
  PricingConfiguration configuration = Base();
  configuration.routes = {Route("a", {.callers = {"a"}})};
  configuration.guardrails.limits = {.min_profit = Money::Centimes(500), .max_change_ppm = -1};
  configuration.routes[0].guardrails.limits = {
      .min_profit_ppm = 300'000, .max_profit = Money::Centimes(499), .max_profit_ppm = 10'000'001};
  EXPECT_THAT(
      Problems(configuration),
      ElementsAre("guardrails.max_change_percent is -1 parts per million: give 0 to 10000000",
                  StartsWith("route[0].guardrails.max_profit_percent is 10000001"),
                  "route[0].guardrails.min_profit_centimes is above max_profit_centimes, so that "
                  "no price will do"));
}

TEST(PricingConfigurationTest, SellingAtALossNeedsPermissionAndALimit) {
  PricingConfiguration configuration = Base();
  configuration.routes = {Route("a", {.callers = {"a"}}), Route("b", {.callers = {"b"}}),
                          Route("c", {.callers = {"c"}}), Route("d", {.callers = {"d"}})};
  configuration.guardrails.limits = {.min_profit_ppm = 0};
  configuration.routes[0].guardrails.limits = {.min_profit = Money::Centimes(-1)};
  configuration.routes[1].guardrails.limits = {.min_profit = Money::Centimes(-1),
                                               .allow_below_cost = true};
  configuration.routes[2].guardrails.limits = {
      .min_profit = Money::Centimes(-1), .min_profit_ppm = -1, .allow_below_cost = true};
  EXPECT_THAT(Problems(configuration),
              ElementsAre(StartsWith("route[0].guardrails.min_profit_centimes is negative"),
                          StartsWith("route[1].guardrails.min_profit_percent is in force and not "
                                     "negative")));

  configuration = Base();
  configuration.guardrails.limits = {.allow_below_cost = true};
  configuration.routes = {Route("a", {.callers = {"a"}})};
  configuration.routes[0].guardrails.limits = {.allow_below_cost = true};
  EXPECT_THAT(
      Problems(configuration),
      ElementsAre(StartsWith("guardrails.allow_below_cost is true for everything"),
                  StartsWith("route[0].guardrails.allow_below_cost is true without a limit")));
}

TEST(PricingConfigurationTest, ThereAreNotTooManyOfAnything) {
  PricingConfiguration configuration = Base();
  for (size_t i = 0; i <= kRouteMax; ++i) {
    configuration.routes.push_back(
        Route(absl::StrCat("r", i), {.callers = {absl::StrCat("c", i)}}));
  }
  EXPECT_THAT(Problems(configuration), ElementsAre(HasSubstr("route is given 257 times")));
  configuration.routes.resize(1);
  for (size_t i = 0; i < kConditionValueMax; ++i) {
    configuration.routes[0].conditions.callers.push_back(absl::StrCat("x", i));
  }
  EXPECT_THAT(Problems(configuration), ElementsAre(HasSubstr("lists 65 values")));
}

}  // namespace
}  // namespace topup::pricing
