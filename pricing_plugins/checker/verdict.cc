#include "pricing_plugins/checker/verdict.h"

namespace topup::checker {

bool LibraryReport::IsGood() const {
  bool has_good = false;
  for (const Verdict& verdict : verdicts) {
    if (verdict.grade == Grade::kBad) return false;
    has_good = has_good || verdict.grade == Grade::kGood;
  }
  return has_good;
}

std::vector<std::string> LibraryReport::BadChecks() const {
  std::vector<std::string> names;
  for (const Verdict& verdict : verdicts) {
    if (verdict.grade == Grade::kBad) names.push_back(verdict.check);
  }
  return names;
}

const char* GradeWord(Grade grade) {
  switch (grade) {
    case Grade::kGood:
      return "ok";
    case Grade::kLook:
      return "look";
    case Grade::kBad:
      return "FAILED";
    case Grade::kSkipped:
      return "skipped";
  }
  return "?";
}

}  // namespace topup::checker
