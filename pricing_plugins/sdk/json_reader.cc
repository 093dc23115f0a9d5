#include "pricing_plugins/sdk/json_reader.h"

#include <algorithm>
#include <utility>

#include "pricing_plugins/sdk/errors.h"

namespace topup::pricing_sdk {
namespace {

constexpr size_t kTextMax = 4096;      // bytes of one text
constexpr size_t kWrittenMax = 60;     // of a value in a message
constexpr size_t kIntegerDigits = 18;  // every number of so many digits fits int64_t

}  // namespace

void JsonReader::Fail(const std::string& what) const {
  throw ConfigError("the configuration is not usable at byte " + std::to_string(at_) + ": " + what);
}

void JsonReader::SkipSpace() {
  at_ = std::min(json_.find_first_not_of(" \t\r\n", at_), json_.size());
}

bool JsonReader::Take(char c) {
  SkipSpace();
  if (at_ >= json_.size() || json_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonReader::TakeWord(const std::string& word) {
  if (json_.compare(at_, word.size(), word) != 0) return false;
  at_ += word.size();
  return true;
}

void JsonReader::Require(char c) {
  if (!Take(c)) Fail(std::string("here has to be ") + c);
}

std::vector<Config::Member> JsonReader::ReadDocument() {
  SkipSpace();
  if (at_ == json_.size()) return {};
  std::vector<Config::Member> members = ReadObject(Lists::kAllowed);
  SkipSpace();
  if (at_ != json_.size()) Fail("something stands behind the object: remove it");
  return members;
}

std::vector<Config::Member> JsonReader::ReadObject(Lists lists) {
  std::vector<Config::Member> members;
  Require('{');
  if (Take('}')) return members;
  do {
    if (members.size() == Config::kEntryMax) Fail("too many keys");
    Require('"');
    std::string key = ReadText();
    for (const Config::Member& member : members) {
      if (member.first == key) Fail("key \"" + key + "\" is given twice: keep one");
    }
    Require(':');
    SkipSpace();
    const size_t start = at_;
    Config::Value value = ReadValue(lists);
    value.written = json_.substr(start, at_ - start);
    if (value.written.size() > kWrittenMax) {
      // Cut before a byte that begins a character, so that it stays UTF-8.
      size_t cut = kWrittenMax;
      while ((static_cast<unsigned char>(value.written[cut]) & 0xc0) == 0x80) --cut;
      value.written = value.written.substr(0, cut) + "...";
    }
    members.emplace_back(std::move(key), std::move(value));
  } while (Take(','));
  Require('}');
  return members;
}

Config::Value JsonReader::ReadValue(Lists lists) {
  using Kind = Config::Value::Kind;
  if (Take('"')) return {.kind = Kind::kText, .text = ReadText()};
  if (TakeWord("true")) return {.kind = Kind::kFlag, .integer = 1};
  if (TakeWord("false")) return {.kind = Kind::kFlag, .integer = 0};
  if (at_ < json_.size() && json_[at_] == '[') {
    if (lists == Lists::kForbidden) Fail("a list inside a list is not allowed");
    return ReadList();
  }
  if (at_ < json_.size() && (json_[at_] == '-' || (json_[at_] >= '0' && json_[at_] <= '9'))) {
    return ReadInteger();
  }
  Fail(
      "a value has to be a whole number, a text in quotes, true, false, or a list of objects or "
      "texts");
}

Config::Value JsonReader::ReadList() {
  Config::Value value{.kind = Config::Value::Kind::kList};
  Require('[');
  if (Take(']')) return value;
  const bool has_texts = at_ < json_.size() && json_[at_] == '"';
  do {
    if (value.list.size() + value.texts.size() == Config::kEntryMax) Fail("too many entries");
    if (has_texts) {
      Require('"');
      value.texts.push_back(ReadText());
    } else {
      value.list.emplace_back(ReadObject(Lists::kForbidden));
    }
  } while (Take(','));
  Require(']');
  return value;
}

Config::Value JsonReader::ReadInteger() {
  const bool negative = TakeWord("-");
  const size_t end = std::min(json_.find_first_not_of("0123456789", at_), json_.size());
  const std::string digits = json_.substr(at_, end - at_);
  if (digits.empty() || digits.size() > kIntegerDigits) Fail("a number has 1 to 18 digits");
  if (digits.size() > 1 && digits[0] == '0') Fail("a number does not begin with 0");
  at_ = end;
  if (at_ < json_.size() && (json_[at_] == '.' || json_[at_] == 'e' || json_[at_] == 'E')) {
    Fail("a number with a fraction is not exact: write it in quotes where a text is taken");
  }
  const int64_t size = std::stoll(digits);
  return {.kind = Config::Value::Kind::kInteger, .integer = negative ? -size : size};
}

// Behind the opening quote.
std::string JsonReader::ReadText() {
  std::string text;
  while (at_ < json_.size() && json_[at_] != '"') {
    if (text.size() >= kTextMax) Fail("a text is longer than 4096 bytes");
    const char c = json_[at_++];
    if (static_cast<unsigned char>(c) < 0x20) Fail("a control character in a text");
    if (c == '\\') {
      ReadEscape(text);
    } else {
      text += c;
    }
  }
  if (at_ == json_.size()) Fail("a text has no closing quote");
  ++at_;
  return text;
}

void JsonReader::ReadEscape(std::string& text) {
  constexpr char kNames[] = "\"\\/bfnrt";
  constexpr char kMeanings[] = "\"\\/\b\f\n\r\t";
  const char name = at_ < json_.size() ? json_[at_++] : '\0';
  if (name == 'u') return ReadUnicodeEscape(text);
  for (size_t i = 0; kNames[i] != '\0'; ++i) {
    if (kNames[i] != name) continue;
    text += kMeanings[i];
    return;
  }
  Fail("an escape that JSON does not have");
}

// Characters beyond U+FFFF may stand in a text as they are; as pairs of escapes they are refused.
void JsonReader::ReadUnicodeEscape(std::string& text) {
  const std::string digits = json_.substr(at_, 4);
  if (digits.size() != 4 ||
      digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    Fail("\\u needs four hexadecimal digits");
  }
  at_ += 4;
  const unsigned point = static_cast<unsigned>(std::stoul(digits, nullptr, 16));
  if (point == 0 || (point >= 0xd800 && point <= 0xdfff)) Fail("\\u with half a character");
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xc0 | point >> 6);
    text += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    text += static_cast<char>(0xe0 | point >> 12);
    text += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (point & 0x3f));
  }
}

}  // namespace topup::pricing_sdk
