#include "server/pricing/route.h"

#include <algorithm>

namespace topup::pricing {
namespace {

template <typename Value, typename Subject>
bool Meets(const std::vector<Value>& condition, const Subject& subject) {
  return condition.empty() ||
         std::find(condition.begin(), condition.end(), subject) != condition.end();
}

// Whether one value can meet both.
template <typename Value>
bool Overlap(const std::vector<Value>& a, const std::vector<Value>& b) {
  return a.empty() || std::any_of(a.begin(), a.end(), [&b](const Value& v) { return Meets(b, v); });
}

// Conditions are independent of each other, so that a request that meets both routes can be put
// together from one value for each.
bool CanMatchTogether(const RouteConditions& a, const RouteConditions& b) {
  return Overlap(a.callers, b.callers) && Overlap(a.plan_codes, b.plan_codes) &&
         Overlap(a.plan_operators, b.plan_operators) && Overlap(a.plan_kinds, b.plan_kinds);
}

}  // namespace

bool Matches(const RouteConditions& conditions, const RouteSubject& subject) {
  return Meets(conditions.plan_operators, subject.plan_operator) &&
         Meets(conditions.plan_kinds, subject.plan_kind) &&
         Meets(conditions.plan_codes, subject.plan_code) &&
         Meets(conditions.callers, subject.caller);
}

int Specificity(const RouteConditions& conditions) {
  return (conditions.callers.empty() ? 0 : 8) + (conditions.plan_codes.empty() ? 0 : 4) +
         (conditions.plan_operators.empty() ? 0 : 2) + (conditions.plan_kinds.empty() ? 0 : 1);
}

size_t PickRoute(const std::vector<RouteConditions>& routes, const RouteSubject& subject) {
  size_t picked = kNoRoute;
  int most = -1;
  for (size_t i = 0; i < routes.size(); ++i) {
    const int specificity = Specificity(routes[i]);
    if (specificity <= most || !Matches(routes[i], subject)) continue;
    picked = i;
    most = specificity;
  }
  return picked;
}

std::vector<std::pair<size_t, size_t>> FindAmbiguousRoutes(
    const std::vector<RouteConditions>& routes) {
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t i = 0; i < routes.size(); ++i) {
    for (size_t j = i + 1; j < routes.size(); ++j) {
      if (Specificity(routes[i]) == Specificity(routes[j]) &&
          CanMatchTogether(routes[i], routes[j])) {
        pairs.emplace_back(i, j);
      }
    }
  }
  return pairs;
}

}  // namespace topup::pricing
