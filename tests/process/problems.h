// What went wrong outside of what the checkers judge: each ends the hope for a good exit status.
#ifndef TOPUP_TESTS_PROCESS_PROBLEMS_H_
#define TOPUP_TESTS_PROCESS_PROBLEMS_H_

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace topup::process {

// Thread-safe. Keeps the first hundred.
class Problems {
 public:
  void Add(std::string problem) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (problems_.size() < kKept) problems_.push_back(std::move(problem));
  }
  std::vector<std::string> All() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return problems_;
  }

 private:
  static constexpr size_t kKept = 100;
  mutable std::mutex mutex_;
  std::vector<std::string> problems_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_PROBLEMS_H_
