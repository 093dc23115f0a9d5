#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckAckedSurvives(const History& history, Breaches& breaches) {
  std::map<std::pair<std::string, std::string>, int> rows;
  std::map<std::string, const core::Topup*> by_id;
  for (const core::Topup& topup : history.topups) {
    if (topup.purpose == core::Purpose::kSale) ++rows[{topup.caller, topup.ref}];
    by_id[topup.id] = &topup;
  }
  for (const Call& call : history.calls) {
    if (call.kind != Call::Kind::kSend || call.result != Call::Result::kOk) continue;
    const int count = rows[{call.caller, call.ref}];
    if (count != 1) {
      breaches.push_back(absl::StrCat(call.caller, "/", call.ref, " was acknowledged and is there ",
                                      count, " times"));
      continue;
    }
    const auto found = by_id.find(call.topup->id);
    if (found == by_id.end()) {
      breaches.push_back(absl::StrCat(call.topup->id, " was acknowledged and is not there"));
    } else if (found->second->provider_ref != call.topup->provider_ref ||
               !IsSameRequest(call, *found->second)) {
      breaches.push_back(absl::StrCat(call.topup->id, " is not what was acknowledged"));
    }
  }
}

}  // namespace topup::sim
