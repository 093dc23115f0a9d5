// What a strategy's schema says is what the strategy takes: the service shows the one and sells by
// the other. Each row says of a configuration whether schema and strategy take it; where only the
// strategy refuses, it is for what no schema of ours can say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/pricing/schema/config_schema.h"
#include "tests/pricing_plugins/loaded_plugin.h"

namespace topup {
namespace {

enum class Taken { kByBoth, kBySchemaOnly, kByNone };

struct Row {
  const char* strategy;
  const char* config;
  Taken taken;
};

constexpr Taken kBoth = Taken::kByBoth;
constexpr Taken kSchemaOnly = Taken::kBySchemaOnly;
constexpr Taken kNone = Taken::kByNone;

const Row kRows[] = {
    {"percentage_markup", R"({"percent": "0"})", kBoth},
    {"percentage_markup", R"({"percent": "899.9999"})", kBoth},
    {"percentage_markup", R"({"percent": "900"})", kBoth},
    {"percentage_markup", R"({"percent": "900.0"})", kBoth},
    {"percentage_markup", R"({"percent": "900.0001"})", kNone},
    {"percentage_markup", R"({"percent": "901"})", kNone},
    {"percentage_markup", R"({"percent": "1000"})", kNone},
    {"percentage_markup", R"({"percent": "05"})", kNone},
    {"percentage_markup", R"({"percent": "5."})", kNone},
    {"percentage_markup", R"({"percent": "5.00001"})", kNone},
    {"percentage_markup", R"({"percent": "-5"})", kNone},
    {"percentage_markup", R"({"percent": "5\n"})", kNone},
    {"percentage_markup", R"({"percent": 5})", kNone},
    {"percentage_markup", R"({"markup_ppm": 9000001})", kNone},
    {"percentage_markup", R"({"markup_ppm": 1, "percent": "5"})", kNone},
    {"percentage_markup", "{}", kNone},
    {"fixed_fee", R"({"fee_centimes": 1000000})", kBoth},
    {"fixed_fee", R"({"fee_centimes": 1000001})", kNone},
    {"fixed_fee", R"({"fee_centimes": -1})", kNone},
    {"round_up", R"({"step_dzd": 10})", kBoth},
    {"round_up", R"({"step_dzd": 2})", kNone},
    {"face_value", "{}", kBoth},
    {"face_value", R"({"percent": "5"})", kNone},
    {"cap", R"({"percent_of_face_value": "1000"})", kBoth},
    {"cap", R"({"percent_of_face_value": "1000.0001"})", kNone},
    {"cap", R"({"percent_of_face_value": "1001"})", kNone},
    {"cap", R"({"plus_centimes": 0})", kBoth},
    {"cap", R"({"plus_centimes": 1000001})", kNone},
    {"cap", R"({"plus_centimes": 1, "percent_of_face_value": "105"})", kBoth},
    {"cap", R"({"plus_centimes": 1, "ppm_of_face_value": 1050000})", kBoth},
    {"cap", R"({"ppm_of_face_value": 1, "percent_of_face_value": "105"})", kNone},
    {"cap", R"({"plus_centimes": 1, "ppm_of_face_value": 1, "percent_of_face_value": "1"})", kNone},
    {"cap", "{}", kNone},
    {"tiered", R"({"tiers": [{"percent": "5"}]})", kBoth},
    {"tiered", R"({"by": "volume_today", "tiers": [{"up_to_dzd": 1, "markup_ppm": 1}]})", kBoth},
    {"tiered", R"({"by": "count_today", "tiers": [{"percent": "5"}]})", kNone},
    {"tiered", R"({"tiers": [{"percent": "901"}]})", kNone},
    {"tiered", R"({"tiers": []})", kNone},
    {"tiered", R"({"tiers": [{"up_to_dzd": 0, "percent": "5"}]})", kNone},
    {"tiered", R"({"tiers": [{"percent": "5"}, {"up_to_dzd": 5, "percent": "5"}]})", kSchemaOnly},
    {"tiered", R"({"tiers": [{"up_to_dzd": 5, "percent": "5"}, {"up_to_dzd": 5, "percent": "5"}]})",
     kSchemaOnly},
    {"time_window", R"({"from_hour": 0, "to_hour": 23, "percent": "5"})", kBoth},
    {"time_window", R"({"from_hour": 0, "to_hour": 0, "percent": "5"})", kSchemaOnly},
    {"time_window", R"({"from_hour": 0, "to_hour": 24, "percent": "5"})", kNone},
    {"time_window", R"({"from_hour": 0, "percent": "5"})", kNone},
    {"time_window", R"({"from_hour": 0, "days": ["friday"], "percent": "5"})", kNone},
    {"time_window", R"({"days": ["friday", "monday"], "percent": "5"})", kBoth},
    {"time_window", R"({"days": ["friday", "friday"], "percent": "5"})", kNone},
    {"time_window", R"({"days": ["Friday"], "percent": "5"})", kNone},
    {"time_window", R"({"days": [], "percent": "5"})", kNone},
    {"time_window", R"({"days": "friday", "percent": "5"})", kNone},
    {"time_window", R"({"days": [{}], "percent": "5"})", kNone},
    {"time_window", R"({"start": "2026-12-01T00:00", "percent": "5"})", kBoth},
    {"time_window", R"({"end": "2026-12-01T23:59", "discount_percent": "100"})", kBoth},
    {"time_window", R"({"end": "2026-12-01T24:00", "percent": "5"})", kNone},
    {"time_window", R"({"end": "2026-12-01", "percent": "5"})", kNone},
    {"time_window", R"({"end": "1999-12-01T00:00", "percent": "5"})", kNone},
    {"time_window", R"({"end": "2026-02-29T00:00", "percent": "5"})", kSchemaOnly},
    {"time_window", R"({"start": "2026-12-02T00:00", "end": "2026-12-02T00:00", "percent": "5"})",
     kSchemaOnly},
    {"time_window", R"({"days": ["friday"], "discount_ppm": 1000000})", kBoth},
    {"time_window", R"({"days": ["friday"], "discount_ppm": 1000001})", kNone},
    {"time_window", R"({"days": ["friday"], "discount_percent": "100.0001"})", kNone},
    {"time_window", R"({"days": ["friday"], "discount_percent": "5", "percent": "5"})", kNone},
    {"time_window", R"({"days": ["friday"]})", kNone},
    {"time_window", R"({"percent": "5"})", kNone},
    {"lua_rules", R"({"script": ""})", kNone},
    {"lua_rules", R"({"script": "x"})", kSchemaOnly},
    {"lua_rules", "{}", kNone},
};

TEST(SchemasTest, SayWhatTheStrategiesTake) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(row.strategy) + " " + row.config);
    LoadedPlugin plugin(row.strategy);
    std::vector<pricing::JsonProblem> problems;
    const auto schema =
        pricing::ConfigSchema::Parse(plugin.entry().descriptor->config_schema, problems);
    ASSERT_NE(schema, nullptr);
    EXPECT_EQ(schema->Check(row.config).empty(), row.taken != Taken::kByNone);
    EXPECT_EQ(plugin.Configure(row.config).empty(), row.taken == Taken::kByBoth);
  }
}

// Who gets it wrong is told what would be right, and not only that it is wrong.
TEST(SchemasTest, NameTheAlternatives) {
  LoadedPlugin plugin("time_window");
  std::vector<pricing::JsonProblem> problems;
  const auto schema =
      pricing::ConfigSchema::Parse(plugin.entry().descriptor->config_schema, problems);
  ASSERT_NE(schema, nullptr);
  problems = schema->Check(R"({"from_hour": 3})");
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_THAT(pricing::DescribeProblem(problems[0]),
              testing::HasSubstr(R"("from_hour" and "to_hour"; "days"; "start"; "end")"));
  EXPECT_THAT(pricing::DescribeProblem(problems[1]),
              testing::HasSubstr(R"("percent"; "markup_ppm"; "discount_percent"; "discount_ppm")"));
}

}  // namespace
}  // namespace topup
