// Messages as JSON, one line each: the standard mapping, lowerCamelCase, every plain field shown.
#ifndef TOPUP_CLIENT_CLI_JSON_TEXT_H_
#define TOPUP_CLIENT_CLI_JSON_TEXT_H_

#include <string>

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace topup::cli {

// Without a line break.
std::string JsonLine(const google::protobuf::Message& message);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_JSON_TEXT_H_
