#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckConservation(const History& history, Breaches& breaches) {
  int64_t held = 0;
  const auto rows = history.RowsByProviderRef();
  int64_t costs = 0;
  for (const LedgerTopup& entry : history.accepted) {
    if (entry.given_back) continue;
    held += entry.charge.centimes();
    const auto row = rows.find(entry.provider_ref);
    if (row != rows.end()) costs += row->second->price.cost.centimes();
  }
  const int64_t left = history.balance_before.centimes() + history.other_movements.centimes() -
                       history.balance_after.centimes();
  if (left != held) {
    breaches.push_back(absl::StrCat("the provider's balance fell by ", left,
                                    " centimes, and its top-ups hold ", held));
  }
  if (!history.healed) return;
  if (costs != held) {
    breaches.push_back(
        absl::StrCat("the provider holds ", held, " centimes for top-ups that cost ", costs));
  }
  // Seen from our side alone: what FULFILLED cost, and what is still open over there.
  int64_t ours = 0;
  const auto accepted = history.AcceptedByProviderRef();
  for (const core::Topup& topup : history.topups) {
    const bool open = !core::IsSettled(topup.status) && accepted.count(topup.provider_ref) > 0;
    if (topup.status == core::TopupStatus::kFulfilled || open) ours += topup.price.cost.centimes();
  }
  if (ours != left) {
    breaches.push_back(
        absl::StrCat("our rows account for ", ours, " centimes of a balance that fell by ", left));
  }
}

}  // namespace topup::sim
