#include "server/engine/topup_engine.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "server/base/status_macros.h"
#include "server/core/protocol.h"
#include "server/engine/priced_answers.h"

namespace topup::engine {
namespace {

// Even when nothing is known to be due: what a missed wake-up would cost at most.
constexpr absl::Duration kRoundIntervalMax = absl::Seconds(1);
constexpr absl::Duration kRoundIntervalMin = absl::Milliseconds(1);
constexpr absl::Duration kWaitMax = absl::Seconds(60);
}  // namespace

TopupEngine::TopupEngine(const EngineParts& parts, EngineOptions options)
    : parts_(parts),
      options_(std::move(options)),
      catalogue_(options_.plan_costs, options_.max_catalogue_age),
      account_(options_.breaker_failures, options_.rules.provider_timeout),
      quotes_(parts_.signer),
      refs_(parts_),
      intake_(
          parts_, options_, catalogue_, account_, quotes_, refs_, volumes_,
          [this](const core::Topup& topup) { parts_.loop.Post([this, topup] { Taken(topup); }); }),
      waiters_(parts_.loop),
      writer_(parts_, waiters_, volumes_),
      changes_(parts_, writer_),
      restored_(parts_, options_, writer_, changes_),
      overdue_(parts_, writer_, changes_, [this] { Wake(); }),
      setbacks_(parts_, options_, writer_, changes_, [this] { Wake(); }),
      dispatcher_(parts_, options_, account_, writer_, [this] { Wake(); }),
      reconciler_(parts_, options_, account_, writer_, [this] { Wake(); }),
      monitor_(parts_, options_, catalogue_, account_, [this] { Wake(); }),
      offers_(parts_, options_, catalogue_, intake_, waiters_,
              [this](const core::Topup& menu) { Taken(menu); }),
      desk_(parts_, writer_, refs_, [this](const core::Topup& topup) { reconciler_.Hurry(topup); }),
      cases_(parts_, options_, writer_),
      busy_(parts_.metrics.GetGauge("topup_engine_busy_topups",
                                    "Top-ups with a request or a commit under way.")) {}

void TopupEngine::Start(std::function<void(absl::Status)> started) {
  parts_.loop.Post([this, started = std::move(started)] {
    // Before there are plans, so that nothing is sold or taken meanwhile.
    if (absl::Status counted = CountDelivered(); !counted.ok()) {
      started(counted);
      return;
    }
    restored_.TakeOver([this, started](const absl::Status& status) {
      if (status.ok()) {
        GoOnStarting(started);
      } else {
        started(status);
      }
    });
  });
}

absl::Status TopupEngine::CountDelivered() {
  if (counted_) return absl::OkStatus();
  RETURN_IF_ERROR(volumes_.Load(parts_.store, parts_.clock.Now()));
  counted_ = true;
  return absl::OkStatus();
}

void TopupEngine::GoOnStarting(std::function<void(absl::Status)> started) {
  if (absl::Status taken_over = overdue_.TakeOverAll(); !taken_over.ok()) {
    started(taken_over);
    return;
  }
  reconciler_.Begin();
  monitor_.Start([this, started = std::move(started)](const absl::Status& status) {
    if (status.ok()) {
      running_ = true;
      Wake();
    }
    started(status);
  });
}

void TopupEngine::Drain(std::function<void()> drained) {
  parts_.loop.Post([this, drained = std::move(drained)] {
    dispatcher_.StopClaiming();
    reconciler_.Stop();
    monitor_.Stop();
    drained_ = drained;
    Pump();
  });
}

void TopupEngine::KeyChanged(std::function<void()> replace) {
  parts_.loop.Post([this, replace = std::move(replace)] {
    if (replace) replace();
    monitor_.KeyChanged();
  });
}

void TopupEngine::Wake() {
  if (!wake_posted_.exchange(true)) {
    parts_.loop.Post([this] { Pump(); });
  }
}

void TopupEngine::Pump() {
  wake_posted_ = false;
  if (drained_ && dispatcher_.in_flight() == 0) {
    waiters_.AnswerAll();
    refs_.StopWaiting();
    std::exchange(drained_, nullptr)();
    running_ = false;
  }
  if (!running_) {
    return;
  }
  const absl::Duration elapsed = parts_.clock.Elapsed();
  const absl::Time now = parts_.clock.Now();
  overdue_.Run(now);
  setbacks_.Run();
  upstream::BudgetDemand demand;
  dispatcher_.Collect(now, elapsed, demand);
  reconciler_.Collect(now, elapsed, demand);
  monitor_.Collect(elapsed, demand);
  absl::Duration again = reconciler_.Run(elapsed, demand);
  again = std::min(again, dispatcher_.Run(elapsed, demand));
  again = std::min(again, monitor_.Run(elapsed, demand));
  busy_->Set(writer_.busy_count());
  cases_.Measure(elapsed);
  const absl::Time due = NextDue();
  if (due > now) again = std::min(again, elapsed + (due - now));
  WakeAt(again);
}

absl::Time TopupEngine::NextDue() {
  absl::Time next = overdue_.NextExpiry();
  const absl::Time now = parts_.clock.Now();
  for (const core::NextAction action :
       {core::NextAction::kPost, core::NextAction::kResend, core::NextAction::kReadByRef,
        core::NextAction::kReadStatus, core::NextAction::kReadSettled,
        core::NextAction::kAwaitAnswer}) {
    const absl::StatusOr<absl::Time> due = parts_.store.NextDueTime(action);
    // What is due already has been looked at in this round.
    if (due.ok() && *due > now) next = std::min(next, *due);
  }
  return next;
}

void TopupEngine::WakeAt(absl::Duration time) {
  parts_.loop.Cancel(timer_);
  const absl::Duration delay =
      std::clamp(time - parts_.clock.Elapsed(), kRoundIntervalMin, kRoundIntervalMax);
  timer_ = parts_.loop.PostAfter(delay, [this] { Pump(); });
}

void TopupEngine::Send(SendCommand command, Done<SendResult> done) {
  const WaitFor wait_for = command.wait_for;
  const absl::Time answer_by = command.answer_by;
  const bool validate_only = command.validate_only;
  intake_.Take(std::move(command), [this, wait_for, answer_by, validate_only,
                                    done = PricedOn(parts_.reads, std::move(done))](
                                       absl::StatusOr<SendResult> result) {
    if (!result.ok() || validate_only) {
      done(std::move(result));
      return;
    }
    const bool wait = !HasReached(result->topup, wait_for);
    if (!result->replayed || wait) {
      parts_.loop.Post([this, topup = result->topup] { Taken(topup); });
    }
    if (!wait) {
      done(std::move(result));
      return;
    }
    parts_.loop.Post([this, wait_for, answer_by, done, result = *std::move(result)] {
      const absl::Duration patience = std::min(answer_by - parts_.clock.Now(), kWaitMax);
      // It may have moved on since it was read.
      const absl::StatusOr<core::Topup> stored = parts_.store.FindById(result.topup.id);
      waiters_.Wait(
          stored.ok() ? *stored : result.topup,
          [wait_for](const core::Topup& topup) { return HasReached(topup, wait_for); }, patience,
          [done, replayed = result.replayed](const core::Topup& topup) {
            done(SendResult{.topup = topup, .replayed = replayed});
          });
    });
  });
}

void TopupEngine::Taken(const core::Topup& topup) {
  if (topup.status == core::TopupStatus::kQueued) overdue_.Watch(topup);
  Wake();
}

void TopupEngine::Get(TopupKey key, Done<core::Topup> done) {
  desk_.Get(std::move(key), std::move(done));
}

void TopupEngine::List(store::ListFilter filter, Done<store::ListResult> done) {
  desk_.List(std::move(filter), std::move(done));
}

void TopupEngine::Cancel(TopupKey key, Done<core::Topup> done) {
  desk_.Cancel(std::move(key), PricedOn(parts_.reads, std::move(done)));
}

absl::StatusOr<Quote> TopupEngine::QuoteTopup(const QuoteCommand& command) {
  return intake_.QuoteTopup(command);
}

absl::StatusOr<PlanListing> TopupEngine::ListPlans(const PlanQuery& query) {
  const absl::Time now = parts_.clock.Now();
  if (absl::Status age = catalogue_.CheckAge(now); !age.ok()) {
    return age;
  }
  const std::shared_ptr<const core::Catalogue> plans = catalogue_.Snapshot();
  PlanListing listing{.catalogue_time = plans->read_time};
  listing.stale = now - plans->read_time > options_.plan_refresh_interval &&
                  (!monitor_.plans_read() || account_.reads_paused());
  for (const core::Plan& plan : plans->plans) {
    if ((query.op != core::Operator::kUnknown && plan.op != query.op) ||
        (query.phone.has_value() && !SuitsNumber(plan, *query.phone))) {
      continue;
    }
    PricedPlan priced{.plan = plan};
    const bool sold = plan.kind == core::PlanKind::kFixed || plan.kind == core::PlanKind::kDynamic;
    priced.sellable = sold && plan.enabled && plan.cost_ppm.has_value();
    if (sold && plan.cost_ppm.has_value()) {
      // A fixed plan has one amount, whatever was asked for.
      const bool fixed = plan.kind == core::PlanKind::kFixed;
      const std::optional<int64_t> wanted = fixed ? std::nullopt : query.amount_dzd;
      const absl::StatusOr<int64_t> amount = ChooseAmount(plan, wanted);
      if (amount.ok()) {
        absl::StatusOr<core::PriceBreakdown> price = intake_.Price(plan, *amount, query.caller);
        if (price.ok()) {
          priced.price = *std::move(price);
        } else {
          priced.sellable = false;
        }
      }
    }
    if (priced.sellable || query.include_unsellable) listing.plans.push_back(std::move(priced));
  }
  return listing;
}

void TopupEngine::ListOffers(OffersCommand command, Done<std::vector<PricedOffer>> done) {
  parts_.loop.Post([this, command = std::move(command), done = std::move(done)] {
    offers_.List(command, done);
  });
}

std::vector<PricedOffer> TopupEngine::PriceOffers(const core::Topup& topup) {
  return offers_.Price(topup.suggested_offers, topup.caller);
}

ProviderState TopupEngine::GetProvider() {
  return {.account = options_.account,
          .balance = account_.balance(),
          .balance_time = monitor_.balance_time(),
          .key_type = account_.key_type(),
          .operator_up = monitor_.operator_up(),
          .budget_per_minute = parts_.budget.ceiling(),
          .budget_used_last_minute = parts_.budget.UsedLastMinute(parts_.clock.Elapsed()),
          .paused_reason = account_.paused_reason(),
          .catalogue_time = catalogue_.Snapshot()->read_time,
          .serving = account_.serving()};
}

void TopupEngine::RefreshPlans(Done<RefreshResult> done) {
  parts_.loop.Post([this, done = std::move(done)] { monitor_.RefreshPlans(done); });
}

void TopupEngine::ListUnsettled(CasePage page, Done<UnsettledListing> done) {
  cases_.ListUnsettled(std::move(page), std::move(done));
}

void TopupEngine::Resolve(ResolveCommand command, Done<Resolved> done) {
  cases_.Resolve(std::move(command), PricedOn(parts_.reads, std::move(done)));
}

void TopupEngine::ListIncidents(CasePage page, bool include_closed, Done<IncidentListing> done) {
  cases_.ListIncidents(std::move(page), include_closed, std::move(done));
}

void TopupEngine::CloseIncident(CloseCommand command, Done<core::Incident> done) {
  cases_.CloseIncident(std::move(command), std::move(done));
}

}  // namespace topup::engine
