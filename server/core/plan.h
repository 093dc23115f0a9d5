// What can be bought from the provider.
#ifndef TOPUP_SERVER_CORE_PLAN_H_
#define TOPUP_SERVER_CORE_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/money.h"

namespace topup::core {

// Stored as these numbers; equal to those of topup.v1.Operator.
enum class Operator { kUnknown = 0, kMobilis = 1, kDjezzy = 2, kOoredoo = 3, kPixx = 4 };

// Stored as these numbers; equal to those of topup.v1.PlanKind.
enum class PlanKind { kUnknown = 0, kDynamic = 1, kFixed = 2, kMenu = 3 };

struct Plan {
  std::string code;          // the provider's; case-sensitive
  std::string display_name;  // emoji, French and Arabic mixed, as given
  Operator op = Operator::kUnknown;
  std::string provider_operator;  // the provider's own word, for example "GMobilis"
  PlanKind kind = PlanKind::kUnknown;
  // Face value in whole dinars, inclusive; equal for a fixed plan.
  int64_t min_amount_dzd = 0;
  int64_t max_amount_dzd = 0;
  bool enabled = false;
  // Wholesale multiplier; unset where neither provider nor configuration gives one.
  std::optional<PartsPerMillion> cost_ppm;

  friend bool operator==(const Plan&, const Plan&) = default;
};

// All plans as read at one time, sorted by code; codes are unique.
struct Catalogue {
  std::vector<Plan> plans;
  absl::Time read_time = absl::InfinitePast();  // never read

  // Null where there is none. Valid as long as the catalogue.
  const Plan* Find(absl::string_view code) const;
};

// "Mobilis", "Djezzy", "Ooredoo", "Pixx", "Unknown".
absl::string_view OperatorName(Operator op);

// The operator that a provider's word means: "GMobilis" is Mobilis; case does not matter.
Operator ParseOperator(absl::string_view provider_operator);

// The operator on whose numbers plans of `op` are sold: Pixx is sold on Mobilis numbers.
Operator NetworkOf(Operator op);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PLAN_H_
