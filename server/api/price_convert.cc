#include "server/api/price_convert.h"

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/api/proto_convert.h"
#include "server/base/error.h"

namespace topup::api {
namespace {

// Of an answer with schemas: a client takes 4 MiB by default.
constexpr size_t kWithSchemasBytesMax = 3 << 20;
constexpr size_t kSchemaFrameBytes = 8;  // tags and lengths

constexpr absl::string_view kRestIsHidden =
    "what else differs is shown to callers that may see costs";

// Why there is no price. What a strategy or a guardrail says of it may tell the cost: whoever may
// not see that is given the reason in our words. What has none is about records and libraries.
std::string DescribeFailure(const absl::Status& failure, bool see_cost) {
  const std::string reason = base::ErrorReason(failure);
  if (see_cost || failure.ok() || (reason.empty() && absl::IsNotFound(failure))) {
    return std::string(failure.message());
  }
  if (reason == "MARGIN_GUARDRAIL") return "the price breaks a guardrail (MARGIN_GUARDRAIL)";
  if (reason == "PRICING_UNAVAILABLE") return "a strategy has no price (PRICING_UNAVAILABLE)";
  return absl::StrCat("it could not be priced (", reason.empty() ? "INTERNAL" : reason, ")");
}

// What differs, and for whom steps, costs and profits are hidden, whether it is the price.
std::string DescribeDifference(const engine::Explanation& explanation, bool see_cost) {
  if (see_cost || explanation.detail.empty()) return explanation.detail;
  const bool same_price = explanation.recorded.price == explanation.replayed->price;
  return absl::StrCat("the price is ", same_price ? "" : "not ", "the same; ", kRestIsHidden);
}

void FillMove(const engine::PriceMove& move, bool see_cost, admin::v1::PriceMove& message) {
  message.set_topup_id(move.topup_id);
  FillMoney(move.old_price, *message.mutable_old_price());
  if (move.new_price.has_value()) FillMoney(*move.new_price, *message.mutable_new_price());
  message.set_failure_reason(DescribeFailure(move.failure, see_cost));
}

void FillTotals(const engine::Simulation& simulation, bool see_cost,
                admin::v1::PricingTotals& message) {
  message.set_topups(simulation.topups);
  message.set_failures(simulation.failures);
  FillMoney(simulation.old_revenue, *message.mutable_old_revenue());
  FillMoney(simulation.new_revenue, *message.mutable_new_revenue());
  if (see_cost) {
    FillMoney(simulation.old_profit, *message.mutable_old_profit());
    FillMoney(simulation.new_profit, *message.mutable_new_profit());
  }
  for (const engine::PriceMoveBucket& bucket : simulation.histogram) {
    admin::v1::PriceMoveBucket& added = *message.add_histogram();
    added.set_min_centimes(bucket.min_centimes);
    added.set_max_centimes(bucket.max_centimes);
    added.set_topups(bucket.topups);
  }
}

// A library's schema is the same in all its entries, and may be 64 KiB long.
void AddSchemas(const engine::StrategyDirectory& directory,
                admin::v1::ListStrategiesResponse& message) {
  size_t bytes = message.ByteSizeLong();
  std::set<std::string> shown;  // libraries, by their digests
  for (size_t i = 0; i < directory.strategies.size(); ++i) {
    const engine::StrategyEntry& entry = directory.strategies[i];
    if (!shown.insert(entry.identity.library_digest).second) continue;
    bytes += entry.config_schema.size() + kSchemaFrameBytes;
    if (bytes > kWithSchemasBytesMax) return;
    message.mutable_strategies(static_cast<int>(i))->set_config_schema(entry.config_schema);
  }
}

}  // namespace

void FillStrategies(const engine::StrategyDirectory& directory,
                    admin::v1::ListStrategiesResponse& message) {
  message.set_config_digest(directory.config_digest);
  for (const engine::StrategyEntry& entry : directory.strategies) {
    admin::v1::StrategyInfo& added = *message.add_strategies();
    FillStrategy(entry.identity, *added.mutable_strategy());
    added.set_display_name(entry.display_name);
    added.set_vendor(entry.vendor);
    added.set_loaded(entry.loaded);
    added.set_load_error(entry.load_error);
    for (const std::string& route : entry.routes) added.add_routes(route);
  }
  AddSchemas(directory, message);
}

std::vector<admin::v1::SimulatePricingResponse> ToMessages(const engine::Simulation& simulation,
                                                           bool see_cost) {
  std::vector<admin::v1::SimulatePricingResponse> messages;
  messages.reserve(simulation.moves.size() + 1);
  for (const engine::PriceMove& move : simulation.moves) {
    FillMove(move, see_cost, *messages.emplace_back().mutable_move());
  }
  FillTotals(simulation, see_cost, *messages.emplace_back().mutable_totals());
  return messages;
}

void FillExplanation(const engine::Explanation& explanation, bool see_cost,
                     admin::v1::ExplainPriceResponse& message) {
  FillPrice(explanation.recorded, see_cost, *message.mutable_recorded());
  if (!explanation.replayed.has_value()) {
    message.set_detail(DescribeFailure(explanation.failure, see_cost));
    return;
  }
  FillPrice(*explanation.replayed, see_cost, *message.mutable_replayed());
  message.set_same(explanation.detail.empty());
  message.set_detail(DescribeDifference(explanation, see_cost));
}

}  // namespace topup::api
