#include "client/cli/price_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace topup::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Explained(const admin::v1::ExplainPriceResponse& response) {
  std::ostringstream out;
  PrintExplanation(response, absl::UTCTimeZone(), Style(false), out);
  return out.str();
}

v1::PriceBreakdown Price(int64_t centimes) {
  v1::PriceBreakdown price;
  price.mutable_face_value()->set_centimes(100'000);
  price.mutable_cost()->set_centimes(98'000);
  price.mutable_price()->set_centimes(centimes);
  v1::PricingStrategy* strategy = price.add_strategies();
  strategy->set_strategy_id("dz.topup.percentage_markup");
  strategy->set_version("1.0.0");
  strategy->set_library_digest(std::string(64, 'a'));
  strategy->set_config_digest(std::string(64, 'b'));
  v1::PriceStep* step = price.add_steps();
  step->set_description("هامش 5 %");
  step->mutable_price_after()->set_centimes(centimes);
  v1::PriceInputs* inputs = price.mutable_inputs();
  inputs->set_config_digest(std::string(64, 'c'));
  inputs->set_route("(default)");
  inputs->set_chain("standard");
  inputs->mutable_time()->set_seconds(1'700'000'000);
  inputs->set_cost_ppm(980'000);
  return price;
}

TEST(PriceTextTest, RatiosLoseNoDigit) {
  EXPECT_EQ(RatioText(992'500), "0.9925");
  EXPECT_EQ(RatioText(1'000'000), "1");
  EXPECT_EQ(RatioText(1'005'000), "1.005");
  EXPECT_EQ(RatioText(1), "0.000001");
  EXPECT_EQ(RatioText(0), "0");
  EXPECT_EQ(RatioText(-500'000), "-0.5");
}

TEST(PriceTextTest, AStrategyThatWasRefusedSaysWhyOnALineOfItsOwn) {
  admin::v1::ListStrategiesResponse response;
  response.set_config_digest(std::string(64, 'd'));
  admin::v1::StrategyInfo* loaded = response.add_strategies();
  loaded->mutable_strategy()->set_strategy_id("dz.topup.cap");
  loaded->mutable_strategy()->set_version("1.2.0");
  loaded->mutable_strategy()->set_library_digest("0123456789abcdef");
  loaded->set_loaded(true);
  loaded->add_routes("pixx");
  loaded->add_routes("(default)");
  admin::v1::StrategyInfo* refused = response.add_strategies();
  refused->set_load_error("libx.so, step \"open\": a symbol is missing");
  std::ostringstream out;
  PrintStrategies(response, Style(false), out);
  EXPECT_EQ(out.str(), "in force: " + std::string(64, 'd') +
                           "\n"
                           "STRATEGY      VERSION  LIBRARY       STATE    ROUTES\n"
                           "dz.topup.cap  1.2.0    0123456789ab  loaded   pixx, (default)\n"
                           "-                                    refused\n"
                           "  libx.so, step \"open\": a symbol is missing\n");
}

TEST(PriceTextTest, ThePriceThatComesOutAgainIsTheSame) {
  admin::v1::ExplainPriceResponse response;
  *response.mutable_recorded() = Price(102'900);
  *response.mutable_replayed() = Price(102'900);
  response.set_same(true);
  const std::string text = Explained(response);
  EXPECT_THAT(text, AllOf(HasSubstr("cost ratio     0.98"), HasSubstr("not counted"),
                          HasSubstr("(default)"), HasSubstr("standard"), EndsWith("\nsame\n")));
  EXPECT_THAT(text, Not(HasSubstr("differs")));
  EXPECT_THAT(text, HasSubstr("\u2068هامش 5 %: 1029.00 DZD\u2069"));
}

TEST(PriceTextTest, MarksEveryLineThatDiffers) {
  admin::v1::ExplainPriceResponse response;
  *response.mutable_recorded() = Price(102'900);
  *response.mutable_replayed() = Price(103'000);
  response.mutable_replayed()->add_steps()->set_description("round up");
  response.set_detail("the price is 1030.00 DZD, not 1029.00 DZD");
  const std::string text = Explained(response);
  EXPECT_THAT(text, HasSubstr("round up"));
  EXPECT_THAT(text, EndsWith("\ndifferent: the price is 1030.00 DZD, not 1029.00 DZD\n"));
  size_t marks = 0;
  for (size_t at = text.find("  differs\n"); at != std::string::npos;
       at = text.find("  differs\n", at + 1)) {
    ++marks;
  }
  EXPECT_EQ(marks, 3U) << text;  // two steps and the price
}

TEST(PriceTextTest, WhatCouldNotBePricedAgainShowsWhatIsRecordedAndWhy) {
  admin::v1::ExplainPriceResponse response;
  *response.mutable_recorded() = Price(102'900);
  v1::CallerVolume* volume = response.mutable_recorded()->mutable_inputs()->mutable_caller_volume();
  volume->set_count_today(3);
  volume->mutable_volume_today()->set_centimes(150'000);
  volume->set_count_this_month(40);
  volume->mutable_volume_this_month()->set_centimes(2'000'000);
  response.set_detail("its library is no longer loaded");
  const std::string text = Explained(response);
  EXPECT_THAT(text, HasSubstr("3 today, 1500.00 DZD; 40 this month, 20000.00 DZD"));
  EXPECT_THAT(text, EndsWith("\ncould not be priced again: its library is no longer loaded\n"));
  EXPECT_THAT(text, Not(HasSubstr("PRICED AGAIN")));
}

}  // namespace
}  // namespace topup::cli
