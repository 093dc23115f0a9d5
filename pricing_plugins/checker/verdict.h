// What a check came to, in words.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_VERDICT_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_VERDICT_H_

#include <string>
#include <vector>

namespace topup::checker {

enum class Grade {
  kGood,
  kLook,     // nothing is proven wrong; somebody should look at it
  kBad,      // the library fails
  kSkipped,  // could not be checked
};

struct Verdict {
  std::string check;  // its name: "determinism"
  Grade grade = Grade::kGood;
  std::string checked;  // what was done
  std::string found;    // what came of it
  std::string remedy;   // what to do; empty where there is nothing to do
};

// Everything about one library.
struct LibraryReport {
  std::string library;  // as it was named
  std::vector<Verdict> verdicts;

  // No verdict is bad, and at least one is good.
  bool IsGood() const;
  // The checks that are bad, by name, in order.
  std::vector<std::string> BadChecks() const;
};

// "ok", "look", "FAILED", "skipped".
const char* GradeWord(Grade grade);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_VERDICT_H_
