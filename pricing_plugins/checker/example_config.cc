#include "pricing_plugins/checker/example_config.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/pricing/schema/config_schema.h"

namespace topup::checker {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepthMax = 16;

// True where `schema`, a schema of one value, takes `value`.
bool Takes(const Json& schema, const Json& value) {
  std::vector<pricing::JsonProblem> problems;
  const Json wrapped = {{"type", "object"}, {"properties", {{"value", schema}}}};
  const auto parsed = pricing::ConfigSchema::Parse(wrapped.dump(), problems);
  return parsed != nullptr && parsed->Check(Json{{"value", value}}.dump()).empty();
}

// Fills in what a schema asks for, the smallest that it takes.
class ExampleMaker {
 public:
  Json Make(const Json& schema, int depth) {
    if (!schema.is_object() || depth > kDepthMax) return Json::object();
    for (const char* keyword : {"examples", "enum"}) {
      if (schema.contains(keyword) && schema[keyword].is_array() && !schema[keyword].empty()) {
        return schema[keyword][0];
      }
    }
    for (const char* keyword : {"default", "const"}) {
      if (schema.contains(keyword)) return schema[keyword];
    }
    const std::string type = TypeOf(schema);
    if (type == "integer") return MakeInteger(schema);
    if (type == "string") return MakeText(schema);
    if (type == "array") return MakeList(schema, depth);
    if (type == "boolean") return false;
    return MakeObject(schema, depth);
  }

 private:
  static std::string TypeOf(const Json& schema) {
    if (!schema.contains("type")) return "object";
    const Json& type = schema["type"];
    if (type.is_array() && !type.empty() && type[0].is_string()) return type[0];
    return type.is_string() ? type.get<std::string>() : "object";
  }

  static int64_t NumberOr(const Json& schema, const char* keyword, int64_t otherwise) {
    const bool is_there = schema.contains(keyword) && schema[keyword].is_number_integer();
    return is_there ? schema[keyword].get<int64_t>() : otherwise;
  }

  // Each another one: an hour that ends where it began is none.
  Json MakeInteger(const Json& schema) {
    const int64_t min = NumberOr(schema, "minimum", 0);
    const int64_t max = NumberOr(schema, "maximum", min + 1000);
    const int64_t step = std::max<int64_t>(NumberOr(schema, "multipleOf", 1), 1);
    const int64_t next = (min + step - 1) / step * step + step * integers_made_++;
    return std::min(next, max);
  }

  static Json MakeText(const Json& schema) {
    for (const char* text :
         {"5", "2.5", "105", "0", "text", "a", "08:00", "2026-01-01", "2026-01-01T00:00:00",
          "2026-01-01 00:00", "monday", "Monday", "mon", "DJEZZY", "PREPAID_DJEZZY"}) {
      if (Takes(schema, text)) return text;
    }
    return std::string(static_cast<size_t>(std::max<int64_t>(NumberOr(schema, "minLength", 1), 0)),
                       'x');
  }

  Json MakeList(const Json& schema, int depth) {
    Json list = Json::array();
    const int64_t count = std::clamp<int64_t>(NumberOr(schema, "minItems", 1), 1, 16);
    for (int64_t i = 0; i < count && schema.contains("items"); ++i) {
      list.push_back(Make(schema["items"], depth + 1));
    }
    return list;
  }

  Json MakeObject(const Json& schema, int depth) {
    Json object = Json::object();
    AddRequired(schema, schema, depth, object);
    for (const char* keyword : {"allOf", "oneOf", "anyOf"}) {
      if (!schema.contains(keyword) || !schema[keyword].is_array()) continue;
      for (const Json& alternative : schema[keyword]) {
        AddRequired(alternative, schema, depth, object);
        if (std::string(keyword) != "allOf") break;  // the first will do
      }
    }
    return object;
  }

  // The keys that `asking` requires, by the properties of either.
  void AddRequired(const Json& asking, const Json& schema, int depth, Json& object) {
    if (!asking.is_object() || !asking.contains("required") || !asking["required"].is_array()) {
      return;
    }
    for (const Json& name : asking["required"]) {
      if (!name.is_string() || object.contains(name.get<std::string>())) continue;
      for (const Json* from : {&asking, &schema}) {
        if (!from->contains("properties") || !(*from)["properties"].contains(name)) continue;
        object[name.get<std::string>()] =
            Make((*from)["properties"][name.get<std::string>()], depth + 1);
        break;
      }
    }
  }

  int64_t integers_made_ = 0;
};

}  // namespace

std::optional<std::string> MakeExampleConfig(const std::string& schema) {
  const Json json = Json::parse(schema, nullptr, false);
  std::vector<pricing::JsonProblem> problems;
  const auto parsed = pricing::ConfigSchema::Parse(schema, problems);
  if (parsed == nullptr || !json.is_object()) return std::nullopt;
  const std::string config = ExampleMaker().Make(json, 0).dump();
  if (!parsed->Check(config).empty()) return std::nullopt;
  return config;
}

std::vector<SpoiltConfig> SpoilConfig(const std::string& config) {
  std::vector<SpoiltConfig> spoilt;
  const Json good = Json::parse(config.empty() ? "{}" : config, nullptr, false);
  if (!good.is_object()) return spoilt;
  for (const auto& [key, value] : good.items()) {
    Json without = good;
    without.erase(key);
    spoilt.push_back({absl::StrCat("without the key \"", key, "\""), without.dump()});
    const Json others[] = {nullptr,
                           true,
                           -1,
                           INT64_C(1) << 62,
                           "nonsense",
                           "",
                           "-5",
                           "1e3",
                           Json::array(),
                           Json::object(),
                           Json::array({Json::object()})};
    for (const Json& other : others) {
      if (other == value) continue;
      Json changed = good;
      changed[key] = other;
      spoilt.push_back({absl::StrCat("with \"", key, "\" as ", other.dump()), changed.dump()});
    }
  }
  return spoilt;
}

std::vector<SpoiltConfig> NonsenseConfigs(const std::string& config) {
  const absl::string_view stripped = absl::StripAsciiWhitespace(config);
  const std::string good(stripped.empty() ? "{}" : stripped);
  std::vector<SpoiltConfig> configs = {
      {"a word", "nonsense"},
      {"a brace that is not closed", "{"},
      {"a list", "[]"},
      {"a text", "\"text\""},
      {"null", "null"},
      {"bytes that are not UTF-8", "\xff\xfe\xfd"},
      {"the configuration twice", good + good},
      {"the configuration and a word behind it", good + " x"},
      {"the configuration without its last byte", good.substr(0, good.size() - 1)},
      {"a NUL and more behind the configuration", good + std::string("\0{}", 3)},
      {"20000 lists in each other", std::string(20000, '[')},
      {"20000 objects in each other", absl::StrCat("{\"a\":", std::string(20000, '{'))},
      {"65535 bytes of one letter", std::string(65535, 'x')}};
  Json unknown = Json::parse(good, nullptr, false);
  if (unknown.is_object()) {
    unknown["no_such_key"] = 1;
    configs.push_back({"the configuration with one more key, \"no_such_key\"", unknown.dump()});
  }
  return configs;
}

}  // namespace topup::checker
