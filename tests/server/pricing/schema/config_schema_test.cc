// A configuration that a strategy would misread never reaches it, and whoever wrote it is told
// where, which value, and what would be right.
#include "server/pricing/schema/config_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace topup::pricing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Each problem as people read it.
std::vector<std::string> Texts(const std::vector<JsonProblem>& problems) {
  std::vector<std::string> texts;
  texts.reserve(problems.size());
  for (const JsonProblem& problem : problems) texts.push_back(DescribeProblem(problem));
  return texts;
}

std::vector<std::string> Check(const std::string& schema, const std::string& config) {
  std::vector<JsonProblem> problems;
  const auto parsed = ConfigSchema::Parse(schema, problems);
  if (parsed == nullptr) return {"no schema"};
  return Texts(parsed->Check(config));
}

std::vector<std::string> WhyNoSchema(const std::string& schema) {
  std::vector<JsonProblem> problems;
  EXPECT_EQ(ConfigSchema::Parse(schema, problems), nullptr) << schema;
  return Texts(problems);
}

TEST(ConfigSchemaTest, EveryKeywordTakesWhatJsonSchemaSaysAndRefusesTheRest) {
  const struct {
    const char* schema;
    std::vector<const char*> good;
    std::vector<const char*> bad;
  } cases[] = {
      {"{}", {"{}", "[]", "1", "\"\"", "null", "true"}, {"1.5", "1e2", "{", "1 2"}},
      {"true", {"{}", "1"}, {}},
      {"false", {}, {"{}", "1"}},
      {R"({"type": "object"})", {"{}", R"({"a": 1})"}, {"[]", "1", "\"{}\"", "null", "true"}},
      {R"({"type": "array"})", {"[]", "[1, \"a\"]"}, {"{}", "1"}},
      {R"({"type": "string"})", {"\"\"", "\"1\""}, {"1", "null", "[]"}},
      {R"({"type": "integer"})",
       {"0", "-7", "9223372036854775807", "-9223372036854775808"},
       {"\"1\"", "true", "9223372036854775808", "-9223372036854775809", "1e400"}},
      {R"({"type": "boolean"})", {"true", "false"}, {"0", "\"true\"", "null"}},
      {R"({"type": "null"})", {"null"}, {"0", "false", "\"\""}},
      {R"({"type": ["string", "integer"]})", {"1", "\"a\""}, {"true", "{}"}},
      {R"({"enum": [1, "a", [1], {"b": 2}]})",
       {"1", "\"a\"", "[1]", R"({"b": 2})"},
       {"2", "\"1\"", "[2]", "{}", "true"}},
      {R"({"const": 5})", {"5"}, {"6", "\"5\""}},
      {R"({"properties": {"a": {"type": "integer"}}})",
       {"{}", R"({"a": 1})", R"({"b": "x"})", "7"},
       {R"({"a": "1"})"}},
      {R"({"required": ["a", "b"]})", {R"({"a": 1, "b": 2})", "7"}, {"{}", R"({"a": 1})"}},
      {R"({"properties": {"a": true}, "additionalProperties": false})",
       {"{}", R"({"a": 1})", "7"},
       {R"({"b": 1})", R"({"A": 1})"}},
      {R"({"additionalProperties": {"type": "integer"}})", {R"({"x": 1})"}, {R"({"x": "1"})"}},
      {R"({"minProperties": 1, "maxProperties": 2})",
       {R"({"a": 1})", R"({"a": 1, "b": 2})", "[]"},
       {"{}", R"({"a": 1, "b": 2, "c": 3})"}},
      {R"({"items": {"type": "integer"}})", {"[]", "[1, 2]", "{}"}, {"[1, \"2\"]"}},
      {R"({"minItems": 1, "maxItems": 2})", {"[1]", "[1, 2]", "{}"}, {"[]", "[1, 2, 3]"}},
      {R"({"uniqueItems": true})", {"[]", "[1, \"1\", 2]"}, {"[1, 1]", "[{}, {}]"}},
      {R"({"uniqueItems": false})", {"[1, 1]"}, {}},
      {R"({"minLength": 2, "maxLength": 3})",
       {"\"ab\"", "\"عشر\"", "\"\\ud83d\\ude00a\"", "7"},
       {"\"a\"", "\"abcd\"", "\"ع\"", "\"\\ud83d\\ude00\""}},
      {R"({"pattern": "^[0-9]+$"})", {"\"12\"", "7"}, {"\"\"", "\"12\\n\"", "\"a1\"", "\"1a\""}},
      {R"({"pattern": "b"})", {"\"abc\""}, {"\"ac\""}},
      {R"({"minimum": -1, "maximum": 3})", {"-1", "0", "3", "\"9\""}, {"-2", "4"}},
      {R"({"multipleOf": 5})", {"0", "10", "-5", "\"1\""}, {"1", "-4"}},
      {R"({"allOf": [{"minimum": 1}, {"maximum": 2}]})", {"1", "2"}, {"0", "3"}},
      {R"({"anyOf": [{"minimum": 5}, {"maximum": 2}]})", {"1", "6"}, {"3"}},
      {R"({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]})",
       {R"({"a": 1})", R"({"b": 1})"},
       {"{}", R"({"a": 1, "b": 1})"}},
      {R"({"$schema": "x", "$comment": "x", "title": "x", "description": "x", "default": 1,
           "examples": [2]})",
       {"3"},
       {}},
  };
  for (const auto& row : cases) {
    for (const char* good : row.good) {
      EXPECT_THAT(Check(row.schema, good), IsEmpty()) << row.schema << " and " << good;
    }
    for (const char* bad : row.bad) {
      EXPECT_THAT(Check(row.schema, bad), Not(IsEmpty())) << row.schema << " and " << bad;
      EXPECT_THAT(Check(row.schema, bad), Not(ElementsAre("no schema"))) << row.schema;
    }
  }
}

