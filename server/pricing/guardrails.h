// Limits that a price has to keep, whichever strategies made it. A pure decision on values.
#ifndef TOPUP_SERVER_PRICING_GUARDRAILS_H_
#define TOPUP_SERVER_PRICING_GUARDRAILS_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "server/core/money.h"

namespace topup::pricing {

// Limits that are not set say nothing. Profit is price - cost; negative, it is a loss. A share
// that is not a whole centime is taken to the strict side: floors up, ceilings down.
struct Guardrails {
  std::optional<core::Money> min_profit;
  std::optional<core::PartsPerMillion> min_profit_ppm;  // of the cost
  std::optional<core::Money> max_profit;
  std::optional<core::PartsPerMillion> max_profit_ppm;  // of the cost
  // How far the price may be from the one that the configuration before had for the same
  // request, up or down, in parts of that one.
  std::optional<core::PartsPerMillion> max_change_ppm;
  bool allow_below_cost = false;

  friend bool operator==(const Guardrails&, const Guardrails&) = default;
};

// In the order in which they are looked at.
enum class GuardrailRule {
  kPriceRange,  // 0 to what the contract with strategies calls an amount; always in force
  kBelowCost,   // in force unless allow_below_cost
  kMinProfit,
  kMinProfitShare,
  kMaxProfit,
  kMaxProfitShare,
  kMaxChange,
};

// As errors, logs and metrics call it: where it is configured, by the name of its setting.
// "below_cost", "min_profit_centimes", "min_profit_percent"...
absl::string_view GuardrailRuleName(GuardrailRule rule);

struct GuardrailBreach {
  GuardrailRule rule;
  core::Money price;
  core::Money limit;  // the nearest price that the rule would let pass

  friend bool operator==(const GuardrailBreach&, const GuardrailBreach&) = default;
};

// The first rule that `price` breaks; nothing where it keeps them all. `price_before` is what
// the configuration before made of the same request; without one no change is too large.
// Total: right for every value of every argument, with no overflow.
std::optional<GuardrailBreach> FindBreach(const Guardrails& guardrails, core::Money price,
                                          core::Money cost,
                                          std::optional<core::Money> price_before);

// `own`, and from `defaults` each limit that it does not set. Permission to sell below cost is
// never inherited.
Guardrails Inherit(const Guardrails& own, const Guardrails& defaults);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_GUARDRAILS_H_
