// tiered and time_window, through their libraries: at each border it is certain on which side a
// request falls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pricing_plugins/loaded_plugin.h"

namespace topup {
namespace {

using ::testing::HasSubstr;

TEST(TieredTest, ChoosesTheTierByFaceValueBordersIncluded) {
  LoadedPlugin plugin("tiered");
  ASSERT_EQ(plugin.Configure(R"({"tiers": [{"up_to_dzd": 500, "percent": "6"},
                                           {"up_to_dzd": 2000, "markup_ppm": 50000},
                                           {"percent": "4"}]})"),
            "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(10000, 50000)), 10600);
  EXPECT_EQ(plugin.LastStep(), "markup 6 % up to 500 DZD");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(10000, 50100)), 10500);
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(10000, 200000)), 10500);
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(10000, 200100)), 10400);
}

TEST(TieredTest, HasNoPriceAboveTheLastTierWhereThatHasAnEnd) {
  LoadedPlugin plugin("tiered");
  ASSERT_EQ(plugin.Configure(R"({"tiers": [{"up_to_dzd": 500, "percent": "6"}]})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(10000, 50100)), -TOPUP_PRICING_NOT_COVERED);
}

TEST(TieredTest, ChoosesTheTierByWhatTheCallerHasBoughtBefore) {
  LoadedPlugin plugin("tiered");
  topup_pricing_request_t request = LoadedPlugin::Request(10000, 900000);
  request.flags = TOPUP_PRICING_HAS_USAGE;
  request.caller_volume_today_centimes = 50000;
  request.caller_volume_this_month_centimes = 50001;
  const std::string tiers = R"("tiers": [{"up_to_dzd": 500, "percent": "6"}, {"percent": "4"}]})";
  ASSERT_EQ(plugin.Configure(R"({"by": "volume_today", )" + tiers), "");
  EXPECT_EQ(plugin.Price(request), 10600);
  EXPECT_EQ(plugin.LastStep(), "markup 6 % up to 500 DZD bought today");
  ASSERT_EQ(plugin.Configure(R"({"by": "volume_this_month", )" + tiers), "");
  EXPECT_EQ(plugin.Price(request), 10400);
  request.caller_volume_this_month_centimes = 0;
  EXPECT_EQ(plugin.Price(request), 10600);
  EXPECT_EQ(plugin.LastStep(), "markup 6 % up to 500 DZD bought this month");
  request.caller_volume_this_month_centimes = TOPUP_PRICING_AMOUNT_MAX;
  EXPECT_EQ(plugin.Price(request), 10400);
  ASSERT_EQ(plugin.Configure(R"({"by": "face_value", )" + tiers), "");
  EXPECT_EQ(plugin.Price(request), 10400);
}

// Who has bought nothing is somebody else than who was not counted.
TEST(TieredTest, HasNoPriceByAVolumeThatIsNotKnown) {
  LoadedPlugin plugin("tiered");
  ASSERT_EQ(plugin.Configure(R"({"by": "volume_today", "tiers": [{"percent": "6"}]})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(10000)), -TOPUP_PRICING_NOT_COVERED);
  EXPECT_EQ(plugin.Error(), "what the caller has bought is not known");
}

TEST(TieredTest, RefusesTiersThatLeaveADoubt) {
  LoadedPlugin plugin("tiered");
  for (const char* config :
       {"{}", R"({"tiers": []})", R"({"tiers": 5})", R"({"by": "volume_today"})",
        R"({"by": "volume", "tiers": [{"percent": "6"}]})",
        R"({"by": 1, "tiers": [{"percent": "6"}]})",
        R"({"tiers": [{"up_to_dzd": 500, "percent": "6"}, {"up_to_dzd": 500, "percent": "5"}]})",
        R"({"tiers": [{"percent": "6"}, {"up_to_dzd": 500, "percent": "5"}]})",
        R"({"tiers": [{"up_to_dzd": 500}]})", R"({"tiers": [{"upto": 500, "percent": "6"}]})",
        R"({"tiers": [[{"percent": "6"}]]})"}) {
    EXPECT_NE(plugin.Configure(config), "") << config;
  }
}

topup_pricing_request_t AtAlgiersHour(int32_t hour) {
  topup_pricing_request_t request = LoadedPlugin::Request(10000);
  request.algiers.hour = hour;
  request.utc.hour = hour == 0 ? 23 : hour - 1;
  return request;
}

TEST(TimeWindowTest, AppliesFromItsFirstHourToBeforeItsLastByTheClocksOfAlgiers) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(R"({"from_hour": 8, "to_hour": 18, "percent": "1"})"), "");
  EXPECT_EQ(plugin.Price(AtAlgiersHour(7)), 10000);
  EXPECT_EQ(plugin.LastStep(), "no markup outside of 8 to 18 h");
  EXPECT_EQ(plugin.Price(AtAlgiersHour(8)), 10100);
  EXPECT_EQ(plugin.LastStep(), "markup 1 % from 8 to 18 h");
  EXPECT_EQ(plugin.Price(AtAlgiersHour(17)), 10100);
  EXPECT_EQ(plugin.Price(AtAlgiersHour(18)), 10000);
}

TEST(TimeWindowTest, MayGoPastMidnight) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(R"({"from_hour": 22, "to_hour": 6, "markup_ppm": 10000})"), "");
  EXPECT_EQ(plugin.Price(AtAlgiersHour(22)), 10100);
  EXPECT_EQ(plugin.Price(AtAlgiersHour(0)), 10100);
  EXPECT_EQ(plugin.Price(AtAlgiersHour(5)), 10100);
  EXPECT_EQ(plugin.Price(AtAlgiersHour(6)), 10000);
  EXPECT_EQ(plugin.Price(AtAlgiersHour(21)), 10000);
}

TEST(TimeWindowTest, RefusesAWindowOfNoHourAndHoursThatAreNone) {
  LoadedPlugin plugin("time_window");
  EXPECT_THAT(plugin.Configure(R"({"from_hour": 8, "to_hour": 8, "percent": "1"})"),
              HasSubstr("another hour"));
  EXPECT_NE(plugin.Configure(R"({"from_hour": 8, "to_hour": 24, "percent": "1"})"), "");
  EXPECT_NE(plugin.Configure(R"({"from_hour": 8, "percent": "1"})"), "");
}

}  // namespace
}  // namespace topup