TEST(ConfigSchemaTest, AnEmptyTextCountsAsAnObjectWithoutKeys) {
  EXPECT_THAT(Check(R"({"type": "object"})", ""), IsEmpty());
  EXPECT_THAT(Check(R"({"type": "object"})", " \n"), IsEmpty());
  EXPECT_THAT(Check(R"({"required": ["a"]})", ""), ElementsAre("/a is missing: give a value"));
}

constexpr char kTiers[] = R"json({
  "type": "object",
  "properties": {
    "tiers": {
      "type": "array", "minItems": 1, "maxItems": 3,
      "items": {
        "type": "object",
        "properties": {
          "up_to_dzd": {"type": "integer", "minimum": 1, "maximum": 1000},
          "percent": {"type": "string", "pattern": "^[0-9]$", "description": "for example \"5\""},
          "markup_ppm": {"type": "integer", "minimum": 0}
        },
        "oneOf": [{"required": ["percent"]}, {"required": ["markup_ppm"]}],
        "additionalProperties": false
      }
    },
    "step_dzd": {"enum": [1, 5, 10]}
  },
  "required": ["tiers"],
  "additionalProperties": false
})json";

TEST(ConfigSchemaTest, ListsEveryProblemWithItsPathItsValueAndWhatWouldBeRight) {
  EXPECT_THAT(
      Check(kTiers, R"({"step_dzd": 3, "tears": [], "tiers": [
                        {"up_to_dzd": 0, "percent": "ten"},
                        {"percent": "5", "markup_ppm": 7},
                        {"up_to": 5, "percent": "5"}]})"),
      ElementsAre(
          "/step_dzd is 3: give one of 1, 5, 10",
          R"(/tears is not a key here: use "step_dzd", "tiers")",
          R"(/tiers/0/percent is "ten": give a text that matches ^[0-9]$ (for example "5"))",
          "/tiers/0/up_to_dzd is 0: give a whole number from 1 to 1000",
          R"(/tiers/1 is {"markup_ppm":7,"percent":"5"}: give exactly one of "percent"; )"
          R"("markup_ppm")",
          R"(/tiers/2/up_to is not a key here: use "markup_ppm", "percent", "up_to_dzd")"));
  EXPECT_THAT(Check(kTiers, R"({"tiers": []})"),
              ElementsAre("/tiers is []: give a list of 1 to 3 entries"));
  EXPECT_THAT(Check(kTiers, "7"), ElementsAre("it is 7: give an object"));
}

TEST(ConfigSchemaTest, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_THAT(Check("{}", R"({"a": 1, "b": {"a": 2, "a": 3}})"),
              ElementsAre(R"(it has the key "a" twice in one object: keep one)"));
  EXPECT_THAT(Check("{}", R"({"percent": 2.5, "more": [1, 1E2]})"),
              ElementsAre(HasSubstr("/more/1 is a number with a fraction or an exponent"),
                          HasSubstr("/percent is a number with a fraction")));
  EXPECT_THAT(Check("{}", R"({"a": 18446744073709551615})"),
              ElementsAre("/a is 18446744073709551615: give at most 9223372036854775807"));
  EXPECT_THAT(Check("{}", R"({"a": 1})" + std::string("\0}", 2)),
              ElementsAre(HasSubstr("a NUL byte")));
  EXPECT_THAT(Check("{}", "\xef\xbb\xbf{}"), ElementsAre(HasSubstr("a byte order mark")));
  EXPECT_THAT(Check("{}", "{\"a\": \"\xff\"}"), ElementsAre(HasSubstr("not JSON at byte")));
  EXPECT_THAT(Check("{}", "{} // why"), ElementsAre(HasSubstr("not JSON at byte")));
}

