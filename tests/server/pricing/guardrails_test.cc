// The last thing between a wrong rule and a sale at a loss: every limit, its exact edge, and no
// value that makes it overflow.
#include "server/pricing/guardrails.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace topup::pricing {
namespace {

using core::Money;
__extension__ using Wide = __int128;

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kAmountMax = 100'000'000'000;

Money Centimes(int64_t centimes) { return Money::Centimes(centimes); }

TEST(GuardrailsTest, EachRuleHoldsUpToItsLimitAndNotACentimeFurther) {
  const Guardrails at_loss = {.min_profit = Centimes(-1000), .allow_below_cost = true};
  const struct {
    const char* what;
    Guardrails guardrails;
    int64_t cost;
    std::optional<int64_t> before;
    int64_t good;  // the last price that passes
    int64_t bad;   // the first that does not
    GuardrailRule rule;
  } cases[] = {
      {"at cost", {}, 98000, {}, 98000, 97999, GuardrailRule::kBelowCost},
      {"free of cost", {}, 0, {}, 0, -1, GuardrailRule::kPriceRange},
      {"a milliard dinars", {}, 98000, {}, kAmountMax, kAmountMax + 1, GuardrailRule::kPriceRange},
      {"10 DZD of profit",
       {.min_profit = Centimes(1000)},
       98000,
       {},
       99000,
       98999,
       GuardrailRule::kMinProfit},
      {"10 DZD of loss", at_loss, 98000, {}, 97000, 96999, GuardrailRule::kMinProfit},
      {"a loss of more than the cost", at_loss, 500, {}, 0, -1, GuardrailRule::kPriceRange},
      {"5 % of profit",
       {.min_profit_ppm = 50000},
       98000,
       {},
       102900,
       102899,
       GuardrailRule::kMinProfitShare},
      {"5 % of 496.25, 24.8125, rounded up",
       {.min_profit_ppm = 50000},
       49625,
       {},
       52107,
       52106,
       GuardrailRule::kMinProfitShare},
      {"2 % of loss of 496.25, 9.925, rounded to less of it",
       {.min_profit_ppm = -20000, .allow_below_cost = true},
       49625,
       {},
       48633,
       48632,
       GuardrailRule::kMinProfitShare},
      {"at most 49 DZD of profit",
       {.max_profit = Centimes(4900)},
       98000,
       {},
       102900,
       102901,
       GuardrailRule::kMaxProfit},
      {"at most 5 % of 496.25, rounded down",
       {.max_profit_ppm = 50000},
       49625,
       {},
       52106,
       52107,
       GuardrailRule::kMaxProfitShare},
      {"10 % more than before",
       {.max_change_ppm = 100000},
       98000,
       102909,
       113199,
       113200,
       GuardrailRule::kMaxChange},
      {"10 % less than before",
       {.max_change_ppm = 100000},
       50000,
       102909,
       92619,
       92618,
       GuardrailRule::kMaxChange},
      {"no change at all", {.max_change_ppm = 0}, 90, 100, 100, 101, GuardrailRule::kMaxChange},
      {"any change of nothing",
       {.max_change_ppm = 10'000'000},
       0,
       0,
       0,
       1,
       GuardrailRule::kMaxChange},
  };
  for (const auto& row : cases) {
    const std::optional<Money> before =
        row.before.has_value() ? std::optional(Centimes(*row.before)) : std::nullopt;
    EXPECT_EQ(FindBreach(row.guardrails, Centimes(row.good), Centimes(row.cost), before),
              std::nullopt)
        << row.what;
    const GuardrailBreach expected = {
        .rule = row.rule, .price = Centimes(row.bad), .limit = Centimes(row.good)};
    EXPECT_EQ(FindBreach(row.guardrails, Centimes(row.bad), Centimes(row.cost), before), expected)
        << row.what;
  }
}

TEST(GuardrailsTest, WithoutAPriceBeforeNoChangeIsTooLarge) {
  EXPECT_EQ(FindBreach({.max_change_ppm = 0}, Centimes(500), Centimes(1), std::nullopt),
            std::nullopt);
}

TEST(GuardrailsTest, OnlyPermissionSellsBelowCost) {
  const Guardrails floor = {.min_profit = Centimes(-100)};
  EXPECT_EQ(FindBreach(floor, Centimes(99), Centimes(100), {})->rule, GuardrailRule::kBelowCost);
  Guardrails allowed = floor;
  allowed.allow_below_cost = true;
  EXPECT_EQ(FindBreach(allowed, Centimes(99), Centimes(100), {}), std::nullopt);
}

TEST(GuardrailsTest, TheFirstRuleThatIsBrokenIsNamed) {
  const Guardrails all = {.min_profit = Centimes(10),
                          .min_profit_ppm = 500'000,
                          .max_profit = Centimes(60),
                          .max_profit_ppm = 700'000,
                          .max_change_ppm = 0};
  const auto rule = [&all](int64_t price) {
    const auto breach = FindBreach(all, Centimes(price), Centimes(100), Centimes(155));
    return breach.has_value() ? GuardrailRuleName(breach->rule) : "none";
  };
  EXPECT_EQ(rule(-1), "price_range");
  EXPECT_EQ(rule(99), "below_cost");
  EXPECT_EQ(rule(109), "min_profit_centimes");
  EXPECT_EQ(rule(149), "min_profit_percent");
  EXPECT_EQ(rule(154), "max_change_percent");
  EXPECT_EQ(rule(155), "none");
  EXPECT_EQ(rule(156), "max_change_percent");
  EXPECT_EQ(rule(161), "max_profit_centimes");
}

// What is said above, said once more in another way: by comparing products, without any rounding.
bool Passes(const Guardrails& rails, Wide price, Wide cost, std::optional<Wide> before) {
  constexpr Wide kPpm = 1'000'000;
  const Wide profit = price - cost;
  if (price < 0 || price > kAmountMax) return false;
  if (!rails.allow_below_cost && price < cost) return false;
  if (rails.min_profit.has_value() && profit < rails.min_profit->centimes()) return false;
  if (rails.max_profit.has_value() && profit > rails.max_profit->centimes()) return false;
  if (rails.min_profit_ppm.has_value() && profit * kPpm < cost * *rails.min_profit_ppm)
    return false;
  if (rails.max_profit_ppm.has_value() && profit * kPpm > cost * *rails.max_profit_ppm)
    return false;
  if (rails.max_change_ppm.has_value() && before.has_value()) {
    const Wide change = price > *before ? price - *before : *before - price;
    if (change * kPpm > *before * *rails.max_change_ppm) return false;
  }
  return true;
}

// Every combination of these, each of them once not set.
std::vector<Guardrails> AllGuardrails(const std::vector<int64_t>& amounts,
                                      const std::vector<int64_t>& shares) {
  std::vector<Guardrails> all = {{}, {.allow_below_cost = true}};
  const auto vary = [&all](auto set, const std::vector<int64_t>& values) {
    const size_t count = all.size();
    for (size_t i = 0; i < count; ++i) {
      for (const int64_t value : values) {
        Guardrails one = all[i];
        set(one, value);
        all.push_back(one);
      }
    }
  };
  vary([](Guardrails& g, int64_t v) { g.min_profit = Centimes(v); }, amounts);
  vary([](Guardrails& g, int64_t v) { g.max_profit = Centimes(v); }, amounts);
  vary([](Guardrails& g, int64_t v) { g.min_profit_ppm = v; }, shares);
  vary([](Guardrails& g, int64_t v) { g.max_profit_ppm = v; }, shares);
  vary([](Guardrails& g, int64_t v) { g.max_change_ppm = v; }, shares);
  return all;
}

TEST(GuardrailsTest, AgreesWithExactComparisonsOnAWholeGrid) {
  int checked = 0;
  for (const Guardrails& rails : AllGuardrails({-2, 0, 3}, {-150'000, 0, 333'333, 1'000'001})) {
    for (int64_t cost = 0; cost <= 10; cost += 1) {
      for (int64_t price = -1; price <= 24; ++price) {
        for (const int64_t before : {0, 7, 13}) {
          const bool passes =
              !FindBreach(rails, Centimes(price), Centimes(cost), Centimes(before)).has_value();
          ASSERT_EQ(passes, Passes(rails, price, cost, before))
              << "price " << price << " cost " << cost << " before " << before;
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 1'000'000);
}

TEST(GuardrailsTest, AgreesWithExactComparisonsAtTheEndsOfEverything) {
  const std::vector<int64_t> ends = {kLeast, kLeast + 1, -1, 0, 1, kAmountMax, kMost - 1, kMost};
  for (const Guardrails& rails : AllGuardrails({kLeast, kMost}, {kLeast, 0, kMost})) {
    for (const int64_t price : ends) {
      for (const int64_t cost : ends) {
        for (const int64_t before : {kLeast, int64_t{0}, kMost}) {
          const auto breach = FindBreach(rails, Centimes(price), Centimes(cost), Centimes(before));
          ASSERT_EQ(!breach.has_value(), Passes(rails, price, cost, before))
              << "price " << price << " cost " << cost << " before " << before;
        }
      }
    }
  }
}

TEST(GuardrailsTest, ALimitIsTheNearestPriceThatTheRuleLetsPass) {
  const std::vector<Guardrails> each = {{.min_profit = Centimes(3)},
                                        {.min_profit_ppm = 333'333},
                                        {.max_profit = Centimes(2)},
                                        {.max_profit_ppm = 333'333},
                                        {.max_change_ppm = 150'000}};
  for (const Guardrails& rails : each) {
    for (int64_t cost = 0; cost < 60; ++cost) {
      for (int64_t price = cost; price < 140; ++price) {
        const Money before = Centimes(70);
        const auto breach = FindBreach(rails, Centimes(price), Centimes(cost), before);
        if (!breach.has_value() || breach->limit < Centimes(cost)) continue;
        EXPECT_EQ(FindBreach(rails, breach->limit, Centimes(cost), before), std::nullopt);
        const int64_t back = breach->limit > breach->price ? -1 : 1;
        EXPECT_NE(
            FindBreach(rails, Centimes(breach->limit.centimes() + back), Centimes(cost), before),
            std::nullopt);
      }
    }
  }
}

TEST(GuardrailsTest, LimitsAreInheritedOneByOneAndPermissionIsNot) {
  const Guardrails defaults = {.min_profit = Centimes(1),
                               .min_profit_ppm = 2,
                               .max_profit = Centimes(3),
                               .max_profit_ppm = 4,
                               .max_change_ppm = 5,
                               .allow_below_cost = true};
  Guardrails expected = defaults;
  expected.allow_below_cost = false;
  EXPECT_EQ(Inherit({}, defaults), expected);
  const Guardrails own = {
      .min_profit = Centimes(-9), .max_change_ppm = 0, .allow_below_cost = true};
  expected = defaults;
  expected.min_profit = Centimes(-9);
  expected.max_change_ppm = 0;
  EXPECT_EQ(Inherit(own, defaults), expected);
}

}  // namespace
}  // namespace topup::pricing
