#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckSameRequestSameTopup(const History& history, Breaches& breaches) {
  std::map<std::pair<std::string, std::string>, const Call*> first;
  const auto rows = history.RowsByRef();
  std::map<std::string, int64_t> created;
  for (const LoggedEvent& logged : history.events) {
    created.emplace(logged.event.topup.id, logged.step);
  }
  for (const Call& call : history.calls) {
    if (call.kind != Call::Kind::kSend || call.result == Call::Result::kMaybe) continue;
    const std::string name = absl::StrCat(call.caller, "/", call.ref);
    if (call.result == Call::Result::kOk) {
      const auto [known, is_first] = first.emplace(std::pair(call.caller, call.ref), &call);
      const core::Topup& topup = *call.topup;
      const core::Topup& other = *known->second->topup;
      if (topup.id != other.id || topup.provider_ref != other.provider_ref) {
        breaches.push_back(absl::StrCat(name, " is two top-ups: ", other.id, " and ", topup.id));
      } else if (!(topup.price == other.price)) {
        breaches.push_back(absl::StrCat(name, " was answered with two prices"));
      } else if (!IsSameRequest(call, topup)) {
        breaches.push_back(absl::StrCat(name, " was answered with another request's top-up"));
      }
      continue;
    }
    const auto row = rows.find({call.caller, call.ref});
    if (row == rows.end()) continue;
    const auto step = created.find(row->second->id);
    if (step == created.end() || step->second >= call.begin_step) continue;
    if (IsSameRequest(call, *row->second)) {
      breaches.push_back(
          absl::StrCat(name, " was recorded, and its repeat refused: ", call.reason));
    } else if (call.reason != "REF_REUSED") {
      breaches.push_back(absl::StrCat(name, " was recorded, and its reuse answered ", call.reason));
    }
  }
}

}  // namespace topup::sim
