// What a command works with: clients, places to write to, and how.
#ifndef TOPUP_CLIENT_CLI_SESSION_H_
#define TOPUP_CLIENT_CLI_SESSION_H_

#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "client/admin_client.h"
#include "client/cancellation.h"
#include "client/cli/error_text.h"
#include "client/cli/table.h"
#include "client/client_error.h"
#include "client/topup_client.h"
#include "client/world.h"

namespace topup::cli {

// Tokens, certificates; of no file is more read.
inline constexpr size_t kFileBytesMax = 1 << 20;

// Of a pricing configuration: what the server takes in a request.
inline constexpr size_t kConfigBytesMax = 240 << 10;

// Everything is borrowed and outlives the command.
struct Session {
  client::TopupClient& topups;
  client::AdminClient& admin;
  const client::World& world;
  std::ostream& out;  // answers
  std::ostream& err;  // problems, and what must not mix with JSON
  bool json = false;
  bool out_is_terminal = false;  // `out` may be drawn over
  Style style;
  bool draws_blocks = false;  // beyond ASCII, for pictures
  absl::TimeZone zone;
  std::string server;                            // for messages
  client::Cancellation* cancellation = nullptr;  // by the user; may be null
  // Nothing where the file cannot be read; a byte more than kFileBytesMax where it is longer.
  std::function<std::optional<std::string>(const std::string& path)> read_file = {};

  client::CallOptions Call() const { return {.timeout = {}, .cancellation = cancellation}; }

  // Says what went wrong: a line for people on `err`, and a line for each problem of a
  // configuration; with JSON also an object on `out`.
  void Report(const client::ClientError& error) const;
  void PrintJson(const google::protobuf::Message& message) const;

  // Reports the error of a call that only reads, and makes the exit status of it.
  ExitStatus FailRead(const client::ClientError& error) const;

  // Says what is wrong with the command line where the parser cannot see it. kUsage.
  ExitStatus FailUsage(const std::string& problem) const;
};

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_SESSION_H_
