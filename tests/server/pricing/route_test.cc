// Which chain prices a request is never a matter of luck: the order of specificity, and no two
// routes that could both win.
#include "server/pricing/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"

namespace topup::pricing {
namespace {

using core::Operator;
using core::PlanKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr RouteSubject kSubject = {.caller = "shop",
                                   .plan_code = "PREPAID_DJEZZY",
                                   .plan_operator = Operator::kDjezzy,
                                   .plan_kind = PlanKind::kDynamic};

TEST(RouteTest, AConditionIsMetByAnyOfItsValuesAndARouteByAllItsConditions) {
  const struct {
    RouteConditions conditions;
    bool matches;
  } cases[] = {
      {{}, true},
      {{.callers = {"shop"}}, true},
      {{.callers = {"till", "shop"}}, true},
      {{.callers = {"Shop"}}, false},
      {{.plan_codes = {"PREPAID_DJEZZY"}}, true},
      {{.plan_codes = {"prepaid_djezzy"}}, false},
      {{.plan_operators = {Operator::kMobilis, Operator::kDjezzy}}, true},
      {{.plan_operators = {Operator::kMobilis}}, false},
      {{.plan_kinds = {PlanKind::kDynamic}}, true},
      {{.plan_kinds = {PlanKind::kFixed}}, false},
      {{.callers = {"shop"}, .plan_kinds = {PlanKind::kFixed}}, false},
      {{.callers = {"till"}, .plan_kinds = {PlanKind::kDynamic}}, false},
      {{.callers = {"shop"},
        .plan_codes = {"PREPAID_DJEZZY"},
        .plan_operators = {Operator::kDjezzy},
        .plan_kinds = {PlanKind::kDynamic}},
       true},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(Matches(row.conditions, kSubject), row.matches) << &row - cases;
  }
}

TEST(RouteTest, TheMostSpecificWinsWhereverItStands) {
  // Each is more specific than the one before it, and all match.
  const std::vector<RouteConditions> rising = {
      {.plan_kinds = {PlanKind::kDynamic}},
      {.plan_operators = {Operator::kDjezzy}},
      {.plan_operators = {Operator::kDjezzy}, .plan_kinds = {PlanKind::kDynamic}},
      {.plan_codes = {"PREPAID_DJEZZY"}},
      {.plan_codes = {"PREPAID_DJEZZY"},
       .plan_operators = {Operator::kDjezzy},
       .plan_kinds = {PlanKind::kDynamic}},
      {.callers = {"shop", "till"}},
      {.callers = {"shop"}, .plan_kinds = {PlanKind::kDynamic}},
      {.callers = {"shop"}, .plan_operators = {Operator::kDjezzy}},
      {.callers = {"shop"}, .plan_codes = {"PREPAID_DJEZZY"}}};
  EXPECT_THAT(FindAmbiguousRoutes(rising), IsEmpty());
  for (size_t i = 0; i + 1 < rising.size(); ++i) {
    EXPECT_LT(Specificity(rising[i]), Specificity(rising[i + 1])) << i;
    EXPECT_EQ(PickRoute({rising[i], rising[i + 1]}, kSubject), 1u) << i;
    EXPECT_EQ(PickRoute({rising[i + 1], rising[i]}, kSubject), 0u) << i;
  }
  EXPECT_EQ(PickRoute(rising, kSubject), rising.size() - 1);
}

TEST(RouteTest, PicksNoneWhereNoneMatches) {
  EXPECT_EQ(PickRoute({}, kSubject), kNoRoute);
  EXPECT_EQ(PickRoute({{.callers = {"till"}}}, kSubject), kNoRoute);
}

TEST(RouteTest, ListsEveryPairThatIsAmbiguous) {
  EXPECT_THAT(FindAmbiguousRoutes({{.callers = {"a", "b"}},
                                   {.callers = {"b", "c"}},
                                   {.plan_codes = {"b"}},
                                   {.callers = {"c"}},
                                   {.callers = {"a"}, .plan_codes = {"b"}}}),
              ElementsAre(Pair(0, 1), Pair(1, 3)));
}

// A small world: of each condition the values 1 and 2 can be listed, and a request has 1, 2 or
// 3, which no route lists.
const std::vector<std::string> kTexts = {"1", "2", "3"};
const std::vector<Operator> kOperators = {Operator::kMobilis, Operator::kDjezzy,
                                          Operator::kOoredoo};
const std::vector<PlanKind> kKinds = {PlanKind::kDynamic, PlanKind::kFixed, PlanKind::kMenu};

template <typename Value>
std::vector<Value> Subset(const std::vector<Value>& values, int bits) {
  std::vector<Value> subset;
  for (int i = 0; i < 2; ++i) {
    if ((bits >> i & 1) != 0) subset.push_back(values[i]);
  }
  return subset;
}

std::vector<RouteConditions> AllRoutes() {
  std::vector<RouteConditions> routes;
  for (int bits = 0; bits < 256; ++bits) {
    routes.push_back({.callers = Subset(kTexts, bits & 3),
                      .plan_codes = Subset(kTexts, bits >> 2 & 3),
                      .plan_operators = Subset(kOperators, bits >> 4 & 3),
                      .plan_kinds = Subset(kKinds, bits >> 6)});
  }
  return routes;
}

std::vector<RouteSubject> AllSubjects() {
  std::vector<RouteSubject> subjects;
  for (int i = 0; i < 81; ++i) {
    subjects.push_back({.caller = kTexts[i % 3],
                        .plan_code = kTexts[i / 3 % 3],
                        .plan_operator = kOperators[i / 9 % 3],
                        .plan_kind = kKinds[i / 27]});
  }
  return subjects;
}

int ConditionKinds(const RouteConditions& route) {
  return (route.callers.empty() ? 0 : 1) | (route.plan_codes.empty() ? 0 : 2) |
         (route.plan_operators.empty() ? 0 : 4) | (route.plan_kinds.empty() ? 0 : 8);
}

TEST(RouteTest, FindsExactlyThePairsThatSomeRequestIsAmbiguousFor) {
  const std::vector<RouteConditions> routes = AllRoutes();
  const std::vector<RouteSubject> subjects = AllSubjects();
  std::vector<std::pair<size_t, size_t>> expected;
  for (size_t i = 0; i < routes.size(); ++i) {
    for (size_t j = i + 1; j < routes.size(); ++j) {
      if (ConditionKinds(routes[i]) != ConditionKinds(routes[j])) continue;
      const bool both =
          std::any_of(subjects.begin(), subjects.end(), [&](const RouteSubject& subject) {
            return Matches(routes[i], subject) && Matches(routes[j], subject);
          });
      if (both) expected.emplace_back(i, j);
    }
  }
  EXPECT_GT(expected.size(), 500u);
  EXPECT_EQ(FindAmbiguousRoutes(routes), expected);
}

TEST(RouteTest, WithoutAmbiguityTheOrderOfTheFileDecidesNothing) {
  const std::vector<RouteConditions> all = AllRoutes();
  const std::vector<RouteSubject> subjects = AllSubjects();
  std::mt19937 random(20261126);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
  int picked = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<RouteConditions> routes;
    while (routes.size() < 6) {
      routes.push_back(all[random() % all.size()]);
      if (!FindAmbiguousRoutes(routes).empty()) routes.pop_back();
    }
    std::vector<RouteConditions> shuffled = routes;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    for (const RouteSubject& subject : subjects) {
      const size_t one = PickRoute(routes, subject);
      const size_t other = PickRoute(shuffled, subject);
      ASSERT_EQ(one == kNoRoute, other == kNoRoute) << round;
      if (one == kNoRoute) continue;
      ASSERT_EQ(routes[one], shuffled[other]) << round;
      for (const RouteConditions& rival : routes) {
        if (rival == routes[one] || !Matches(rival, subject)) continue;
        ASSERT_LT(Specificity(rival), Specificity(routes[one])) << round;
      }
      ++picked;
    }
  }
  EXPECT_GT(picked, 1000);
}

}  // namespace
}  // namespace topup::pricing
