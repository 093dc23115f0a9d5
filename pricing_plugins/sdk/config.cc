#include "pricing_plugins/sdk/config.h"

#include <algorithm>

#include "pricing_plugins/abi/types.h"
#include "pricing_plugins/sdk/amounts.h"
#include "pricing_plugins/sdk/errors.h"
#include "pricing_plugins/sdk/json_reader.h"

namespace topup::pricing_sdk {
namespace {

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

std::string Range(int64_t min, int64_t max) {
  return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace

Config::Config(const std::string& json) : members_(JsonReader(json).ReadDocument()) {}
Config::Config(std::vector<Member> members) : members_(std::move(members)) {}
Config::Config(const Config&) = default;
Config::~Config() = default;

void Config::AllowOnly(std::initializer_list<const char*> keys) const {
  for (const auto& [key, value] : members_) {
    const auto is_key = [&key = key](const char* allowed) { return key == allowed; };
    if (std::any_of(keys.begin(), keys.end(), is_key)) continue;
    std::string known;
    for (const char* allowed : keys) known += (known.empty() ? "" : ", ") + Quoted(allowed);
    throw ConfigError("unknown key " + Quoted(key) + " with value " + value.written +
                      ": use only " + (known.empty() ? "an empty object" : known));
  }
}

bool Config::Has(const std::string& key) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&key](const Member& member) { return member.first == key; });
}

const Config::Value& Config::Get(const std::string& key, const std::string& remedy) const {
  for (const Member& member : members_) {
    if (member.first == key) return member.second;
  }
  throw ConfigError("key " + Quoted(key) + " is missing: give it " + remedy);
}

void Config::Refuse(const std::string& key, const std::string& remedy) const {
  throw ConfigError("key " + Quoted(key) + " has value " + Get(key, remedy).written + ": use " +
                    remedy);
}

int64_t Config::Integer(const std::string& key, int64_t min, int64_t max) const {
  const Value& value = Get(key, Range(min, max));
  if (value.kind != Value::Kind::kInteger) Refuse(key, Range(min, max));
  if (value.integer < min || value.integer > max) Refuse(key, Range(min, max));
  return value.integer;
}

const std::string& Config::Text(const std::string& key) const {
  const Value& value = Get(key, "a text in quotes");
  if (value.kind != Value::Kind::kText) Refuse(key, "a text in quotes");
  return value.text;
}

std::vector<Config> Config::List(const std::string& key) const {
  const Value& value = Get(key, "a list of objects");
  if (value.kind != Value::Kind::kList || !value.texts.empty()) Refuse(key, "a list of objects");
  return value.list;
}

std::vector<std::string> Config::Texts(const std::string& key) const {
  const Value& value = Get(key, "a list of texts in quotes");
  if (value.kind != Value::Kind::kList || !value.list.empty()) {
    Refuse(key, "a list of texts in quotes");
  }
  return value.texts;
}

int64_t Config::Ratio(const std::string& percent_key, const std::string& ppm_key,
                      int64_t ppm_max) const {
  if (Has(percent_key) && Has(ppm_key)) {
    Refuse(ppm_key, "either it or " + Quoted(percent_key) + ", not both");
  }
  if (Has(ppm_key)) return Integer(ppm_key, 0, ppm_max);
  const std::string remedy = "a text such as \"2.5\", with at most four decimals, from 0 to " +
                             FormatPercent(ppm_max) + " (or " + Quoted(ppm_key) + ": 25000)";
  const Value& value = Get(percent_key, remedy);
  const std::optional<int64_t> ratio_ppm = ParsePercent(value.text);
  if (!ratio_ppm.has_value() || *ratio_ppm > ppm_max) Refuse(percent_key, remedy);
  return *ratio_ppm;
}

}  // namespace topup::pricing_sdk
