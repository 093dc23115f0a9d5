// The kit's reader of configurations: what it lets through is what was meant, and whatever it is
// fed, it ends in a value or in a ConfigError.
#include "pricing_plugins/sdk/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pricing_plugins/sdk/errors.h"

namespace topup::pricing_sdk {
namespace {

using ::testing::HasSubstr;

std::string ProblemOf(const std::string& json) {
  try {
    Config config(json);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "";
}

TEST(ConfigTest, ReadsTextsNumbersFlagsAndLists) {
  const Config config(
      R"({"text": "caf\u00e9 \"\\\/\n", "number": -12, "flag": true,
          "list": [{"a": 1}, {"a": 2}], "none": [],
          "texts": [ "x", "y\n"]})");
  EXPECT_EQ(config.Text("text"), "caf\xc3\xa9 \"\\/\n");
  EXPECT_EQ(config.Integer("number", -12, 0), -12);
  EXPECT_TRUE(config.Has("flag"));
  const std::vector<Config> list = config.List("list");
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1].Integer("a", 0, 9), 2);
  EXPECT_TRUE(config.List("none").empty());
  EXPECT_TRUE(config.Texts("none").empty());
  EXPECT_EQ(config.Texts("texts"), (std::vector<std::string>{"x", "y\n"}));
  EXPECT_FALSE(config.Has("absent"));
}

TEST(ConfigTest, KeepsWholeNumbersExact) {
  const Config config(R"({"n": 999999999999999999})");
  EXPECT_EQ(config.Integer("n", 0, INT64_MAX), 999999999999999999);
  EXPECT_THAT(ProblemOf(R"({"n": 9999999999999999999})"), HasSubstr("18 digits"));
}

TEST(ConfigTest, RefusesWhatIsNotAFlatObject) {
  for (const char* json : {"5",
                           "\"x\"",
                           "[]",
                           "{",
                           "}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\":1}{}",
                           "{\"a\":{}}",
                           "{\"a\":[1]}",
                           "{\"a\":[{\"b\":[]}]}",
                           "{\"a\":[{\"b\":[\"x\"]}]}",
                           "{\"a\":[\"x\",{}]}",
                           "{\"a\":[{},\"x\"]}",
                           "{\"a\":[\"x\",1]}",
                           "{\"a\":[\"x\",]}",
                           "{\"a\":nul}",
                           "{\"a\":1.0}",
                           "{\"a\":01}",
                           "{\"a\":-}",
                           "{\"a\":+1}",
                           "{\"a\":\"x}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12\"}",
                           "{\"a\":\"\\ud800\"}",
                           "{\"a\":\"\\u0000\"}",
                           "{\"a\":\"\t\"}",
                           "{a:1}",
                           "{'a':1}",
                           "// {}\n",
                           "{\"a\":1,\"a\":2}"}) {
    EXPECT_NE(ProblemOf(json), "") << json;
  }
}

TEST(ConfigTest, EndsForEveryTextThatIsCutSomewhere) {
  const std::string whole =
      R"({"t": "x\u00e9", "n": -12, "l": [{"a": true}, {"b": "y"}], "m": ["z", "z"]})";
  ASSERT_EQ(ProblemOf(whole), "");
  for (size_t size = 1; size < whole.size(); ++size) {
    EXPECT_NE(ProblemOf(whole.substr(0, size)), "") << whole.substr(0, size);
  }
}

TEST(ConfigTest, HasALimitOnKeysAndTexts) {
  std::string many = "{";
  for (size_t i = 0; i < Config::kEntryMax; ++i) many += "\"k" + std::to_string(i) + "\": 1, ";
  EXPECT_THAT(ProblemOf(many + "\"last\": 1}"), HasSubstr("too many keys"));
  std::string list = "{\"l\": [\"x\"";
  for (size_t i = 0; i < Config::kEntryMax; ++i) list += ", \"x\"";
  EXPECT_THAT(ProblemOf(list + "]}"), HasSubstr("too many entries"));
  EXPECT_THAT(ProblemOf("{\"a\": \"" + std::string(5000, 'x') + "\"}"), HasSubstr("4096"));
}

TEST(ConfigTest, NamesKeyValueAndRemedy) {
  const Config config(R"({"hours": 99, "name": "x"})");
  const auto problem = [](const auto& read) -> std::string {
    try {
      read();
    } catch (const ConfigError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(problem([&] { config.Integer("hours", 0, 23); }),
            "key \"hours\" has value 99: use a whole number from 0 to 23");
  EXPECT_EQ(problem([&] { config.Integer("days", 1, 7); }),
            "key \"days\" is missing: give it a whole number from 1 to 7");
  EXPECT_EQ(problem([&] {
              config.AllowOnly({"hours", "days"});
            }),
            "unknown key \"name\" with value \"x\": use only \"hours\", \"days\"");
  EXPECT_EQ(problem([&] { config.Text("hours"); }),
            "key \"hours\" has value 99: use a text in quotes");
  const Config lists(R"({"texts": ["x"], "objects": [{}]})");
  EXPECT_EQ(problem([&] { lists.List("texts"); }),
            "key \"texts\" has value [\"x\"]: use a list of objects");
  EXPECT_EQ(problem([&] { lists.Texts("objects"); }),
            "key \"objects\" has value [{}]: use a list of texts in quotes");
}

}  // namespace
}  // namespace topup::pricing_sdk
