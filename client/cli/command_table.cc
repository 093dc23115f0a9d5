#include "client/cli/command_table.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"

namespace topup::cli {
namespace {

FlagSpec Switch(std::string name, std::string help) {
  return {.name = std::move(name), .kind = ValueKind::kSwitch, .help = std::move(help)};
}

FlagSpec Text(std::string name, std::string value_name, std::string help) {
  return {.name = std::move(name), .value_name = std::move(value_name), .help = std::move(help)};
}

FlagSpec Choice(std::string name, std::vector<std::string> choices, std::string default_value,
                std::string help) {
  std::string value_name = absl::StrJoin(choices, "|");
  return {.name = std::move(name),
          .kind = ValueKind::kChoice,
          .value_name = std::move(value_name),
          .help = std::move(help),
          .default_value = std::move(default_value),
          .choices = std::move(choices)};
}

FlagSpec Ref() { return Text("ref", "R", "Your own name for the top-up."); }

FlagSpec Status(std::string help) {
  FlagSpec flag = Choice("status",
                         {"queued", "submitting", "pending", "handling", "unknown_error",
                          "fulfilled", "refunded", "rejected", "cancelled"},
                         "", std::move(help));
  flag.value_name = "S";
  flag.repeated = true;
  return flag;
}

FlagSpec Timeout() {
  return {.name = "timeout",
          .kind = ValueKind::kDuration,
          .value_name = "DURATION",
          .help = "Stop watching after this long; there is no limit by default."};
}

FlagSpec PageSize() {
  return {.name = "page_size",
          .kind = ValueKind::kCount,
          .value_name = "N",
          .help = "Rows of one page.",
          .default_value = "50",
          .count_max = 1000};
}

FlagSpec PageToken() { return Text("page_token", "T", "Go on from the page before."); }

FlagSpec Expect() {
  return {.name = "expect",
          .kind = ValueKind::kDigest,
          .value_name = "DIGEST",
          .help =
              "Change nothing unless this configuration is in force: its digest, or the first 8 "
              "digits or more. Without it: whatever is in force when the command begins."};
}

CommandSpec Send() {
  CommandSpec send{.name = "send", .summary = "Sell a top-up. Safe to repeat with the same --ref."};
  send.positionals = {{"N"}, {"PLAN"}, {"AMOUNT", ValueKind::kCount, true}};
  FlagSpec label{.name = "label",
                 .kind = ValueKind::kLabel,
                 .value_name = "NAME=VALUE",
                 .help = "Your own data, kept with the top-up. May be repeated.",
                 .repeated = true};
  FlagSpec max_price{.name = "max_price",
                     .kind = ValueKind::kDinars,
                     .value_name = "DZD",
                     .help = "Refuse a price above this."};
  send.flags = {Text("ref", "R", "Your own name for the top-up. Without it one is made and shown."),
                Switch("watch", "Follow it until it is settled or UNKNOWN_ERROR."),
                Timeout(),
                Choice("wait", {"recorded", "submitted", "settled"}, "recorded",
                       "How far the top-up has to get before the server answers."),
                Text("quote", "ID", "Sell at the price of this quote."),
                max_price,
                Switch("allow_repeat", "Send the same plan and amount to a number twice."),
                label,
                Switch("validate_only", "Check and price it; record and send nothing.")};
  return send;
}

std::vector<CommandSpec> TopupCommands() {
  const PositionalSpec number{"N"};
  const PositionalSpec id{"ID", ValueKind::kText, true};
  return {
      {.name = "plans",
       .summary = "What can be sold, with prices.",
       .flags = {Text("phone", "N", "Only what this number can take."),
                 {.name = "amount",
                  .kind = ValueKind::kCount,
                  .value_name = "DZD",
                  .help = "Price the plans of free amount at it."},
                 Choice("operator", {"mobilis", "djezzy", "ooredoo", "pixx"}, "",
                        "Only this operator's."),
                 Switch("all", "Also what cannot be sold now.")}},
      {.name = "offers",
       .summary = "What the operator offers to one number.",
       .positionals = {number}},
      {.name = "quote",
       .summary = "Price a top-up and hold the price.",
       .positionals = {number, {"PLAN"}, {"AMOUNT", ValueKind::kCount, true}}},
      Send(),
      {.name = "get",
       .summary = "One top-up, whole.",
       .positionals = {id},
       .flags = {Ref()},
       .key = KeyRule::kIdOrRef},
      {.name = "list",
       .summary = "Your top-ups, newest first.",
       .flags = {Status("Only these; may be repeated."), Text("phone", "N", "Only this number's."),
                 PageSize(), PageToken(), Switch("all", "Every page.")}},
      {.name = "cancel",
       .summary = "Cancel a top-up that has not left yet.",
       .positionals = {id},
       .flags = {Ref()},
       .key = KeyRule::kIdOrRef},
      {.name = "watch",
       .summary = "Follow one top-up until it is settled, or all for ever.",
       .positionals = {id},
       .flags = {Ref(), Switch("all", "All of your top-ups."), Timeout(),
                 Text("resume_token", "T", "With --all: go on from here."),
                 Switch("from_oldest", "With --all: begin with the oldest change that is kept."),
                 Status("With --all: only changes to these; may be repeated.")},
       .key = KeyRule::kIdOrRefOrAll},
  };
}

CommandSpec Simulate() {
  const auto time = [](std::string name, std::string help) {
    return FlagSpec{.name = std::move(name),
                    .kind = ValueKind::kTime,
                    .value_name = "TIME",
                    .help = std::move(help)};
  };
  FlagSpec timeout = Timeout();
  timeout.default_value = "10m";
  timeout.help = "Give up after this long.";
  return {.name = "admin simulate",
          .summary = "Price past top-ups with a configuration, and compare. Changes nothing.",
          .positionals = {{"FILE", ValueKind::kText, true}},
          .flags = {time("start", "Only top-ups recorded from then on; a day begins in Algiers."),
                    time("end", "Only those recorded before; of a day, before its end in Algiers."),
                    {.name = "movers",
                     .kind = ValueKind::kCount,
                     .value_name = "N",
                     .help = "How many of the biggest movers, and of the failures, to show.",
                     .default_value = "20",
                     .count_max = 1000,
                     .count_min = 1},
                    timeout}};
}

std::vector<CommandSpec> AdminCommands() {
  const PositionalSpec file{"FILE", ValueKind::kText, true};
  const FlagSpec reason = Text("reason", "TEXT", "Why. Recorded for ever.");
  return {
      {.name = "admin provider", .summary = "The provider's accounts: balance, operators, budget."},
      {.name = "admin refresh-plans", .summary = "Read the plan catalogue again now."},
      {.name = "admin strategies", .summary = "Pricing strategies, loaded and refused."},
      {.name = "admin activate",
       .summary =
           "Check a pricing configuration and put it in force. Without FILE: the server's own.",
       .positionals = {file},
       .flags = {Expect(), Switch("validate_only", "Only check it.")}},
      {.name = "admin rollback",
       .summary = "Go back to the pricing configuration before.",
       .flags = {Expect()}},
      Simulate(),
      {.name = "admin explain",
       .summary = "Price a top-up again from what was recorded with it, and compare.",
       .positionals = {{"ID"}}},
      {.name = "admin unsettled",
       .summary = "Top-ups in doubt or open for too long, with their evidence.",
       .flags = {PageSize(), PageToken()}},
      {.name = "admin resolve",
       .summary = "Settle an unsettled top-up by a person's decision.",
       .positionals = {{"ID"}},
       .flags = {Choice("as", {"fulfilled", "refunded", "rejected"}, "", "How it ended."),
                 reason,
                 {.name = "revision",
                  .kind = ValueKind::kCount,
                  .value_name = "N",
                  .help = "Refuse where the top-up has changed since this revision."},
                 Switch("override", "Also while the provider may still answer.")}},
      {.name = "admin incidents",
       .summary = "What contradicts the records and needs a person.",
       .flags = {PageSize(), PageToken(), Switch("all", "Closed ones too.")}},
      {.name = "admin close-incident",
       .summary = "Close an incident.",
       .positionals = {{"ID"}},
       .flags = {reason}},
  };
}

CommandSpec Tour() {
  FlagSpec timeout = Timeout();
  timeout.default_value = "2m";
  timeout.help = "What has not ended by then counts as different.";
  return {.name = "tour",
          .summary = "Sandbox only: see top-ups of every kind to their end.",
          .flags = {timeout}};
}

}  // namespace

const std::vector<CommandSpec>& Commands() {
  static const auto& commands = *[] {
    auto* all = new std::vector<CommandSpec>(TopupCommands());
    for (CommandSpec& command : AdminCommands()) all->push_back(std::move(command));
    all->push_back(Tour());
    all->push_back({.name = "version", .summary = "The version of this program."});
    all->push_back({.name = "help",
                    .summary = "This text, or that of one command.",
                    .positionals = {{"COMMAND", ValueKind::kText, true},
                                    {"COMMAND", ValueKind::kText, true}}});
    return all;
  }();
  return commands;
}

const std::vector<FlagSpec>& GlobalFlags() {
  static const auto& flags = *new std::vector<FlagSpec>{
      {.name = "server",
       .value_name = "ADDRESS",
       .help = "Where topupd listens. Beyond this machine TLS is always used.",
       .default_value = "127.0.0.1:50051"},
      Text("token_file", "FILE", "Holds the bearer token."),
      Text("ca_file", "FILE", "PEM: whom to trust. Without it, the system's authorities."),
      Text("cert", "FILE", "PEM: the client's certificate."),
      Text("key", "FILE", "PEM: its key."),
      Choice("output", {"table", "json"}, "table", "json: one message a line, on stdout."),
      Choice("color", {"auto", "always", "never"}, "auto", "auto: on a terminal."),
      {.name = "tries",
       .kind = ValueKind::kCount,
       .value_name = "N",
       .help = "Tries of one call, all under the same ref.",
       .default_value = "5",
       .count_max = 50},
  };
  return flags;
}

}  // namespace topup::cli
