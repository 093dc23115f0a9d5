#include "server/core/plan.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace topup::core {

const Plan* Catalogue::Find(absl::string_view code) const {
  const auto found = std::lower_bound(
      plans.begin(), plans.end(), code,
      [](const Plan& plan, absl::string_view wanted) { return plan.code < wanted; });
  return found != plans.end() && found->code == code ? &*found : nullptr;
}

absl::string_view OperatorName(Operator op) {
  switch (op) {
    case Operator::kUnknown:
      return "Unknown";
    case Operator::kMobilis:
      return "Mobilis";
    case Operator::kDjezzy:
      return "Djezzy";
    case Operator::kOoredoo:
      return "Ooredoo";
    case Operator::kPixx:
      return "Pixx";
  }
  return "Unknown";
}

Operator ParseOperator(absl::string_view provider_operator) {
  // The wholesale plans of Mobilis ("gros") have a word of their own.
  if (absl::EqualsIgnoreCase(provider_operator, "GMobilis")) return Operator::kMobilis;
  for (Operator op : {Operator::kMobilis, Operator::kDjezzy, Operator::kOoredoo, Operator::kPixx}) {
    if (absl::EqualsIgnoreCase(provider_operator, OperatorName(op))) return op;
  }
  return Operator::kUnknown;
}

Operator NetworkOf(Operator op) { return op == Operator::kPixx ? Operator::kMobilis : op; }

}  // namespace topup::core
