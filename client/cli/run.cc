#include "client/cli/run.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/arguments.h"
#include "client/cli/command_table.h"
#include "client/cli/commands.h"
#include "client/cli/session.h"

namespace topup::cli {
namespace {

constexpr char kVersion[] = "topup 0.1.0 (speaks topup.v1)";

// Reads the file that `flag` names, if any, into `content`.
void ReadFlagFile(const Arguments& arguments, const std::string& flag,
                  const Environment& environment, std::string& content,
                  std::vector<std::string>& problems) {
  if (!arguments.Has(flag)) return;
  const std::optional<std::string> read = environment.read_file(arguments.Text(flag));
  if (!read.has_value() || absl::StripAsciiWhitespace(*read).empty()) {
    problems.push_back(
        absl::StrCat("--", flag, ": cannot read ", arguments.Text(flag), ", or it is empty."));
    return;
  }
  if (read->size() > kFileBytesMax) {
    problems.push_back(absl::StrCat("--", flag, ": ", arguments.Text(flag), " is over 1 MiB."));
    return;
  }
  content = *read;
}

ColourMode ColourModeOf(const std::string& word) {
  if (word == "always") return ColourMode::kAlways;
  return word == "never" ? ColourMode::kNever : ColourMode::kAuto;
}

int Misused(const std::vector<std::string>& problems, const std::string& command,
            Environment& environment) {
  for (const std::string& problem : problems) environment.err << "topup: " << problem << '\n';
  environment.err << "topup: see: topup help" << (command.empty() ? "" : " ") << command
                  << std::endl;
  return kUsage;
}

ExitStatus RunCommand(const Arguments& arguments, Session& session) {
  const std::string& command = arguments.command;
  if (command == "plans") return ShowPlans(arguments, session);
  if (command == "offers") return ShowOffers(arguments, session);
  if (command == "quote") return MakeQuote(arguments, session);
  if (command == "send") return Send(arguments, session);
  if (command == "get") return Get(arguments, session);
  if (command == "list") return List(arguments, session);
  if (command == "cancel") return Cancel(arguments, session);
  if (command == "watch") return Watch(arguments, session);
  if (command == "tour") return Tour(arguments, session);
  return RunAdmin(arguments, session);
}

}  // namespace

int Run(const std::vector<std::string>& words, Environment& environment) {
  if (words.size() == 1 && words[0] == "--version") {
    environment.out << kVersion << std::endl;
    return kDone;
  }
  ParsedArguments parsed = ParseArguments(words, Commands(), GlobalFlags());
  const Arguments& arguments = parsed.arguments;
  if (arguments.help || arguments.command == "help") {
    const std::string about =
        arguments.command == "help" ? absl::StrJoin(arguments.positionals, " ") : arguments.command;
    environment.out << HelpText(about) << std::flush;
    return kDone;
  }
  if (!parsed.problems.empty()) return Misused(parsed.problems, arguments.command, environment);
  if (arguments.command == "version") {
    environment.out << kVersion << std::endl;
    return kDone;
  }

  client::ConnectionOptions connection;
  connection.server = arguments.Text("server");
  client::ClientOptions options;
  options.retry.tries_max = std::max<int>(1, static_cast<int>(arguments.Count("tries")));
  std::vector<std::string> problems;
  ReadFlagFile(arguments, "ca_file", environment, connection.ca_pem, problems);
  ReadFlagFile(arguments, "cert", environment, connection.cert_pem, problems);
  ReadFlagFile(arguments, "key", environment, connection.key_pem, problems);
  ReadFlagFile(arguments, "token_file", environment, options.bearer_token, problems);
  absl::StripAsciiWhitespace(&options.bearer_token);
  if (!problems.empty()) return Misused(problems, arguments.command, environment);
  client::Result<client::Connection> connected = environment.connect(connection, options);
  if (!connected.ok()) {
    return Misused({connected.error().message}, arguments.command, environment);
  }
  const bool uses_colour = UseColour(ColourModeOf(arguments.Text("color")),
                                     environment.out_is_terminal, environment.no_color_is_set);
  Session session{.topups = *connected->topups,
                  .admin = *connected->admin,
                  .world = environment.world,
                  .out = environment.out,
                  .err = environment.err,
                  .json = arguments.Text("output") == "json",
                  .out_is_terminal = environment.out_is_terminal,
                  .style = Style(uses_colour),
                  .draws_blocks = uses_colour && environment.out_is_terminal,
                  .zone = environment.zone,
                  .server = connection.server,
                  .cancellation = environment.interrupt,
                  .read_file = environment.read_file};
  return RunCommand(arguments, session);
}

}  // namespace topup::cli
