// The file with the prices: every field arrives, and every problem is listed with its path.
#include "server/config/pricing_settings.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/error.h"
#include "tests/support/status_matchers.h"

namespace topup::config {
namespace {

using core::Money;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kChains[] = R"(
  chain { name: "all" strategy { library: "libx.so" } }
  chain { name: "more" strategy { library: "liby.so" config: "{}" library_digest:
    "b74ae2a1a890e0311c4b3f5432aaeff3c258841fc1792b4c710eb65ddb62ed09" } }
  default_chain: "all"
)";

// "field description" for each.
std::vector<std::string> ProblemsOf(const std::string& text) {
  std::vector<std::string> problems;
  const auto details = base::GetErrorDetails(ParsePricing(text).status());
  if (!details.has_value()) return problems;
  EXPECT_EQ(details->reason, "CONFIG_INVALID");
  for (const base::FieldViolation& violation : details->field_violations) {
    problems.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return problems;
}

TEST(PricingSettingsTest, WhatIsBuiltInSellsEverythingAtFivePercent) {
  const auto built_in = ParsePricing(DefaultPricingText());
  ASSERT_THAT(built_in, support::IsOk());
  const pricing::PricingConfiguration expected = {
      .chains = {{.name = "default",
                  .strategies = {{.library = "libpercentage_markup.so",
                                  .config = R"({"percent": "5"})"}}}},
      .default_chain = "default"};
  EXPECT_EQ(*built_in, expected);
}

TEST(PricingSettingsTest, EveryFieldArrives) {
  const auto read = ParsePricing(absl::StrCat(kChains, R"(
    guardrails { min_profit_centimes: 1 min_profit_percent: "2" max_profit_centimes: 3
                 max_profit_percent: "4.5" max_change_percent: "0.0001" fallback_chain: "all" }
    route { name: "r" chain: "more" caller: "a" caller: "b" plan_code: "P" operator: "djezzy"
            operator: "pixx" plan_kind: "fixed" plan_kind: "menu"
            guardrails { min_profit_centimes: -7 min_profit_percent: "-100" allow_below_cost: true
                         fallback_chain: "" } })"));
  ASSERT_THAT(read, support::IsOk());
  const pricing::PricingConfiguration expected = {
      .chains = {{.name = "all", .strategies = {{.library = "libx.so"}}},
                 {.name = "more",
                  .strategies = {{.library = "liby.so",
                                  .config = "{}",
                                  .library_digest = "b74ae2a1a890e0311c4b3f5432aaeff3"
                                                    "c258841fc1792b4c710eb65ddb62ed09"}}}},
      .default_chain = "all",
      .routes = {{.name = "r",
                  .conditions = {.callers = {"a", "b"},
                                 .plan_codes = {"P"},
                                 .plan_operators = {core::Operator::kDjezzy, core::Operator::kPixx},
                                 .plan_kinds = {core::PlanKind::kFixed, core::PlanKind::kMenu}},
                  .chain = "more",
                  .guardrails = {.limits = {.min_profit = Money::Centimes(-7),
                                            .min_profit_ppm = -1'000'000,
                                            .allow_below_cost = true},
                                 .fallback_chain = ""}}},
      .guardrails = {.limits = {.min_profit = Money::Centimes(1),
                                .min_profit_ppm = 20'000,
                                .max_profit = Money::Centimes(3),
                                .max_profit_ppm = 45'000,
                                .max_change_ppm = 1},
                     .fallback_chain = "all"}};
  EXPECT_EQ(*read, expected);
}

TEST(PricingSettingsTest, TheOnlyChainIsTheDefault) {
  const auto pricing =
      ParsePricing(R"(chain { name: "all" strategy { library: "libround_up.so" config: "{}" } })");
  ASSERT_THAT(pricing, support::IsOk());
  EXPECT_EQ(pricing->default_chain, "all");
  EXPECT_EQ(pricing->chains[0].strategies[0].library, "libround_up.so");
}

TEST(PricingSettingsTest, EveryProblemIsListedWithItsPath) {
  const auto problems = ProblemsOf(absl::StrCat(kChains, R"(
    guardrails { max_change_percent: "5 %" fallback_chain: "none" }
    route { name: "a" chain: "all" caller: "x" operator: "Djezzy" operator: "mobilis" }
    route { name: "b" chain: "gone" caller: "x" plan_kind: "big" }
    route { name: "c" chain: "all" caller: "x" guardrails { min_profit_percent: "1.00001" } }
    route { name: "d" chain: "all" caller: "x" })"));
  EXPECT_THAT(problems,
              ElementsAre(StartsWith("guardrails.max_change_percent is \"5 %\": give a number"),
                          StartsWith("route[0].operator[0] is \"Djezzy\": give mobilis, "),
                          StartsWith("route[1].plan_kind[0] is \"big\": give dynamic, "),
                          StartsWith("route[2].guardrails.min_profit_percent is \"1.00001\""),
                          StartsWith("guardrails.fallback_chain is \"none\": name one"),
                          StartsWith("route[1].chain is \"gone\": name one"),
                          StartsWith("route[3] \"d\" and route[2] \"c\" have conditions")));
}

TEST(PricingSettingsTest, WhatIsNoTextprotoIsAProblemWithItsLine) {
  EXPECT_THAT(ProblemsOf("chain {\n nonsense: 1 }"),
              ElementsAre(AllOf(StartsWith("line 2, column "), HasSubstr("nonsense"))));
}

TEST(PricingSettingsTest, PercentagesAreExact) {
  const struct {
    const char* text;
    std::optional<int64_t> ppm;
  } cases[] = {{"0", 0},           {"5", 50'000},    {"2.5", 25'000},      {"0.0625", 625},
               {"100", 1'000'000}, {"05", 50'000},   {"1000", 10'000'000}, {"", {}},
               {"-", {}},          {".5", {}},       {"5.", {}},           {"5.00000", {}},
               {"5,5", {}},        {"+5", {}},       {"5e1", {}},          {" 5", {}},
               {"--5", {}},        {"12345678", {}}, {"0x5", {}},          {"٥", {}}};
  for (const auto& row : cases) {
    const auto read = ParsePricing(
        absl::StrCat(kChains, "guardrails { max_change_percent: \"", row.text, "\" }"));
    EXPECT_EQ(read.ok(), row.ppm.has_value()) << row.text;
    if (read.ok()) {
      EXPECT_EQ(read->guardrails.limits.max_change_ppm, row.ppm) << row.text;
    }
  }
}

}  // namespace
}  // namespace topup::config
