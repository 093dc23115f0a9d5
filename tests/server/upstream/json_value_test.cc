#include "server/upstream/oneclickdz/json_value.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/upstream/upstream_options.h"

namespace topup::upstream::oneclickdz {
namespace {

std::string Nested(int depth) {
  return absl::StrCat(std::string(depth, '['), std::string(depth, ']'));
}

TEST(JsonValueTest, KeepsNumbersAsTheyAreWritten) {
  const auto value =
      JsonValue::Parse(R"({"a":496.25,"b":0.1,"c":1E3,"d":-7,"e":18446744073709551616,"f":12.50})");
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ((*value)["a"].AsText(), "496.25");
  EXPECT_EQ((*value)["b"].AsText(), "0.1");
  EXPECT_EQ((*value)["c"].AsText(), "1E3");
  EXPECT_EQ((*value)["d"].AsText(), "-7");
  EXPECT_EQ((*value)["e"].AsText(), "18446744073709551616");
  EXPECT_EQ((*value)["f"].AsText(), "12.50");
}

TEST(JsonValueTest, LookingForWhatIsNotThereGivesNull) {
  const auto value = JsonValue::Parse(R"({"a":{"b":[1,{"c":"x"}]},"n":null})");
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ((*value)["a"]["b"].items()[1]["c"].AsString(), "x");
  EXPECT_TRUE((*value)["a"]["x"]["y"].IsNull());
  EXPECT_TRUE((*value)["n"]["y"].IsNull());
  EXPECT_TRUE((*value)["a"]["b"]["c"].IsNull());
  EXPECT_EQ((*value).FirstOf({"x", "n", "a"})["b"].items().size(), 2u);
  EXPECT_FALSE((*value)["a"].AsText().has_value());
  EXPECT_FALSE((*value)["a"]["b"].items()[0].AsString().has_value());
  EXPECT_FALSE((*value)["a"].AsBool().has_value());
}

TEST(JsonValueTest, RefusesWhatTwoReadersCouldReadDifferently) {
  const std::string refused[] = {
      "",
      "{",
      R"({"a":1}{"a":1})",
      R"({"a":1} x)",
      R"({"a":1,"a":2})",
      R"({"x":[{"a":1,"b":2,"a":1}]})",
      R"({"a":1,"\u0061":2})",
      R"({"a":01})",
      R"({"a":NaN})",
      R"({"a":1e999})",
      R"({"a":+1})",
      R"({'a':1})",
      R"({"a":1,})",
      R"({"a":1 /* x */})",
      "{\"a\":\"\xff\"}",
      "{\"a\":\"\xc3\"}",
      "{\"\xed\xa0\x80\":1}",
      R"({"a":"\ud800"})",
      "{\"a\":\"\n\"}",
      std::string("{\"a\":1}\0", 8),
      "<html></html>",
  };
  for (const std::string& text : refused) {
    EXPECT_FALSE(JsonValue::Parse(text).has_value()) << text;
  }
}

TEST(JsonValueTest, TakesNestingUpToTheLimitOnly) {
  EXPECT_TRUE(JsonValue::Parse(Nested(kReplyDepthMax)).has_value());
  EXPECT_FALSE(JsonValue::Parse(Nested(kReplyDepthMax + 1)).has_value());
  EXPECT_FALSE(JsonValue::Parse(Nested(100'000)).has_value());
}

TEST(JsonValueTest, RefusesMoreThanAReplyMayHold) {
  const std::string large = absl::StrCat("\"", std::string(kReplyBodyMax, 'x'), "\"");
  EXPECT_FALSE(JsonValue::Parse(large).has_value());
}

TEST(JsonValueTest, QuotesWhatWouldEndAString) {
  EXPECT_EQ(JsonQuote("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(JsonQuote("a\xff"), "\"a\"");
}

}  // namespace
}  // namespace topup::upstream::oneclickdz
