#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {
namespace {

bool Wants(const WatcherSession& session, const core::Topup& topup) {
  if (topup.caller != session.caller) return false;
  if (!session.topup_id.empty() && topup.id != session.topup_id) return false;
  return session.statuses.empty() ||
         std::count(session.statuses.begin(), session.statuses.end(), topup.status) > 0;
}

void CheckSession(const History& history, const WatcherSession& session, Breaches& breaches) {
  const std::string who =
      absl::StrCat("the watcher of ", session.caller, " from ", session.after_sequence);
  size_t next = 0;
  int64_t last = session.after_sequence;
  for (const WatcherSession::Delivery& delivery : session.deliveries) {
    if (delivery.event.sequence <= last) {
      breaches.push_back(absl::StrCat(who, " got ", delivery.event.sequence, " after ", last));
    }
    last = std::max(last, delivery.event.sequence);
  }
  if (last > session.through_sequence) {
    breaches.push_back(absl::StrCat(who, " got ", last, " and was told that it has all up to ",
                                    session.through_sequence));
  }
  // With nothing going on any more, an open stream has told everything.
  const int64_t newest = history.events.empty() ? 0 : history.events.back().event.sequence;
  if (history.healed && session.open_at_end && session.through_sequence < newest) {
    breaches.push_back(absl::StrCat(who, " has got to ", session.through_sequence, " of ", newest));
  }
  const auto first = std::upper_bound(
      history.events.begin(), history.events.end(), session.after_sequence,
      [](int64_t after, const auto& logged) { return after < logged.event.sequence; });
  for (auto logged = first; logged != history.events.end(); ++logged) {
    const core::Event& event = logged->event;
    if (event.sequence > session.through_sequence) break;
    if (!Wants(session, event.topup)) continue;
    while (next < session.deliveries.size() &&
           session.deliveries[next].event.sequence < event.sequence) {
      ++next;
    }
    if (next == session.deliveries.size() ||
        session.deliveries[next].event.sequence != event.sequence) {
      breaches.push_back(absl::StrCat(who, " missed ", event.sequence, ": ", event.topup.id, " ",
                                      core::StatusName(event.topup.status)));
    } else if (!core::SameToCallers(session.deliveries[next].event.topup, event.topup)) {
      breaches.push_back(absl::StrCat(who, " got ", event.sequence, " changed"));
    }
  }
}

}  // namespace

void CheckStreamsMonotoneComplete(const History& history, Breaches& breaches) {
  for (const WatcherSession& session : history.watchers) CheckSession(history, session, breaches);
}

}  // namespace topup::sim
