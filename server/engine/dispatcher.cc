#include "server/engine/dispatcher.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace topup::engine {
namespace {

using core::SendMeaning;

constexpr absl::Duration kRetryClaim = absl::Seconds(1);

}  // namespace

Dispatcher::Dispatcher(const EngineParts& parts, const EngineOptions& options,
                       ProviderAccount& account, DecisionWriter& writer, std::function<void()> wake)
    : parts_(parts), options_(options), account_(account), writer_(writer), wake_(std::move(wake)) {
  for (const SendMeaning meaning :
       {SendMeaning::kAccepted, SendMeaning::kUnsent, SendMeaning::kRefused, SendMeaning::kNoMoney,
        SendMeaning::kDuplicate, SendMeaning::kThrottled, SendMeaning::kConfiguration,
        SendMeaning::kInDoubt}) {
    answers_[meaning] = parts_.metrics.GetCounter(
        "topup_engine_posts_total", "POSTs to the provider, by what their answer means.",
        {{"meaning", absl::AsciiStrToLower(core::SendMeaningName(meaning))}});
  }
  post_seconds_ = parts_.metrics.GetDurationHistogram("topup_engine_post_seconds",
                                                      "How long a POST to the provider took.");
}

void Dispatcher::Collect(absl::Time now, absl::Duration elapsed, upstream::BudgetDemand& demand) {
  resends_.clear();
  sales_.clear();
  menus_.clear();
  const int slots = options_.submit_concurrency - in_flight_;
  if (!claiming_ || slots <= 0 || elapsed < claims_from_ || account_.paused() ||
      !account_.key_known()) {
    return;
  }
  resends_ = writer_.ReadDueIdle(core::NextAction::kResend, now, slots);
  ReadFirstPosts(now, slots);
  const auto can_start = [&](const std::vector<core::Topup>& posts) {
    return !posts.empty() && HasSlot(posts.front()) &&
           account_.NextFirstPost(posts.front().price.cost, elapsed) <= elapsed;
  };
  demand.doubt = demand.doubt || !resends_.empty();
  demand.send = can_start(sales_);
  demand.other = demand.other || can_start(menus_);
}

void Dispatcher::ReadFirstPosts(absl::Time now, int slots) {
  const auto is_menu = [](const core::Topup& topup) {
    return topup.purpose == core::Purpose::kMenu;
  };
  std::vector<core::Topup> due = writer_.ReadDueIdle(core::NextAction::kPost, now, slots);
  if (std::any_of(due.begin(), due.end(), is_menu)) {
    // Enough to see the sales behind them.
    due = writer_.ReadDueIdle(core::NextAction::kPost, now, slots + kMenusPerWindow);
  }
  for (core::Topup& topup : due) {
    (is_menu(topup) ? menus_ : sales_).push_back(std::move(topup));
  }
}

absl::Duration Dispatcher::Run(absl::Duration elapsed, const upstream::BudgetDemand& demand) {
  using upstream::RequestKind;
  absl::Duration again = RunResends(elapsed, demand);
  // Doubt goes first: where it may not, nothing may that is held up by the same limits.
  if (again < absl::InfiniteDuration()) return again;
  again = RunFirstPosts(sales_, RequestKind::kSend, elapsed, demand);
  return std::min(again, RunFirstPosts(menus_, RequestKind::kOther, elapsed, demand));
}

absl::Duration Dispatcher::RunResends(absl::Duration elapsed,
                                      const upstream::BudgetDemand& demand) {
  using upstream::RequestKind;
  for (const core::Topup& topup : resends_) {
    if (in_flight_ >= options_.submit_concurrency) return absl::InfiniteDuration();
    if (!parts_.budget.TryTake(RequestKind::kDoubt, elapsed, demand)) {
      return parts_.budget.NextChance(RequestKind::kDoubt, elapsed, demand);
    }
    Claim(topup, /*first=*/false);
  }
  return absl::InfiniteDuration();
}

absl::Duration Dispatcher::RunFirstPosts(const std::vector<core::Topup>& posts,
                                         upstream::RequestKind kind, absl::Duration elapsed,
                                         const upstream::BudgetDemand& demand) {
  for (const core::Topup& topup : posts) {
    if (!HasSlot(topup)) return absl::InfiniteDuration();
    const absl::Duration allowed = account_.NextFirstPost(topup.price.cost, elapsed);
    if (allowed > elapsed) return allowed;
    if (!parts_.budget.TryTake(kind, elapsed, demand)) {
      return parts_.budget.NextChance(kind, elapsed, demand);
    }
    Claim(topup, /*first=*/true);
  }
  return absl::InfiniteDuration();
}

bool Dispatcher::HasSlot(const core::Topup& topup) const {
  if (in_flight_ >= options_.submit_concurrency) return false;
  return topup.purpose == core::Purpose::kSale ||
         menus_in_flight_ < std::max(1, options_.submit_concurrency / 4);
}

void Dispatcher::Count(const core::Topup& topup, int change) {
  in_flight_ += change;
  if (topup.purpose == core::Purpose::kMenu) menus_in_flight_ += change;
}

