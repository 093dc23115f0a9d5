#include "pricing_plugins/checker/arguments.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace topup::checker {
namespace {

template <typename Number>
void ReadNumber(const std::string& name, const std::string& value, Number max, Number& number,
                std::vector<std::string>& problems) {
  Number read = 0;
  if (absl::SimpleAtoi(value, &read) && read >= 1 && read <= max) {
    number = read;
  } else {
    problems.push_back(
        absl::StrCat("--", name, " is \"", value, "\": give a whole number from 1 to ", max));
  }
}

void SetFlag(const std::string& name, const std::string& value, Arguments& arguments,
             std::vector<std::string>& problems) {
  if (name == "output") {
    if (value != "text" && value != "json") {
      problems.push_back(absl::StrCat("--output is \"", value, "\": give text or json"));
    }
    arguments.json = value == "json";
  } else if (name == "config") {
    if (value.empty()) problems.push_back("--config is empty: name a file");
    arguments.config_file = value;
  } else if (name == "seed") {
    uint64_t seed = 0;
    if (!absl::SimpleAtoi(value, &seed)) {
      problems.push_back(absl::StrCat("--seed is \"", value, "\": give a whole number"));
    }
    arguments.seed = seed;
  } else if (name == "calls") {
    ReadNumber(name, value, 10'000'000, arguments.calls, problems);
  } else {
    ReadNumber(name, value, 3600, arguments.patience_seconds, problems);
  }
}

bool IsFlag(const std::string& name) {
  return name == "output" || name == "config" || name == "seed" || name == "calls" ||
         name == "patience";
}

}  // namespace

const char kHelp[] =
    R"(pricing_plugin_checker [--output text|json] [--config FILE] [--seed N] LIBRARY...

Looks at pricing strategies (shared libraries, see pricing_plugins/README.md) without trusting
them: each check of each library runs in a process of its own, which may crash, hang or exit.
Says what was checked, what was found, and what to do.

  --output    text (the default) or json
  --config    file with the strategy's configuration (JSON), for all libraries that are named;
              without it one is made from the schema of each library
  --seed      of the random requests; without it a new one for each run, which is printed
  --calls     random requests for each library; 20000
  --patience  seconds for one step of a check before it counts as hanging; 60

Exit status: 0 all good, 1 a library failed, 2 usage.

A good library keeps the contract as far as that can be seen from outside. That it is the rule
that you meant, has no data race, and behaves tomorrow, nobody can see from outside.
)";

Arguments ParseArguments(const std::vector<std::string>& words,
                         std::vector<std::string>& problems) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help") {
      arguments.help = true;
      continue;
    }
    if (!absl::StartsWith(word, "--")) {
      arguments.libraries.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (!IsFlag(name)) {
      problems.push_back(absl::StrCat(word, " is no flag: see --help"));
    } else if (equals != std::string::npos) {
      SetFlag(name, word.substr(equals + 1), arguments, problems);
    } else if (i + 1 == words.size()) {
      problems.push_back(absl::StrCat(word, " wants a value"));
    } else {
      SetFlag(name, words[++i], arguments, problems);
    }
  }
  if (!arguments.help && arguments.libraries.empty()) {
    problems.push_back("no library is named: see --help");
  }
  return arguments;
}

}  // namespace topup::checker
