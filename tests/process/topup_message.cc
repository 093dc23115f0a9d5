#include "tests/process/topup_message.h"

#include <utility>

namespace topup::process {
namespace {

core::Money ToMoney(const v1::Money& message) { return core::Money::Centimes(message.centimes()); }

absl::Time ToTime(const google::protobuf::Timestamp& message) {
  return absl::FromUnixSeconds(message.seconds()) + absl::Microseconds(message.nanos() / 1000);
}

core::PriceBasis ToBasis(const v1::PriceInputs& message) {
  core::PriceBasis basis;
  basis.config_digest = message.config_digest();
  basis.route = message.route();
  basis.chain = message.chain();
  basis.time = ToTime(message.time());
  basis.cost_ppm = message.cost_ppm();
  if (message.has_caller_volume()) {
    const v1::CallerVolume& volume = message.caller_volume();
    basis.caller_volume =
        core::CallerVolume{volume.count_today(), ToMoney(volume.volume_today()),
                           volume.count_this_month(), ToMoney(volume.volume_this_month())};
  }
  return basis;
}

core::RejectionReason ToReason(absl::string_view name) {
  for (int i = 0; i <= static_cast<int>(core::RejectionReason::kResolvedByPerson); ++i) {
    const auto reason = static_cast<core::RejectionReason>(i);
    if (core::RejectionReasonName(reason) == name) return reason;
  }
  return core::RejectionReason::kNone;
}

}  // namespace

core::PriceBreakdown ToPrice(const v1::PriceBreakdown& message) {
  core::PriceBreakdown price;
  price.face_value = ToMoney(message.face_value());
  price.cost = ToMoney(message.cost());
  price.price = ToMoney(message.price());
  price.profit = ToMoney(message.profit());
  for (const v1::PricingStrategy& strategy : message.strategies()) {
    price.strategies.push_back({strategy.strategy_id(), strategy.version(),
                                strategy.library_digest(), strategy.config_digest()});
  }
  for (const v1::PriceStep& step : message.steps()) {
    price.steps.push_back({step.description(), ToMoney(step.price_after())});
  }
  if (message.has_inputs()) price.basis = ToBasis(message.inputs());
  return price;
}

core::Topup ToTopup(const v1::Topup& message) {
  core::Topup topup;
  topup.id = message.topup_id();
  topup.ref = message.ref();
  topup.caller = message.caller();
  topup.phone = core::PhoneNumber::Parse(message.phone_number()).value_or(core::PhoneNumber());
  topup.op = static_cast<core::Operator>(message.operator_());
  topup.plan_code = message.plan_code();
  topup.price = ToPrice(message.price());
  topup.amount_dzd = topup.price.face_value.centimes() / 100;
  topup.labels.insert(message.labels().begin(), message.labels().end());
  topup.create_time = ToTime(message.create_time());
  topup.provider_ref = message.provider_ref();
  topup.status = static_cast<core::TopupStatus>(message.status());
  topup.advice = static_cast<core::RefundAdvice>(message.refund_advice());
  if (message.has_review_time()) topup.review_time = ToTime(message.review_time());
  topup.refund_message = message.refund_message();
  for (const v1::Offer& offer : message.suggested_offers()) {
    topup.suggested_offers.push_back({offer.display_name(), offer.plan_code(), offer.amount_dzd()});
  }
  topup.provider_topup_id = message.provider_topup_id();
  if (message.has_provider_charge()) topup.provider_charge = ToMoney(message.provider_charge());
  topup.provider_account = message.provider_account();
  topup.rejection_reason = ToReason(message.rejection_reason());
  topup.rejection_detail = message.rejection_detail();
  topup.update_time = ToTime(message.update_time());
  if (message.has_settle_time()) topup.settle_time = ToTime(message.settle_time());
  topup.revision = message.revision();
  return topup;
}

void Complete(const core::Topup& row, core::Topup& told) {
  told.plan_kind = row.plan_kind;
  told.send_before = row.send_before;
  told.provider_environment = row.provider_environment;
}

}  // namespace topup::process
