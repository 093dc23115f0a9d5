#include "server/api/proto_convert.h"

#include <string>

#include "server/core/customer_message.h"

namespace topup::api {
namespace {

// Timestamps reach from year 1 to year 9999, durations 10,000 years either way.
constexpr int64_t kTimestampSecondsMin = -62135596800;
constexpr int64_t kTimestampSecondsMax = 253402300799;
constexpr int64_t kDurationSecondsMax = 315576000000;
constexpr int32_t kNanosMax = 999999999;

bool IsFinite(absl::Time time) {
  return time != absl::InfiniteFuture() && time != absl::InfinitePast();
}

void FillCustomerMessages(core::TopupStatus status, v1::Topup& message) {
  const core::CustomerMessage& text = core::CustomerMessageFor(status);
  auto& by_language = *message.mutable_customer_message();
  by_language["ar"] = std::string(text.ar);
  by_language["fr"] = std::string(text.fr);
  by_language["en"] = std::string(text.en);
}

void FillInputs(const core::PriceBasis& basis, v1::PriceInputs& message) {
  message.set_config_digest(basis.config_digest);
  message.set_route(basis.route);
  message.set_chain(basis.chain);
  FillTimestamp(basis.time, *message.mutable_time());
  message.set_cost_ppm(basis.cost_ppm);
  if (!basis.caller_volume.has_value()) return;
  const core::CallerVolume& volume = *basis.caller_volume;
  v1::CallerVolume& shown = *message.mutable_caller_volume();
  shown.set_count_today(volume.count_today);
  FillMoney(volume.volume_today, *shown.mutable_volume_today());
  shown.set_count_this_month(volume.count_this_month);
  FillMoney(volume.volume_this_month, *shown.mutable_volume_this_month());
}

}  // namespace

std::optional<absl::Time> ToTime(const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() < kTimestampSecondsMin || timestamp.seconds() > kTimestampSecondsMax ||
      timestamp.nanos() < 0 || timestamp.nanos() > kNanosMax) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

std::optional<absl::Duration> ToDuration(const google::protobuf::Duration& duration) {
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (seconds < -kDurationSecondsMax || seconds > kDurationSecondsMax || nanos < -kNanosMax ||
      nanos > kNanosMax || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    return std::nullopt;
  }
  return absl::Seconds(seconds) + absl::Nanoseconds(nanos);
}

void FillTimestamp(absl::Time time, google::protobuf::Timestamp& message) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // rounds down, before 1970 too
  message.set_seconds(seconds);
  message.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

void FillMoney(core::Money money, v1::Money& message) {
  message.set_currency_code("DZD");
  message.set_centimes(money.centimes());
}

void FillStrategy(const core::StrategyIdentity& strategy, v1::PricingStrategy& message) {
  message.set_strategy_id(strategy.strategy_id);
  message.set_version(strategy.version);
  message.set_library_digest(strategy.library_digest);
  message.set_config_digest(strategy.config_digest);
}

void FillPrice(const core::PriceBreakdown& price, bool see_cost, v1::PriceBreakdown& message) {
  FillMoney(price.face_value, *message.mutable_face_value());
  FillMoney(price.price, *message.mutable_price());
  if (see_cost) {
    FillMoney(price.cost, *message.mutable_cost());
    FillMoney(price.profit, *message.mutable_profit());
  }
  for (const core::StrategyIdentity& strategy : price.strategies) {
    FillStrategy(strategy, *message.add_strategies());
  }
  for (const core::PriceStep& step : price.steps) {
    v1::PriceStep& added = *message.add_steps();
    added.set_description(step.description);
    if (see_cost) FillMoney(step.price_after, *added.mutable_price_after());
  }
  // What was recorded without them has none.
  if (see_cost && !price.basis.config_digest.empty()) {
    FillInputs(price.basis, *message.mutable_inputs());
  }
}

void FillTopup(const core::Topup& topup, const std::vector<engine::PricedOffer>& offers,
               bool see_cost, v1::Topup& message) {
  message.set_topup_id(topup.id);
  message.set_ref(topup.ref);
  message.set_caller(topup.caller);
  message.set_phone_number(topup.phone.National());
  message.set_operator_(static_cast<v1::Operator>(topup.op));
  message.set_plan_code(topup.plan_code);
  FillPrice(topup.price, see_cost, *message.mutable_price());
  message.set_status(static_cast<v1::TopupStatus>(topup.status));
  message.set_refund_advice(static_cast<v1::RefundAdvice>(topup.advice));
  if (topup.review_time.has_value()) {
    FillTimestamp(*topup.review_time, *message.mutable_review_time());
  }
  message.set_refund_message(topup.refund_message);
  FillCustomerMessages(topup.status, message);
  for (const engine::PricedOffer& offer : offers) {
    FillOffer(offer, see_cost, *message.add_suggested_offers());
  }
  message.set_provider_topup_id(topup.provider_topup_id);
  message.set_provider_ref(topup.provider_ref);
  if (see_cost && topup.provider_charge.has_value()) {
    FillMoney(*topup.provider_charge, *message.mutable_provider_charge());
  }
  message.set_rejection_reason(std::string(core::RejectionReasonName(topup.rejection_reason)));
  // Until a read has confirmed a refusal, its text would only lead to an early refund.
  if (topup.status == core::TopupStatus::kRejected) {
    message.set_rejection_detail(topup.rejection_detail);
  }
  FillTimestamp(topup.create_time, *message.mutable_create_time());
  FillTimestamp(topup.update_time, *message.mutable_update_time());
  if (topup.settle_time.has_value()) {
    FillTimestamp(*topup.settle_time, *message.mutable_settle_time());
  }
  message.set_revision(topup.revision);
  for (const auto& [name, value] : topup.labels) (*message.mutable_labels())[name] = value;
  message.set_provider_account(topup.provider_account);
}

void FillPlan(const engine::PricedPlan& priced, bool see_cost, v1::Plan& message) {
  const core::Plan& plan = priced.plan;
  message.set_plan_code(plan.code);
  message.set_display_name(plan.display_name);
  message.set_operator_(static_cast<v1::Operator>(plan.op));
  message.set_provider_operator(plan.provider_operator);
  message.set_kind(static_cast<v1::PlanKind>(plan.kind));
  message.set_min_amount_dzd(plan.min_amount_dzd);
  message.set_max_amount_dzd(plan.max_amount_dzd);
  message.set_enabled(plan.enabled);
  if (see_cost && plan.cost_ppm.has_value()) message.set_cost_ppm(*plan.cost_ppm);
  if (priced.price.has_value()) FillPrice(*priced.price, see_cost, *message.mutable_price());
  message.set_sellable(priced.sellable);
}

void FillOffer(const engine::PricedOffer& offer, bool see_cost, v1::Offer& message) {
  message.set_plan_code(offer.offer.plan_code);
  message.set_display_name(offer.offer.display_name);
  message.set_amount_dzd(offer.offer.amount_dzd);
  if (offer.price.has_value()) FillPrice(*offer.price, see_cost, *message.mutable_price());
}

void FillQuote(const engine::Quote& quote, bool see_cost, v1::Quote& message) {
  message.set_quote_id(quote.quote_id);
  FillPrice(quote.price, see_cost, *message.mutable_price());
  FillTimestamp(quote.expire_time, *message.mutable_expire_time());
}

void FillProvider(const engine::ProviderState& provider, admin::v1::GetProviderResponse& message) {
  admin::v1::ProviderAccount& account = *message.add_accounts();
  account.set_account(provider.account);
  if (provider.balance.has_value()) {
    FillMoney(*provider.balance, *account.mutable_balance());
    if (IsFinite(provider.balance_time)) {
      FillTimestamp(provider.balance_time, *account.mutable_balance_time());
    }
  }
  account.set_key_type(provider.key_type);
  for (const auto& [name, up] : provider.operator_up) (*account.mutable_operator_up())[name] = up;
  account.set_budget_per_minute(provider.budget_per_minute);
  account.set_budget_used_last_minute(provider.budget_used_last_minute);
  account.set_paused_reason(provider.paused_reason);
  if (IsFinite(provider.catalogue_time)) {
    FillTimestamp(provider.catalogue_time, *message.mutable_catalogue_time());
  }
}

}  // namespace topup::api
