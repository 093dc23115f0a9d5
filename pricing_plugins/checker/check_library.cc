#include "pricing_plugins/checker/check_library.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "pricing_plugins/checker/isolated_run.h"

namespace topup::checker {
namespace {

Verdict OutputVerdict(const std::string& check, const std::string& printed) {
  Verdict verdict = {.check = "output", .checked = "what it prints"};
  if (printed.empty()) {
    verdict.found = "nothing";
    return verdict;
  }
  verdict.grade = Grade::kBad;
  verdict.found = absl::StrCat("during \"", check, "\": ", printed);
  verdict.remedy = "print nothing: what has to be told goes to the host's log";
  return verdict;
}

}  // namespace

LibraryReport CheckLibrary(Context context, int patience_seconds) {
  LibraryReport report = {.library = context.path};
  std::string printed;
  std::string printed_during;
  for (const Check& check : AllChecks()) {
    Outcome outcome = RunIsolated(check.name, check.checked, patience_seconds,
                                  [&](Report& to) { check.run(context, to); });
    for (auto& [name, value] : outcome.kept) context.kept[name] = std::move(value);
    // A process that crashes prints by itself: that belongs to its verdict.
    bool is_bad = false;
    for (Verdict& verdict : outcome.verdicts) {
      is_bad = is_bad || verdict.grade == Grade::kBad;
      if (verdict.grade == Grade::kBad && !outcome.printed.empty()) {
        absl::StrAppend(&verdict.found, "; it printed: ", outcome.printed);
      }
      report.verdicts.push_back(std::move(verdict));
    }
    if (!is_bad && printed.empty() && !outcome.printed.empty()) {
      printed = outcome.printed;
      printed_during = check.name;
    }
    if (is_bad && check.stop == Stop::kEverything) return report;
  }
  report.verdicts.push_back(OutputVerdict(printed_during, printed));
  return report;
}

}  // namespace topup::checker
