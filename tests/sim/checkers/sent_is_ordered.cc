#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckSentIsOrdered(const History& history, Breaches& breaches) {
  const auto rows = history.RowsByProviderRef();
  const auto compare = [&](const auto& sent, const char* what, const core::Topup& topup) {
    if (sent.phone != topup.phone.National()) {
      breaches.push_back(absl::StrCat(topup.id, ": another number in its ", what));
    }
    if (sent.plan_code != topup.plan_code) {
      breaches.push_back(absl::StrCat(topup.id, ": plan ", sent.plan_code, " in its ", what));
    }
    if (sent.amount_dzd != topup.amount_dzd) {
      breaches.push_back(absl::StrCat(topup.id, ": ", sent.amount_dzd, " DZD in its ", what));
    }
  };
  for (const LedgerPost& post : history.posts) {
    const auto row = rows.find(post.provider_ref);
    if (row == rows.end()) {
      breaches.push_back(absl::StrCat("a POST under ", post.provider_ref, " is of no top-up"));
    } else {
      compare(post, "POST", *row->second);
    }
  }
  for (const LedgerTopup& entry : history.accepted) {
    const auto row = rows.find(entry.provider_ref);
    if (row != rows.end() && row->second->status == core::TopupStatus::kFulfilled) {
      compare(entry, "acceptance", *row->second);
    }
  }
}

}  // namespace topup::sim
