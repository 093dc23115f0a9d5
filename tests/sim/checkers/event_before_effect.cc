#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckEventBeforeEffect(const History& history, Breaches& breaches) {
  std::map<std::pair<std::string, int64_t>, const LoggedEvent*> committed;
  for (const LoggedEvent& logged : history.events) {
    committed.emplace(std::pair(logged.event.topup.id, logged.event.topup.revision), &logged);
  }
  const auto check = [&](const core::Topup& shown, int64_t step, const char* to) {
    const auto found = committed.find({shown.id, shown.revision});
    if (found == committed.end() || found->second->step > step) {
      breaches.push_back(absl::StrCat(shown.id, " was shown to a ", to, " as ",
                                      core::StatusName(shown.status), ", revision ", shown.revision,
                                      ", before that was committed"));
    } else if (found->second->event.topup.status != shown.status ||
               found->second->event.topup.advice != shown.advice) {
      breaches.push_back(absl::StrCat(shown.id, ", revision ", shown.revision, ", was shown to a ",
                                      to, " as ", core::StatusName(shown.status)));
    }
  };
  for (const Call& call : history.calls) {
    if (call.topup.has_value()) check(*call.topup, call.end_step, "caller");
  }
  for (const WatcherSession& session : history.watchers) {
    for (const WatcherSession::Delivery& delivery : session.deliveries) {
      check(delivery.event.topup, delivery.step, "watcher");
    }
  }
}

}  // namespace topup::sim
