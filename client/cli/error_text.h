// What a failed call is to a person (one line), to a script (one JSON line, one exit status).
#ifndef TOPUP_CLIENT_CLI_ERROR_TEXT_H_
#define TOPUP_CLIENT_CLI_ERROR_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/client_error.h"

namespace topup::cli {

// Part of the contract: client/README.md.
enum ExitStatus {
  kDone = 0,  // with --watch: FULFILLED
  kRefusedOrUndelivered = 1,
  kUsage = 2,
  kNotKnownYet = 3,
  kUnreachable = 4,
};

// Reason, message, what the message leaves out, wrong fields and what helps, in one line without a
// line break. `server` is the address that was called.
std::string ErrorLine(const client::ClientError& error, const std::string& server);

// What is wrong with a pricing configuration that was refused: "route[2].chain: ...", a line for
// each problem, in their order. Empty for every other error: its fields are in ErrorLine.
std::vector<std::string> ProblemLines(const client::ClientError& error);

// {"error":{"code":"NOT_FOUND","reason":...,"message":...,"metadata":{...},"fieldViolations":[...],
// "retryAfter":"2.000s","mayHaveHappened":false}}
std::string ErrorJson(const client::ClientError& error);

// Of a call that only reads.
ExitStatus ExitStatusOfRead(const client::ClientError& error);

// Of a call that changes something: 3 where it may have happened all the same.
ExitStatus ExitStatusOfChange(const client::ClientError& error);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_ERROR_TEXT_H_
