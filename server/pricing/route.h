// Which chain prices which request. Pure decisions on values.
#ifndef TOPUP_SERVER_PRICING_ROUTE_H_
#define TOPUP_SERVER_PRICING_ROUTE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/core/plan.h"

namespace topup::pricing {

// What a route looks at. A view: valid as long as what it was made from.
struct RouteSubject {
  absl::string_view caller;
  absl::string_view plan_code;
  core::Operator plan_operator = core::Operator::kUnknown;
  core::PlanKind plan_kind = core::PlanKind::kUnknown;
};

// The conditions of a route. Each is a list of values of which one has to be met; an empty one
// is met by everything.
struct RouteConditions {
  std::vector<std::string> callers;
  std::vector<std::string> plan_codes;
  std::vector<core::Operator> plan_operators;
  std::vector<core::PlanKind> plan_kinds;

  friend bool operator==(const RouteConditions&, const RouteConditions&) = default;
};

bool Matches(const RouteConditions& conditions, const RouteSubject& subject);

// Which conditions there are, as one number: the more specific, the larger. A caller counts
// more than everything else together, then a plan's code, then an operator, then a kind:
// {caller} is before {plan_code, plan_operator, plan_kind}. How many values a condition lists
// does not count.
int Specificity(const RouteConditions& conditions);

inline constexpr size_t kNoRoute = static_cast<size_t>(-1);

// The index of the most specific of `routes` that matches; kNoRoute where none does. Of several
// that are equally specific the first, but a configuration that has such is refused.
size_t PickRoute(const std::vector<RouteConditions>& routes, const RouteSubject& subject);

// Every pair (i < j) of equally specific routes for which there is a request that both match.
std::vector<std::pair<size_t, size_t>> FindAmbiguousRoutes(
    const std::vector<RouteConditions>& routes);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_ROUTE_H_
