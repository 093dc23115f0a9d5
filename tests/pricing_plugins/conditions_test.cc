// tiered and time_window, through their libraries: at each border it is certain on which side a
// request falls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pricing_plugins/loaded_plugin.h"

namespace topup {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
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

// A moment in Algiers, "2026-12-01T00:00"; the other clock shows something else, as it does there.
topup_pricing_request_t At(int32_t month, int32_t day, int32_t weekday, int32_t hour,
                           int32_t minute = 0) {
  topup_pricing_request_t request = LoadedPlugin::Request(10000);
  request.algiers = {
      .year = 2026, .month = month, .day = day, .weekday = weekday, .hour = hour, .minute = minute};
  return request;
}

TEST(TimeWindowTest, AppliesOnItsDaysOnly) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(R"({"days": ["saturday", "friday", "monday"], "percent": "1"})"), "");
  for (int32_t weekday = 1; weekday <= 7; ++weekday) {
    const bool is_inside = weekday == 1 || weekday == 5 || weekday == 6;
    for (const int32_t hour : {0, 12, 23}) {
      EXPECT_EQ(plugin.Price(At(11, 29 + weekday % 2, weekday, hour)), is_inside ? 10100 : 10000)
          << weekday;
      EXPECT_EQ(plugin.LastStep(),
                is_inside ? "markup 1 % on Mon Fri-Sat" : "no markup outside of Mon Fri-Sat");
    }
  }
}

// Friday night is one night: what begins on Friday at 22 h does not end at midnight, and what began
// on Thursday is not Friday's.
TEST(TimeWindowTest, CountsAWindowPastMidnightToTheDayOnWhichItBegan) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(
                R"({"days": ["friday"], "from_hour": 22, "to_hour": 6, "markup_ppm": 10000})"),
            "");
  EXPECT_EQ(plugin.Price(At(12, 4, 5, 5)), 10000);
  EXPECT_EQ(plugin.LastStep(), "no markup outside of 22 to 6 h, Fri");
  EXPECT_EQ(plugin.Price(At(12, 4, 5, 21, 59)), 10000);
  EXPECT_EQ(plugin.Price(At(12, 4, 5, 22)), 10100);
  EXPECT_EQ(plugin.LastStep(), "markup 1 % from 22 to 6 h, Fri");
  EXPECT_EQ(plugin.Price(At(12, 5, 6, 5, 59)), 10100);
  EXPECT_EQ(plugin.Price(At(12, 5, 6, 6)), 10000);
  EXPECT_EQ(plugin.Price(At(12, 5, 6, 22)), 10000);
  ASSERT_EQ(plugin.Configure(
                R"({"days": ["sunday"], "from_hour": 22, "to_hour": 6, "markup_ppm": 10000})"),
            "");
  EXPECT_EQ(plugin.Price(At(12, 7, 1, 1)), 10100) << "Monday comes after Sunday";
}

TEST(TimeWindowTest, AppliesFromTheStartOfAPromotionToBeforeItsEnd) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(R"({"start": "2026-11-30T23:30", "end": "2026-12-31T00:00",
                                 "discount_percent": "2.5"})"),
            "");
  EXPECT_EQ(plugin.Price(At(11, 30, 1, 23, 29)), 10000);
  EXPECT_EQ(plugin.LastStep(), "no discount before 2026-11-30T23:30");
  EXPECT_EQ(plugin.Price(At(11, 30, 1, 23, 30)), 9750);
  EXPECT_EQ(plugin.LastStep(), "discount 2.5 % until 2026-12-31T00:00");
  EXPECT_EQ(plugin.Price(At(12, 1, 2, 0)), 9750);
  EXPECT_EQ(plugin.Price(At(12, 30, 3, 23, 59)), 9750);
  EXPECT_EQ(plugin.Price(At(12, 31, 4, 0)), 10000);
  EXPECT_EQ(plugin.LastStep(), "no discount from 2026-12-31T00:00 on");
}

TEST(TimeWindowTest, LeavesASideOfAPromotionOpenThatIsNotGiven) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(R"({"start": "2026-12-01T00:00", "percent": "1"})"), "");
  topup_pricing_request_t later = At(1, 1, 1, 0);
  EXPECT_EQ(plugin.Price(later), 10000);
  later.algiers.year = 2199;
  EXPECT_EQ(plugin.Price(later), 10100);
  EXPECT_EQ(plugin.LastStep(), "markup 1 % since 2026-12-01T00:00");
  ASSERT_EQ(plugin.Configure(R"({"end": "2026-12-01T00:00", "percent": "1"})"), "");
  EXPECT_EQ(plugin.Price(later), 10000);
  later.algiers.year = 1970;
  EXPECT_EQ(plugin.Price(later), 10100);
}

