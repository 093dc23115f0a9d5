// Reads a schema. Private to this folder.
#ifndef TOPUP_SERVER_PRICING_SCHEMA_READ_SCHEMA_H_
#define TOPUP_SERVER_PRICING_SCHEMA_READ_SCHEMA_H_

#include <memory>
#include <vector>

#include "server/pricing/schema/config_schema.h"
#include "server/pricing/schema/schema_node.h"

namespace topup::pricing {

// What `json` asks for. Whatever is not of our subset is appended to `problems`, all of it; the
// node is then of no use.
std::unique_ptr<const SchemaNode> ReadSchema(const Json& json, std::vector<JsonProblem>& problems);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_SCHEMA_READ_SCHEMA_H_
