#include "server/pricing/schema/read_schema.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/pricing/schema/strict_json.h"

namespace topup::pricing {
namespace {

// One schema, without those inside it that its keywords have not come to yet.
class SchemaReader {
 public:
  SchemaReader(const Json& json, std::string path, std::vector<JsonProblem>& problems)
      : json_(json), path_(std::move(path)), problems_(problems) {}

  SchemaNode::Child Read();

 private:
  using Keyword = void (SchemaReader::*)(const Json& value);
  static const std::map<std::string, Keyword>& Keywords();

  void Annotation(const Json& /*value*/) {}
  void Description(const Json& value);
  void Type(const Json& value);
  void Enum(const Json& value);
  void Const(const Json& value) { node_->values.emplace(1, value); }
  void Properties(const Json& value);
  void Required(const Json& value);
  void AdditionalProperties(const Json& value);
  void Items(const Json& value) { node_->items = Inside(value, Here()); }
  void UniqueItems(const Json& value);
  void Pattern(const Json& value);
  void MinProperties(const Json& value) { ReadCount(value, node_->key_count.min); }
  void MaxProperties(const Json& value) { ReadCount(value, node_->key_count.max); }
  void MinItems(const Json& value) { ReadCount(value, node_->item_count.min); }
  void MaxItems(const Json& value) { ReadCount(value, node_->item_count.max); }
  void MinLength(const Json& value) { ReadCount(value, node_->character_count.min); }
  void MaxLength(const Json& value) { ReadCount(value, node_->character_count.max); }
  void Minimum(const Json& value) { ReadInteger(value, node_->range.min); }
  void Maximum(const Json& value) { ReadInteger(value, node_->range.max); }
  void MultipleOf(const Json& value);
  void AllOf(const Json& value) { ReadAlternatives(value, node_->all_of); }
  void AnyOf(const Json& value) { ReadAlternatives(value, node_->any_of); }
  void OneOf(const Json& value) { ReadAlternatives(value, node_->one_of); }

  void ReadInteger(const Json& value, int64_t& number);
  void ReadCount(const Json& value, int64_t& count);
  void ReadAlternatives(const Json& value, std::vector<SchemaNode::Child>& alternatives);

  std::string Here() const { return PathTo(path_, keyword_); }
  SchemaNode::Child Inside(const Json& value, std::string path) {
    return SchemaReader(value, std::move(path), problems_).Read();
  }
  // The keyword at hand has `value`, and `remedy` would be right.
  void Refuse(const Json& value, absl::string_view remedy) {
    problems_.push_back({Here(), absl::StrCat("is ", Shown(value), ": give ", remedy)});
  }

