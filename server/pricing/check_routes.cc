#include "server/pricing/check_routes.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "pricing_plugins/abi/topup_pricing.h"

namespace topup::pricing {
namespace {

// Pairs of ambiguous routes that are named: 256 routes can make 32,640.
constexpr size_t kAmbiguousPairMax = 20;

using Violations = std::vector<base::FieldViolation>;

constexpr core::PartsPerMillion kLeastShare = -TOPUP_PRICING_PPM;  // all of the cost is lost

class RouteChecker {
 public:
  RouteChecker(const PricingConfiguration& configuration, Violations& violations)
      : configuration_(configuration), violations_(violations) {
    for (const ChainConfiguration& chain : configuration.chains) chains_.insert(chain.name);
  }

  void CheckDefaults();
  void CheckRoute(size_t index);
  void CheckAmbiguity();

 private:
  void Refuse(absl::string_view field, std::string description) {
    violations_.push_back({std::string(field), std::move(description)});
  }
  template <typename Value>
  void CheckCondition(const std::string& field, std::vector<Value> values);
  void CheckFallback(const std::string& field, const GuardrailConfiguration& guardrails,
                     const std::string& chain);
  // The limits as they are written there, each for itself.
  void CheckRanges(const std::string& field, const Guardrails& limits);
  // `own` with what it inherits, as `limits` has it.
  void CheckTogether(const std::string& field, const Guardrails& own, const Guardrails& limits);
  void CheckFloor(const std::string& field, bool is_set, bool is_negative, bool may_be_negative);

