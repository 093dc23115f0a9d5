#include "server/pricing/guardrails.h"

#include <algorithm>
#include <limits>

#include "pricing_plugins/abi/topup_pricing.h"

namespace topup::pricing {
namespace {

// Every product of two int64 fits, and sums of a few of them.
__extension__ using Wide = __int128;

constexpr Wide kPpm = TOPUP_PRICING_PPM;

Wide FloorDivide(Wide a, Wide positive) {
  const Wide quotient = a / positive;
  return a % positive < 0 ? quotient - 1 : quotient;
}

Wide SharedDown(core::Money amount, core::PartsPerMillion share) {
  return FloorDivide(Wide{amount.centimes()} * share, kPpm);
}

Wide SharedUp(core::Money amount, core::PartsPerMillion share) {
  return -FloorDivide(-Wide{amount.centimes()} * share, kPpm);
}

// What lies beyond int64 is beyond every price, and so is the end of int64.
core::Money Saturated(Wide centimes) {
  constexpr Wide kLeast = std::numeric_limits<int64_t>::min();
  constexpr Wide kMost = std::numeric_limits<int64_t>::max();
  return core::Money::Centimes(static_cast<int64_t>(std::clamp(centimes, kLeast, kMost)));
}

// Looks at one rule after the other and keeps the first that is broken.
class Inspection {
 public:
  explicit Inspection(core::Money price) : price_(price) {}

  void AtLeast(GuardrailRule rule, Wide limit) {
    if (!breach_.has_value() && price_.centimes() < limit) Keep(rule, limit);
  }
  void AtMost(GuardrailRule rule, Wide limit) {
    if (!breach_.has_value() && price_.centimes() > limit) Keep(rule, limit);
  }

  const std::optional<GuardrailBreach>& breach() const { return breach_; }

 private:
  void Keep(GuardrailRule rule, Wide limit) {
    breach_ = {.rule = rule, .price = price_, .limit = Saturated(limit)};
  }

  const core::Money price_;
  std::optional<GuardrailBreach> breach_;
};

}  // namespace

absl::string_view GuardrailRuleName(GuardrailRule rule) {
  switch (rule) {
    case GuardrailRule::kPriceRange:
      return "price_range";
    case GuardrailRule::kBelowCost:
      return "below_cost";
    case GuardrailRule::kMinProfit:
      return "min_profit_centimes";
    case GuardrailRule::kMinProfitShare:
      return "min_profit_percent";
    case GuardrailRule::kMaxProfit:
      return "max_profit_centimes";
    case GuardrailRule::kMaxProfitShare:
      return "max_profit_percent";
    case GuardrailRule::kMaxChange:
      return "max_change_percent";
  }
  return "";
}

std::optional<GuardrailBreach> FindBreach(const Guardrails& guardrails, core::Money price,
                                          core::Money cost,
                                          std::optional<core::Money> price_before) {
  Inspection inspection(price);
  inspection.AtLeast(GuardrailRule::kPriceRange, 0);
  inspection.AtMost(GuardrailRule::kPriceRange, TOPUP_PRICING_AMOUNT_MAX);
  const Wide at_cost = cost.centimes();
  if (!guardrails.allow_below_cost) inspection.AtLeast(GuardrailRule::kBelowCost, at_cost);
  if (guardrails.min_profit.has_value()) {
    inspection.AtLeast(GuardrailRule::kMinProfit, at_cost + guardrails.min_profit->centimes());
  }
  if (guardrails.min_profit_ppm.has_value()) {
    inspection.AtLeast(GuardrailRule::kMinProfitShare,
                       at_cost + SharedUp(cost, *guardrails.min_profit_ppm));
  }
  if (guardrails.max_profit.has_value()) {
    inspection.AtMost(GuardrailRule::kMaxProfit, at_cost + guardrails.max_profit->centimes());
  }
  if (guardrails.max_profit_ppm.has_value()) {
    inspection.AtMost(GuardrailRule::kMaxProfitShare,
                      at_cost + SharedDown(cost, *guardrails.max_profit_ppm));
  }
  if (guardrails.max_change_ppm.has_value() && price_before.has_value()) {
    const Wide change = SharedDown(*price_before, *guardrails.max_change_ppm);
    inspection.AtLeast(GuardrailRule::kMaxChange, price_before->centimes() - change);
    inspection.AtMost(GuardrailRule::kMaxChange, price_before->centimes() + change);
  }
  return inspection.breach();
}

Guardrails Inherit(const Guardrails& own, const Guardrails& defaults) {
  Guardrails all = own;
  if (!all.min_profit.has_value()) all.min_profit = defaults.min_profit;
  if (!all.min_profit_ppm.has_value()) all.min_profit_ppm = defaults.min_profit_ppm;
  if (!all.max_profit.has_value()) all.max_profit = defaults.max_profit;
  if (!all.max_profit_ppm.has_value()) all.max_profit_ppm = defaults.max_profit_ppm;
  if (!all.max_change_ppm.has_value()) all.max_change_ppm = defaults.max_change_ppm;
  return all;
}

}  // namespace topup::pricing