TEST(TimeWindowTest, HoldsHoursDaysAndPromotionAllAtOnce) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(R"({"from_hour": 20, "to_hour": 23, "start": "2026-12-04T21:00",
                                 "end": "2026-12-12T00:00", "discount_ppm": 999999,
                                 "days": ["monday", "tuesday", "thursday", "friday", "sunday"]})"),
            "");
  EXPECT_EQ(plugin.Price(At(12, 4, 5, 20)), 10000) << "before the promotion";
  EXPECT_EQ(plugin.Price(At(12, 4, 5, 21)), 1);
  EXPECT_EQ(plugin.LastStep(),
            "discount 99.9999 % from 20 to 23 h, Mon-Tue Thu-Fri Sun, until 2026-12-12T00:00")
      << "the longest there is fits uncut";
  EXPECT_EQ(plugin.Price(At(12, 5, 6, 21)), 10000) << "another day";
  EXPECT_EQ(plugin.Price(At(12, 6, 7, 19)), 10000) << "another hour";
  EXPECT_EQ(plugin.Price(At(12, 11, 5, 22, 59)), 1);
  EXPECT_EQ(plugin.Price(At(12, 12, 6, 0)), 10000);
}

TEST(TimeWindowTest, GivesDiscountsRoundedUpToTheCentime) {
  LoadedPlugin plugin("time_window");
  ASSERT_EQ(plugin.Configure(R"({"from_hour": 0, "to_hour": 23, "discount_percent": "33.3333"})"),
            "");
  EXPECT_EQ(plugin.Price(AtAlgiersHour(1)), 6667);  // 6666.67
  ASSERT_EQ(plugin.Configure(R"({"from_hour": 0, "to_hour": 23, "discount_percent": "100"})"), "");
  EXPECT_EQ(plugin.Price(AtAlgiersHour(1)), 0);
}

TEST(TimeWindowTest, RefusesDaysThatAreNoneOrStandThereTwice) {
  LoadedPlugin plugin("time_window");
  for (const char* days :
       {"[]", R"(["friday", "friday"])", R"(["Friday"])", R"(["fri"])", R"(["friday", "x"])",
        R"("friday")", "5", "[5]", R"([{"day": "friday"}])"}) {
    const std::string config = std::string(R"({"percent": "1", "days": )") + days + "}";
    EXPECT_THAT(plugin.Configure(config), AnyOf(HasSubstr("\"days\""), HasSubstr("not usable")))
        << config;
  }
}

TEST(TimeWindowTest, RefusesMomentsThatAreNoneAndPromotionsThatEndBeforeTheyStart) {
  LoadedPlugin plugin("time_window");
  for (const char* moment :
       {"2026-12-01", "2026-12-01 00:00", "2026-12-01T00:00:00", "2026-12-01T00:00Z",
        "2026-12-01T24:00", "2026-12-01T00:60", "2026-12-32T00:00", "2026-13-01T00:00",
        "2026-00-01T00:00", "2026-12-00T00:00", "2026-02-29T00:00", "2026-04-31T00:00",
        "26-12-01T00:00", "1999-12-01T00:00", "2100-01-01T00:00", "2026-12-1T00:00", "", "now"}) {
    for (const char* key : {"start", "end"}) {
      const std::string config =
          std::string(R"({"percent": "1", ")") + key + R"(": ")" + moment + R"("})";
      EXPECT_THAT(plugin.Configure(config),
                  AllOf(HasSubstr(std::string("\"") + key + "\""), HasSubstr("2026-12-01T00:00")))
          << config;
    }
  }
  EXPECT_EQ(plugin.Configure(R"({"percent": "1", "start": "2028-02-29T00:00"})"), "");
  for (const char* end : {"2026-12-01T00:00", "2026-11-30T23:59"}) {
    EXPECT_THAT(plugin.Configure(std::string(R"({"percent": "1", "start": "2026-12-01T00:00",)") +
                                 R"( "end": ")" + end + R"("})"),
                HasSubstr("a moment after \"start\""));
  }
}

TEST(TimeWindowTest, RefusesAWindowOfNoHourAndHoursThatAreNone) {
  LoadedPlugin plugin("time_window");
  EXPECT_THAT(plugin.Configure(R"({"from_hour": 8, "to_hour": 8, "percent": "1"})"),
              HasSubstr("another hour"));
  EXPECT_NE(plugin.Configure(R"({"from_hour": 8, "to_hour": 24, "percent": "1"})"), "");
  EXPECT_NE(plugin.Configure(R"({"from_hour": 8, "percent": "1"})"), "");
  EXPECT_NE(plugin.Configure(R"({"to_hour": 8, "days": ["friday"], "percent": "1"})"), "");
  EXPECT_THAT(plugin.Configure(R"({"percent": "1"})"), HasSubstr("no window is given"));
}

TEST(TimeWindowTest, RefusesMoreOrLessThanOneChangeOfThePrice) {
  LoadedPlugin plugin("time_window");
  const std::string window = R"({"from_hour": 8, "to_hour": 9)";
  for (const char* change :
       {"", R"(, "percent": "1", "markup_ppm": 1)", R"(, "percent": "1", "discount_percent": "1")",
        R"(, "markup_ppm": 1, "discount_ppm": 1)",
        R"(, "discount_percent": "1", "discount_ppm": 1)", R"(, "discount_percent": "100.0001")",
        R"(, "discount_ppm": 1000001)", R"(, "percent": "900.0001")"}) {
    EXPECT_NE(plugin.Configure(window + change + "}"), "") << change;
  }
}

}  // namespace
}  // namespace topup
