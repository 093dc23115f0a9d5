#include "server/core/plan.h"

#include <gtest/gtest.h>

namespace topup::core {
namespace {

Plan MakePlan(absl::string_view code) {
  Plan plan;
  plan.code = std::string(code);
  return plan;
}

TEST(CatalogueTest, FindsAPlanByItsExactCode) {
  Catalogue catalogue;
  catalogue.plans = {MakePlan("DJEZZY_PREPAID"), MakePlan("GETMENU_Mobilis"), MakePlan("PIXX_500")};
  for (const Plan& plan : catalogue.plans) EXPECT_EQ(catalogue.Find(plan.code), &plan);
  for (absl::string_view code : {"", "DJEZZY", "DJEZZY_PREPAID_2", "GetMenu_Mobilis",
                                 "getmenu_mobilis", "PIXX_5000", "ZZZ"}) {
    EXPECT_EQ(catalogue.Find(code), nullptr) << code;
  }
}

TEST(CatalogueTest, FindsNothingBeforeItIsRead) {
  EXPECT_EQ(Catalogue().Find("PIXX_500"), nullptr);
  EXPECT_EQ(Catalogue().read_time, absl::InfinitePast());
}

TEST(OperatorTest, UnderstandsTheProvidersWords) {
  EXPECT_EQ(ParseOperator("Mobilis"), Operator::kMobilis);
  EXPECT_EQ(ParseOperator("GMobilis"), Operator::kMobilis);
  EXPECT_EQ(ParseOperator("gmobilis"), Operator::kMobilis);
  EXPECT_EQ(ParseOperator("DJEZZY"), Operator::kDjezzy);
  EXPECT_EQ(ParseOperator("ooredoo"), Operator::kOoredoo);
  EXPECT_EQ(ParseOperator("Pixx"), Operator::kPixx);
}

TEST(OperatorTest, DoesNotGuessWhatAWordMeans) {
  for (absl::string_view word : {"", "Mobili", "Mobilis ", "Idoom", "Unknown", "GDjezzy"}) {
    EXPECT_EQ(ParseOperator(word), Operator::kUnknown) << word;
  }
}

TEST(OperatorTest, NamesComeBack) {
  for (Operator op : {Operator::kMobilis, Operator::kDjezzy, Operator::kOoredoo, Operator::kPixx}) {
    EXPECT_EQ(ParseOperator(OperatorName(op)), op);
  }
  EXPECT_EQ(OperatorName(Operator::kUnknown), "Unknown");
  EXPECT_EQ(OperatorName(static_cast<Operator>(99)), "Unknown");
}

TEST(OperatorTest, PixxIsSoldOnMobilisNumbers) {
  EXPECT_EQ(NetworkOf(Operator::kPixx), Operator::kMobilis);
  for (Operator op :
       {Operator::kUnknown, Operator::kMobilis, Operator::kDjezzy, Operator::kOoredoo}) {
    EXPECT_EQ(NetworkOf(op), op);
  }
}

}  // namespace
}  // namespace topup::core
