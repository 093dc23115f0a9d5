#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckBoundedBlastRadius(const History& history, Breaches& breaches) {
  // Ends sort before beginnings at the same time.
  std::vector<std::pair<absl::Duration, int>> changes;
  for (const LedgerPost& post : history.posts) {
    if (post.copied_on_the_way || post.end <= post.begin) continue;
    changes.emplace_back(post.begin, 1);
    changes.emplace_back(post.end, -1);
  }
  std::sort(changes.begin(), changes.end());
  int open = 0;
  int most = 0;
  for (const auto& [time, change] : changes) most = std::max(most, open += change);
  if (most > history.submit_concurrency) {
    breaches.push_back(absl::StrCat(most, " POSTs were open at once, where ",
                                    history.submit_concurrency, " are allowed"));
  }
}

}  // namespace topup::sim
