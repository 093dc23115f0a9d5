#include "server/pricing/strategy_request.h"

#include <algorithm>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/core/algiers_time.h"
#include "server/core/plan.h"

namespace topup::pricing {
namespace {

// The contract's numbers are ours: both are those of the public API.
static_assert(TOPUP_PRICING_OPERATOR_UNKNOWN == static_cast<int>(core::Operator::kUnknown));
static_assert(TOPUP_PRICING_OPERATOR_MOBILIS == static_cast<int>(core::Operator::kMobilis));
static_assert(TOPUP_PRICING_OPERATOR_DJEZZY == static_cast<int>(core::Operator::kDjezzy));
static_assert(TOPUP_PRICING_OPERATOR_OOREDOO == static_cast<int>(core::Operator::kOoredoo));
static_assert(TOPUP_PRICING_OPERATOR_PIXX == static_cast<int>(core::Operator::kPixx));
static_assert(TOPUP_PRICING_KIND_UNKNOWN == static_cast<int>(core::PlanKind::kUnknown));
static_assert(TOPUP_PRICING_KIND_DYNAMIC == static_cast<int>(core::PlanKind::kDynamic));
static_assert(TOPUP_PRICING_KIND_FIXED == static_cast<int>(core::PlanKind::kFixed));
static_assert(TOPUP_PRICING_KIND_MENU == static_cast<int>(core::PlanKind::kMenu));

topup_pricing_text_t TextOf(const std::string& text) { return {text.c_str(), text.size()}; }

topup_pricing_civil_time_t CivilTime(absl::Time time, absl::TimeZone zone) {
  const absl::CivilSecond civil = zone.At(time).cs;
  const absl::Weekday weekday = absl::GetWeekday(civil);
  return {.year = static_cast<int32_t>(civil.year()),
          .month = civil.month(),
          .day = civil.day(),
          .weekday = static_cast<int32_t>(weekday) + 1,  // Abseil counts from Monday as 0
          .hour = civil.hour(),
          .minute = civil.minute(),
          .second = civil.second()};
}

// Counts and volumes are never negative, and no larger than the contract allows.
int64_t WithinContract(int64_t number) {
  return std::clamp<int64_t>(number, 0, TOPUP_PRICING_AMOUNT_MAX);
}

void AddCallerVolume(const CallerVolume& volume, topup_pricing_request_t& asked) {
  asked.flags |= TOPUP_PRICING_HAS_USAGE;
  asked.caller_count_today = WithinContract(volume.count_today);
  asked.caller_volume_today_centimes = WithinContract(volume.volume_today.centimes());
  asked.caller_count_this_month = WithinContract(volume.count_this_month);
  asked.caller_volume_this_month_centimes = WithinContract(volume.volume_this_month.centimes());
}

}  // namespace

topup_pricing_request_t MakeStrategyRequest(const PricingRequest& request, core::Money face_value,
                                            core::Money cost) {
  topup_pricing_request_t asked = {.struct_size = sizeof(topup_pricing_request_t),
                                   .abi_version = TOPUP_PRICING_ABI_VERSION,
                                   .plan_code = TextOf(request.plan->code),
                                   .caller = TextOf(request.caller),
                                   .plan_operator = static_cast<int32_t>(request.plan->op),
                                   .plan_kind = static_cast<int32_t>(request.plan->kind),
                                   .face_value_centimes = face_value.centimes(),
                                   .cost_centimes = cost.centimes(),
                                   .price_so_far_centimes = cost.centimes(),
                                   .unix_seconds = absl::ToUnixSeconds(request.time),
                                   .utc = CivilTime(request.time, absl::UTCTimeZone()),
                                   .algiers = CivilTime(request.time, core::AlgiersZone())};
  if (request.caller_volume.has_value()) AddCallerVolume(*request.caller_volume, asked);
  return asked;
}

}  // namespace topup::pricing
