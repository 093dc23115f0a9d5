// What a strategy is asked, in the words of the contract.
#include "server/pricing/strategy_request.h"

#include <gtest/gtest.h>

#include <string>

namespace topup::pricing {
namespace {

using core::Money;

class StrategyRequestTest : public testing::Test {
 protected:
  topup_pricing_request_t Make() {
    request_.plan = &plan_;
    return MakeStrategyRequest(request_, Money::Centimes(100000), Money::Centimes(98000));
  }

  core::Plan plan_ = {
      .code = "PREPAID_DJEZZY", .op = core::Operator::kDjezzy, .kind = core::PlanKind::kFixed};
  // A Sunday evening in London, and Monday in Algiers.
  PricingRequest request_ = {
      .plan = nullptr,
      .amount_dzd = 1000,
      .caller = "shop",
      .time = absl::FromCivil(absl::CivilSecond(2026, 5, 31, 23, 30, 5), absl::UTCTimeZone())};
};

TEST_F(StrategyRequestTest, HasPlanCallerAndAmounts) {
  const topup_pricing_request_t asked = Make();
  EXPECT_EQ(asked.struct_size, sizeof(asked));
  EXPECT_EQ(std::string(asked.plan_code.data, asked.plan_code.size), "PREPAID_DJEZZY");
  EXPECT_EQ(std::string(asked.caller.data, asked.caller.size), "shop");
  EXPECT_EQ(asked.plan_operator, TOPUP_PRICING_OPERATOR_DJEZZY);
  EXPECT_EQ(asked.plan_kind, TOPUP_PRICING_KIND_FIXED);
  EXPECT_EQ(asked.face_value_centimes, 100000);
  EXPECT_EQ(asked.cost_centimes, 98000);
  EXPECT_EQ(asked.price_so_far_centimes, 98000);
  EXPECT_EQ(asked.fact_count, 0u);
}

TEST_F(StrategyRequestTest, TellsTheTimeInUtcAndInAlgiers) {
  const topup_pricing_request_t asked = Make();
  EXPECT_EQ(asked.unix_seconds, 1780270205);
  EXPECT_EQ(asked.utc.month, 5);
  EXPECT_EQ(asked.utc.day, 31);
  EXPECT_EQ(asked.utc.weekday, 7);
  EXPECT_EQ(asked.utc.hour, 23);
  EXPECT_EQ(asked.algiers.month, 6);
  EXPECT_EQ(asked.algiers.day, 1);
  EXPECT_EQ(asked.algiers.weekday, 1);
  EXPECT_EQ(asked.algiers.hour, 0);
  EXPECT_EQ(asked.algiers.minute, 30);
  EXPECT_EQ(asked.algiers.second, 5);
}

TEST_F(StrategyRequestTest, SaysWhetherTheCallersVolumeIsKnown) {
  EXPECT_EQ(Make().flags & TOPUP_PRICING_HAS_USAGE, 0u);
  EXPECT_EQ(Make().caller_count_today, 0);
  request_.caller_volume = CallerVolume{};
  EXPECT_EQ(Make().flags & TOPUP_PRICING_HAS_USAGE, TOPUP_PRICING_HAS_USAGE);
  request_.caller_volume = {.count_today = 3,
                            .volume_today = Money::Centimes(250000),
                            .count_this_month = 70,
                            .volume_this_month = Money::Centimes(9000000)};
  const topup_pricing_request_t asked = Make();
  EXPECT_EQ(asked.caller_count_today, 3);
  EXPECT_EQ(asked.caller_volume_today_centimes, 250000);
  EXPECT_EQ(asked.caller_count_this_month, 70);
  EXPECT_EQ(asked.caller_volume_this_month_centimes, 9000000);
}

TEST_F(StrategyRequestTest, KeepsCountsAndVolumesWithinTheContract) {
  request_.caller_volume = {.count_today = -1,
                            .volume_today = Money::Centimes(-1),
                            .count_this_month = INT64_MAX,
                            .volume_this_month = Money::Centimes(INT64_MAX)};
  const topup_pricing_request_t asked = Make();
  EXPECT_EQ(asked.caller_count_today, 0);
  EXPECT_EQ(asked.caller_volume_today_centimes, 0);
  EXPECT_EQ(asked.caller_count_this_month, TOPUP_PRICING_AMOUNT_MAX);
  EXPECT_EQ(asked.caller_volume_this_month_centimes, TOPUP_PRICING_AMOUNT_MAX);
}

}  // namespace
}  // namespace topup::pricing
