#include "server/core/phone_number.h"

#include <gtest/gtest.h>

#include <set>

namespace topup::core {
namespace {

TEST(PhoneNumberTest, TakesEveryFormOfOneNumber) {
  for (const char* text : {"0612345601", "+213612345601", "00213612345601", "213612345601",
                           "  0612345601 ", " +213612345601"}) {
    const std::optional<PhoneNumber> number = PhoneNumber::Parse(text);
    ASSERT_TRUE(number.has_value()) << text;
    EXPECT_EQ(number->National(), "0612345601") << text;
  }
}

TEST(PhoneNumberTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           " ",
                           "0",
                           "061234560",
                           "06123456011",
                           "0412345601",
                           "0812345601",
                           "0112345678",
                           "612345601",
                           "+213812345601",
                           "+2130612345601",
                           "002130612345601",
                           "2130612345601",
                           "+33612345601",
                           "+213",
                           "213",
                           "00213",
                           "+0612345601",
                           "++213612345601",
                           "06 12 34 56 01",
                           "06-12-34-56-01",
                           "061234560a",
                           "06123456O1",
                           "0612345601\n",
                           "\t0612345601",
                           "213213612345601",
                           "٠٦١٢٣٤٥٦٠١",
                           "+213 612345601"}) {
    EXPECT_EQ(PhoneNumber::Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(PhoneNumber::Parse(absl::string_view("0612345601\0", 11)), std::nullopt);
  EXPECT_EQ(PhoneNumber::Parse(std::string(1'000'000, '0')), std::nullopt);
}

TEST(PhoneNumberTest, ComesBackFromItsNationalForm) {
  const PhoneNumber number = *PhoneNumber::Parse("+213555000111");
  EXPECT_EQ(PhoneNumber::Parse(number.National()), number);
}

TEST(PhoneNumberTest, MasksAllButTwoDigitsAtEachEnd) {
  EXPECT_EQ(PhoneNumber::Parse("0612345601")->Masked(), "06******01");
  EXPECT_EQ(PhoneNumber::Parse("+213798765432")->Masked(), "07******32");
  EXPECT_EQ(PhoneNumber().Masked(), "");
}

TEST(PhoneNumberTest, WholeNumbersAreMaskedInAnyTextAndNothingElseIs) {
  EXPECT_EQ(MaskNumbers("There is no plan 0612345601: see +213798765432."),
            "There is no plan 06******01: see +2137******32.");
  EXPECT_EQ(MaskNumbers("order-00213512345678"), "order-002135******78");
  EXPECT_EQ(MaskNumbers("213512345678,0512345678"), "2135******78,05******78");
  for (const absl::string_view plain :
       {"", "0", "+213", "order-20260612345601", "a0612345601", "06123456012", "0812345601",
        "061234560", "01M8CNAHEAYSVNWX8NRMJN95FQ"}) {
    EXPECT_EQ(MaskNumbers(plain), plain);
  }
}

TEST(PhoneNumberTest, ItsPrefixNamesItsOperator) {
  EXPECT_EQ(PhoneNumber::Parse("0512345601")->NetworkOperator(), Operator::kOoredoo);
  EXPECT_EQ(PhoneNumber::Parse("0612345601")->NetworkOperator(), Operator::kMobilis);
  EXPECT_EQ(PhoneNumber::Parse("0712345601")->NetworkOperator(), Operator::kDjezzy);
  EXPECT_EQ(PhoneNumber().NetworkOperator(), Operator::kUnknown);
}

TEST(PhoneNumberTest, IsAValue) {
  EXPECT_TRUE(PhoneNumber().empty());
  const PhoneNumber a = *PhoneNumber::Parse("0512345601");
  const PhoneNumber b = *PhoneNumber::Parse("0612345601");
  EXPECT_FALSE(a.empty());
  EXPECT_LT(a, b);
  EXPECT_EQ((std::set<PhoneNumber>{a, b, a}).size(), 2u);
}

}  // namespace
}  // namespace topup::core
