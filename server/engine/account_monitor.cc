#include "server/engine/account_monitor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace topup::engine {
namespace {

using core::ReadMeaning;
using upstream::RequestKind;

constexpr absl::Duration kRetry = absl::Seconds(15);
constexpr absl::Duration kRetryPlans = absl::Minutes(1);
constexpr absl::Duration kValidatePace = absl::Hours(1);
constexpr absl::Duration kBalancePace = absl::Minutes(10);
constexpr absl::Duration kBalancePaceWithoutMoney = absl::Seconds(15);
constexpr absl::Duration kPingPace = absl::Minutes(1);
constexpr absl::Duration kTrimPace = absl::Hours(1);

}  // namespace

AccountMonitor::AccountMonitor(const EngineParts& parts, const EngineOptions& options,
                               PlanCatalogue& catalogue, ProviderAccount& account,
                               std::function<void()> wake)
    : parts_(parts),
      options_(options),
      catalogue_(catalogue),
      account_(account),
      wake_(std::move(wake)) {}

void AccountMonitor::Start(std::function<void(absl::Status)> started) {
  absl::StatusOr<core::Catalogue> kept = parts_.store.LoadCatalogue();
  if (kept.ok() && kept->read_time != absl::InfinitePast()) {
    catalogue_.Replace(*std::move(kept));
  }
  ValidateKey([this, started](absl::Status key) {
    if (!key.ok()) {
      started(key);
      return;
    }
    RefreshPlans([this, started](const absl::StatusOr<RefreshResult>&) {
      started_ = true;
      due_[kTrim] = parts_.clock.Elapsed() + kTrimPace;
      started(absl::OkStatus());
      wake_();
    });
  });
}