  const Json& json_;
  const std::string path_;
  std::string keyword_;
  std::vector<JsonProblem>& problems_;
  std::unique_ptr<SchemaNode> node_ = std::make_unique<SchemaNode>();
};

const std::map<std::string, SchemaReader::Keyword>& SchemaReader::Keywords() {
  static const auto& keywords = *new std::map<std::string, Keyword>{
      {"$schema", &SchemaReader::Annotation},
      {"$comment", &SchemaReader::Annotation},
      {"title", &SchemaReader::Annotation},
      {"default", &SchemaReader::Annotation},
      {"examples", &SchemaReader::Annotation},
      {"description", &SchemaReader::Description},
      {"type", &SchemaReader::Type},
      {"enum", &SchemaReader::Enum},
      {"const", &SchemaReader::Const},
      {"properties", &SchemaReader::Properties},
      {"required", &SchemaReader::Required},
      {"additionalProperties", &SchemaReader::AdditionalProperties},
      {"minProperties", &SchemaReader::MinProperties},
      {"maxProperties", &SchemaReader::MaxProperties},
      {"items", &SchemaReader::Items},
      {"minItems", &SchemaReader::MinItems},
      {"maxItems", &SchemaReader::MaxItems},
      {"uniqueItems", &SchemaReader::UniqueItems},
      {"minLength", &SchemaReader::MinLength},
      {"maxLength", &SchemaReader::MaxLength},
      {"pattern", &SchemaReader::Pattern},
      {"minimum", &SchemaReader::Minimum},
      {"maximum", &SchemaReader::Maximum},
      {"multipleOf", &SchemaReader::MultipleOf},
      {"allOf", &SchemaReader::AllOf},
      {"anyOf", &SchemaReader::AnyOf},
      {"oneOf", &SchemaReader::OneOf}};
  return keywords;
}

SchemaNode::Child SchemaReader::Read() {
  if (json_.is_boolean()) {
    node_->never = !json_.get<bool>();
    return std::move(node_);
  }
  if (!json_.is_object()) {
    problems_.push_back({path_, absl::StrCat("is ", Shown(json_),
                                             ": give a schema, which is an "
                                             "object, true or false")});
    return std::move(node_);
  }
  if (json_.contains("enum") && json_.contains("const")) {
    problems_.push_back({path_, "has enum and const: keep one"});
  }
  for (const auto& [keyword, value] : json_.items()) {
    keyword_ = keyword;
    const auto known = Keywords().find(keyword);
    if (known == Keywords().end()) {
      problems_.push_back({Here(),
                           "is a keyword that topupd does not enforce: leave it out, and "
                           "check in create"});
      continue;
    }
    (this->*known->second)(value);
  }
  return std::move(node_);
}

void SchemaReader::Description(const Json& value) {
  if (!value.is_string()) return Refuse(value, "a text");
  node_->description = value.get<std::string>();
}

void SchemaReader::Type(const Json& value) {
  static const auto& types = *new std::map<std::string, unsigned>{
      {"object", kObject},   {"array", kArray},     {"string", kString},
      {"integer", kInteger}, {"boolean", kBoolean}, {"null", kNull}};
  constexpr char kRemedy[] =
      "object, array, string, integer, boolean, null or a list of them; number is none, because "
      "fractions are not exact: take a string";
  const Json names = value.is_array() ? value : Json::array({value});
  node_->types = 0;
  for (const Json& name : names) {
    const auto known = name.is_string() ? types.find(name.get<std::string>()) : types.end();
    if (known == types.end()) return Refuse(value, kRemedy);
    node_->types |= known->second;
  }
  if (node_->types == 0) Refuse(value, kRemedy);
}

void SchemaReader::Enum(const Json& value) {
  if (!value.is_array() || value.empty()) return Refuse(value, "a list of one value or more");
  node_->values.emplace(value.begin(), value.end());
}

void SchemaReader::Properties(const Json& value) {
  if (!value.is_object()) return Refuse(value, "an object of schemas");
  for (const auto& [key, schema] : value.items()) {
    node_->properties[key] = Inside(schema, PathTo(Here(), key));
  }
}

void SchemaReader::Required(const Json& value) {
  const bool is_list = value.is_array();
  if (!is_list ||
      !std::all_of(value.begin(), value.end(), [](const Json& key) { return key.is_string(); })) {
    return Refuse(value, "a list of keys");
  }
  for (const Json& key : value) node_->required.push_back(key.get<std::string>());
}

void SchemaReader::AdditionalProperties(const Json& value) {
  node_->additional = Inside(value, Here());
}

void SchemaReader::UniqueItems(const Json& value) {
  if (!value.is_boolean()) return Refuse(value, "true or false");
  node_->unique_items = value.get<bool>();
}

void SchemaReader::Pattern(const Json& value) {
  if (!value.is_string()) return Refuse(value, "a regular expression");
  RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<const RE2>(value.get_ref<const std::string&>(), options);
  if (!pattern->ok()) {
    return Refuse(value,
                  absl::StrCat("a regular expression as RE2 takes it (", pattern->error(), ")"));
  }
  node_->pattern = std::move(pattern);
}

void SchemaReader::MultipleOf(const Json& value) {
  ReadInteger(value, node_->divisor);
  if (value.is_number_integer() && node_->divisor < 1) Refuse(value, "1 or more");
}

void SchemaReader::ReadInteger(const Json& value, int64_t& number) {
  if (!value.is_number_integer()) return Refuse(value, "a whole number");
  number = value.get<int64_t>();
}

void SchemaReader::ReadCount(const Json& value, int64_t& count) {
  if (!value.is_number_integer() || value.get<int64_t>() < 0) return Refuse(value, "0 or more");
  count = value.get<int64_t>();
}

void SchemaReader::ReadAlternatives(const Json& value,
                                    std::vector<SchemaNode::Child>& alternatives) {
  if (!value.is_array() || value.empty()) return Refuse(value, "a list of one schema or more");
  for (size_t i = 0; i < value.size(); ++i) {
    alternatives.push_back(Inside(value[i], PathTo(Here(), absl::StrCat(i))));
  }
}

}  // namespace

std::unique_ptr<const SchemaNode> ReadSchema(const Json& json, std::vector<JsonProblem>& problems) {
  return SchemaReader(json, "", problems).Read();
}

}  // namespace topup::pricing
