// The danger: a customer's number, or half a megabyte, in a text that is kept for ever and listed.
#include "server/core/provider_words.h"

#include <gtest/gtest.h>

#include <string>

namespace topup::core {
namespace {

TEST(PlainNameTest, KeepsNamesAndNothingElse) {
  EXPECT_EQ(PlainName("PREPAID_MOBILIS"), "PREPAID_MOBILIS");
  EXPECT_EQ(PlainName("6b0502c86dd3566e5900001a"), "6b0502c86dd3566e5900001a");
  EXPECT_EQ(PlainName(std::string(64, 'a')), std::string(64, 'a'));
  for (const std::string& other : {std::string(), std::string(65, 'a'), std::string("a b"),
                                   std::string("a\n"), std::string("شحن")}) {
    EXPECT_EQ(PlainName(other), "?");
  }
}

TEST(PlainNameTest, ShowsNoPhoneNumber) {
  EXPECT_EQ(PlainName("0551234567"), "?");
  EXPECT_EQ(PlainName("213551234567"), "?");
}

}  // namespace
}  // namespace topup::core