TEST(ConfigSchemaTest, TakesThirtyTwoLevelsAndSurvivesAnyNumberOfThem) {
  const auto nested = [](size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_THAT(Check("{}", nested(32)), IsEmpty());
  EXPECT_THAT(Check("{}", nested(33)), ElementsAre(HasSubstr("more than 32 levels")));
  EXPECT_THAT(Check("{}", nested(32000)), ElementsAre(HasSubstr("more than 32 levels")));
  EXPECT_THAT(WhyNoSchema(nested(32000)), ElementsAre(HasSubstr("more than 32 levels")));
}

TEST(ConfigSchemaTest, ListsAHundredProblemsAtMost) {
  std::string list = "[0";
  for (int i = 0; i < 500; ++i) absl::StrAppend(&list, ", 0");
  EXPECT_THAT(Check(R"({"items": {"type": "string"}})", list + "]"),
              SizeIs(ConfigSchema::kProblemMax));
}

TEST(ConfigSchemaTest, CutsLongValuesWithoutBreakingACharacter) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ع";
  const std::vector<std::string> problems =
      Check(R"({"maxLength": 3})", absl::StrCat("\"", text, "\""));
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_LT(problems[0].size(), 250u);
  EXPECT_THAT(problems[0], HasSubstr("ع...: give"));
}

TEST(ConfigSchemaTest, WritesPathsAsJsonPointersDo) {
  EXPECT_THAT(
      Check(R"({"additionalProperties": {"type": "integer"}})", R"({"a/b~c": "", "\n": ""})"),
      ElementsAre(HasSubstr("/? is"), HasSubstr("/a~1b~0c is")));
}

TEST(ConfigSchemaTest, PatternsTakeTimeInProportionToTheTextOnly) {
  // Engines that go back and try again need longer than the universe for this one.
  const std::string config = absl::StrCat("\"", std::string(50000, 'a'), "b\"");
  EXPECT_THAT(Check(R"({"pattern": "^(a+)+$"})", config), SizeIs(1));
}

TEST(ConfigSchemaTest, AKeywordThatIsNotEnforcedIsRefusedByName) {
  EXPECT_THAT(WhyNoSchema(R"({"properties": {"a": {"format": "date"}}, "if": {}})"),
              ElementsAre("/if is a keyword that topupd does not enforce: leave it out, and check "
                          "in create",
                          HasSubstr("/properties/a/format is a keyword")));
  for (const char* keyword : {"$ref", "$defs", "not", "then", "dependentRequired", "contains",
                              "patternProperties", "exclusiveMinimum", "Type"}) {
    EXPECT_THAT(WhyNoSchema(absl::StrCat("{\"", keyword, "\": {}}")),
                ElementsAre(HasSubstr(absl::StrCat("/", keyword, " is a keyword"))));
  }
}

TEST(ConfigSchemaTest, AKeywordWithAValueThatItCannotHaveIsRefused) {
  for (const char* schema : {"7",
                             "\"object\"",
                             "[]",
                             "null",
                             R"({"type": "number"})",
                             R"({"type": "text"})",
                             R"({"type": []})",
                             R"({"type": 7})",
                             R"({"enum": []})",
                             R"({"enum": 1})",
                             R"({"enum": [1], "const": 1})",
                             R"({"properties": []})",
                             R"({"properties": {"a": 1}})",
                             R"({"required": "a"})",
                             R"({"required": [1]})",
                             R"({"additionalProperties": "no"})",
                             R"({"minProperties": -1})",
                             R"({"maxItems": "1"})",
                             R"({"minLength": null})",
                             R"({"items": [{}]})",
                             R"({"uniqueItems": 1})",
                             R"({"pattern": 1})",
                             R"({"pattern": "["})",
                             R"json({"pattern": "(?=a)"})json",
                             R"({"minimum": "1"})",
                             R"({"maximum": 1.5})",
                             R"({"multipleOf": 0})",
                             R"({"multipleOf": -5})",
                             R"({"multipleOf": "5"})",
                             R"({"allOf": {}})",
                             R"({"anyOf": []})",
                             R"({"oneOf": [1]})",
                             R"({"description": 1})",
                             "{",
                             "",
                             R"({"type": "object", "type": "array"})"}) {
    EXPECT_THAT(WhyNoSchema(schema), SizeIs(1)) << schema;
  }
  EXPECT_THAT(WhyNoSchema(R"({"type": "number"})"),
              ElementsAre(HasSubstr("fractions are not exact: take a string")));
}

}  // namespace
}  // namespace topup::pricing
