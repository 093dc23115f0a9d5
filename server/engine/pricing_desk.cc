#include "server/engine/pricing_desk.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/engine/price_comparison.h"
#include "server/engine/price_simulation.h"

namespace topup::engine {
namespace {

// Small enough to notice soon that nobody waits any more.
constexpr int kPageSize = 2000;

absl::Status TooMany() {
  return base::OverloadedError("pricing",
                               "Too much is being done about prices already: try again later.");
}

absl::Status Cancelled() {
  return base::MakeError(absl::StatusCode::kCancelled, "The simulation was cancelled.",
                         {.reason = "CANCELLED"});
}

bool IsCancelled(const SimulateCommand& command) {
  return command.is_cancelled && command.is_cancelled();
}

// By what was recorded with it.
absl::StatusOr<core::PriceBreakdown> PriceAgain(const pricing::Pricer& pricer,
                                                const store::PricedTopup& topup) {
  if (topup.basis.config_digest.empty()) {
    return absl::NotFoundError("It was recorded without what its price was worked out from.");
  }
  const core::Plan plan = {.code = topup.plan_code,
                           .op = topup.op,
                           .kind = topup.plan_kind,
                           .cost_ppm = topup.basis.cost_ppm};
  return pricer.Price({.plan = &plan,
                       .amount_dzd = topup.amount_dzd,
                       .caller = topup.caller,
                       .time = topup.basis.time,
                       .caller_volume = topup.basis.caller_volume});
}

}  // namespace

template <typename T>
void PricingDesk::Post(base::WorkExecutor& executor, Done<T> done,
                       std::function<absl::StatusOr<T>()> work) {
  if (!executor.TryPost([done, work = std::move(work)] { done(work()); })) done(TooMany());
}

void PricingDesk::ListStrategies(Done<StrategyDirectory> done) {
  Post<StrategyDirectory>(parts_.changes, std::move(done), [this] { return ReadStrategies(); });
}

void PricingDesk::Activate(ActivateCommand command, Done<std::string> done) {
  Post<std::string>(parts_.changes, std::move(done), [this, command = std::move(command)] {
    return parts_.activations.Activate(command);
  });
}

void PricingDesk::Rollback(RollbackCommand command, Done<std::string> done) {
  Post<std::string>(parts_.changes, std::move(done), [this, command = std::move(command)] {
    return parts_.activations.Rollback(command);
  });
}

void PricingDesk::Simulate(SimulateCommand command, Done<Simulation> done) {
  Post<Simulation>(parts_.simulations, std::move(done),
                   [this, command = std::move(command)] { return RunSimulation(command); });
}

void PricingDesk::Explain(std::string topup_id, Done<Explanation> done) {
  Post<Explanation>(parts_.changes, std::move(done),
                    [this, topup_id = std::move(topup_id)] { return ExplainTopup(topup_id); });
}

void PricingDesk::Reload() {
  const bool posted =
      parts_.changes.TryPost([this] { static_cast<void>(parts_.activations.Reload()); });
  if (!posted) parts_.log.Error("pricing.not_reloaded", {{"reason", TooMany().message()}});
}

absl::StatusOr<StrategyDirectory> PricingDesk::ReadStrategies() const {
  StrategyDirectory directory = {.config_digest = parts_.activations.config_digest()};
  for (pricing::StrategyListing& listing : parts_.host.ListStrategies()) {
    directory.strategies.push_back({.identity = std::move(listing.identity),
                                    .display_name = std::move(listing.display_name),
                                    .vendor = std::move(listing.vendor),
                                    .config_schema = std::move(listing.config_schema),
                                    .loaded = listing.loaded,
                                    .load_error = std::move(listing.load_error),
                                    .routes = std::move(listing.routes)});
  }
  return directory;
}

absl::StatusOr<Simulation> PricingDesk::RunSimulation(const SimulateCommand& command) const {
  if (IsCancelled(command)) return Cancelled();
  ASSIGN_OR_RETURN(const std::string text, parts_.activations.TextOf(command.config));
  ASSIGN_OR_RETURN(std::shared_ptr<const pricing::PricingSet> set,
                   parts_.activations.LoadAside(text));
  const std::shared_ptr<const pricing::Pricer> candidate = parts_.host.AsIfInForce(std::move(set));

  PriceSimulation simulation(static_cast<size_t>(std::max(command.movers, 0)));
  store::PricedTopupQuery query = {
      .start_time = command.start_time, .end_time = command.end_time, .limit = kPageSize};
  do {
    if (IsCancelled(command)) return Cancelled();
    ASSIGN_OR_RETURN(const store::PricedTopupPage page, parts_.store.ReadPricedTopups(query));
    for (const store::PricedTopup& topup : page.topups) {
      simulation.Add(topup, PriceAgain(*candidate, topup));
    }
    query.after_id = page.last_id;
  } while (!query.after_id.empty());
  return simulation.Finish();
}

absl::StatusOr<Explanation> PricingDesk::ExplainTopup(const std::string& topup_id) const {
  ASSIGN_OR_RETURN(const core::Topup topup, parts_.store.FindById(topup_id));
  Explanation explanation = {.recorded = topup.price};
  absl::StatusOr<core::PriceBreakdown> replayed = Replay(topup);
  // The store's own failures are the call's; what the strategies have to say is the answer.
  if (!replayed.ok() && !absl::IsNotFound(replayed.status()) &&
      base::ErrorReason(replayed.status()) != "PRICING_UNAVAILABLE" &&
      base::ErrorReason(replayed.status()) != "CONFIG_INVALID") {
    return replayed.status();
  }
  if (!replayed.ok()) {
    explanation.failure = replayed.status();
    return explanation;
  }
  // Which route it was is recorded, and was not asked again.
  replayed->basis.route = topup.price.basis.route;
  explanation.detail = DescribeDifference(topup.price, *replayed);
  explanation.replayed = *std::move(replayed);
  return explanation;
}

absl::StatusOr<core::PriceBreakdown> PricingDesk::Replay(const core::Topup& topup) const {
  const core::PriceBasis& basis = topup.price.basis;
  if (basis.config_digest.empty()) {
    return absl::NotFoundError("it was recorded without what its price was worked out from");
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   parts_.store.FindPricingConfig(basis.config_digest));
  if (!text.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("the configuration ", basis.config_digest, " is not recorded"));
  }
  ASSIGN_OR_RETURN(const pricing::PricingConfiguration configuration,
                   parts_.activations.source().parse(*text));
  for (const pricing::ChainConfiguration& chain : configuration.chains) {
    if (chain.name != basis.chain) continue;
    ASSIGN_OR_RETURN(const std::shared_ptr<const pricing::PricingSet> set,
                     parts_.host.Rebuild(chain, topup.price.strategies, basis.config_digest));
    return PriceAgain(*set, {.caller = topup.caller,
                             .op = topup.op,
                             .plan_code = topup.plan_code,
                             .plan_kind = topup.plan_kind,
                             .amount_dzd = topup.amount_dzd,
                             .basis = basis});
  }
  return absl::NotFoundError(absl::StrCat("the configuration has no chain ", basis.chain));
}

}  // namespace topup::engine
