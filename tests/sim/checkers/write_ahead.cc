#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckWriteAhead(const History& history, Breaches& breaches) {
  std::map<std::string, int> posts;
  for (const LedgerPost& post : history.posts) {
    if (post.copied_on_the_way) continue;
    const int count = ++posts[post.provider_ref];
    if (post.committed_attempts < count) {
      breaches.push_back(absl::StrCat("POST ", count, " under ", post.provider_ref, " found ",
                                      post.committed_attempts, " committed attempts"));
    }
  }
}

}  // namespace topup::sim
