#include "server/sandbox/world/json_writer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace topup::sandbox {
namespace {

// `value` / 10^digits, without trailing zeros.
std::string Decimal(int64_t value, int digits) {
  int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  const absl::string_view sign = value < 0 ? "-" : "";
  const uint64_t size = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  std::string text = absl::StrCat(sign, size / unit);
  const uint64_t rest = size % unit;
  if (rest == 0) return text;
  std::string fraction = absl::StrFormat("%0*d", digits, rest);
  while (fraction.back() == '0') fraction.pop_back();
  return absl::StrCat(text, ".", fraction);
}

}  // namespace

std::string JsonString(absl::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", static_cast<int>(c));
    } else {
      json += c;
    }
  }
  json += '"';
  return json;
}

std::string JsonCentimes(int64_t centimes) { return Decimal(centimes, 2); }

std::string JsonPpm(int64_t ppm) { return Decimal(ppm, 6); }

std::string JsonTime(absl::Time time) {
  return absl::FormatTime("\"%Y-%m-%dT%H:%M:%E3SZ\"", time, absl::UTCTimeZone());
}

JsonObject& JsonObject::Add(absl::string_view key, absl::string_view json) {
  absl::StrAppend(&members_, members_.empty() ? "" : ",", JsonString(key), ":", json);
  return *this;
}

JsonObject& JsonObject::AddText(absl::string_view key, absl::string_view text) {
  return Add(key, JsonString(text));
}

JsonObject& JsonObject::AddNumber(absl::string_view key, int64_t number) {
  return Add(key, absl::StrCat(number));
}

JsonObject& JsonObject::AddBool(absl::string_view key, bool value) {
  return Add(key, value ? "true" : "false");
}

std::string JsonObject::Text() const { return absl::StrCat("{", members_, "}"); }

JsonArray& JsonArray::Add(absl::string_view json) {
  absl::StrAppend(&elements_, elements_.empty() ? "" : ",", json);
  return *this;
}

std::string JsonArray::Text() const { return absl::StrCat("[", elements_, "]"); }

}  // namespace topup::sandbox
