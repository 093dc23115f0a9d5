#include "server/engine/price_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topup::engine {
namespace {

using core::Money;
using testing::AllOf;
using testing::HasSubstr;

core::PriceBreakdown Breakdown() {
  return {.face_value = Money::Centimes(100000),
          .cost = Money::Centimes(98000),
          .price = Money::Centimes(102900),
          .profit = Money::Centimes(4900),
          .strategies = {{.strategy_id = "dz.topup.percentage_markup", .version = "1.0.0"}},
          .steps = {{"markup 5 %", Money::Centimes(102900)}},
          .basis = {.route = "shops"}};
}

TEST(PriceComparisonTest, OfTheSameThereIsNothingToSay) {
  core::PriceBreakdown replayed = Breakdown();
  replayed.basis = {};
  EXPECT_EQ(DescribeDifference(Breakdown(), replayed), "");
}

TEST(PriceComparisonTest, EveryDifferenceIsNamedWithBothValues) {
  core::PriceBreakdown replayed = Breakdown();
  replayed.price = Money::Centimes(103000);
  replayed.profit = Money::Centimes(5000);
  replayed.strategies[0].version = "1.0.1";
  replayed.steps = {{"markup 5 %", Money::Centimes(102900)},
                    {"round up to 5 DZD", Money::Centimes(103000)}};
  EXPECT_THAT(DescribeDifference(Breakdown(), replayed),
              AllOf(testing::StartsWith("the price was 1029.00 DZD and is 1030.00 DZD"),
                    HasSubstr("the profit was 49.00 DZD and is 50.00 DZD"),
                    HasSubstr("the strategies are not the same"),
                    HasSubstr("there were 1 steps and are 2")));
  replayed = Breakdown();
  replayed.steps[0].description = "markup 5.0 %";
  EXPECT_EQ(DescribeDifference(Breakdown(), replayed),
            "step 1 was \"markup 5 %\" to 1029.00 DZD and is \"markup 5.0 %\" to 1029.00 DZD");
}

}  // namespace
}  // namespace topup::engine
