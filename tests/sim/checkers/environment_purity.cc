#include <set>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckEnvironmentPurity(const History& history, Breaches& breaches) {
  const auto rows = history.RowsByProviderRef();
  for (const LedgerPost& post : history.posts) {
    const auto row = rows.find(post.provider_ref);
    if (row != rows.end() && row->second->provider_environment != post.environment) {
      breaches.push_back(absl::StrCat(row->second->id, " is of ", row->second->provider_environment,
                                      " and was sent with a key of ", post.environment));
    }
  }
  std::set<std::string> environments;
  for (const core::Topup& topup : history.topups) {
    if (!topup.provider_environment.empty()) environments.insert(topup.provider_environment);
  }
  if (environments.size() > 1) breaches.push_back("top-ups of two environments in one database");
}

}  // namespace topup::sim
