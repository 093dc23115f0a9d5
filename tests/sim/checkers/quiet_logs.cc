#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckQuietLogs(const History& history, Breaches& breaches) {
  const auto check = [&](const std::string& line, const char* what) {
    for (const std::string& secret : history.secrets) {
      // A number without its leading zero is the same number.
      const std::string needle = secret[0] == '0' ? secret.substr(1) : secret;
      if (absl::StrContains(line, needle)) {
        breaches.push_back(absl::StrCat(what, " holds a number or key: ", line.substr(0, 60)));
        return;
      }
    }
    if (absl::StrContains(line, "\n")) breaches.push_back(absl::StrCat(what, " has two lines"));
  };
  for (const std::string& line : history.log_lines) check(line, "a log line");
  for (const Call& call : history.calls) check(call.error_text, "an error text");
}

}  // namespace topup::sim
