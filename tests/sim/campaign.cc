#include "tests/sim/campaign.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace topup::sim {
namespace {

constexpr size_t kShownMax = 8;

bool Objects(const Outcome& outcome, const std::string& checker) {
  return std::any_of(outcome.violations.begin(), outcome.violations.end(),
                     [&](const Violation& violation) { return violation.checker == checker; });
}

}  // namespace

Outcome RunOnce(const SimOptions& options, const Decorations& decorations) {
  World world(options, decorations);
  const History history = world.Run();
  return {.trace_hash = world.trace_hash(),
          .virtual_time = world.virtual_time(),
          .violations = CheckAll(history),
          .topups = static_cast<int>(history.topups.size()),
          .posts = static_cast<int>(history.posts.size()),
          .accepted = static_cast<int>(history.accepted.size())};
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