  const PricingConfiguration& configuration_;
  std::set<std::string> chains_;
  std::set<std::string> names_;
  Violations& violations_;
};

template <typename Value>
void RouteChecker::CheckCondition(const std::string& field, std::vector<Value> values) {
  if (values.size() > kConditionValueMax) {
    Refuse(field,
           absl::StrCat("lists ", values.size(), " values: give at most ", kConditionValueMax));
  }
  std::sort(values.begin(), values.end());
  if (std::adjacent_find(values.begin(), values.end()) != values.end()) {
    Refuse(field, "lists a value twice: keep one");
  }
}

void RouteChecker::CheckFallback(const std::string& field, const GuardrailConfiguration& guardrails,
                                 const std::string& chain) {
  if (!guardrails.fallback_chain.has_value() || guardrails.fallback_chain->empty()) return;
  const std::string& fallback = *guardrails.fallback_chain;
  if (chains_.count(fallback) == 0) {
    Refuse(field + ".fallback_chain",
           absl::StrCat("is \"", fallback, "\": name one of the chains"));
  } else if (fallback == chain) {
    Refuse(field + ".fallback_chain",
           absl::StrCat("is \"", fallback, "\", the chain whose price was refused: name another"));
  }
}

void RouteChecker::CheckRanges(const std::string& field, const Guardrails& limits) {
  const auto centimes = [&](absl::string_view name, const std::optional<core::Money>& limit) {
    if (!limit.has_value()) return;
    if (limit->centimes() >= -TOPUP_PRICING_AMOUNT_MAX &&
        limit->centimes() <= TOPUP_PRICING_AMOUNT_MAX) {
      return;
    }
    Refuse(absl::StrCat(field, ".", name),
           absl::StrCat("is ", limit->centimes(), ": give at most ", TOPUP_PRICING_AMOUNT_MAX,
                        ", negative for a loss"));
  };
  const auto share = [&](absl::string_view name, std::optional<core::PartsPerMillion> limit,
                         core::PartsPerMillion least) {
    if (!limit.has_value() || (*limit >= least && *limit <= TOPUP_PRICING_RATIO_MAX)) return;
    Refuse(absl::StrCat(field, ".", name), absl::StrCat("is ", *limit, " parts per million: give ",
                                                        least, " to ", TOPUP_PRICING_RATIO_MAX));
  };
  centimes("min_profit_centimes", limits.min_profit);
  centimes("max_profit_centimes", limits.max_profit);
  share("min_profit_percent", limits.min_profit_ppm, kLeastShare);
  share("max_profit_percent", limits.max_profit_ppm, kLeastShare);
  share("max_change_percent", limits.max_change_ppm, 0);
}

void RouteChecker::CheckFloor(const std::string& field, bool is_set, bool is_negative,
                              bool may_be_negative) {
  if (!is_set || is_negative == may_be_negative) return;
  Refuse(field,
         may_be_negative
             ? "is in force and not negative, so that allow_below_cost means nothing: give a "
               "negative one here, or leave out allow_below_cost"
             : "is negative, and the price may not be below the cost: give 0 or more, or "
               "allow_below_cost in a route");
}

void RouteChecker::CheckTogether(const std::string& field, const Guardrails& own,
                                 const Guardrails& limits) {
  // What is inherited and wrong for everybody is said once, of the defaults.
  const Guardrails& floors = limits.allow_below_cost ? limits : own;
  const auto is_negative = [](const auto& limit, const auto& zero) {
    return limit.has_value() && *limit < zero;
  };
  CheckFloor(field + ".min_profit_centimes", floors.min_profit.has_value(),
             is_negative(floors.min_profit, core::Money()), limits.allow_below_cost);
  CheckFloor(field + ".min_profit_percent", floors.min_profit_ppm.has_value(),
             is_negative(floors.min_profit_ppm, core::PartsPerMillion{0}), limits.allow_below_cost);
  if (limits.allow_below_cost && !limits.min_profit.has_value() &&
      !limits.min_profit_ppm.has_value()) {
    Refuse(field + ".allow_below_cost",
           "is true without a limit for the loss: give min_profit_centimes or min_profit_percent, "
           "below 0");
  }
  const auto above = [&](absl::string_view unit, const auto& min, const auto& max) {
    if (!min.has_value() || !max.has_value() || *min <= *max) return;
    Refuse(absl::StrCat(field, ".min_profit_", unit),
           absl::StrCat("is above max_profit_", unit, ", so that no price will do"));
  };
  above("centimes", limits.min_profit, limits.max_profit);
  above("percent", limits.min_profit_ppm, limits.max_profit_ppm);
}

void RouteChecker::CheckDefaults() {
  const GuardrailConfiguration& defaults = configuration_.guardrails;
  // It may well be the default chain: routes fall back to it.
  CheckFallback("guardrails", defaults, "");
  CheckRanges("guardrails", defaults.limits);
  if (defaults.limits.allow_below_cost) {
    Refuse("guardrails.allow_below_cost",
           "is true for everything: only a route can say so, for what it matches");
  } else {
    CheckTogether("guardrails", defaults.limits, defaults.limits);
  }
}

void RouteChecker::CheckRoute(size_t index) {
  const RouteConfiguration& route = configuration_.routes[index];
  const std::string field = absl::StrCat("route[", index, "]");
  if (!IsPricingName(route.name)) {
    Refuse(field + ".name",
           absl::StrCat("is \"", route.name, "\": give 1 to ", kNameSizeMax, " of a-z 0-9 _ -"));
  } else if (!names_.insert(route.name).second) {
    Refuse(field + ".name",
           absl::StrCat("is \"", route.name, "\" like another route's: give each its own"));
  }
  if (chains_.count(route.chain) == 0) {
    Refuse(field + ".chain", absl::StrCat("is \"", route.chain, "\": name one of the chains"));
  }
  if (Specificity(route.conditions) == 0) {
    Refuse(field, "has no condition, so that it matches everything: use default_chain for that");
  }
  CheckCondition(field + ".caller", route.conditions.callers);
  CheckCondition(field + ".plan_code", route.conditions.plan_codes);
  CheckCondition(field + ".operator", route.conditions.plan_operators);
  CheckCondition(field + ".plan_kind", route.conditions.plan_kinds);
  const std::string guardrails = field + ".guardrails";
  CheckFallback(guardrails, route.guardrails, route.chain);
  CheckRanges(guardrails, route.guardrails.limits);
  CheckTogether(guardrails, route.guardrails.limits,
                Inherit(route.guardrails.limits, configuration_.guardrails.limits));
}

void RouteChecker::CheckAmbiguity() {
  std::vector<RouteConditions> conditions;
  conditions.reserve(configuration_.routes.size());
  for (const RouteConfiguration& route : configuration_.routes) {
    conditions.push_back(route.conditions);
  }
  size_t pairs = 0;
  for (const auto& [first, second] : FindAmbiguousRoutes(conditions)) {
    if (Specificity(conditions[first]) == 0) continue;  // said already
    if (++pairs > kAmbiguousPairMax) continue;
    Refuse(absl::StrCat("route[", second, "]"),
           absl::StrCat("\"", configuration_.routes[second].name, "\" and route[", first, "] \"",
                        configuration_.routes[first].name,
                        "\" have conditions of the same kinds and can both match one request: "
                        "make them exclude each other, or one more specific"));
  }
  if (pairs > kAmbiguousPairMax) {
    Refuse("route", absl::StrCat("has ", pairs - kAmbiguousPairMax, " more pairs like these"));
  }
}

}  // namespace

void CheckRoutes(const PricingConfiguration& configuration, Violations& violations) {
  RouteChecker checker(configuration, violations);
  checker.CheckDefaults();
  if (configuration.routes.size() > kRouteMax) {
    violations.push_back({"route", absl::StrCat("is given ", configuration.routes.size(),
                                                " times: give at most ", kRouteMax)});
    return;
  }
  for (size_t i = 0; i < configuration.routes.size(); ++i) checker.CheckRoute(i);
  checker.CheckAmbiguity();
}

}  // namespace topup::pricing
