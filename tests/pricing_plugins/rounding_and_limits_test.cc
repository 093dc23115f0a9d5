// round_up, cap, fixed_fee, face_value and the C11 template, through their libraries: each does
// one thing to the price so far, exactly, and takes no configuration that it does not know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pricing_plugins/loaded_plugin.h"

namespace topup {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(RoundUpTest, GoesUpToTheNextMultipleAndLeavesOnesThatAre) {
  LoadedPlugin plugin("round_up");
  ASSERT_EQ(plugin.Configure(R"({"step_dzd": 5})"), "");
  EXPECT_EQ(plugin.Price(102901), 103000);
  EXPECT_EQ(plugin.Price(103000), 103000);
  EXPECT_EQ(plugin.Price(0), 0);
  EXPECT_EQ(plugin.LastStep(), "round up to 5 DZD");
  ASSERT_EQ(plugin.Configure(R"({"step_dzd": 1})"), "");
  EXPECT_EQ(plugin.Price(52107), 52200);
  ASSERT_EQ(plugin.Configure(R"({"step_dzd": 10})"), "");
  EXPECT_EQ(plugin.Price(52107), 53000);
}

TEST(RoundUpTest, RefusesAPriceBeyondTheContract) {
  LoadedPlugin plugin("round_up");
  ASSERT_EQ(plugin.Configure(R"({"step_dzd": 10})"), "");
  EXPECT_EQ(plugin.Price(TOPUP_PRICING_AMOUNT_MAX), TOPUP_PRICING_AMOUNT_MAX);
  EXPECT_EQ(plugin.Price(TOPUP_PRICING_AMOUNT_MAX + 1), -TOPUP_PRICING_OUT_OF_RANGE);
  EXPECT_EQ(plugin.Price(-1), -TOPUP_PRICING_OUT_OF_RANGE);
}

TEST(RoundUpTest, KnowsOneFiveAndTenOnly) {
  LoadedPlugin plugin("round_up");
  EXPECT_THAT(plugin.Configure(R"({"step_dzd": 7})"),
              AllOf(HasSubstr("\"step_dzd\""), HasSubstr("7"), HasSubstr("1, 5 or 10")));
  for (const char* config : {"", R"({"step_dzd": 0})", R"({"step_dzd": "5"})",
                             R"({"step_dzd": 5, "mode": "near"})", R"({"step": 5})"}) {
    EXPECT_NE(plugin.Configure(config), "") << config;
  }
}

TEST(CapTest, KeepsThePriceFromPassingAShareOfTheFaceValue) {
  LoadedPlugin plugin("cap");
  ASSERT_EQ(plugin.Configure(R"({"percent_of_face_value": "105"})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(105001, 100000)), 105000);
  EXPECT_EQ(plugin.LastStep(), "at most 105 % of the face value");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(104999, 100000)), 104999);
}

// A limit beyond the contract's largest amount once made the price one that could not be had.
TEST(CapTest, LeavesPricesThatItsLimitIsFarAbove) {
  LoadedPlugin plugin("cap");
  ASSERT_EQ(plugin.Configure(R"({"percent_of_face_value": "1000"})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(98000, TOPUP_PRICING_AMOUNT_MAX)), 98000);
}

TEST(CapTest, RoundsItsLimitDown) {
  LoadedPlugin plugin("cap");
  ASSERT_EQ(plugin.Configure(R"({"ppm_of_face_value": 1000099})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(20000, 10000)), 10000);  // 10000.99
  EXPECT_NE(plugin.Configure(R"({"percent_of_face_value": "1000.1"})"), "");
  EXPECT_NE(plugin.Configure(R"({"percent": "105"})"), "");
}

TEST(CapTest, KeepsThePriceFromPassingTheFaceValuePlusASum) {
  LoadedPlugin plugin("cap");
  ASSERT_EQ(plugin.Configure(R"({"plus_centimes": 550})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(100551, 100000)), 100550);
  EXPECT_EQ(plugin.LastStep(), "at most the face value plus 5.50 DZD");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(100550, 100000)), 100550);
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(100549, 100000)), 100549);
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(98000, TOPUP_PRICING_AMOUNT_MAX)), 98000);
  EXPECT_EQ(
      plugin.Price(LoadedPlugin::Request(TOPUP_PRICING_AMOUNT_MAX, TOPUP_PRICING_AMOUNT_MAX - 1)),
      TOPUP_PRICING_AMOUNT_MAX);
  ASSERT_EQ(plugin.Configure(R"({"plus_centimes": 0})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(100001, 100000)), 100000);
}

TEST(CapTest, HoldsTheLowerOfTwoLimitsAndNamesIt) {
  LoadedPlugin plugin("cap");
  ASSERT_EQ(plugin.Configure(R"({"percent_of_face_value": "105", "plus_centimes": 2000})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(40000, 30000)), 31500);
  EXPECT_EQ(plugin.LastStep(), "at most 105 % of the face value");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(60000, 50000)), 52000);
  EXPECT_EQ(plugin.LastStep(), "at most the face value plus 20 DZD");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(60000, 40000)), 42000);
  ASSERT_EQ(plugin.Configure(R"({"ppm_of_face_value": 900000, "plus_centimes": 0})"), "");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(60000, 50000)), 45000);
}

