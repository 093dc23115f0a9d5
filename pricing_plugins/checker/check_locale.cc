// The process's locale changes no price and no word, and is not the library's to change.
#include <clocale>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pricing_plugins/checker/checks.h"

namespace topup::checker {
namespace {

// With decimal commas, grouping, other digits, other capital letters.
constexpr const char* kLocales[] = {"C.UTF-8",     "de_DE.UTF-8", "fr_FR.UTF-8",
                                    "ar_DZ.UTF-8", "fa_IR.UTF-8", "tr_TR.UTF-8"};

std::vector<std::string> Answers(const Instance& instance) {
  std::vector<std::string> answers;
  for (const auto& drafts : {OrdinaryRequests(), ExtremeRequests()}) {
    for (const RequestDraft& draft : drafts) answers.push_back(instance.Price(draft).Summary());
  }
  return answers;
}

}  // namespace

void CheckLocale(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  const std::vector<std::string> usual = Answers(*opened.instance);
  std::vector<std::string> tried;
  std::vector<std::string> missing;
  for (const char* locale : kLocales) {
    if (setlocale(LC_ALL, locale) == nullptr) {
      missing.push_back(locale);
      continue;
    }
    tried.push_back(locale);
    const auto made_here = opened.subject->Make();
    if (!made_here->creation().ok()) {
      return report.Bad(
          absl::StrCat("under ", locale, " create answered ", made_here->creation().Summary()),
          "read and write numbers without the C library's locale");
    }
    for (const Instance* instance : {opened.instance.get(), made_here.get()}) {
      const std::vector<std::string> answers = Answers(*instance);
      for (size_t i = 0; i < usual.size(); ++i) {
        if (answers[i] == usual[i]) continue;
        return report.Bad(
            absl::StrCat("under ", locale, " it answered ", answers[i], ", otherwise ", usual[i]),
            "read, write and compare without the C library's locale");
      }
    }
  }
  setlocale(LC_ALL, "C");
  if (tried.empty()) {
    return report.Skipped("this machine has no other locale", "install some, de_DE.UTF-8 for one");
  }
  const std::string others =
      missing.empty() ? "" : absl::StrCat("; not on this machine: ", absl::StrJoin(missing, ", "));
  report.Good(absl::StrCat("the same under ", absl::StrJoin(tried, ", "), others));
}

}  // namespace topup::checker
