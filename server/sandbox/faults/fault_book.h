// Decides which request meets which fault.
#ifndef TOPUP_SERVER_SANDBOX_FAULTS_FAULT_BOOK_H_
#define TOPUP_SERVER_SANDBOX_FAULTS_FAULT_BOOK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/random.h"
#include "server/sandbox/faults/fault_settings.h"

namespace topup::sandbox {

// What the rules look at. Empty text: the request has none.
struct RequestTraits {
  Endpoint endpoint = Endpoint::kOther;
  std::string ref;
  std::string phone;
  int posts_of_ref = 0;  // with this one
};

// Not thread-safe.
class FaultBook {
 public:
  // `random` decides the shares; it must outlive the book.
  explicit FaultBook(base::RandomSource& random);

  // Replaces the rules; their counts start anew. The test numbers' rules stay, behind them.
  void SetRules(std::vector<FaultRule> rules);

  // The fault that this request meets; counts it.
  std::optional<Fault> Choose(const RequestTraits& traits);

 private:
  struct Count {
    uint64_t fitting = 0;
    uint64_t hits = 0;
  };
  struct Entry {
    FaultRule rule;
    std::unordered_map<std::string, Count> counts;  // by ref where each counts for itself
  };

  base::RandomSource& random_;
  const std::vector<FaultRule> number_rules_;
  std::vector<Entry> entries_;
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_FAULTS_FAULT_BOOK_H_
