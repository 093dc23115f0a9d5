#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {
namespace {

// Sends that were not refused, by caller and ref.
using Sends = std::map<std::pair<std::string, std::string>, std::vector<const Call*>>;

// One of `sends` could have made this row at `step`.
bool WasAskedFor(const std::vector<const Call*>& sends, const core::Topup& topup, int64_t step) {
  return std::any_of(sends.begin(), sends.end(), [&](const Call* call) {
    return call->begin_step <= step &&
           (call->result == Call::Result::kMaybe || step <= call->end_step) &&
           IsSameRequest(*call, topup);
  });
}

}  // namespace

void CheckNoMeansNo(const History& history, Breaches& breaches) {
  std::map<std::string, int64_t> created;
  for (const LoggedEvent& logged : history.events) {
    created.emplace(logged.event.topup.id, logged.step);
  }
  Sends sends;
  for (const Call& call : history.calls) {
    if (call.kind == Call::Kind::kSend && call.result != Call::Result::kRefused) {
      sends[{call.caller, call.ref}].push_back(&call);
    }
  }
  std::set<std::string> asked_for;
  for (const core::Topup& topup : history.topups) {
    if (topup.purpose != core::Purpose::kSale) continue;
    const auto step = created.find(topup.id);
    if (step != created.end() &&
        !WasAskedFor(sends[{topup.caller, topup.ref}], topup, step->second)) {
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
