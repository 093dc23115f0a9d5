#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckSettledIsFinal(const History& history, Breaches& breaches) {
  std::map<std::string, const core::Topup*> rows;
  for (const core::Topup& topup : history.topups) rows[topup.id] = &topup;
  for (const auto& [topup_id, events] : history.EventsByTopup()) {
    const core::Topup* before = nullptr;
    for (const LoggedEvent* logged : events) {
      const core::Topup& topup = logged->event.topup;
      if (before != nullptr) {
        const std::string change =
            absl::StrCat(topup_id, " went from ", core::StatusName(before->status), " to ",
                         core::StatusName(topup.status));
        if (core::IsSettled(before->status)) {
          breaches.push_back(change);
        } else if (core::Rank(topup.status) < core::Rank(before->status) &&
                   !(before->status == core::TopupStatus::kSubmitting &&
                     topup.status == core::TopupStatus::kQueued)) {
          // A POST that was proven unsent is the one way back.
          breaches.push_back(absl::StrCat(change, ", a lower rank"));
        }
        if (topup.revision != before->revision + 1) {
          breaches.push_back(absl::StrCat(topup_id, " has revision ", topup.revision, " after ",
                                          before->revision));
        }
      }
      before = &topup;
    }
    const auto row = rows.find(topup_id);
    if (row == rows.end()) {
      breaches.push_back(absl::StrCat(topup_id, " has events and no row"));
    } else if (row->second->revision != before->revision || row->second->status != before->status) {
      breaches.push_back(absl::StrCat(topup_id, " is ", core::StatusName(row->second->status),
                                      ", and its last event says ",
                                      core::StatusName(before->status)));
    }
  }
}

}  // namespace topup::sim
