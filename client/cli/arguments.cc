#include "client/cli/arguments.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/time_argument.h"

namespace topup::cli {
namespace {

// A flag as it was typed.
struct TypedFlag {
  std::string name;
  std::optional<std::string> value;
};

struct SplitWords {
  std::vector<TypedFlag> flags;
  std::vector<std::string> positionals;
  bool help = false;
};

// One flag name has one kind in all commands, so flags can be told from positionals before the
// command is known.
using FlagsByName = std::map<std::string, const FlagSpec*>;

SplitWords Split(const std::vector<std::string>& words, const FlagsByName& all_flags) {
  SplitWords split;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      split.positionals.insert(split.positionals.end(),
                               words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (word == "--help" || word == "-h") {
      split.help = true;
      continue;
    }
    if (word.size() < 2 || word[0] != '-') {
      split.positionals.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    TypedFlag flag{.name = word.substr(word[1] == '-' ? 2 : 1, std::string::npos),
                   .value = std::nullopt};
    if (equals != std::string::npos) {
      flag.value = word.substr(equals + 1);
      flag.name.resize(flag.name.find('='));
    }
    const auto spec = all_flags.find(flag.name);
    const bool takes_value = spec != all_flags.end() && spec->second->kind != ValueKind::kSwitch;
    const bool next_is_value = i + 1 < words.size() && !absl::StartsWith(words[i + 1], "--");
    if (takes_value && !flag.value.has_value() && next_is_value) flag.value = words[++i];
    split.flags.push_back(std::move(flag));
  }
  return split;
}

// Why `value` is not of the kind; empty where it is.
std::string ProblemOf(ValueKind kind, const std::string& value, const FlagSpec& spec) {
  int64_t count;
  absl::Duration duration;
  switch (kind) {
    case ValueKind::kSwitch:
      return value == "true" || value == "false" ? "" : "is true or false";
    case ValueKind::kText:
      return value.empty() ? "must not be empty" : "";
    case ValueKind::kCount:
      if (absl::SimpleAtoi(value, &count) && count >= spec.count_min && count <= spec.count_max) {
        return "";
      }
      return absl::StrCat("is a whole number from ", spec.count_min, " to ", spec.count_max);
    case ValueKind::kDuration:
      if (absl::ParseDuration(value, &duration) && duration > absl::ZeroDuration()) return "";
      return "is a duration such as 30s or 1h30m";
    case ValueKind::kDinars:
      return ParseDinars(value).value_or(0) > 0 ? "" : "is an amount of dinars such as 521.07";
    case ValueKind::kLabel:
      return value.find('=') == std::string::npos || value[0] == '=' ? "has the form name=value"
                                                                     : "";
    case ValueKind::kChoice:
      if (std::count(spec.choices.begin(), spec.choices.end(), absl::AsciiStrToLower(value)) > 0) {
        return "";
      }
      return absl::StrCat("is one of ", absl::StrJoin(spec.choices, ", "));
    case ValueKind::kTime:
      return ParseTime(value).has_value() ? ""
                                          : "is a time such as 2026-11-26T10:00:00Z, or a day "
                                            "such as 2026-11-26";
    case ValueKind::kDigest:
      return value.size() >= 8 && value.size() <= 64 &&
                     std::all_of(value.begin(), value.end(), absl::ascii_isxdigit)
                 ? ""
                 : "is a digest as sha256sum prints it, or its first 8 digits or more";
  }
  return "";
}

// Letters to add, drop, replace or swap with their neighbour to make one word of the other.
size_t Slips(absl::string_view from, absl::string_view to) {
  std::vector<std::vector<size_t>> slips(from.size() + 1, std::vector<size_t>(to.size() + 1));
  for (size_t i = 0; i <= from.size(); ++i) {
    for (size_t j = 0; j <= to.size(); ++j) {
      if (i == 0 || j == 0) {
        slips[i][j] = i + j;
        continue;
      }
      const size_t replaced = slips[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      slips[i][j] = std::min({replaced, slips[i - 1][j] + 1, slips[i][j - 1] + 1});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        slips[i][j] = std::min(slips[i][j], slips[i - 2][j - 2] + 1);
      }
    }
  }
  return slips[from.size()][to.size()];
}

std::string Suggestion(absl::string_view word, const std::vector<std::string>& candidates,
                       absl::string_view prefix) {
  const std::optional<std::string> nearest = Nearest(word, candidates);
  return nearest.has_value() ? absl::StrCat(" Did you mean ", prefix, *nearest, "?") : "";
}

// Takes the command's words off the front of `positionals`. Null where there is none.
const CommandSpec* TakeCommand(const std::vector<CommandSpec>& commands,
                               std::vector<std::string>& positionals,
                               std::vector<std::string>& problems) {
  std::vector<std::string> names;
  for (const CommandSpec& command : commands) {
    names.push_back(command.name);
    const std::vector<std::string> parts = absl::StrSplit(command.name, ' ');
    if (positionals.size() >= parts.size() &&
        std::equal(parts.begin(), parts.end(), positionals.begin())) {
      positionals.erase(positionals.begin(),
                        positionals.begin() + static_cast<std::ptrdiff_t>(parts.size()));
      return &command;
    }
  }
  if (positionals.empty()) {
    problems.push_back("No command was given.");
  } else if (positionals[0] == "admin") {
    const std::string typed =
        positionals.size() > 1 ? absl::StrCat("admin ", positionals[1]) : "admin";
    problems.push_back(
        absl::StrCat("\"", typed, "\" is not a command.", Suggestion(typed, names, "")));
  } else {
    problems.push_back(absl::StrCat("\"", positionals[0], "\" is not a command.",
                                    Suggestion(positionals[0], names, "")));
  }
  return nullptr;
}

void TakeFlags(const std::vector<TypedFlag>& typed, const FlagsByName& known,
               ParsedArguments& parsed) {
  std::vector<std::string> names;
  for (const auto& [name, spec] : known) names.push_back(name);
  for (const TypedFlag& flag : typed) {
    const auto found = known.find(flag.name);
    if (found == known.end()) {
      parsed.problems.push_back(absl::StrCat("--", flag.name, " is not a flag of this command.",
                                             Suggestion(flag.name, names, "--")));
      continue;
    }
    const FlagSpec& spec = *found->second;
    if (!flag.value.has_value() && spec.kind != ValueKind::kSwitch) {
      parsed.problems.push_back(
          absl::StrCat("--", flag.name, " needs a value: --", flag.name, "=", spec.value_name));
      continue;
    }
    std::string value = flag.value.value_or("true");
    const std::string problem = ProblemOf(spec.kind, value, spec);
    if (!problem.empty()) {
      parsed.problems.push_back(
          absl::StrCat("--", flag.name, " ", problem, ", not \"", value, "\"."));
    } else if (parsed.arguments.Has(flag.name) && !spec.repeated) {
      parsed.problems.push_back(absl::StrCat("--", flag.name, " was given twice."));
    } else {
      if (spec.kind == ValueKind::kChoice) absl::AsciiStrToLower(&value);
      parsed.arguments.Set(flag.name, std::move(value));
    }
  }
}

void CheckPositionals(const CommandSpec& command, ParsedArguments& parsed) {
  const std::vector<std::string>& given = parsed.arguments.positionals;
  for (size_t i = 0; i < command.positionals.size(); ++i) {
    const PositionalSpec& spec = command.positionals[i];
    if (i >= given.size()) {
      if (!spec.optional) parsed.problems.push_back(absl::StrCat(spec.name, " is missing."));
      continue;
    }
    const std::string problem = ProblemOf(spec.kind, given[i], FlagSpec{});
    if (!problem.empty()) {
      parsed.problems.push_back(absl::StrCat(spec.name, " ", problem, ", not \"", given[i], "\"."));
    }
  }
  for (size_t i = command.positionals.size(); i < given.size(); ++i) {
    parsed.problems.push_back(absl::StrCat("\"", given[i], "\" is one word too many."));
  }
  if (command.key == KeyRule::kNone) return;
  const bool may_be_all = command.key == KeyRule::kIdOrRefOrAll;
  const int keys = (given.empty() ? 0 : 1) + (parsed.arguments.Has("ref") ? 1 : 0) +
                   (may_be_all && parsed.arguments.Switch("all") ? 1 : 0);
  if (keys != 1) {
    parsed.problems.push_back(
        absl::StrCat("Name the top-up by one of ID, --ref=R", may_be_all ? " and --all." : "."));
  }
}

}  // namespace

std::string Arguments::Text(const std::string& flag) const {
  if (const auto value = values_.find(flag); value != values_.end()) return value->second.back();
  const auto value = defaults_.find(flag);
  return value == defaults_.end() ? "" : value->second;
}

std::vector<std::string> Arguments::Texts(const std::string& flag) const {
  const auto value = values_.find(flag);
  return value == values_.end() ? std::vector<std::string>{} : value->second;
}

int64_t Arguments::Count(const std::string& flag) const {
  int64_t count = 0;
  return absl::SimpleAtoi(Text(flag), &count) ? count : 0;
}

absl::Duration Arguments::Duration(const std::string& flag) const {
  absl::Duration duration;
  return absl::ParseDuration(Text(flag), &duration) ? duration : absl::ZeroDuration();
}

std::optional<int64_t> ParseDinars(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('.', 1));
  const auto all_digits = [](absl::string_view digits) {
    return !digits.empty() && digits.find_first_not_of("0123456789") == absl::string_view::npos;
  };
  const bool has_point = text.find('.') != absl::string_view::npos;
  if (!all_digits(parts.first) || parts.first.size() > 12) return std::nullopt;
  if (has_point && (!all_digits(parts.second) || parts.second.size() > 2)) return std::nullopt;
  std::string centimes = absl::StrCat(parts.first, parts.second);
  centimes.append(2 - parts.second.size(), '0');
  int64_t value = 0;
  if (!absl::SimpleAtoi(centimes, &value)) return std::nullopt;
  return value;
}

std::optional<std::string> Nearest(absl::string_view word,
                                   const std::vector<std::string>& candidates) {
  std::optional<std::string> nearest;
  // So many slips are one too many.
  size_t best = std::min(word.size(), std::max<size_t>(1, word.size() / 3) + 1);
  for (const std::string& candidate : candidates) {
    const size_t slips = Slips(word, candidate);
    if (slips >= best) continue;
    best = slips;
    nearest = candidate;
  }
  return nearest;
}

ParsedArguments ParseArguments(const std::vector<std::string>& words,
                               const std::vector<CommandSpec>& commands,
                               const std::vector<FlagSpec>& global_flags) {
  FlagsByName all_flags;
  FlagsByName known;
  for (const FlagSpec& flag : global_flags) known[flag.name] = all_flags[flag.name] = &flag;
  for (const CommandSpec& command : commands) {
    for (const FlagSpec& flag : command.flags) all_flags[flag.name] = &flag;
  }
  SplitWords split = Split(words, all_flags);
  ParsedArguments parsed;
  parsed.arguments.help = split.help;
  const CommandSpec* command = TakeCommand(commands, split.positionals, parsed.problems);
  if (command != nullptr) {
    parsed.arguments.command = command->name;
    for (const FlagSpec& flag : command->flags) known[flag.name] = &flag;
  } else {
    known = all_flags;  // the command is the problem: its flags are not a second one
  }
  for (const auto& [name, flag] : known) parsed.arguments.SetDefault(name, flag->default_value);
  TakeFlags(split.flags, known, parsed);
  parsed.arguments.positionals = std::move(split.positionals);
  if (command != nullptr) CheckPositionals(*command, parsed);
  return parsed;
}

}  // namespace topup::cli
