// What a run of quotes came to.
#ifndef TOPUP_TESTS_INTEGRATION_QUOTE_FIGURES_H_
#define TOPUP_TESTS_INTEGRATION_QUOTE_FIGURES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace topup::integration {

struct QuoteFigures {
  int64_t quotes = 0;     // given
  int64_t swaps = 0;      // configurations that came into force after the first
  int64_t restarts = 0;   // crashes that were followed by a start
  int64_t explained = 0;  // top-ups that were priced again
  int64_t mismatches = 0;
  // Answers by what was tried, for example "sold as quoted", "QUOTE_EXPIRED".
  std::map<std::string, int64_t> reached;
  std::vector<std::string> breaches;  // the first ones, each with the seed of its world

  void AddBreach(uint64_t world, const std::string& text) {
    constexpr size_t kShown = 20;
    ++mismatches;
    if (breaches.size() < kShown) breaches.push_back(absl::StrCat("world ", world, ": ", text));
  }
};

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_QUOTE_FIGURES_H_
