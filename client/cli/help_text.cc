// What `topup help` prints.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command_table.h"

namespace topup::cli {
namespace {

std::string UsageLine(const CommandSpec& command) {
  std::string line = absl::StrCat("topup ", command.name);
  if (command.key != KeyRule::kNone) {
    return line + (command.key == KeyRule::kIdOrRef ? " ID|--ref=R" : " ID|--ref=R|--all");
  }
  for (const PositionalSpec& positional : command.positionals) {
    absl::StrAppend(&line, positional.optional ? " [" : " ", positional.name,
                    positional.optional ? "]" : "");
  }
  return line;
}

void AppendFlags(const std::vector<FlagSpec>& flags, std::string& text) {
  for (const FlagSpec& flag : flags) {
    std::string left = absl::StrCat("  --", flag.name);
    if (flag.kind != ValueKind::kSwitch) absl::StrAppend(&left, "=", flag.value_name);
    if (left.size() < 26) left.resize(26, ' ');
    absl::StrAppend(&text, left, "  ", flag.help);
    if (!flag.choices.empty() && flag.value_name.find('|') == std::string::npos) {
      absl::StrAppend(&text, " One of ", absl::StrJoin(flag.choices, ", "), ".");
    }
    if (!flag.default_value.empty()) absl::StrAppend(&text, " Default: ", flag.default_value, ".");
    text += '\n';
  }
}

constexpr char kExitStatusText[] =
    "\nExit status: 0 done (when watching: FULFILLED), 1 refused or not delivered, 2 usage,\n"
    "3 not known yet, 4 cannot reach the server.\n";

}  // namespace

std::string HelpText(const std::string& name) {
  const auto command = std::find_if(Commands().begin(), Commands().end(),
                                    [&](const CommandSpec& spec) { return spec.name == name; });
  std::string text;
  if (command == Commands().end()) {
    text = "topup: sells mobile top-ups through topupd.\n\n";
    for (const CommandSpec& spec : Commands()) {
      std::string left = absl::StrCat("  ", UsageLine(spec));
      if (left.size() < 38) left.resize(38, ' ');
      absl::StrAppend(&text, left, "  ", spec.summary, "\n");
    }
    text +=
        "\nN is a number such as 0770000000; AMOUNT is in whole dinars; FILE is a pricing\n"
        "configuration; TIME is 2026-11-26T10:00:00Z or 2026-11-26.\n";
  } else {
    text = absl::StrCat(UsageLine(*command), "\n\n", command->summary, "\n");
    if (!command->flags.empty()) text += "\nFlags:\n";
    AppendFlags(command->flags, text);
  }
  text += "\nFlags of every command:\n";
  AppendFlags(GlobalFlags(), text);
  return text + kExitStatusText;
}

}  // namespace topup::cli
