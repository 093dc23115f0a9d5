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

// Told that its ref names no top-up: asked for one, or refused under a ref that names none.
bool IsDenial(const Call& call) {
  if (call.result != Call::Result::kRefused || call.ref.empty()) return false;
  if (call.kind == Call::Kind::kSend) return call.reason != "REF_REUSED";
  const bool by_ref = call.kind == Call::Kind::kGet || call.kind == Call::Kind::kCancel;
  return by_ref && call.reason == "TOPUP_NOT_FOUND";
}

// A caller that is denied a ref gives its customer the money back: no send that it has made before
// may be recorded after that, nor have been.
void CheckDenials(const History& history, const std::map<std::string, int64_t>& created,
                  Sends& sends, Breaches& breaches) {
  const auto rows = history.RowsByRef();
  for (const Call& call : history.calls) {
    const auto row = rows.find({call.caller, call.ref});
    if (row == rows.end() || !IsDenial(call)) continue;
    const auto step = created.find(row->second->id);
    if (step == created.end()) continue;
    if (step->second < call.begin_step) {
      breaches.push_back(absl::StrCat(row->second->id, " was there when its ref was denied"));
    }
    std::vector<const Call*> later;
    for (const Call* send : sends[row->first]) {
      if (send->begin_step > call.begin_step) later.push_back(send);
    }
    if (step->second > call.end_step && !WasAskedFor(later, *row->second, step->second)) {
      breaches.push_back(absl::StrCat(row->second->id, " was recorded after its ref was denied"));
    }
  }
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
  if (history.calls_arrive_at_once) CheckDenials(history, created, sends, breaches);
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