void AccountMonitor::Collect(absl::Duration elapsed, upstream::BudgetDemand& demand) {
  if (!started_ || stopped_) return;
  if (account_.paused()) due_[kValidate] = account_.NextValidate();
  // The provider has just refused for want of money: the balance decides when to go on.
  const bool out_of_money = account_.out_of_money();
  if (out_of_money && !was_out_of_money_) due_[kBalance] = elapsed;
  was_out_of_money_ = out_of_money;
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
  switch (chore) {
    case kPlans:
      RefreshPlans([](const absl::StatusOr<RefreshResult>&) {});
      return;
    case kValidate:
      ValidateKey([](const absl::Status&) {});
      return;
    case kBalance:
      parts_.provider.ReadBalance([this](core::BalanceAnswer answer) {
        parts_.loop.Post([this, answer = std::move(answer)] { BalanceRead(answer); });
      });
      return;
    case kPing:
      parts_.provider.Ping([this](core::PingAnswer answer) {
        parts_.loop.Post([this, answer = std::move(answer)] { Pinged(answer); });
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

void AccountMonitor::ValidateKey(std::function<void(absl::Status)> done) {
  running_[kValidate] = true;
  parts_.provider.Validate([this, done = std::move(done)](core::ValidateAnswer answer) {
    parts_.loop.Post([this, done, answer = std::move(answer)] {
      if (answer.decoded && !answer.key_type.empty() && !environment_kept_) {
        KeepEnvironment(answer.key_type, [this, done, answer] { done(Validated(answer)); });
      } else {
        done(Validated(answer));
      }
    });
  });
}

// The first key that a store is used with decides which environment it belongs to, for ever:
// what was sold in one must never be sent or asked for in the other.
void AccountMonitor::KeepEnvironment(const std::string& key_type, std::function<void()> kept) {
  parts_.store.KeepSetting("environment", key_type,
                           [this, kept = std::move(kept)](absl::StatusOr<std::string> environment) {
                             parts_.loop.Post([this, kept, environment = std::move(environment)] {
                               if (environment.ok()) {
                                 environment_kept_ = true;
                                 account_.SetEnvironment(*environment);
                               }
                               kept();
                             });
                           });
}

// OK where the key can send, or where we could not find out; an error where it cannot.
absl::Status AccountMonitor::Validated(const core::ValidateAnswer& answer) {
  const absl::Duration elapsed = parts_.clock.Elapsed();
  const core::Exchange& exchange = answer.exchange;
  const ReadMeaning meaning = core::JudgeExchange(exchange);
  account_.NoteReached(exchange.response_complete);
  if (meaning == ReadMeaning::kFound && answer.decoded) {
    if (!answer.key_enabled || answer.scope == "READ-ONLY") {
      const std::string reason = absl::StrCat("the provider key cannot send: it is ",
                                              answer.key_enabled ? "READ-ONLY" : "disabled");
      account_.Pause(reason, 403, /*from_read=*/false, elapsed);
      Finished(kValidate, kRetry);
      return absl::FailedPreconditionError(reason);
    }
    if (!account_.KeyValidated(answer.key_type, elapsed)) {
      Finished(kValidate, kRetry);
      return absl::FailedPreconditionError(account_.paused_reason());
    }
    if (account_.paused()) parts_.log.Info("account.resumed");
    account_.Resume();
    parts_.log.Info("key.validated", {{"key_type", answer.key_type}});
    Finished(kValidate, kValidatePace);
    return absl::OkStatus();
  }
  parts_.log.Warning("key.not_validated", {{"http_status", exchange.http_status},
                                           {"error_code", exchange.error_code},
                                           {"transport", exchange.transport_error}});
  account_.ValidateFailed(elapsed);
  if (meaning == ReadMeaning::kConfiguration) {
    const std::string reason =
        absl::StrCat("validate was answered HTTP ", exchange.http_status, " ", exchange.error_code);
    account_.Pause(reason, exchange.http_status, /*from_read=*/true, elapsed);
    Finished(kValidate, kRetry);
    const bool key_refused = exchange.http_status == 401 || exchange.error_code == "API_DISABLED" ||
                             exchange.error_code == "INVALID_ACCESS_TOKEN" ||
                             exchange.error_code == "MISSING_ACCESS_TOKEN";
    return key_refused ? absl::FailedPreconditionError(
                             absl::StrCat("the provider does not take the key: ", reason))
                       : absl::OkStatus();
  }
  Finished(kValidate, kRetry);
  return absl::OkStatus();
}

void AccountMonitor::RefreshPlans(Engine::Done<RefreshResult> done) {
  running_[kPlans] = true;
  parts_.provider.ReadPlans([this, done = std::move(done)](core::PlansAnswer answer) {
    parts_.loop.Post([this, done, answer = std::move(answer)] { PlansRead(answer, done); });
  });
}

void AccountMonitor::PlansRead(const core::PlansAnswer& answer,
                               const Engine::Done<RefreshResult>& done) {
  account_.NoteReached(answer.exchange.response_complete);
  const bool read = core::JudgeExchange(answer.exchange) == ReadMeaning::kFound && answer.decoded;
  // A catalogue without plans is a fault of theirs, not news.
  if (!read || answer.plans.empty()) {
    parts_.log.Warning("plans.not_read", {{"http_status", answer.exchange.http_status},
                                          {"error_code", answer.exchange.error_code},
                                          {"transport", answer.exchange.transport_error}});
    Finished(kPlans, kRetryPlans);
    done(base::MakeError(absl::StatusCode::kUnavailable,
                         "The provider did not give its plans: the ones before stay in force.",
                         {.reason = "CATALOGUE_UNAVAILABLE", .retry_after = kRetryPlans}));
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
  done(std::move(result));
}

void AccountMonitor::BalanceRead(const core::BalanceAnswer& answer) {
  account_.NoteReached(answer.exchange.response_complete);
  if (answer.balance.has_value()) {
    account_.NoteBalance(*answer.balance);
    absl::MutexLock lock(&mutex_);
    balance_time_ = parts_.clock.Now();
  }
  Finished(kBalance, account_.out_of_money()      ? kBalancePaceWithoutMoney
                     : answer.balance.has_value() ? kBalancePace
                                                  : kPingPace);
}

void AccountMonitor::Pinged(const core::PingAnswer& answer) {
  account_.NoteReached(answer.exchange.response_complete);
  if (!answer.operator_up.empty()) {
    absl::MutexLock lock(&mutex_);
    operator_up_ = answer.operator_up;
  }
  Finished(kPing, kPingPace);
}

void AccountMonitor::KeyChanged() {
  account_.Resume();
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
