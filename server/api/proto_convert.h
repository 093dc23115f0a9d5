// Domain values as messages and back; the only place that knows both.
//
// `see_cost`: whether the reader may know what a top-up costs us. Without it everything that
// tells the cost stays unset: cost, profit, the steps' prices, inputs, cost_ppm, provider_charge.
#ifndef TOPUP_SERVER_API_PROTO_CONVERT_H_
#define TOPUP_SERVER_API_PROTO_CONVERT_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/core/price.h"
#include "server/core/topup.h"
#include "server/engine/engine.h"
#include "topup/admin/v1/admin_service.pb.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::api {

// Nothing for a value outside of what the type allows.
std::optional<absl::Time> ToTime(const google::protobuf::Timestamp& timestamp);
std::optional<absl::Duration> ToDuration(const google::protobuf::Duration& duration);

// `time` is finite.
void FillTimestamp(absl::Time time, google::protobuf::Timestamp& message);
void FillMoney(core::Money money, v1::Money& message);
void FillStrategy(const core::StrategyIdentity& strategy, v1::PricingStrategy& message);
void FillPrice(const core::PriceBreakdown& price, bool see_cost, v1::PriceBreakdown& message);

// `offers`: those of `topup`, priced for its caller.
void FillTopup(const core::Topup& topup, const std::vector<engine::PricedOffer>& offers,
               bool see_cost, v1::Topup& message);
void FillPlan(const engine::PricedPlan& priced, bool see_cost, v1::Plan& message);
void FillOffer(const engine::PricedOffer& offer, bool see_cost, v1::Offer& message);
void FillQuote(const engine::Quote& quote, bool see_cost, v1::Quote& message);

void FillProvider(const engine::ProviderState& provider, admin::v1::GetProviderResponse& message);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_PROTO_CONVERT_H_
