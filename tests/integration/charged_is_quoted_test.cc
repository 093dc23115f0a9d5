// A sample of what charged_is_quoted does a hundred thousand times.
#include <gtest/gtest.h>

#include "tests/integration/quote_campaign.h"
#include "tests/integration/quote_world.h"

namespace topup::integration {
namespace {

constexpr int64_t kQuotes = 2000;

class ChargedIsQuotedTest : public testing::Test {
 protected:
  static const QuoteFigures& Figures() {
    static const auto& figures = *new QuoteFigures(RunQuotes(kQuotes, 1, PricingOfThisBuild()));
    return figures;
  }
};

TEST_F(ChargedIsQuotedTest, WhateverComesBetweenQuoteAndSend) {
  EXPECT_EQ(Figures().quotes, kQuotes);
  EXPECT_EQ(Figures().mismatches, 0);
  for (const std::string& breach : Figures().breaches) ADD_FAILURE() << breach;
}

// A sample that never left the quiet way would prove nothing.
TEST_F(ChargedIsQuotedTest, TheSampleGetsToTheUnusual) {
  EXPECT_GT(Figures().swaps, 50);
  EXPECT_GT(Figures().restarts, 0);
  EXPECT_GT(Figures().explained, 100);
  for (const char* what :
       {"sold as quoted", "sold at the price in force", "quote used for another ref", "repeated",
        "settled", "costs changed", "activated", "rolled back", "file reloaded",
        "activation refused", "pricing file refused", "started with the last in force",
        "QUOTE_EXPIRED", "QUOTE_MISMATCH", "QUOTE_INVALID", "PRICE_ABOVE_CAP",
        "no quote: MARGIN_GUARDRAIL"}) {
    const auto reached = Figures().reached.find(what);
    EXPECT_TRUE(reached != Figures().reached.end() && reached->second > 0) << what;
  }
}

}  // namespace
}  // namespace topup::integration
