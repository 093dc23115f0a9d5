// A JSON document as the provider sends it, read with suspicion.
//
// Numbers stay text: money never passes through floating point. Refused as a whole: anything
// that is not valid UTF-8 and strict JSON, an object that names a member twice (two readers
// would see two answers), and nesting deeper than kReplyDepthMax.
#ifndef TOPUP_SERVER_UPSTREAM_ONECLICKDZ_JSON_VALUE_H_
#define TOPUP_SERVER_UPSTREAM_ONECLICKDZ_JSON_VALUE_H_

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace topup::upstream::oneclickdz {

// A value; immutable once parsed. Looking into it never fails: what is not there is null.
class JsonValue {
 public:
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  JsonValue() = default;

  // Nothing where the text is refused.
  static std::optional<JsonValue> Parse(absl::string_view text);

  Kind kind() const { return kind_; }
  bool IsNull() const { return kind_ == Kind::kNull; }
  bool IsObject() const { return kind_ == Kind::kObject; }
  bool IsArray() const { return kind_ == Kind::kArray; }

  // The member of that name; null where there is none, or where this is no object.
  const JsonValue& operator[](absl::string_view name) const;
  // The first of the names that is there and not null.
  const JsonValue& FirstOf(std::initializer_list<absl::string_view> names) const;
  const std::vector<JsonValue>& items() const { return items_; }
  const std::map<std::string, JsonValue, std::less<>>& members() const { return members_; }

  std::optional<bool> AsBool() const;
  // Nothing for anything but a string.
  std::optional<std::string> AsString() const;
  // The digits of a number, as sent, or the text of a string; nothing for anything else.
  std::optional<std::string> AsText() const;

 private:
  friend class JsonReader;

  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  std::string text_;
  std::vector<JsonValue> items_;
  std::map<std::string, JsonValue, std::less<>> members_;
};

// A JSON string literal, quotes included. `text` that is not UTF-8 loses what is not.
std::string JsonQuote(absl::string_view text);

}  // namespace topup::upstream::oneclickdz

#endif  // TOPUP_SERVER_UPSTREAM_ONECLICKDZ_JSON_VALUE_H_