void Dispatcher::Claim(const core::Topup& topup, bool first) {
  const absl::Duration elapsed = parts_.clock.Elapsed();
  // From here on the watchdog runs: a worker that comes back after it does not send.
  const absl::Duration watchdog_end = elapsed + options_.rules.provider_timeout;
  Count(topup, +1);
  if (first) account_.FirstPostStarted(topup.price.cost, elapsed);
  writer_.SetBusy(topup.id);
  writer_.Apply(
      topup,
      [this](const core::Topup& row) {
        const core::Situation situation = writer_.Look();
        core::Decision claim =
            core::Claim(row, options_.rules, options_.account, account_.key_type(), situation);
        return claim.changed ? claim : core::Expire(row, situation.now);
      },
      /*must_succeed=*/false,
      [this, topup, first, watchdog_end](absl::StatusOr<core::Topup> claimed) {
        Claimed(std::move(claimed), topup, first, watchdog_end);
      });
}

void Dispatcher::Claimed(absl::StatusOr<core::Topup> claimed, const core::Topup& before, bool first,
                         absl::Duration watchdog_end) {
  if (!claimed.ok() || !claimed->progress.in_flight) {
    // Cancelled meanwhile, past its time, or not on disk: there is no POST.
    Count(before, -1);
    if (first) account_.FirstPostEnded(before.price.cost);
    if (!claimed.ok()) claims_from_ = parts_.clock.Elapsed() + kRetryClaim;
    writer_.ClearBusy(before.id);
    parts_.loop.PostAfter(kRetryClaim, wake_);
    return;
  }
  const core::Topup& topup = *claimed;
  if (account_.key_type() != topup.provider_environment) {
    // The key was replaced while the claim was on its way to disk. It leaves with a key that
    // is known to be of its environment, or not at all.
    core::SendAnswer unsent;
    unsent.exchange.request_left = false;
    unsent.exchange.transport_error = "not sent: the key was being replaced";
    unsent.exchange.start_time = unsent.exchange.end_time = parts_.clock.Now();
    unsent.exchange.start_elapsed = parts_.clock.Elapsed();
    Answered(topup, unsent, first, account_.key_number());
    return;
  }
  parts_.provider.Send({.provider_ref = topup.provider_ref,
                        .plan_code = topup.plan_code,
                        .phone = topup.phone,
                        .amount_dzd = topup.amount_dzd},
                       watchdog_end,
                       [this, topup, first, key = account_.key_number()](core::SendAnswer answer) {
                         parts_.loop.Post([this, topup, first, key, answer = std::move(answer)] {
                           Answered(topup, answer, first, key);
                         });
                       });
}

void Dispatcher::Answered(const core::Topup& topup, const core::SendAnswer& answer, bool first,
                          int key_number) {
  const SendMeaning meaning = core::JudgeSend(answer, topup.provider_ref);
  if (first) account_.FirstPostEnded(topup.price.cost);
  NoteMeaning(topup, answer.exchange, meaning, key_number);
  Report(topup, answer, meaning);
  writer_.Apply(
      topup,
      [this, fence = topup.progress.fence, answer](const core::Topup& row) {
        return core::ApplySendAnswer(row, options_.rules, fence, answer, writer_.Look());
      },
      /*must_succeed=*/true,
      [this, topup](const absl::StatusOr<core::Topup>&) {
        // Only now: while answers cannot be recorded, nothing more is sent.
        Count(topup, -1);
        writer_.ClearBusy(topup.id);
        wake_();
      });
}

void Dispatcher::NoteMeaning(const core::Topup& topup, const core::Exchange& exchange,
                             SendMeaning meaning, int key_number) {
  const absl::Duration elapsed = parts_.clock.Elapsed();
  account_.PostAnswered(meaning, elapsed);
  account_.NoteReached(exchange.response_complete);
  if (meaning == SendMeaning::kThrottled) {
    parts_.budget.SlowDown(exchange.retry_after, elapsed);
  } else if (meaning == SendMeaning::kNoMoney) {
    account_.RanOutOfMoney(topup.price.cost, elapsed);
  } else if (meaning == SendMeaning::kConfiguration && key_number == account_.key_number()) {
    account_.PauseAfter("a send", exchange, /*from_read=*/false, elapsed);
  }
}

void Dispatcher::Report(const core::Topup& topup, const core::SendAnswer& answer,
                        SendMeaning meaning) {
  const core::Exchange& exchange = answer.exchange;
  answers_[meaning]->Increment();
  post_seconds_->Observe(exchange.end_time - exchange.start_time);
  const std::vector<base::LogField> fields = {{"topup_id", topup.id},
                                              {"provider_ref", topup.provider_ref},
                                              {"attempt", topup.progress.fence},
                                              {"meaning", core::SendMeaningName(meaning)},
                                              {"http_status", exchange.http_status},
                                              {"error_code", exchange.error_code},
                                              {"request_id", exchange.request_id},
                                              {"transport", exchange.transport_error}};
  parts_.log.Write(
      meaning == SendMeaning::kAccepted ? base::LogSeverity::kInfo : base::LogSeverity::kWarning,
      "post.answered", fields);
}

}  // namespace topup::engine
