// A schema, read: what it asks of one value, and of those inside it. Private to this folder.
#ifndef TOPUP_SERVER_PRICING_SCHEMA_SCHEMA_NODE_H_
#define TOPUP_SERVER_PRICING_SCHEMA_SCHEMA_NODE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "re2/re2.h"

namespace topup::pricing {

using Json = nlohmann::json;

// Bits of SchemaNode::types.
inline constexpr unsigned kObject = 1;
inline constexpr unsigned kArray = 2;
inline constexpr unsigned kString = 4;
inline constexpr unsigned kInteger = 8;
inline constexpr unsigned kBoolean = 16;
inline constexpr unsigned kNull = 32;
inline constexpr unsigned kAnyType = 63;

// Inclusive.
struct IntegerRange {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();

  bool Contains(int64_t number) const { return number >= min && number <= max; }
};

struct SchemaNode {
  using Child = std::unique_ptr<const SchemaNode>;

  std::string description;  // the schema's own words, for messages
  bool never = false;       // the schema `false`: no value is right
  unsigned types = kAnyType;
  std::optional<std::vector<Json>> values;  // enum and const

  // Of objects.
  std::map<std::string, Child> properties;
  std::vector<std::string> required;
  Child additional;  // for keys that are not in `properties`; null: anything
  IntegerRange key_count{.min = 0};

  // Of arrays.
  Child items;  // null: anything
  IntegerRange item_count{.min = 0};
  bool unique_items = false;

  // Of strings.
  IntegerRange character_count{.min = 0};
  std::unique_ptr<const RE2> pattern;  // found anywhere in the text; null: anything

  // Of integers.
  IntegerRange range;
  int64_t divisor = 1;

  // Of everything.
  std::vector<Child> all_of;
  std::vector<Child> any_of;
  std::vector<Child> one_of;
};

// What a value has to be to fit `node`, for people: "a whole number from 0 to 23".
std::string DescribeNode(const SchemaNode& node);

// The type's bit of a value.
unsigned TypeOf(const Json& value);

// `value` as it stands in a configuration, cut to what a message can hold.
std::string Shown(const Json& value);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_SCHEMA_SCHEMA_NODE_H_
