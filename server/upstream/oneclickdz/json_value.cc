#include "server/upstream/oneclickdz/json_value.h"

#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/upstream/upstream_options.h"

namespace topup::upstream::oneclickdz {

// Builds the tree from the library's events, which do not recurse. Each event returns
// whether to read on.
class JsonReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Add(JsonValue::Kind::kNull) != nullptr; }
  bool boolean(bool value) override {
    JsonValue* added = Add(JsonValue::Kind::kBool);
    if (added != nullptr) added->bool_ = value;
    return added != nullptr;
  }
  bool number_integer(number_integer_t value) override { return AddNumber(absl::StrCat(value)); }
  bool number_unsigned(number_unsigned_t value) override { return AddNumber(absl::StrCat(value)); }
  bool number_float(number_float_t, const string_t& digits) override { return AddNumber(digits); }
  bool string(string_t& value) override {
    JsonValue* added = Add(JsonValue::Kind::kString);
    if (added != nullptr) added->text_ = std::move(value);
    return added != nullptr;
  }
  bool binary(binary_t&) override { return false; }  // not of JSON
  bool start_object(std::size_t) override { return Open(JsonValue::Kind::kObject); }
  bool key(string_t& name) override {
    // The first of two equal names would be lost.
    if (open_.back()->members_.count(name) > 0) return false;
    name_ = std::move(name);
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(JsonValue::Kind::kArray); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  JsonValue TakeRoot() { return std::move(root_); }

 private:
  // Null where the value must not be added. Open containers stay where they are while
  // something is added: only the innermost one grows.
  JsonValue* Add(JsonValue::Kind kind) {
    JsonValue* added = &root_;
    if (!open_.empty()) {
      JsonValue& parent = *open_.back();
      if (parent.IsArray()) {
        added = &parent.items_.emplace_back();
      } else {
        added = &parent.members_[name_];
      }
    }
    added->kind_ = kind;
    return added;
  }
  bool AddNumber(std::string digits) {
    JsonValue* added = Add(JsonValue::Kind::kNumber);
    added->text_ = std::move(digits);
    return true;
  }
  bool Open(JsonValue::Kind kind) {
    if (open_.size() >= static_cast<size_t>(kReplyDepthMax)) return false;
    open_.push_back(Add(kind));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::string name_;
};

std::optional<JsonValue> JsonValue::Parse(absl::string_view text) {
  if (static_cast<int64_t>(text.size()) > kReplyBodyMax) return std::nullopt;
  // The library takes a NUL for the end, and would not look at what follows.
  if (text.find('\0') != absl::string_view::npos) return std::nullopt;
  try {
    JsonReader reader;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) return std::nullopt;
    return reader.TakeRoot();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

const JsonValue& JsonValue::operator[](absl::string_view name) const {
  static const JsonValue* const kNothing = new JsonValue();
  const auto found = members_.find(std::string(name));
  return found == members_.end() ? *kNothing : found->second;
}

const JsonValue& JsonValue::FirstOf(std::initializer_list<absl::string_view> names) const {
  for (absl::string_view name : names) {
    const JsonValue& value = (*this)[name];
    if (!value.IsNull()) return value;
  }
  return (*this)[""];
}

std::optional<bool> JsonValue::AsBool() const {
  if (kind_ != Kind::kBool) return std::nullopt;
  return bool_;
}

std::optional<std::string> JsonValue::AsString() const {
  if (kind_ != Kind::kString) return std::nullopt;
  return text_;
}

std::optional<std::string> JsonValue::AsText() const {
  if (kind_ != Kind::kString && kind_ != Kind::kNumber) return std::nullopt;
  return text_;
}

std::string JsonQuote(absl::string_view text) {
  return nlohmann::json(std::string(text))
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore);
}

}  // namespace topup::upstream::oneclickdz
