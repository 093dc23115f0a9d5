// The command line of topup_sandbox.
#ifndef TOPUP_SERVER_SANDBOX_PROGRAM_FLAGS_H_
#define TOPUP_SERVER_SANDBOX_PROGRAM_FLAGS_H_

#include <string>
#include <vector>

#include "server/sandbox/sandbox.h"

namespace topup::sandbox {

struct ProgramFlags {
  SandboxOptions options;
  bool help = false;
  std::vector<std::string> problems;  // each a line; empty where all is well
};

// Reads `--name=value` flags; opens the file that --faults names, if it names one.
ProgramFlags ParseProgramFlags(const std::vector<std::string>& arguments);

// What --help prints.
std::string ProgramHelp();

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_PROGRAM_FLAGS_H_
