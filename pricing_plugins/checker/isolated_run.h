// Runs a check in a process of its own, and makes a verdict of however that ends.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_ISOLATED_RUN_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_ISOLATED_RUN_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pricing_plugins/checker/verdict.h"

namespace topup::checker {

// How a check tells the process that watches over it what it does and what it found. Lives in
// the child; every call is one line in a pipe, so that what was said survives what comes next.
class Report {
 public:
  // Writes to the descriptor `fd`, which it does not own.
  explicit Report(int fd) : fd_(fd) {}

  // What is being done from here on, for the case that it does not end: "price was called with
  // a face value of 0". Also shows that the check is still alive.
  void Doing(const std::string& what);

  void Good(const std::string& found) { Find(Grade::kGood, found, ""); }
  void Look(const std::string& found, const std::string& remedy) {
    Find(Grade::kLook, found, remedy);
  }
  void Bad(const std::string& found, const std::string& remedy) {
    Find(Grade::kBad, found, remedy);
  }
  void Skipped(const std::string& found, const std::string& remedy) {
    Find(Grade::kSkipped, found, remedy);
  }

  // Hands a value to the watching process, which keeps the last one under `name`.
  void Keep(const std::string& name, const std::string& value);

  bool has_bad() const { return has_bad_; }

 private:
  void Find(Grade grade, const std::string& found, const std::string& remedy);
  void WriteLine(const std::string& line);

  const int fd_;
  bool has_bad_ = false;
};

// What is left of a check when its process is gone.
struct Outcome {
  std::vector<Verdict> verdicts;            // one or more
  std::map<std::string, std::string> kept;  // see Report::Keep
  std::string printed;                      // to standard output and standard error, cut
};

// Runs `body` in a forked child and waits for it. A child that crashes, exits by itself, or says
// nothing for `patience_seconds` is a bad verdict that tells what it was doing. `check` and
// `checked` go into every verdict. Not thread-safe: this process must have no other thread.
Outcome RunIsolated(const std::string& check, const std::string& checked, int patience_seconds,
                    const std::function<void(Report&)>& body);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_ISOLATED_RUN_H_
