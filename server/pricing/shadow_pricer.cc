#include "server/pricing/shadow_pricer.h"

#include <string>
#include <utility>

#include "server/core/plan.h"

namespace topup::pricing {
namespace {

std::string OutcomeName(ShadowOutcome outcome) {
  switch (outcome) {
    case ShadowOutcome::kSame:
      return "same";
    case ShadowOutcome::kHigher:
      return "higher";
    case ShadowOutcome::kLower:
      return "lower";
    case ShadowOutcome::kOnlyInForce:
      return "only_in_force";
    case ShadowOutcome::kOnlyByShadow:
      return "only_by_shadow";
    case ShadowOutcome::kNeither:
      return "neither";
  }
  return "";
}

base::Counter* DifferenceCounter(base::Metrics& metrics, const std::string& direction) {
  return metrics.GetCounter("topup_pricing_shadow_difference_centimes_total",
                            "By how much the shadow's prices are higher or lower, added up.",
                            {{"direction", direction}});
}

std::optional<core::Money> PriceOf(const absl::StatusOr<core::PriceBreakdown>& answer) {
  return answer.ok() ? std::optional<core::Money>(answer->price) : std::nullopt;
}

}  // namespace

ShadowOutcome CompareWithShadow(std::optional<core::Money> in_force,
                                std::optional<core::Money> shadow) {
  if (!in_force.has_value()) {
    return shadow.has_value() ? ShadowOutcome::kOnlyByShadow : ShadowOutcome::kNeither;
  }
  if (!shadow.has_value()) return ShadowOutcome::kOnlyInForce;
  if (*shadow == *in_force) return ShadowOutcome::kSame;
  return *shadow > *in_force ? ShadowOutcome::kHigher : ShadowOutcome::kLower;
}

ShadowPricer::ShadowPricer(const Pricer& in_force, base::WorkExecutor& executor,
                           base::Metrics& metrics)
    : in_force_(in_force),
      executor_(executor),
      centimes_up_(DifferenceCounter(metrics, "up")),
      centimes_down_(DifferenceCounter(metrics, "down")),
      dropped_(metrics.GetCounter("topup_pricing_shadow_dropped_comparisons_total",
                                  "Requests that the shadow did not price: too many waited.")),
      is_shadowed_gauge_(metrics.GetGauge("topup_pricing_shadow_in_use",
                                          "1 while a shadow prices beside what is in force.")) {
  for (const ShadowOutcome outcome :
       {ShadowOutcome::kSame, ShadowOutcome::kHigher, ShadowOutcome::kLower,
        ShadowOutcome::kOnlyInForce, ShadowOutcome::kOnlyByShadow, ShadowOutcome::kNeither}) {
    comparisons_[outcome] = metrics.GetCounter(
        "topup_pricing_shadow_comparisons_total",
        "Requests priced by the shadow too, by how its price compares with that in force.",
        {{"outcome", OutcomeName(outcome)}});
  }
}

void ShadowPricer::SetShadow(std::shared_ptr<const PricingSet> shadow) {
  std::lock_guard<std::mutex> lock(mutex_);
  shadow_.swap(shadow);  // the old one is let go of after the lock, as a parameter
  is_shadowed_ = shadow_ != nullptr;
  is_shadowed_gauge_->Set(is_shadowed_ ? 1 : 0);
}

absl::StatusOr<core::PriceBreakdown> ShadowPricer::Price(const PricingRequest& request) const {
  absl::StatusOr<core::PriceBreakdown> answer = in_force_.Price(request);
  if (!is_shadowed_) return answer;
  // The plan is only lent for the call.
  auto compare = [this, plan = *request.plan, request = request,
                  in_force = PriceOf(answer)]() mutable {
    request.plan = &plan;
    Compare(request, in_force);
  };
  if (!executor_.TryPost(std::move(compare))) dropped_->Increment();
  return answer;
}

void ShadowPricer::Compare(const PricingRequest& request,
                           std::optional<core::Money> in_force) const {
  std::shared_ptr<const PricingSet> shadow;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    shadow = shadow_;
  }
  if (shadow == nullptr) return;
  const std::optional<core::Money> price =
      PriceOf(shadow->Decide(request, [&in_force] { return in_force; }).price);
  comparisons_.at(CompareWithShadow(in_force, price))->Increment();
  if (!in_force.has_value() || !price.has_value()) return;
  // Both are within what the contract calls an amount, so that the difference is too.
  const int64_t difference = price->centimes() - in_force->centimes();
  if (difference > 0) centimes_up_->Add(difference);
  if (difference < 0) centimes_down_->Add(-difference);
}

}  // namespace topup::pricing
