#include "server/sandbox/program_flags.h"

#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/sandbox/faults/fault_settings.h"

namespace topup::sandbox {
namespace {

constexpr char kFlagHelp[] =
    "topup_sandbox: a stand-in for the top-up provider; moves no money.\n\n"
    "  --listen=127.0.0.1:8181   address; port 0 picks a free one\n"
    "  --time_scale=1            10 = everything ten times faster\n"
    "  --requests_per_minute=0   ceiling answered with 429; 0 = none\n"
    "  --faults=                 a textproto file, or the text itself (it holds a '{')\n"
    "  --ledger=                 file: one JSON line for every request and accepted top-up\n"
    "  --help                    this text\n\n"
    "The key is `sandbox`, sent in X-Access-Token. The first line on standard output is\n"
    "`listening on ADDRESS:PORT`. SIGTERM and SIGINT stop it.\n\n";

// "127.0.0.1:8181" or "[::1]:8181".
bool ParseAddress(absl::string_view value, SandboxOptions& options) {
  const size_t colon = value.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  absl::string_view host = value.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) return false;
  options.host = std::string(host);
  return absl::SimpleAtoi(value.substr(colon + 1), &options.port) && options.port >= 0 &&
         options.port <= 65535;
}

void TakeFaults(const std::string& value, ProgramFlags& flags) {
  flags.options.faults = value;
  std::string where = "--faults";
  if (!value.empty() && value.find('{') == std::string::npos) {
    std::ifstream file(value);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
      flags.problems.push_back(absl::StrCat("--faults: ", value, " cannot be read"));
      return;
    }
    flags.options.faults = text.str();
    where = value;
  }
  const absl::StatusOr<FaultSettings> settings = ParseFaultSettings(flags.options.faults);
  if (settings.ok()) return;
  for (absl::string_view problem : absl::StrSplit(settings.status().message(), '\n')) {
    flags.problems.push_back(absl::StrCat(where, ": ", problem));
  }
}

void TakeFlag(const std::string& name, const std::string& value, ProgramFlags& flags) {
  SandboxOptions& options = flags.options;
  const auto check = [&](bool good, absl::string_view rule) {
    if (good) return;
    flags.problems.push_back(absl::StrCat("--", name, ": must be ", rule, ", not '", value, "'"));
  };
  if (name == "listen") {
    check(ParseAddress(value, options), "ADDRESS:PORT");
  } else if (name == "time_scale") {
    check(absl::SimpleAtod(value, &options.time_scale) && options.time_scale >= 0.001 &&
              options.time_scale <= 1e6,
          "0.001 to 1000000");
  } else if (name == "requests_per_minute") {
    check(absl::SimpleAtoi(value, &options.requests_per_minute) &&
              options.requests_per_minute >= 0 && options.requests_per_minute <= 1'000'000,
          "0 to 1000000");
  } else if (name == "faults") {
    TakeFaults(value, flags);
  } else if (name == "ledger") {
    options.ledger_path = value;
  } else {
    flags.problems.push_back(absl::StrCat("--", name, ": no such flag; see --help"));
  }
}

}  // namespace

ProgramFlags ParseProgramFlags(const std::vector<std::string>& arguments) {
  ProgramFlags flags;
  flags.options.port = 8181;
  for (const std::string& argument : arguments) {
    absl::string_view rest = argument;
    if (argument == "--help") {
      flags.help = true;
      continue;
    }
    const size_t equals = rest.find('=');
    if (!absl::ConsumePrefix(&rest, "--") || equals == absl::string_view::npos) {
      flags.problems.push_back(absl::StrCat("'", argument, "': flags are --name=value"));
      continue;
    }
    TakeFlag(argument.substr(2, equals - 2), argument.substr(equals + 1), flags);
  }
  return flags;
}

std::string ProgramHelp() { return absl::StrCat(kFlagHelp, SandboxHelp()); }

}  // namespace topup::sandbox
