#include "server/pricing/pricing_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/pricing/strategy_request.h"

namespace topup::pricing {
namespace {

absl::Status MarginGuardrail(const GuardrailBreach& breach) {
  const std::string rule(GuardrailRuleName(breach.rule));
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      // The limit is metadata only: it may tell the cost, which is not every caller's to see.
      absl::StrCat("The price of ", breach.price.centimes(), " centimes breaks the rule ", rule,
                   "."),
      {.reason = "MARGIN_GUARDRAIL",
       .metadata = {{"rule", rule},
                    {"price_centimes", absl::StrCat(breach.price.centimes())},
                    {"limit_centimes", absl::StrCat(breach.limit.centimes())}}});
}

absl::Status CostUnknown(const std::string& plan_code) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("The cost of plan ", plan_code, " is not known."),
                         {.reason = "PLAN_COST_UNKNOWN", .metadata = {{"plan_code", plan_code}}});
}

bool IsWithinContract(core::Money amount) {
  return amount.centimes() >= 0 && amount.centimes() <= TOPUP_PRICING_AMOUNT_MAX;
}

RouteSubject SubjectOf(const PricingRequest& request) {
  return {.caller = request.caller,
          .plan_code = request.plan->code,
          .plan_operator = request.plan->op,
          .plan_kind = request.plan->kind};
}

// What every chain starts from: face value and cost, and the cost as the price so far.
absl::StatusOr<core::PriceBreakdown> StartOf(const PricingRequest& request,
                                             const PricingSet::Chain& chain) {
  if (!request.plan->cost_ppm.has_value()) return CostUnknown(request.plan->code);
  const std::optional<core::Money> face_value = core::Money::Dinars(request.amount_dzd);
  const std::optional<core::Money> cost =
      face_value.has_value() ? core::MultiplyRoundedUp(*face_value, *request.plan->cost_ppm)
                             : std::nullopt;
  if (!cost.has_value() || !IsWithinContract(*face_value) || !IsWithinContract(*cost)) {
    return PricingUnavailable(chain.strategies.front()->identity().strategy_id,
                              "the amount is not one that strategies price");
  }
  return core::PriceBreakdown{.face_value = *face_value, .cost = *cost, .price = *cost};
}

absl::StatusOr<core::PriceBreakdown> PriceBy(const PricingSet::Chain& chain,
                                             const PricingRequest& request,
                                             core::PriceBreakdown breakdown) {
  topup_pricing_request_t asked =
      MakeStrategyRequest(request, breakdown.face_value, breakdown.cost);
  breakdown.strategies.reserve(chain.strategies.size());
  breakdown.steps.reserve(chain.strategies.size());
  for (const auto& strategy : chain.strategies) {
    asked.price_so_far_centimes = breakdown.price.centimes();
    ASSIGN_OR_RETURN(breakdown.price, strategy->Price(asked, breakdown.steps));
    breakdown.strategies.push_back(strategy->identity());
  }
  // Both are within the contract's range, so that the difference is too.
  breakdown.profit = core::Money::Centimes(breakdown.price.centimes() - breakdown.cost.centimes());
  return breakdown;
}

}  // namespace

PricingSet::PricingSet(std::vector<Chain> chains, PricingConfiguration configuration,
                       std::string config_digest)
    : chains_(std::move(chains)),
      configuration_(std::move(configuration)),
      config_digest_(std::move(config_digest)) {
  default_route_ =
      MakeRoute(kDefaultRoute, configuration_.default_chain, configuration_.guardrails);
  for (const RouteConfiguration& route : configuration_.routes) {
    conditions_.push_back(route.conditions);
    routes_.push_back(MakeRoute(route.name, route.chain, route.guardrails));
  }
}

const PricingSet::Chain* PricingSet::FindChain(const std::string& name) const {
  const auto found = std::find_if(chains_.begin(), chains_.end(),
                                  [&name](const Chain& chain) { return chain.name == name; });
  return found == chains_.end() ? nullptr : &*found;
}