TEST(CapTest, RefusesLimitsThatAreNone) {
  LoadedPlugin plugin("cap");
  for (const char* config :
       {"{}", R"({"plus_centimes": -1})", R"({"plus_centimes": 1000001})",
        R"({"plus_centimes": "5"})", R"({"plus_dzd": 5})",
        R"({"percent_of_face_value": "105", "ppm_of_face_value": 1050000})",
        R"({"percent_of_face_value": "105", "ppm_of_face_value": 1050000, "plus_centimes": 1})",
        R"({"percent_of_face_value": "x", "plus_centimes": 1})"}) {
    EXPECT_NE(plugin.Configure(config), "") << config;
  }
}

TEST(FixedFeeTest, AddsTheFee) {
  LoadedPlugin plugin("fixed_fee");
  ASSERT_EQ(plugin.Configure(R"({"fee_centimes": 250})"), "");
  EXPECT_EQ(plugin.Price(98000), 98250);
  EXPECT_EQ(plugin.LastStep(), "fee 2.50 DZD");
  ASSERT_EQ(plugin.Configure(R"({"fee_centimes": 1000})"), "");
  EXPECT_EQ(plugin.Price(98000), 99000);
  EXPECT_EQ(plugin.LastStep(), "fee 10 DZD");
  EXPECT_EQ(plugin.Price(TOPUP_PRICING_AMOUNT_MAX), -TOPUP_PRICING_OUT_OF_RANGE);
}

TEST(FixedFeeTest, RefusesFeesThatAreNone) {
  LoadedPlugin plugin("fixed_fee");
  for (const char* config : {"", R"({"fee_centimes": -1})", R"({"fee_centimes": 1000001})",
                             R"({"fee_dzd": 10})", R"({"fee_centimes": 2.5})"}) {
    EXPECT_NE(plugin.Configure(config), "") << config;
  }
}

TEST(FaceValueTest, SellsAtFaceValueWhateverCameBefore) {
  LoadedPlugin plugin("face_value");
  for (const char* config : {"", "{}", " { } "}) {
    ASSERT_EQ(plugin.Configure(config), "") << config;
    EXPECT_EQ(plugin.Price(LoadedPlugin::Request(123456, 100000)), 100000);
  }
  EXPECT_EQ(plugin.LastStep(), "face value");
  EXPECT_EQ(plugin.Price(LoadedPlugin::Request(0, -1)), -TOPUP_PRICING_OUT_OF_RANGE);
  EXPECT_THAT(plugin.Configure(R"({"percent": "5"})"), HasSubstr("\"percent\""));
}

TEST(TemplateTest, IsACompleteStrategyInC) {
  LoadedPlugin plugin("template");
  ASSERT_EQ(plugin.Configure(R"( {"fee_centimes" : 250} )"), "");
  EXPECT_EQ(plugin.Price(98000), 98250);
  EXPECT_EQ(plugin.LastStep(), "fee 2.50 DZD");
  EXPECT_EQ(plugin.Price(TOPUP_PRICING_AMOUNT_MAX), -TOPUP_PRICING_OUT_OF_RANGE);
}

TEST(TemplateTest, DoesNotOverflowBeyondTheContract) {
  LoadedPlugin plugin("template");
  ASSERT_EQ(plugin.Configure(R"({"fee_centimes": 250})"), "");
  EXPECT_EQ(plugin.Price(INT64_MAX), -TOPUP_PRICING_OUT_OF_RANGE);
  EXPECT_EQ(plugin.Price(-1), -TOPUP_PRICING_OUT_OF_RANGE);
}

// A configuration was once repeated up to its 200th byte, in the middle of a character or not.
TEST(TemplateTest, RefusesInAsciiWhateverItIsGiven) {
  LoadedPlugin plugin("template");
  std::string arabic;
  for (int i = 0; i < 150; ++i) arabic += "\xd8\xac";
  EXPECT_THAT(plugin.Configure("x" + arabic), HasSubstr("????"));
  EXPECT_THAT(plugin.Configure("\xff\n"), HasSubstr("is ??:"));
}

TEST(TemplateTest, RefusesWhatItDoesNotKnow) {
  LoadedPlugin plugin("template");
  for (const std::string& config :
       {std::string(), std::string("{}"), std::string(R"({"fee_centimes": -1})"),
        std::string(R"({"fee_centimes": 100001})"), std::string(R"({"fee_centimes": 05})"),
        std::string(R"({"fee_centimes": 1, "more": 2})"), std::string(R"({"fee": 1})"),
        std::string(R"({"fee_centimes": 1} x)"), std::string("{\"fee_centimes\": 1}\0{}", 22)}) {
    EXPECT_THAT(plugin.Configure(config), HasSubstr("fee_centimes")) << config;
  }
}

}  // namespace
}  // namespace topup
