#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {
namespace {

// Some send that was not refused could have made this row at `step`.
bool WasAskedFor(const History& history, const core::Topup& topup, int64_t step) {
  for (const Call& call : history.calls) {
    if (call.kind == Call::Kind::kSend && call.result != Call::Result::kRefused &&
        call.caller == topup.caller && call.ref == topup.ref && call.begin_step <= step &&
        (call.result == Call::Result::kMaybe || step <= call.end_step) &&
        IsSameRequest(call, topup)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void CheckNoMeansNo(const History& history, Breaches& breaches) {
  std::map<std::string, int64_t> created;
  for (const LoggedEvent& logged : history.events) {
    created.emplace(logged.event.topup.id, logged.step);
  }
  std::set<std::string> asked_for;
  for (const core::Topup& topup : history.topups) {
    if (topup.purpose != core::Purpose::kSale) continue;
    const auto step = created.find(topup.id);
    if (step != created.end() && !WasAskedFor(history, topup, step->second)) {
      breaches.push_back(absl::StrCat(topup.id, " was recorded for no call but refused ones"));
    }
    asked_for.insert(topup.phone.National());
  }
  for (const Call& call : history.calls) {
    if (call.kind == Call::Kind::kSend) {
      if (call.result != Call::Result::kRefused) asked_for.insert(call.phone);
    } else {
      asked_for.insert(call.phone);  // a menu request goes to the provider as well
    }
  }
  for (const LedgerTopup& entry : history.accepted) {
    if (asked_for.count(entry.phone) == 0) {
      breaches.push_back(
          absl::StrCat(entry.provider_ref, " was accepted for a number that was refused"));
    }
  }
}

}  // namespace topup::sim
