// Holds a strategy's configuration against the schema that the strategy gives for it, before
// the strategy sees a byte of it.
//
// The schema is a subset of JSON Schema (2020-12), which pricing_plugins/abi/README.md lists. A
// keyword outside of it is refused and not ignored: a rule that nobody enforces is a wrong
// price. There is no $ref, so that checking always ends.
#ifndef TOPUP_SERVER_PRICING_SCHEMA_CONFIG_SCHEMA_H_
#define TOPUP_SERVER_PRICING_SCHEMA_CONFIG_SCHEMA_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace topup::pricing {

struct SchemaNode;

// Something wrong in a JSON text.
struct JsonProblem {
  std::string path;         // JSON Pointer: "/tiers/0/percent"; empty for the whole
  std::string description;  // which value is wrong, and what would be right

  friend bool operator==(const JsonProblem&, const JsonProblem&) = default;
};

// For people: "/tiers/0/percent is ...", "it is ...".
std::string DescribeProblem(const JsonProblem& problem);

// Thread-safe: constant after construction.
class ConfigSchema {
 public:
  // At most so many problems are listed; nobody reads more.
  static constexpr size_t kProblemMax = 100;

  // Reads `text`. Null where it is no schema of our subset; every reason is then appended to
  // `problems`.
  static std::shared_ptr<const ConfigSchema> Parse(absl::string_view text,
                                                   std::vector<JsonProblem>& problems);
  ~ConfigSchema();
  ConfigSchema(const ConfigSchema&) = delete;
  ConfigSchema& operator=(const ConfigSchema&) = delete;

  // Everything that is wrong with `config`, in the order of its keys; nothing where it is as the
  // schema says. An empty text counts as {}. Refused whatever the schema says: what is not JSON,
  // keys given twice, fractions, numbers beyond int64, more than 32 levels.
  std::vector<JsonProblem> Check(absl::string_view config) const;

 private:
  explicit ConfigSchema(std::unique_ptr<const SchemaNode> root);

  const std::unique_ptr<const SchemaNode> root_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_SCHEMA_CONFIG_SCHEMA_H_
