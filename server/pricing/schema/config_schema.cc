#include "server/pricing/schema/config_schema.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/pricing/schema/read_schema.h"
#include "server/pricing/schema/schema_node.h"
#include "server/pricing/schema/strict_json.h"

namespace topup::pricing {
namespace {

using Problems = std::vector<JsonProblem>;

void Check(const SchemaNode& node, const Json& value, const std::string& path, Problems& problems);

Problems ProblemsOf(const SchemaNode& node, const Json& value, const std::string& path) {
  Problems problems;
  Check(node, value, path, problems);
  return problems;
}

// Characters of UTF-8, as the schema counts them.
int64_t CharacterCount(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

bool HasEachOnce(const Json& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (std::find(list.begin(), list.begin() + static_cast<int64_t>(i), list[i]) !=
        list.begin() + static_cast<int64_t>(i)) {
      return false;
    }
  }
  return true;
}

bool FitsText(const SchemaNode& node, const std::string& text) {
  return node.character_count.Contains(CharacterCount(text)) &&
         (node.pattern == nullptr || RE2::PartialMatch(text, *node.pattern));
}

bool FitsInteger(const SchemaNode& node, int64_t number) {
  return node.range.Contains(number) && number % node.divisor == 0;
}

// What the node asks of the value itself, and not of those inside it.
bool FitsItself(const SchemaNode& node, const Json& value) {
  if ((node.types & TypeOf(value)) == 0) return false;
  if (node.values.has_value() &&
      std::find(node.values->begin(), node.values->end(), value) == node.values->end()) {
    return false;
  }
  const auto size = static_cast<int64_t>(value.size());
  switch (TypeOf(value)) {
    case kObject:
      return node.key_count.Contains(size);
    case kArray:
      return node.item_count.Contains(size) && (!node.unique_items || HasEachOnce(value));
    case kString:
      return FitsText(node, value.get_ref<const std::string&>());
    case kInteger:
      return FitsInteger(node, value.get<int64_t>());
    default:
      return true;
  }
}

// What the schema knows to be under `key`, in words.
std::string DescribeKey(const SchemaNode& node, const std::string& key) {
  const auto known = node.properties.find(key);
  return known == node.properties.end() ? "a value" : DescribeNode(*known->second);
}

std::string UnknownKey(const SchemaNode& node) {
  if (node.properties.empty()) return "is not a key here: there are none";
  return absl::StrCat("is not a key here: use ",
                      absl::StrJoin(node.properties, ", ", [](std::string* out, const auto& known) {
                        absl::StrAppend(out, "\"", known.first, "\"");
                      }));
}

void CheckObject(const SchemaNode& node, const Json& value, const std::string& path,
                 Problems& problems) {
  // A key that is not known comes first: it is often the misspelt one that is missing then.
  for (const auto& [key, member] : value.items()) {
    const auto known = node.properties.find(key);
    if (known != node.properties.end()) {
      Check(*known->second, member, PathTo(path, key), problems);
    } else if (node.additional != nullptr && node.additional->never) {
      problems.push_back({PathTo(path, key), UnknownKey(node)});
    } else if (node.additional != nullptr) {
      Check(*node.additional, member, PathTo(path, key), problems);
    }
  }
  for (const std::string& key : node.required) {
    if (value.contains(key)) continue;
    problems.push_back(
        {PathTo(path, key), absl::StrCat("is missing: give ", DescribeKey(node, key))});
  }
}

// An alternative in few words: by the keys that it needs, where it needs some.
std::string DescribeAlternative(const SchemaNode& node) {
  if (node.required.empty()) return DescribeNode(node);
  return absl::StrJoin(node.required, " and ", [](std::string* out, const std::string& key) {
    absl::StrAppend(out, "\"", key, "\"");
  });
}

std::string DescribeAlternatives(const std::vector<SchemaNode::Child>& alternatives) {
  return absl::StrJoin(alternatives, "; ", [](std::string* out, const auto& alternative) {
    out->append(DescribeAlternative(*alternative));
  });
}

void CheckAlternatives(const SchemaNode& node, const Json& value, const std::string& path,
                       Problems& problems) {
  for (const auto& part : node.all_of) Check(*part, value, path, problems);
  const auto fits = [&value, &path](const auto& alternative) {
    return ProblemsOf(*alternative, value, path).empty();
  };
  if (!node.any_of.empty() && std::none_of(node.any_of.begin(), node.any_of.end(), fits)) {
    problems.push_back({path, absl::StrCat("is ", Shown(value), ": give at least one of ",
                                           DescribeAlternatives(node.any_of))});
  }
  if (!node.one_of.empty() && std::count_if(node.one_of.begin(), node.one_of.end(), fits) != 1) {
    problems.push_back({path, absl::StrCat("is ", Shown(value), ": give exactly one of ",
                                           DescribeAlternatives(node.one_of))});
  }
}

void Check(const SchemaNode& node, const Json& value, const std::string& path, Problems& problems) {
  if (problems.size() >= ConfigSchema::kProblemMax) return;
  if (node.never) {
    problems.push_back({path, absl::StrCat("is ", Shown(value), ": leave it out")});
    return;
  }
  if (!FitsItself(node, value)) {
    problems.push_back({path, absl::StrCat("is ", Shown(value), ": give ", DescribeNode(node))});
  }
  if (value.is_object()) CheckObject(node, value, path, problems);
  if (value.is_array() && node.items != nullptr) {
    for (size_t i = 0; i < value.size(); ++i) {
      Check(*node.items, value[i], PathTo(path, absl::StrCat(i)), problems);
    }
  }
  CheckAlternatives(node, value, path, problems);
}

bool IsBlank(absl::string_view text) {
  return text.find_first_not_of(" \t\r\n") == absl::string_view::npos;
}

}  // namespace

std::string DescribeProblem(const JsonProblem& problem) {
  return absl::StrCat(problem.path.empty() ? "it" : problem.path, " ", problem.description);
}

ConfigSchema::ConfigSchema(std::unique_ptr<const SchemaNode> root) : root_(std::move(root)) {}

ConfigSchema::~ConfigSchema() = default;

std::shared_ptr<const ConfigSchema> ConfigSchema::Parse(absl::string_view text,
                                                        std::vector<JsonProblem>& problems) {
  const std::optional<Json> json = ReadStrictJson(text, problems);
  if (!json.has_value()) return nullptr;
  const size_t before = problems.size();
  std::unique_ptr<const SchemaNode> root = ReadSchema(*json, problems);
  if (problems.size() != before) return nullptr;
  return std::shared_ptr<const ConfigSchema>(new ConfigSchema(std::move(root)));
}

std::vector<JsonProblem> ConfigSchema::Check(absl::string_view config) const {
  Problems problems;
  const std::optional<Json> value = ReadStrictJson(IsBlank(config) ? "{}" : config, problems);
  if (value.has_value()) pricing::Check(*root_, *value, "", problems);
  if (problems.size() > kProblemMax) problems.resize(kProblemMax);
  return problems;
}

}  // namespace topup::pricing
