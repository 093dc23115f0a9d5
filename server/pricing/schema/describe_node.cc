#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/pricing/schema/schema_node.h"

namespace topup::pricing {
namespace {

constexpr size_t kShownMax = 60;      // bytes of one value
constexpr size_t kShownCountMax = 8;  // values of an enum

// " of 1 to 8 entries"; empty where any number will do.
std::string DescribeCount(const IntegerRange& count, absl::string_view noun) {
  const bool has_max = count.max != IntegerRange{}.max;
  if (count.min <= 0 && !has_max) return "";
  if (!has_max) return absl::StrCat(" of ", count.min, " or more ", noun);
  if (count.min <= 0) return absl::StrCat(" of at most ", count.max, " ", noun);
  if (count.min == count.max) return absl::StrCat(" of ", count.min, " ", noun);
  return absl::StrCat(" of ", count.min, " to ", count.max, " ", noun);
}

std::string DescribeInteger(const SchemaNode& node) {
  std::string text = "a whole number";
  const bool has_min = node.range.min != IntegerRange{}.min;
  const bool has_max = node.range.max != IntegerRange{}.max;
  if (has_min && has_max) {
    absl::StrAppend(&text, " from ", node.range.min, " to ", node.range.max);
  } else if (has_min) {
    absl::StrAppend(&text, " of ", node.range.min, " or more");
  } else if (has_max) {
    absl::StrAppend(&text, " of at most ", node.range.max);
  }
  if (node.divisor > 1) absl::StrAppend(&text, " that ", node.divisor, " divides");
  return text;
}

std::string DescribeText(const SchemaNode& node) {
  std::string text = absl::StrCat("a text", DescribeCount(node.character_count, "characters"));
  if (node.pattern != nullptr) absl::StrAppend(&text, " that matches ", node.pattern->pattern());
  return text;
}

std::string DescribeTypes(const SchemaNode& node) {
  std::vector<std::string> kinds;
  if ((node.types & kObject) != 0) {
    kinds.push_back(absl::StrCat("an object", DescribeCount(node.key_count, "keys")));
  }
  if ((node.types & kArray) != 0) {
    kinds.push_back(absl::StrCat("a list", DescribeCount(node.item_count, "entries"),
                                 node.unique_items ? ", each once" : ""));
  }
  if ((node.types & kString) != 0) kinds.push_back(DescribeText(node));
  if ((node.types & kInteger) != 0) kinds.push_back(DescribeInteger(node));
  if ((node.types & kBoolean) != 0) kinds.push_back("true or false");
  if ((node.types & kNull) != 0) kinds.push_back("null");
  return absl::StrJoin(kinds, " or ");
}

}  // namespace

std::string DescribeNode(const SchemaNode& node) {
  std::string text;
  if (node.values.has_value()) {
    const size_t count = std::min(node.values->size(), kShownCountMax);
    text =
        absl::StrJoin(node.values->begin(), node.values->begin() + static_cast<int64_t>(count),
                      ", ", [](std::string* out, const Json& value) { out->append(Shown(value)); });
    if (node.values->size() > 1) text.insert(0, "one of ");
    if (count < node.values->size()) text.append("...");
  } else {
    text = DescribeTypes(node);
  }
  if (!node.description.empty()) absl::StrAppend(&text, " (", node.description, ")");
  return text;
}

unsigned TypeOf(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return kObject;
    case Json::value_t::array:
      return kArray;
    case Json::value_t::string:
      return kString;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return kInteger;
    case Json::value_t::boolean:
      return kBoolean;
    case Json::value_t::null:
      return kNull;
    default:
      return 0;  // fractions and binary: ReadStrictJson lets none pass
  }
}

std::string Shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kShownMax) return text;
  // Cut before a byte that begins a character, so that it stays UTF-8.
  size_t cut = kShownMax;
  while ((static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  return text.substr(0, cut) + "...";
}

}  // namespace topup::pricing
