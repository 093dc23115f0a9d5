// The program `topup` without its process: words in, exit status out.
#ifndef TOPUP_CLIENT_CLI_RUN_H_
#define TOPUP_CLIENT_CLI_RUN_H_

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/channel.h"
#include "client/topup_client.h"
#include "client/world.h"

namespace topup::cli {

// What the process around gives. Everything is borrowed.
struct Environment {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool no_color_is_set = false;
  absl::TimeZone zone;
  client::World world;
  client::Cancellation* interrupt = nullptr;  // by a signal; may be null
  std::function<client::Result<client::Connection>(const client::ConnectionOptions&,
                                                   const client::ClientOptions&)>
      connect;
  // Nothing where it cannot be read; a byte more than kFileBytesMax (session.h) where it is longer.
  std::function<std::optional<std::string>(const std::string& path)> read_file;
};

// Returns the exit status (error_text.h). `words` are those after the program's name.
int Run(const std::vector<std::string>& words, Environment& environment);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_RUN_H_
