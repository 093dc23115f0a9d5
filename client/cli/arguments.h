// The command line of `topup`, as data: words in, a command with checked values out. Pure.
//
// Flags are `--name=value` or `--name value`, switches are `--name`, and all of them may stand
// anywhere; `--` ends them. Every problem is found, not the first only.
#ifndef TOPUP_CLIENT_CLI_ARGUMENTS_H_
#define TOPUP_CLIENT_CLI_ARGUMENTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace topup::cli {

enum class ValueKind {
  kSwitch,    // true or false; alone it is true
  kText,      // anything but nothing
  kCount,     // a whole number, count_min to count_max
  kDuration,  // 5s, 1h30m; above zero
  kDinars,    // 500 or 521.07; above zero
  kLabel,     // name=value
  kChoice,    // one of `choices`, in any case
  kTime,      // an instant or a day: time_argument.h
  kDigest,    // the first 8 to 64 hexadecimal digits of a SHA-256
};

struct FlagSpec {
  std::string name;
  ValueKind kind = ValueKind::kText;
  std::string value_name = {};  // for the help; empty for a switch
  std::string help = {};
  std::string default_value = {};         // empty: none
  std::vector<std::string> choices = {};  // lower case
  bool repeated = false;
  int64_t count_max = 1'000'000;  // kCount only
  int64_t count_min = 0;
};

struct PositionalSpec {
  std::string name;  // as in the help: "PLAN"
  ValueKind kind = ValueKind::kText;
  bool optional = false;
};

// How a command is told which top-up it is about.
enum class KeyRule {
  kNone,
  kIdOrRef,       // exactly one of ID and --ref
  kIdOrRefOrAll,  // exactly one of ID, --ref and --all
};

struct CommandSpec {
  std::string name;  // "send", or "admin provider"
  std::string summary = {};
  std::vector<PositionalSpec> positionals = {};
  std::vector<FlagSpec> flags = {};
  KeyRule key = KeyRule::kNone;
};

// A command with its values, each of the kind that its spec says.
class Arguments {
 public:
  std::string command;  // empty: none was given
  bool help = false;
  std::vector<std::string> positionals;

  bool Has(const std::string& flag) const { return values_.count(flag) > 0; }
  // The value given, or the default, or "".
  std::string Text(const std::string& flag) const;
  std::vector<std::string> Texts(const std::string& flag) const;
  bool Switch(const std::string& flag) const { return Text(flag) == "true"; }
  int64_t Count(const std::string& flag) const;
  absl::Duration Duration(const std::string& flag) const;

  void Set(const std::string& flag, std::string value) {
    values_[flag].push_back(std::move(value));
  }
  void SetDefault(const std::string& flag, std::string value) {
    defaults_[flag] = std::move(value);
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::string> defaults_;
};

struct ParsedArguments {
  Arguments arguments;
  std::vector<std::string> problems;  // one sentence each; empty: all is well
};

// `words` are those after the program's name.
ParsedArguments ParseArguments(const std::vector<std::string>& words,
                               const std::vector<CommandSpec>& commands,
                               const std::vector<FlagSpec>& global_flags);

// "521.07" as 52107 centimes; nothing for what is not an amount with two decimals at most.
std::optional<int64_t> ParseDinars(absl::string_view text);

// The candidate that is nearest to `word` in typing, where one is near enough to be meant.
std::optional<std::string> Nearest(absl::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_ARGUMENTS_H_
