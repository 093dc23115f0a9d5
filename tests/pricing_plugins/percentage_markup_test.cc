// The markup decides what every top-up earns: exact to the centime, always rounded up, and no
// configuration is taken that means something else than its author thinks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pricing_plugins/loaded_plugin.h"

namespace topup {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class PercentageMarkupTest : public testing::Test {
 protected:
  LoadedPlugin plugin_{"percentage_markup"};
};

TEST_F(PercentageMarkupTest, AddsFivePercentToTheCost) {
  ASSERT_EQ(plugin_.Configure(R"({"percent": "5"})"), "");
  EXPECT_EQ(plugin_.Price(98000), 102900);
  EXPECT_EQ(plugin_.LastStep(), "markup 5 %");
}

TEST_F(PercentageMarkupTest, RoundsUpToTheCentime) {
  ASSERT_EQ(plugin_.Configure(R"({"percent": "5"})"), "");
  EXPECT_EQ(plugin_.Price(49625), 52107);  // 521.0625
  EXPECT_EQ(plugin_.Price(1), 2);
  EXPECT_EQ(plugin_.Price(0), 0);
  EXPECT_EQ(plugin_.Price(2000), 2100);  // exact: nothing to round
}

TEST_F(PercentageMarkupTest, ReadsPercentAndPartsPerMillionAlike) {
  ASSERT_EQ(plugin_.Configure(R"({"percent": "2.5"})"), "");
  EXPECT_EQ(plugin_.Price(98000), 100450);
  EXPECT_EQ(plugin_.LastStep(), "markup 2.5 %");
  ASSERT_EQ(plugin_.Configure(R"({"markup_ppm": 25000})"), "");
  EXPECT_EQ(plugin_.Price(98000), 100450);
  EXPECT_EQ(plugin_.LastStep(), "markup 2.5 %");
  ASSERT_EQ(plugin_.Configure(R"({"percent": "0.0001"})"), "");
  EXPECT_EQ(plugin_.Price(100000000), 100000100);
  EXPECT_EQ(plugin_.LastStep(), "markup 0.0001 %");
}

TEST_F(PercentageMarkupTest, RefusesAPriceBeyondTheContract) {
  ASSERT_EQ(plugin_.Configure(R"({"percent": "900"})"), "");
  EXPECT_EQ(plugin_.Price(TOPUP_PRICING_AMOUNT_MAX / 10), TOPUP_PRICING_AMOUNT_MAX);
  EXPECT_EQ(plugin_.Price(TOPUP_PRICING_AMOUNT_MAX / 10 + 1), -TOPUP_PRICING_OUT_OF_RANGE);
}

TEST_F(PercentageMarkupTest, NamesKeyValueAndRemedyOfWhatItRefuses) {
  EXPECT_THAT(plugin_.Configure(R"({"precent": "5"})"),
              AllOf(HasSubstr("\"precent\""), HasSubstr("\"5\""), HasSubstr("\"percent\"")));
  EXPECT_THAT(plugin_.Configure(R"({"percent": "5 %"})"),
              AllOf(HasSubstr("\"percent\""), HasSubstr("\"5 %\""), HasSubstr("\"2.5\"")));
  EXPECT_THAT(plugin_.Configure(R"({"markup_ppm": 9000001})"),
              AllOf(HasSubstr("\"markup_ppm\""), HasSubstr("9000001"), HasSubstr("0 to 9000000")));
  EXPECT_THAT(plugin_.Configure(R"({"markup_ppm": 1, "percent": "5"})"), HasSubstr("not both"));
}

TEST_F(PercentageMarkupTest, RefusesEveryOtherWayToWriteANumber) {
  for (const char* config : {"",
                             "{}",
                             R"({"percent": ""})",
                             R"({"percent": "05"})",
                             R"({"percent": "-5"})",
                             R"({"percent": "5,5"})",
                             R"({"percent": "5."})",
                             R"({"percent": ".5"})",
                             R"({"percent": "0.00001"})",
                             R"({"percent": "900.0001"})",
                             R"({"percent": "5e1"})",
                             R"({"percent": 5})",
                             R"({"percent": 2.5})",
                             R"({"percent": true})",
                             R"({"percent": null})",
                             R"({"markup_ppm": "50000"})",
                             R"({"markup_ppm": -1})",
                             R"({"markup_ppm": 5e4})",
                             R"({"markup_ppm": 050000})",
                             R"({"percent": "5", "percent": "6"})",
                             R"({"percent": "5"} x)",
                             R"(["percent"])",
                             R"({"percent": "5",})",
                             R"({"percent": "5")"}) {
    EXPECT_NE(plugin_.Configure(config), "") << config;
  }
}

TEST_F(PercentageMarkupTest, DescribesItselfAndHasNoExtensions) {
  const topup_pricing_descriptor_t& descriptor = *plugin_.entry().descriptor;
  EXPECT_STREQ(descriptor.id, "dz.topup.percentage_markup");
  EXPECT_THAT(descriptor.config_schema, HasSubstr("additionalProperties"));
  ASSERT_EQ(plugin_.Configure(R"({"percent": "5"})"), "");
  EXPECT_EQ(plugin_.entry().get_extension("topup.pricing.nothing/1"), nullptr);
  EXPECT_EQ(plugin_.strategy()->get_extension(plugin_.strategy(), "topup.pricing.nothing/1"),
            nullptr);
}

// A key as somebody wrote it once made the whole message one that the service could not show.
TEST_F(PercentageMarkupTest, RefusesInOneLineWhateverKeysAreLike) {
  const std::string message = plugin_.Configure("{\"a\\u0001\\n\\u0085b\": 1}");
  EXPECT_THAT(message, HasSubstr("\"a????b\""));
}

}  // namespace
}  // namespace topup
