#include "server/store/sqlite/packed_lists.h"

#include <utility>

#include "server/store/sqlite/packed_text.h"
#include "server/store/sqlite/row_reader.h"

namespace topup::store::sqlite {

std::string PackStrategies(const core::PriceBreakdown& price) {
  PackedWriter writer;
  for (const core::StrategyIdentity& strategy : price.strategies) {
    writer.Text(strategy.strategy_id)
        .Text(strategy.version)
        .Text(strategy.library_digest)
        .Text(strategy.config_digest);
  }
  return writer.packed();
}

bool UnpackStrategies(absl::string_view packed, core::PriceBreakdown& price) {
  PackedReader reader(packed);
  while (!reader.AtEnd()) {
    core::StrategyIdentity& strategy = price.strategies.emplace_back();
    strategy.strategy_id = std::string(reader.Text());
    strategy.version = std::string(reader.Text());
    strategy.library_digest = std::string(reader.Text());
    strategy.config_digest = std::string(reader.Text());
  }
  return reader.ok();
}

std::string PackSteps(const core::PriceBreakdown& price) {
  PackedWriter writer;
  for (const core::PriceStep& step : price.steps) {
    writer.Text(step.description).Number(step.price_after.centimes());
  }
  return writer.packed();
}

bool UnpackSteps(absl::string_view packed, core::PriceBreakdown& price) {
  PackedReader reader(packed);
  while (!reader.AtEnd()) {
    core::PriceStep& step = price.steps.emplace_back();
    step.description = std::string(reader.Text());
    step.price_after = core::Money::Centimes(reader.Number());
  }
  return reader.ok();
}

std::string PackBasis(const core::PriceBasis& basis) {
  PackedWriter writer;
  if (basis == core::PriceBasis()) return writer.packed();
  writer.Text(basis.config_digest).Text(basis.route).Text(basis.chain);
  writer.Number(EncodeTime(basis.time)).Number(basis.cost_ppm);
  if (basis.caller_volume.has_value()) {
    const core::CallerVolume& volume = *basis.caller_volume;
    writer.Number(volume.count_today).Number(volume.volume_today.centimes());
    writer.Number(volume.count_this_month).Number(volume.volume_this_month.centimes());
  }
  return writer.packed();
}

bool UnpackBasis(absl::string_view packed, core::PriceBasis& basis) {
  PackedReader reader(packed);
  if (reader.AtEnd()) return true;
  basis.config_digest = std::string(reader.Text());
  basis.route = std::string(reader.Text());
  basis.chain = std::string(reader.Text());
  basis.time = DecodeTime(reader.Number());
  basis.cost_ppm = reader.Number();
  if (!reader.AtEnd()) {
    core::CallerVolume& volume = basis.caller_volume.emplace();
    volume.count_today = reader.Number();
    volume.volume_today = core::Money::Centimes(reader.Number());
    volume.count_this_month = reader.Number();
    volume.volume_this_month = core::Money::Centimes(reader.Number());
  }
  return reader.ok() && reader.AtEnd();
}

std::string PackLabels(const core::Topup& topup) {
  PackedWriter writer;
  for (const auto& [name, value] : topup.labels) writer.Text(name).Text(value);
  return writer.packed();
}

bool UnpackLabels(absl::string_view packed, core::Topup& topup) {
  PackedReader reader(packed);
  while (!reader.AtEnd()) {
    std::string name(reader.Text());
    topup.labels[std::move(name)] = std::string(reader.Text());
  }
  return reader.ok();
}

std::string PackOffers(const core::Topup& topup) {
  PackedWriter writer;
  for (const core::SuggestedOffer& offer : topup.suggested_offers) {
    writer.Text(offer.display_name).Text(offer.plan_code).Number(offer.amount_dzd);
  }
  return writer.packed();
}

bool UnpackOffers(absl::string_view packed, core::Topup& topup) {
  PackedReader reader(packed);
  while (!reader.AtEnd()) {
    core::SuggestedOffer& offer = topup.suggested_offers.emplace_back();
    offer.display_name = std::string(reader.Text());
    offer.plan_code = std::string(reader.Text());
    offer.amount_dzd = reader.Number();
  }
  return reader.ok();
}

}  // namespace topup::store::sqlite
