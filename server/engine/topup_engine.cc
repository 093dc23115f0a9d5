#include "server/engine/topup_engine.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/core/protocol.h"

namespace topup::engine {
namespace {

using base::MakeError;

// Even when nothing is known to be due: what a missed wake-up would cost at most.
constexpr absl::Duration kRoundIntervalMax = absl::Seconds(1);
constexpr absl::Duration kRoundIntervalMin = absl::Milliseconds(1);
constexpr absl::Duration kWaitMax = absl::Seconds(60);
// More than any store holds open; a bound for one read at start.
constexpr int kTakeOverMax = 1000000;

absl::Status NotFound() {
  return MakeError(absl::StatusCode::kNotFound, "This caller has no such top-up.",
                   {.reason = "TOPUP_NOT_FOUND"});
}

absl::Status TooManyReads() {
  return MakeError(
      absl::StatusCode::kResourceExhausted, "Too many reads wait: try again later.",
      {.reason = "OVERLOADED", .metadata = {{"limit", "reads"}}, .retry_after = absl::Seconds(1)});
}

}  // namespace

TopupEngine::TopupEngine(const EngineParts& parts, EngineOptions options)
    : parts_(parts),
      options_(std::move(options)),
      catalogue_(options_.plan_costs, options_.max_catalogue_age),
      account_(options_.breaker_failures, options_.rules.provider_timeout),
      quotes_(parts_.signer),
      intake_(parts_, options_, catalogue_, account_, quotes_),
      waiters_(parts_.loop),
      writer_(parts_, waiters_),
      dispatcher_(parts_, options_, account_, writer_, [this] { Wake(); }),
      reconciler_(parts_, options_, account_, writer_, [this] { Wake(); }),
      monitor_(parts_, options_, catalogue_, account_, [this] { Wake(); }),
      offers_(parts_, options_, catalogue_, intake_, waiters_, [this] { Wake(); }),
      busy_(parts_.metrics.GetGauge("topup_engine_busy_topups",
                                    "Top-ups with a request or a commit under way.")) {}

void TopupEngine::Start(std::function<void(absl::Status)> started) {
  parts_.loop.Post([this, started = std::move(started)] {
    TakeOverAll([this, started](absl::Status taken) {
      if (!taken.ok()) {
        started(taken);
        return;
      }
      monitor_.Start([this, started](absl::Status status) {
        if (status.ok()) {
          running_ = true;
          Wake();
        }
        started(status);
      });
    });
  });
}

// Claims that an earlier process left: their POST may have been made, so they are in doubt.
void TopupEngine::TakeOverAll(std::function<void(absl::Status)> done) {
  absl::StatusOr<std::vector<core::Topup>> claimed =
      parts_.store.ReadDue(core::NextAction::kAwaitAnswer, absl::InfiniteFuture(), kTakeOverMax);
  absl::StatusOr<std::vector<core::Topup>> queued =
      parts_.store.ReadDue(core::NextAction::kPost, absl::InfiniteFuture(), kTakeOverMax);
  if (!claimed.ok() || !queued.ok()) {
    done(claimed.ok() ? queued.status() : claimed.status());
    return;
  }
  for (const core::Topup& topup : *queued) deadlines_.emplace(topup.send_before, topup.id);
  auto left = std::make_shared<size_t>(claimed->size());
  if (*left == 0) {
    done(absl::OkStatus());
    return;
  }
  parts_.log.Warning("topups.taken_over", {{"count", static_cast<int64_t>(*left)}});
  for (const core::Topup& topup : *claimed) {
    std::optional<core::Attempt> last;
    const absl::StatusOr<std::vector<core::Attempt>> attempts = parts_.store.Attempts(topup.id);
    if (attempts.ok() && !attempts->empty()) last = attempts->back();
    writer_.Apply(
        topup,
        [this, last](const core::Topup& row) {
          return core::TakeOver(row, last, parts_.clock.Now());
        },
        /*must_succeed=*/true,
        [left, done](const absl::StatusOr<core::Topup>&) {
          if (--*left == 0) done(absl::OkStatus());
        });
  }
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

void TopupEngine::KeyChanged() {
  parts_.loop.Post([this] { monitor_.KeyChanged(); });
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
    std::exchange(drained_, nullptr)();
    running_ = false;
  }
  if (!running_) {
    return;
  }
  ExpireQueued();
  const absl::Duration elapsed = parts_.clock.Elapsed();
  const absl::Time now = parts_.clock.Now();
  upstream::BudgetDemand demand;
  dispatcher_.Collect(now, elapsed, demand);
  reconciler_.Collect(now, elapsed, demand);
  monitor_.Collect(elapsed, demand);
  absl::Duration again = reconciler_.Run(elapsed, demand);
  again = std::min(again, dispatcher_.Run(elapsed, demand));
  again = std::min(again, monitor_.Run(elapsed, demand));
  busy_->Set(writer_.busy_count());
  const absl::Time due = NextDue();
  if (due > now) again = std::min(again, elapsed + (due - now));
  WakeAt(again);
}

absl::Time TopupEngine::NextDue() {
  absl::Time next = deadlines_.empty() ? absl::InfiniteFuture() : deadlines_.begin()->first;
  const absl::Time now = parts_.clock.Now();
  for (const core::NextAction action :
       {core::NextAction::kPost, core::NextAction::kResend, core::NextAction::kReadByRef,
        core::NextAction::kReadStatus, core::NextAction::kReadSettled}) {
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

void TopupEngine::ExpireQueued() {
  const absl::Time now = parts_.clock.Now();
  while (!deadlines_.empty() && deadlines_.begin()->first < now) {
    const std::string topup_id = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    if (writer_.IsBusy(topup_id)) {
      deadlines_.emplace(now + kRoundIntervalMax, topup_id);
      continue;
    }
    const absl::StatusOr<core::Topup> topup = parts_.store.FindById(topup_id);
    if (!topup.ok() || topup->status != core::TopupStatus::kQueued) continue;
    writer_.SetBusy(topup_id);
    writer_.Apply(
        *topup, [this](const core::Topup& row) { return core::Expire(row, parts_.clock.Now()); },
        /*must_succeed=*/true,
        [this, topup_id](const absl::StatusOr<core::Topup>&) { writer_.ClearBusy(topup_id); });
  }
}

void TopupEngine::Send(SendCommand command, Done<SendResult> done) {
  const WaitFor wait_for = command.wait_for;
  const absl::Time answer_by = command.answer_by;
  const bool validate_only = command.validate_only;
  intake_.Take(std::move(command), [this, wait_for, answer_by, validate_only,
                                    done = std::move(done)](absl::StatusOr<SendResult> result) {
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
  if (topup.status == core::TopupStatus::kQueued) {
    deadlines_.emplace(topup.send_before, topup.id);
  }
  Wake();
}

absl::StatusOr<core::Topup> TopupEngine::Find(const TopupKey& key) {
  absl::StatusOr<core::Topup> topup = key.topup_id.empty()
                                          ? parts_.store.FindByRef(key.caller, key.ref)
                                          : parts_.store.FindById(key.topup_id);
  if (absl::IsNotFound(topup.status()) || (topup.ok() && topup->caller != key.caller)) {
    return NotFound();
  }
  return topup;
}

void TopupEngine::Get(TopupKey key, Done<core::Topup> done) {
  const bool queued = parts_.reads.TryPost([this, key = std::move(key), done] {
    absl::StatusOr<core::Topup> topup = Find(key);
    if (topup.ok() && !core::IsSettled(topup->status)) {
      parts_.loop.Post([this, topup = *topup] { reconciler_.Hurry(topup); });
    }
    done(std::move(topup));
  });
  if (!queued) done(TooManyReads());
}

void TopupEngine::List(store::ListFilter filter, Done<store::ListResult> done) {
  const bool queued = parts_.reads.TryPost(
      [this, filter = std::move(filter), done] { done(parts_.store.List(filter)); });
  if (!queued) done(TooManyReads());
}

void TopupEngine::Cancel(TopupKey key, Done<core::Topup> done) {
  const bool queued = parts_.reads.TryPost([this, key = std::move(key), done] {
    absl::StatusOr<core::Topup> topup = Find(key);
    if (!topup.ok()) {
      done(topup.status());
      return;
    }
    parts_.loop.Post([this, topup = *std::move(topup), done] { CancelOnLoop(topup, done); });
  });
  if (!queued) done(TooManyReads());
}

void TopupEngine::CancelOnLoop(const core::Topup& topup, Done<core::Topup> done) {
  // Where a claim is on its way too, the one that commits first decides: the other one's
  // compare-and-set fails, and it decides again on the row as it then is.
  writer_.Apply(
      topup, [this](const core::Topup& row) { return core::CancelQueued(row, parts_.clock.Now()); },
      /*must_succeed=*/false,
      [done](absl::StatusOr<core::Topup> written) {
        if (!written.ok() || written->status == core::TopupStatus::kCancelled) {
          done(std::move(written));
          return;
        }
        const std::string status(core::StatusName(written->status));
        done(MakeError(
            absl::StatusCode::kFailedPrecondition,
            absl::StrCat("The top-up is ", status, ": only one that is QUEUED can be cancelled."),
            {.reason = "NOT_CANCELLABLE", .metadata = {{"status", status}}}));
      });
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
  listing.stale = now - plans->read_time > options_.plan_refresh_interval;
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

}  // namespace topup::engine
