#include "pricing_plugins/checker/print_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace topup::checker {
namespace {

// What a terminal may be sent.
std::string Shown(const std::string& text) {
  std::string shown = text;
  for (char& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return shown;
}

bool AllGood(const std::vector<LibraryReport>& reports) {
  return std::all_of(reports.begin(), reports.end(),
                     [](const LibraryReport& report) { return report.IsGood(); });
}

// "good", or what it failed in.
std::string Summary(const LibraryReport& report) {
  if (report.IsGood()) return "good";
  const std::vector<std::string> bad = report.BadChecks();
  if (bad.empty()) return "FAILED: nothing could be checked";
  return absl::StrCat("FAILED in ", absl::StrJoin(bad, ", "));
}

}  // namespace

std::string ReportAsText(const std::vector<LibraryReport>& reports, uint64_t seed) {
  std::string text;
  size_t good = 0;
  size_t verdicts = 0;
  for (const LibraryReport& report : reports) {
    absl::StrAppend(&text, Shown(report.library), "\n");
    for (const Verdict& verdict : report.verdicts) {
      absl::StrAppendFormat(&text, "  %-8s%-12s%s: %s\n", GradeWord(verdict.grade), verdict.check,
                            Shown(verdict.checked), Shown(verdict.found));
      if (!verdict.remedy.empty()) {
        absl::StrAppendFormat(&text, "%22sdo: %s\n", "", Shown(verdict.remedy));
      }
    }
    absl::StrAppend(&text, "  ", Summary(report), "\n\n");
    good += report.IsGood() ? 1 : 0;
    verdicts += report.verdicts.size();
  }
  absl::StrAppend(&text, "checked: ", reports.size(), " libraries, ", good, " good, ",
                  reports.size() - good, " failed, ", verdicts, " verdicts, seed ", seed, "\n");
  return text;
}

std::string ReportAsJson(const std::vector<LibraryReport>& reports, uint64_t seed) {
  nlohmann::ordered_json document = {{"seed", seed}, {"good", AllGood(reports)}};
  document["libraries"] = nlohmann::ordered_json::array();
  for (const LibraryReport& report : reports) {
    nlohmann::ordered_json library = {{"library", report.library}, {"good", report.IsGood()}};
    library["verdicts"] = nlohmann::ordered_json::array();
    for (const Verdict& verdict : report.verdicts) {
      library["verdicts"].push_back({{"check", verdict.check},
                                     {"verdict", GradeWord(verdict.grade)},
                                     {"checked", verdict.checked},
                                     {"found", verdict.found},
                                     {"remedy", verdict.remedy}});
    }
    document["libraries"].push_back(std::move(library));
  }
  // A library's texts may be anything: what is not UTF-8 is replaced.
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace topup::checker
