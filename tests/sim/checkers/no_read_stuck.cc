#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {
namespace {

using absl::Duration;
using core::TopupStatus;

// Reads wait for each other and for the budget, and an answer takes its time.
constexpr Duration kTurn = absl::Seconds(20);

// The longest time between two reads that the schedule allows at this age.
Duration IntervalOf(TopupStatus status, Duration age, bool age_is_known) {
  if (status == TopupStatus::kUnknownError) {
    if (age < absl::Minutes(15) && age_is_known) return absl::Minutes(10);
    if (age < absl::Hours(24) && age_is_known) return absl::Hours(1);
    return absl::Hours(6);
  }
  if (!age_is_known || age >= absl::Hours(1)) return absl::Minutes(10);
  if (age >= absl::Minutes(5)) return absl::Minutes(1);
  return age >= absl::Minutes(2) ? absl::Seconds(15) : absl::Seconds(5);
}

// How much of the time from `begin` to `end` nobody could read in.
Duration IdleTime(const History& history, Duration begin, Duration end) {
  Duration idle;
  for (const History::Period& period : history.idle) {
    const Duration overlap = std::min(end, period.end) - std::max(begin, period.begin);
    idle += std::max(overlap, absl::ZeroDuration());
  }
  return idle;
}

bool IsRead(TopupStatus status) {
  return status == TopupStatus::kPending || status == TopupStatus::kHandling ||
         status == TopupStatus::kUnknownError;
}

}  // namespace

void CheckNoReadStuck(const History& history, Breaches& breaches) {
  if (!history.reads_are_clean) return;
  // Dates of an earlier process are compared by a wall clock that may have been set meanwhile.
  const bool age_is_known = history.restarts == 0 || history.clock_settings.empty();
  std::map<std::string, std::vector<Duration>> reads;
  const auto taken = history.AcceptedByProviderRef();
  for (const LedgerRead& read : history.reads) reads[read.provider_ref].push_back(read.begin);
  for (auto& [topup_id, events] : history.EventsByTopup()) {
    const std::string& provider_ref = events[0]->event.topup.provider_ref;
    const auto entry = taken.find(provider_ref);
    if (entry == taken.end()) continue;
    std::vector<Duration>& begins = reads[provider_ref];
    std::sort(begins.begin(), begins.end());
    auto next = begins.begin();
    std::optional<Duration> accepted;
    std::optional<Duration> unknown;
    for (size_t i = 0; i < events.size(); ++i) {
      const TopupStatus status = events[i]->event.topup.status;
      if (!IsRead(status)) continue;
      if (!accepted.has_value()) accepted = events[i]->elapsed;
      const Duration end = i + 1 < events.size() ? events[i + 1]->elapsed : history.end;
      const bool is_unknown = status == TopupStatus::kUnknownError;
      if (is_unknown && !unknown.has_value()) unknown = events[i]->elapsed;
      const Duration since = is_unknown ? *unknown : *accepted;
      // What is accepted and not taken yet is asked for in vain.
      Duration last = std::max(events[i]->elapsed, entry->second->taken);
      while (last < end) {
        while (next != begins.end() && *next <= last) ++next;
        const Duration to = next == begins.end() ? end : std::min(*next, end);
        const Duration gap = to - last - IdleTime(history, last, to);
        if (gap > 2 * IntervalOf(status, to - since, age_is_known) + kTurn) {
          breaches.push_back(absl::StrCat(topup_id, ", ", core::StatusName(status), " for ",
                                          absl::FormatDuration(to - since), ", was not read for ",
                                          absl::FormatDuration(gap)));
        }
        last = to;
      }
    }
  }
}

}  // namespace topup::sim
