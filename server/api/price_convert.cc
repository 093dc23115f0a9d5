#include "server/api/price_convert.h"

#include <string>

#include "server/api/proto_convert.h"

namespace topup::api {
namespace {

void FillMove(const engine::PriceMove& move, admin::v1::PriceMove& message) {
  message.set_topup_id(move.topup_id);
  FillMoney(move.old_price, *message.mutable_old_price());
  if (move.new_price.has_value()) FillMoney(*move.new_price, *message.mutable_new_price());
  message.set_failure_reason(move.failure_reason);
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

}  // namespace

void FillStrategies(const engine::StrategyDirectory& directory,
                    admin::v1::ListStrategiesResponse& message) {
  message.set_config_digest(directory.config_digest);
  for (const engine::StrategyEntry& entry : directory.strategies) {
    admin::v1::StrategyInfo& added = *message.add_strategies();
    FillStrategy(entry.identity, *added.mutable_strategy());
    added.set_display_name(entry.display_name);
    added.set_vendor(entry.vendor);
    added.set_config_schema(entry.config_schema);
    added.set_loaded(entry.loaded);
    added.set_load_error(entry.load_error);
    for (const std::string& route : entry.routes) added.add_routes(route);
  }
}

std::vector<admin::v1::SimulatePricingResponse> ToMessages(const engine::Simulation& simulation,
                                                           bool see_cost) {
  std::vector<admin::v1::SimulatePricingResponse> messages;
  messages.reserve(simulation.moves.size() + 1);
  for (const engine::PriceMove& move : simulation.moves) {
    FillMove(move, *messages.emplace_back().mutable_move());
  }
  FillTotals(simulation, see_cost, *messages.emplace_back().mutable_totals());
  return messages;
}

void FillExplanation(const engine::Explanation& explanation, bool see_cost,
                     admin::v1::ExplainPriceResponse& message) {
  FillPrice(explanation.recorded, see_cost, *message.mutable_recorded());
  if (explanation.replayed.has_value()) {
    FillPrice(*explanation.replayed, see_cost, *message.mutable_replayed());
  }
  message.set_same(explanation.replayed.has_value() && explanation.detail.empty());
  message.set_detail(explanation.detail);
}

}  // namespace topup::api
