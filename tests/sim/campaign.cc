#include "tests/sim/campaign.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace topup::sim {
namespace {

constexpr size_t kShownMax = 8;

bool Objects(const Outcome& outcome, const std::string& checker) {
  return std::any_of(outcome.violations.begin(), outcome.violations.end(),
                     [&](const Violation& violation) { return violation.checker == checker; });
}

std::map<std::string, int> CountReached(const History& history) {
  std::map<std::string, int> reached;
  for (const core::Topup& topup : history.topups) {
    const bool rejected = topup.status == core::TopupStatus::kRejected;
    ++reached[absl::StrCat("status ", rejected ? core::RejectionReasonName(topup.rejection_reason)
                                               : core::StatusName(topup.status))];
    if (topup.advice == core::RefundAdvice::kReview) ++reached["advice REVIEW"];
  }
  for (const core::Incident& incident : history.incidents) {
    ++reached[absl::StrCat("incident ", incident.kind)];
  }
  for (const LedgerPost& post : history.posts) {
    if (post.copied_on_the_way) ++reached["POST copied on the way"];
    if (!post.copied_on_the_way && post.committed_attempts > 1) ++reached["POST sent again"];
  }
  for (const auto& [topup_id, attempts] : history.attempts) {
    for (const core::Attempt& attempt : attempts) {
      if (absl::StrContains(attempt.detail, "process that made it")) ++reached["claim taken over"];
    }
  }
  for (const Call& call : history.calls) {
    if (call.end_step == 0) ++reached["call never answered"];
    if (call.replayed) ++reached["call replayed"];
    if (!call.reason.empty()) ++reached[absl::StrCat("call ", call.reason)];
  }
  reached["clock set"] = static_cast<int>(history.clock_settings.size());
  reached["machine stood still"] = history.standstills;
  reached["stream"] = static_cast<int>(history.watchers.size());
  for (const WatcherSession& session : history.watchers) {
    reached["event delivered"] += static_cast<int>(session.deliveries.size());
  }
  return reached;
}

Settling MeasureSettling(const History& history) {
  Settling settling;
  const auto accepted = history.AcceptedByProviderRef();
  for (const auto& [topup_id, events] : history.EventsByTopup()) {
    const LoggedEvent& last = *events.back();
    const core::Topup& topup = last.event.topup;
    if (!core::IsSettled(topup.status) || last.elapsed <= history.faults_end) continue;
    absl::Duration possible = history.faults_end;
    const auto entry = accepted.find(topup.provider_ref);
    if (entry != accepted.end()) possible = std::max(possible, entry->second->final_from);
    const absl::Duration took = last.elapsed - possible;
    ++settling.count;
    if (took <= absl::Minutes(1)) ++settling.within_a_minute;
    if (took <= settling.longest) continue;
    settling.longest = took;
    const core::TopupStatus before =
        events.size() > 1 ? events[events.size() - 2]->event.topup.status : topup.status;
    settling.slowest = absl::StrCat(topup_id, ", ", core::StatusName(before), " to ",
                                    core::StatusName(topup.status), " ",
                                    core::RejectionReasonName(topup.rejection_reason));
  }
  return settling;
}

}  // namespace

Outcome RunOnce(const SimOptions& options, const Decorations& decorations) {
  World world(options, decorations);
  const History history = world.Run();
  Outcome outcome{.trace_hash = world.trace_hash(),
                  .virtual_time = world.virtual_time(),
                  .violations = CheckAll(history),
                  .posts = static_cast<int>(history.posts.size()),
                  .jumps = static_cast<int>(history.clock_settings.size()) + history.standstills,
                  .reached = CountReached(history)};
  if (history.healed) outcome.settling = MeasureSettling(history);
  return outcome;
}

SimOptions Shrink(const SimOptions& options, const std::string& checker,
                  const Decorations& decorations) {
  SimOptions smallest = options;
  bool smaller = true;
  const auto keeps = [&](const SimOptions& candidate) {
    if (!Objects(RunOnce(candidate, decorations), checker)) return false;
    smallest = candidate;
    return true;
  };
  while (smaller) {
    smaller = false;
    for (const auto& [fault, rate] : std::map<Fault, int>(smallest.faults)) {
      SimOptions candidate = smallest;
      candidate.faults.erase(fault);
      smaller = keeps(candidate) || smaller;
    }
    if (smallest.topups > 1) {
      SimOptions candidate = smallest;
      candidate.topups /= 2;
      smaller = keeps(candidate) || smaller;
    }
  }
  return smallest;
}

std::string Report(const SimOptions& options, const Outcome& outcome) {
  std::string text = absl::StrCat(Describe(options), "\n");
  for (size_t i = 0; i < std::min(outcome.violations.size(), kShownMax); ++i) {
    const Violation& violation = outcome.violations[i];
    absl::StrAppend(&text, "  ", violation.checker, ": ", violation.detail, "\n");
  }
  if (outcome.violations.size() > kShownMax) {
    absl::StrAppend(&text, "  and ", outcome.violations.size() - kShownMax, " more\n");
  }
  return text;
}

}  // namespace topup::sim
