#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {
namespace {

using core::TopupStatus;
using Shown = core::ProviderTopup::Status;

bool HasNextAction(const core::Topup& topup) {
  return topup.progress.next_action != core::NextAction::kNone &&
         topup.progress.next_action_time < absl::InfiniteFuture();
}

bool Agrees(TopupStatus status, Shown shown, bool healed) {
  switch (status) {
    case TopupStatus::kFulfilled:
      return shown == Shown::kFulfilled;
    case TopupStatus::kRefunded:
      return shown == Shown::kRefunded;
    case TopupStatus::kRejected:
    case TopupStatus::kCancelled:
      return false;
    case TopupStatus::kUnknownError:
      return !healed || shown == Shown::kUnknownError;
    default:
      // Open here: then it has to be open there too, once there was time to see.
      return !healed || (shown != Shown::kFulfilled && shown != Shown::kRefunded);
  }
}

}  // namespace

void CheckTruthConverges(const History& history, Breaches& breaches) {
  const auto accepted = history.AcceptedByProviderRef();
  for (const core::Topup& topup : history.topups) {
    const std::string is =
        absl::StrCat(topup.id, " (", topup.provider_ref, ") is ", core::StatusName(topup.status));
    if (!core::IsSettled(topup.status) && !HasNextAction(topup)) {
      breaches.push_back(absl::StrCat(is, " and has no next action"));
    }
    const auto entry = accepted.find(topup.provider_ref);
    if (entry != accepted.end()) {
      if (!Agrees(topup.status, entry->second->status, history.healed)) {
        breaches.push_back(absl::StrCat(is, ", and the provider has it with status number ",
                                        static_cast<int>(entry->second->status)));
      }
      continue;
    }
    const bool says_accepted = core::Rank(topup.status) >= core::Rank(TopupStatus::kPending) &&
                               topup.status != TopupStatus::kRejected &&
                               topup.status != TopupStatus::kCancelled;
    if (says_accepted) {
      breaches.push_back(absl::StrCat(is, ", and the provider never took it"));
    } else if (history.healed && topup.status == TopupStatus::kQueued) {
      breaches.push_back(absl::StrCat(is, " long after its time"));
    }
  }
}

}  // namespace topup::sim
