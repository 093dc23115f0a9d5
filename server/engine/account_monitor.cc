#include "server/engine/account_monitor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/engine/observations.h"

namespace topup::engine {
namespace {

using core::ReadMeaning;
using upstream::RequestKind;

constexpr absl::Duration kRetryPlans = absl::Minutes(1);
// The ceiling lets a request through every 3 s at least, but for ceilings below 20 a minute. What
// lasts longer is a pause that the provider has asked for, of a quarter of an hour at most.
constexpr absl::Duration kFirstPlansPatience = absl::Seconds(4);
constexpr absl::Duration kBalancePace = absl::Minutes(10);
constexpr absl::Duration kBalancePaceWithoutMoney = absl::Seconds(15);
constexpr absl::Duration kPingPace = absl::Minutes(1);
constexpr absl::Duration kTrimPace = absl::Hours(1);
// Calls that may wait for one reading of the plans.
constexpr size_t kRefreshesMax = 100;

absl::Status PlansUnavailable() {
  return base::MakeError(absl::StatusCode::kUnavailable,
                         "The provider did not give its plans: the ones before stay in force.",
                         {.reason = "CATALOGUE_UNAVAILABLE", .retry_after = kRetryPlans});
}

}  // namespace

AccountMonitor::AccountMonitor(const EngineParts& parts, const EngineOptions& options,
                               PlanCatalogue& catalogue, ProviderAccount& account,
                               std::function<void()> wake)
    : parts_(parts),
      options_(options),
      catalogue_(catalogue),
      account_(account),
      validator_(parts, account),
      wake_(std::move(wake)),
      paused_(parts_.metrics.GetGauge("topup_engine_account_paused",
                                      "1 while the provider does not take our key, address or "
                                      "URL, and sends are paused.")) {}

void AccountMonitor::Start(std::function<void(absl::Status)> started) {
  absl::StatusOr<core::Catalogue> kept = parts_.store.LoadCatalogue();
  if (kept.ok() && kept->read_time != absl::InfinitePast()) {
    catalogue_.Replace(*std::move(kept));
  }
  // The first request of all: no ceiling is that low.
  static_cast<void>(parts_.budget.TryTake(RequestKind::kOther, parts_.clock.Elapsed(), {}));
  running_[kValidate] = true;
  validator_.Ask([this, started](const KeyVerdict& verdict) {
    Finished(kValidate, verdict.again);
    if (verdict.status.ok()) {
      ReadFirstPlans(started);
    } else {
      started(verdict.status);
    }
  });
}

void AccountMonitor::ReadFirstPlans(std::function<void(absl::Status)> started) {
  const absl::Duration elapsed = parts_.clock.Elapsed();
  const auto go_on = [this, started] {
    started_ = true;
    due_[kTrim] = parts_.clock.Elapsed() + kTrimPace;
    started(absl::OkStatus());
    wake_();
  };
  if (!account_.reads_paused() && parts_.budget.TryTake(RequestKind::kOther, elapsed, {})) {
    refreshes_.push_back([go_on](const absl::StatusOr<RefreshResult>&) { go_on(); });
    Begin(kPlans);
    return;
  }
  const absl::Duration wait = parts_.budget.NextChance(RequestKind::kOther, elapsed, {}) - elapsed;
  if (!account_.reads_paused() && wait <= kFirstPlansPatience) {
    parts_.loop.PostAfter(wait, [this, started] { ReadFirstPlans(started); });
    return;
  }
  // That is a first reading that failed: they are read as soon as that is allowed.
  plans_read_ = false;
  parts_.log.Warning("plans.not_read", {{"reason", "no request may be made for now"}});
  go_on();
}

void AccountMonitor::Stop() {
  stopped_ = true;
  AnswerRefreshes(PlansUnavailable());
}

void AccountMonitor::ReportPause() {
  const bool paused = account_.paused();
  paused_->Set(paused ? 1 : 0);
  const std::string reason = paused ? account_.paused_reason() : "";
  if (reason == reported_pause_) return;
  reported_pause_ = reason;
  if (paused) {
    parts_.log.Error("account.paused",
                     {{"reason", reason}, {"reads_paused", account_.reads_paused()}});
  } else {
    parts_.log.Info("account.resumed");
  }
}

void AccountMonitor::Collect(absl::Duration elapsed, upstream::BudgetDemand& demand) {
  if (!started_ || stopped_) return;
  ReportPause();
  if (account_.paused()) due_[kValidate] = account_.NextValidate();
  if (account_.reads_paused() && !running_[kPlans]) AnswerRefreshes(PlansUnavailable());
  // The provider has just refused for want of money: the balance decides when to go on.
  if (account_.money_refusals() != money_refusals_seen_) {
    money_refusals_seen_ = account_.money_refusals();
    due_[kBalance] = elapsed;
  }
  for (const Chore chore : {kPlans, kValidate, kBalance, kPing}) {
    const bool held = account_.reads_paused() && chore != kValidate;
    demand.other = demand.other || (!running_[chore] && due_[chore] <= elapsed && !held);
  }
}

absl::Duration AccountMonitor::Run(absl::Duration elapsed, const upstream::BudgetDemand& demand) {
  if (!started_ || stopped_) return absl::InfiniteDuration();
  absl::Duration again = absl::InfiniteDuration();
  for (const Chore chore : {kValidate, kPlans, kBalance, kPing, kTrim}) {
    if (running_[chore]) continue;
    if (account_.reads_paused() && chore != kValidate && chore != kTrim) continue;
    if (due_[chore] > elapsed) {
      again = std::min(again, due_[chore]);
    } else if (chore == kTrim || parts_.budget.TryTake(RequestKind::kOther, elapsed, demand)) {
      Begin(chore);
    } else {
      again = std::min(again, parts_.budget.NextChance(RequestKind::kOther, elapsed, demand));
    }
  }
  return again;
}

void AccountMonitor::Begin(Chore chore) {
  running_[chore] = true;
  const int key = account_.key_number();
  switch (chore) {
    case kPlans:
      parts_.provider.ReadPlans([this, key](core::PlansAnswer answer) {
        parts_.loop.Post([this, key, answer = std::move(answer)] { PlansRead(answer, key); });
      });
      return;
    case kValidate:
      validator_.Ask([this](const KeyVerdict& verdict) { Finished(kValidate, verdict.again); });
      return;
    case kBalance:
      parts_.provider.ReadBalance(
          [this, key, asked_at = parts_.clock.Elapsed()](core::BalanceAnswer answer) {
            parts_.loop.Post([this, key, asked_at, answer = std::move(answer)] {
              BalanceRead(answer, asked_at, key);
            });
          });
      return;
    case kPing:
      parts_.provider.Ping([this, key](core::PingAnswer answer) {
        parts_.loop.Post([this, key, answer = std::move(answer)] { Pinged(answer, key); });
      });
      return;
    default:
      parts_.store.TrimEvents(parts_.clock.Now() - options_.event_retention, [](absl::Status) {});
      Finished(kTrim, kTrimPace);
      return;
  }
}

void AccountMonitor::Finished(Chore chore, absl::Duration again) {
  running_[chore] = false;
  due_[chore] = parts_.clock.Elapsed() + again;
  wake_();
}

void AccountMonitor::RefreshPlans(Engine::Done<RefreshResult> done) {
  if (stopped_ || account_.reads_paused() || refreshes_.size() >= kRefreshesMax) {
    done(PlansUnavailable());
    return;
  }
  refreshes_.push_back(std::move(done));
  due_[kPlans] = parts_.clock.Elapsed();
  wake_();
}

void AccountMonitor::AnswerRefreshes(const absl::StatusOr<RefreshResult>& result) {
  std::vector<Engine::Done<RefreshResult>> waiting;
  waiting.swap(refreshes_);
  for (const Engine::Done<RefreshResult>& done : waiting) done(result);
}

void AccountMonitor::PlansRead(const core::PlansAnswer& answer, int key_number) {
  const ReadMeaning meaning =
      NoteRead(answer.exchange, ReadOf::kNeeded, "plans", key_number, parts_, account_);
  // A catalogue without plans is a fault of theirs, not news.
  plans_read_ = meaning == ReadMeaning::kFound && answer.decoded && !answer.plans.empty();
  if (!plans_read_) {
    parts_.log.Warning("plans.not_read", {{"http_status", answer.exchange.http_status},
                                          {"error_code", answer.exchange.error_code},
                                          {"transport", answer.exchange.transport_error}});
    Finished(kPlans, kRetryPlans);
    AnswerRefreshes(PlansUnavailable());
    return;
  }
  core::Catalogue catalogue{.plans = answer.plans, .read_time = parts_.clock.Now()};
  std::sort(catalogue.plans.begin(), catalogue.plans.end(),
            [](const core::Plan& a, const core::Plan& b) { return a.code < b.code; });
  parts_.store.SaveCatalogue(catalogue, [](absl::Status) {});
  RefreshResult result{.plans = static_cast<int>(catalogue.plans.size())};
  result.changes = catalogue_.Replace(std::move(catalogue));
  parts_.log.Info("plans.read", {{"plans", result.plans},
                                 {"skipped", answer.skipped},
                                 {"changes", static_cast<int>(result.changes.size())}});
  Finished(kPlans, options_.plan_refresh_interval);
  AnswerRefreshes(std::move(result));
}

void AccountMonitor::BalanceRead(const core::BalanceAnswer& answer, absl::Duration asked_at,
                                 int key_number) {
  NoteRead(answer.exchange, ReadOf::kOptional, "balance", key_number, parts_, account_);
  if (answer.balance.has_value()) {
    account_.NoteBalance(*answer.balance, asked_at);
    absl::MutexLock lock(&mutex_);
    balance_time_ = parts_.clock.Now();
  }
  Finished(kBalance, account_.out_of_money()      ? kBalancePaceWithoutMoney
                     : answer.balance.has_value() ? kBalancePace
                                                  : kPingPace);
}

void AccountMonitor::Pinged(const core::PingAnswer& answer, int key_number) {
  NoteRead(answer.exchange, ReadOf::kOptional, "ping", key_number, parts_, account_);
  if (!answer.operator_up.empty()) {
    absl::MutexLock lock(&mutex_);
    operator_up_ = answer.operator_up;
  }
  Finished(kPing, kPingPace);
}

void AccountMonitor::KeyChanged() {
  account_.KeyReplaced();
  due_[kValidate] = parts_.clock.Elapsed();
  wake_();
}

std::map<std::string, bool> AccountMonitor::operator_up() const {
  absl::MutexLock lock(&mutex_);
  return operator_up_;
}

absl::Time AccountMonitor::balance_time() const {
  absl::MutexLock lock(&mutex_);
  return balance_time_;
}

}  // namespace topup::engine