PricingSet::Route PricingSet::MakeRoute(absl::string_view name, const std::string& chain,
                                        const GuardrailConfiguration& guardrails) const {
  const GuardrailConfiguration& defaults = configuration_.guardrails;
  const std::string fallback = guardrails.fallback_chain.has_value()
                                   ? *guardrails.fallback_chain
                                   : defaults.fallback_chain.value_or("");
  Route route = {.name = name,
                 .chain = FindChain(chain),
                 .fallback = FindChain(fallback),
                 .guardrails = Inherit(guardrails.limits, defaults.limits)};
  // An inherited fallback may be the chain itself, which would only be refused again.
  if (route.fallback == route.chain) route.fallback = nullptr;
  return route;
}

const PricingSet::Route& PricingSet::RouteOf(const PricingRequest& request) const {
  const size_t picked = PickRoute(conditions_, SubjectOf(request));
  return picked == kNoRoute ? default_route_ : routes_[picked];
}

bool PricingSet::IsSameAs(const PricingSet& other) const {
  const auto is_same = [](const auto& a, const auto& b) { return a->identity() == b->identity(); };
  return configuration_ == other.configuration_ &&
         std::equal(chains_.begin(), chains_.end(), other.chains_.begin(), other.chains_.end(),
                    [&is_same](const Chain& a, const Chain& b) {
                      return std::equal(a.strategies.begin(), a.strategies.end(),
                                        b.strategies.begin(), b.strategies.end(), is_same);
                    });
}

PricingDecision PricingSet::Decide(const PricingRequest& request, PriceBefore price_before) const {
  const Route& route = RouteOf(request);
  PricingDecision decision = DecideOn(route, request, price_before);
  if (decision.price.ok()) {
    decision.price->basis = {
        .config_digest = config_digest_,
        .route = std::string(decision.route),
        .chain = std::string(decision.chain),
        .time = absl::FromUnixMicros(absl::ToUnixMicros(request.time)),
        .cost_ppm = *request.plan->cost_ppm,
        .caller_volume = request.caller_volume,
    };
  }
  return decision;
}

PricingDecision PricingSet::DecideOn(const Route& route, const PricingRequest& request,
                                     PriceBefore price_before) const {
  PricingDecision decision = {
      .price = absl::UnknownError(""), .route = route.name, .chain = route.chain->name};
  const absl::StatusOr<core::PriceBreakdown> start = StartOf(request, *route.chain);
  if (!start.ok()) {
    decision.price = start.status();
    return decision;
  }
  decision.price = PriceBy(*route.chain, request, *start);
  if (!decision.price.ok()) return decision;

  std::optional<core::Money> before;
  if (route.guardrails.max_change_ppm.has_value()) before = price_before();
  const auto find_breach = [&](core::Money price) {
    return FindBreach(route.guardrails, price, start->cost, before);
  };
  const std::optional<GuardrailBreach> breach = find_breach(decision.price->price);
  if (!breach.has_value()) return decision;
  decision.breaches.push_back({.chain = route.chain->name, .breach = *breach});
  decision.price = MarginGuardrail(*breach);
  if (route.fallback == nullptr) return decision;

  decision.chain = route.fallback->name;
  absl::StatusOr<core::PriceBreakdown> fallback = PriceBy(*route.fallback, request, *start);
  const std::optional<GuardrailBreach> again =
      fallback.ok() ? find_breach(fallback->price) : std::nullopt;
  if (again.has_value()) {
    decision.breaches.push_back({.chain = route.fallback->name, .breach = *again});
  } else {
    decision.price = std::move(fallback);
  }
  return decision;
}

absl::StatusOr<core::PriceBreakdown> PricingSet::Price(const PricingRequest& request) const {
  return Decide(request, [] { return std::nullopt; }).price;
}

}  // namespace topup::pricing
