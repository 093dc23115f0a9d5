#include "client/cli/json_text.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

namespace topup::cli {

std::string JsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  // `"replayed": false` is an answer; a missing field is a question.
  options.always_print_primitive_fields = true;
  std::string json;
  // Fails for texts that are not UTF-8 only, which protobuf refuses on the way in.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}";
  return json;
}

}  // namespace topup::cli
