// What `topup` can be told: every command and flag, once, for the parser and for the help alike.
#ifndef TOPUP_CLIENT_CLI_COMMAND_TABLE_H_
#define TOPUP_CLIENT_CLI_COMMAND_TABLE_H_

#include <string>
#include <vector>

#include "client/cli/arguments.h"

namespace topup::cli {

const std::vector<CommandSpec>& Commands();

// Taken by every command.
const std::vector<FlagSpec>& GlobalFlags();

// The help of the command `name`, or of the program where it is empty or unknown.
std::string HelpText(const std::string& name);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_COMMAND_TABLE_H_
