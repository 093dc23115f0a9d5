#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckNoOrphans(const History& history, Breaches& breaches) {
  const auto rows = history.RowsByProviderRef();
  for (const LedgerTopup& entry : history.accepted) {
    if (rows.count(entry.provider_ref) == 0) {
      breaches.push_back(absl::StrCat(entry.provider_ref, " was accepted and is not recorded"));
    }
  }
}

}  // namespace topup::sim
