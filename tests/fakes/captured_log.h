// Useful for: tests that something is logged, or that something (a number, a key) never is.
#ifndef TOPUP_TESTS_FAKES_CAPTURED_LOG_H_
#define TOPUP_TESTS_FAKES_CAPTURED_LOG_H_

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/base/log.h"

namespace topup::fakes {

// A Log that keeps its lines. Thread-safe. Must outlive what logs.
class CapturedLog {
 public:
  explicit CapturedLog(const base::Clock& clock)
      : log_(clock, [this](absl::string_view line) { Keep(line); }) {}

  base::Log& log() { return log_; }

  std::vector<std::string> lines() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return lines_;
  }

  // How many lines have `text` in them: an event's name, a value, a secret.
  int CountWith(absl::string_view text) const {
    std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int>(
        std::count_if(lines_.begin(), lines_.end(),
                      [text](const std::string& line) { return absl::StrContains(line, text); }));
  }

 private:
  void Keep(absl::string_view line) {
    std::lock_guard<std::mutex> lock(mutex_);
    lines_.emplace_back(line);
  }

  mutable std::mutex mutex_;  // guards lines_
  std::vector<std::string> lines_;
  base::Log log_;
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_CAPTURED_LOG_H_
