#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckAtMostOneAcceptance(const History& history, Breaches& breaches) {
  std::map<std::string, int> by_ref;
  // Without any ref, so that it also holds where one top-up was sent under two.
  std::map<std::tuple<std::string, std::string, int64_t>, int> surplus;
  for (const LedgerTopup& entry : history.accepted) {
    if (++by_ref[entry.provider_ref] == 2) {
      breaches.push_back(absl::StrCat(entry.provider_ref, " was accepted twice"));
    }
    ++surplus[{entry.phone, entry.plan_code, entry.amount_dzd}];
  }
  for (const core::Topup& topup : history.topups) {
    --surplus[{topup.phone.National(), topup.plan_code, topup.amount_dzd}];
  }
  for (const auto& [request, count] : surplus) {
    if (count > 0) {
      breaches.push_back(absl::StrCat(std::get<1>(request), " of ", std::get<2>(request),
                                      " DZD was accepted ", count,
                                      " times more than it was recorded for one number"));
    }
  }
  for (const auto& [topup_id, events] : history.EventsByTopup()) {
    std::set<std::string> refs;
    for (const LoggedEvent* logged : events) refs.insert(logged->event.topup.provider_ref);
    if (refs.size() > 1) {
      breaches.push_back(absl::StrCat(topup_id, " had ", refs.size(), " provider refs"));
    }
  }
}

}  // namespace topup::sim
