#include "tests/sim/workload.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/error.h"

namespace topup::sim {
namespace {

constexpr const char* kCallers[] = {"shop", "till", "app"};
constexpr int kTriesMax = 6;

}  // namespace

absl::Duration Workload::Sometime() {
  return dice().Between(absl::Milliseconds(100), world_.run().options.fault_time);
}

Workload::Wish Workload::MakeWish(int number) {
  struct Choice {
    const char* plan_code;
    char prefix;
    int64_t low;
    int64_t high;
  };
  static const Choice kChoices[] = {{"PREPAID_MOBILIS", '6', 40, 3999},
                                    {"PREPAID_DJEZZY", '7', 100, 9999},
                                    {"PREPAID_OOREDOO", '5', 50, 5000},
                                    {"GROS_MOBILIS", '6', 5000, 90000},
                                    {"PIXX_500", '6', 500, 500}};
  const Choice& choice = dice().OneOf(kChoices);
  Wish wish;
  wish.caller = dice().OneOf(kCallers);
  wish.ref = absl::StrCat("order-", number);
  // Every number is wanted once, so that the ledger shows by itself what was sold twice.
  wish.phone = *core::PhoneNumber::Parse(
      absl::StrFormat("0%c%02d%06d", choice.prefix, dice().Below(90), 500000 + number));
  wish.plan_code = choice.plan_code;
  wish.amount_dzd = dice().Between(choice.low, choice.high);
  if (choice.low == choice.high && dice().Chance(500)) wish.amount_dzd.reset();
  wish.allow_repeat = dice().Chance(700);
  world_.run().history.secrets.push_back(wish.phone.National());
  return wish;
}

void Workload::Plan() {
  const int count = world_.run().options.topups;
  for (int i = 0; i < count; ++i) wishes_.push_back(MakeWish(i));
  fakes::ManualTaskLoop& loop = world_.clients();
  for (size_t i = 0; i < wishes_.size(); ++i) {
    const absl::Duration first = Sometime();
    if (dice().Chance(300)) {
      loop.PostAfter(first, [this, i] { QuoteThenSend(i); });
    } else {
      loop.PostAfter(first, [this, i] { Send(i); });
    }
    if (dice().Chance(300)) loop.PostAfter(Sometime(), [this, i] { Send(i); });
    if (dice().Chance(100)) loop.PostAfter(first, [this, i] { Send(i); });
    if (dice().Chance(150)) loop.PostAfter(Sometime(), [this, i] { Reuse(i); });
    if (dice().Chance(150)) {
      const absl::Duration soon = dice().Between(absl::ZeroDuration(), absl::Seconds(3));
      loop.PostAfter(first + soon, [this, i] { Cancel(i); });
    }
    for (int gets = 0; gets < 3; ++gets) loop.PostAfter(Sometime(), [this, i] { Get(i); });
    if (dice().Chance(60)) loop.PostAfter(Sometime(), [this, i] { AskForOffers(i); });
  }
  for (int i = 0; i < world_.run().options.watchers; ++i) {
    auto watcher = std::make_shared<Watcher>();
    watcher->caller = dice().OneOf(kCallers);
    if (dice().Chance(200)) {
      watcher->statuses = {core::TopupStatus::kFulfilled, core::TopupStatus::kRefunded};
    }
    watchers_.push_back(watcher);
    loop.PostAfter(Sometime(), [this, watcher] { Watch(watcher); });
  }
}

size_t Workload::Begin(Call::Kind kind, const Wish& wish) {
  History& history = world_.run().history;
  Call call;
  call.kind = kind;
  call.begin_step = world_.run().NextStep();
  call.caller = wish.caller;
  call.ref = wish.ref;
  call.phone = wish.phone.National();
  call.plan_code = wish.plan_code;
  call.amount_dzd = wish.amount_dzd;
  call.quote_id = wish.quote_id;
  history.calls.push_back(std::move(call));
  return history.calls.size() - 1;
}

void Workload::End(size_t call_place, const absl::Status& status) {
  Call& call = world_.run().history.calls[call_place];
  call.end_step = world_.run().NextStep();
  call.result = ResultOf(status);
  if (!status.ok()) {
    call.reason = base::ErrorReason(status);
    call.error_text = std::string(status.message());
  }
  world_.run().trace.Add(static_cast<uint64_t>(status.code()) * 100000 + call_place);
}

engine::SendCommand Workload::MakeCommand(const Wish& wish) {
  using engine::WaitFor;
  const WaitFor waits[] = {WaitFor::kRecorded, WaitFor::kRecorded, WaitFor::kSubmitted,
                           WaitFor::kSettled};
  engine::SendCommand command;
  command.caller = wish.caller;
  command.ref = wish.ref;
  command.phone = wish.phone;
  command.plan_code = wish.plan_code;
  command.amount_dzd = wish.amount_dzd;
  command.quote_id = wish.quote_id;
  command.allow_repeat = wish.allow_repeat;
  command.wait_for = dice().OneOf(waits);
  const absl::Time now = world_.run().clock.Now();
  command.answer_by = now + dice().Between(absl::Seconds(1), absl::Seconds(60));
  if (dice().Chance(100)) {
    command.send_before = now + dice().Between(absl::Seconds(1), absl::Minutes(29));
  }
  return command;
}

void Workload::Send(size_t wish_place) {
  const Wish& wish = wishes_[wish_place];
  engine::TopupEngine* engine = world_.engine();
  if (engine == nullptr) {
    RepeatLater(wish_place);
    return;
  }
  const size_t call = Begin(Call::Kind::kSend, wish);
  engine->Send(MakeCommand(wish),
               [this, call, wish_place](absl::StatusOr<engine::SendResult> answer) {
                 Answered(call, wish_place, answer);
               });
  // While it waits for its commit, and a moment after.
  const absl::Duration soon = dice().Between(absl::ZeroDuration(), absl::Milliseconds(12));
  if (dice().Chance(200)) world_.clients().PostAfter(soon, [this, wish_place] { Get(wish_place); });
  if (dice().Chance(50)) {
    world_.clients().PostAfter(soon, [this, wish_place] { Send(wish_place); });
  }
  // What is not answered by then will not be: its process has died.
  world_.clients().PostAfter(absl::Seconds(65), [this, call, wish_place] {
    if (world_.run().history.calls[call].end_step == 0) RepeatLater(wish_place);
  });
}

void Workload::Answered(size_t call_place, size_t wish_place,
                        const absl::StatusOr<engine::SendResult>& answer) {
  End(call_place, answer.status());
  if (answer.ok()) {
    world_.run().history.calls[call_place].topup = answer->topup;
    world_.run().history.calls[call_place].replayed = answer->replayed;
  } else if (ResultOf(answer.status()) == Call::Result::kMaybe) {
    RepeatLater(wish_place);
  }
}

void Workload::RepeatLater(size_t wish_place) {
  if (++wishes_[wish_place].tries > kTriesMax) return;
  world_.clients().PostAfter(dice().Between(absl::Seconds(1), absl::Seconds(30)),
                             [this, wish_place] { Send(wish_place); });
}

void Workload::QuoteThenSend(size_t wish_place) {
  Wish& wish = wishes_[wish_place];
  if (engine::TopupEngine* engine = world_.engine()) {
    const size_t call = Begin(Call::Kind::kQuote, wish);
    const absl::StatusOr<engine::Quote> quote = engine->QuoteTopup({.caller = wish.caller,
                                                                    .phone = wish.phone,
                                                                    .plan_code = wish.plan_code,
                                                                    .amount_dzd = wish.amount_dzd});
    End(call, quote.status());
    if (quote.ok()) {
      wish.quote_id = quote->quote_id;
      world_.run().history.calls[call].quote_id = quote->quote_id;
      world_.run().history.calls[call].quoted = quote->price;
    }
  }
  world_.clients().PostAfter(dice().Between(absl::Seconds(1), absl::Minutes(9)),
                             [this, wish_place] { Send(wish_place); });
}

void Workload::Reuse(size_t wish_place) {
  engine::TopupEngine* engine = world_.engine();
  if (engine == nullptr) return;
  Wish other = wishes_[wish_place];
  other.plan_code = "PREPAID_MOBILIS";
  other.phone = *core::PhoneNumber::Parse("0660000000");
  other.amount_dzd = 77;
  other.quote_id.clear();
  const size_t call = Begin(Call::Kind::kSend, other);
  engine->Send(MakeCommand(other), [this, call](absl::StatusOr<engine::SendResult> answer) {
    End(call, answer.status());
    if (answer.ok()) world_.run().history.calls[call].topup = answer->topup;
  });
}

void Workload::Cancel(size_t wish_place) {
  engine::TopupEngine* engine = world_.engine();
  if (engine == nullptr) return;
  const Wish& wish = wishes_[wish_place];
  const size_t call = Begin(Call::Kind::kCancel, wish);
  engine->Cancel({.caller = wish.caller, .topup_id = "", .ref = wish.ref},
                 [this, call](absl::StatusOr<core::Topup> answer) {
                   End(call, answer.status());
                   if (answer.ok()) world_.run().history.calls[call].topup = *answer;
                 });
}

void Workload::Get(size_t wish_place) {
  engine::TopupEngine* engine = world_.engine();
  if (engine == nullptr) return;
  const Wish& wish = wishes_[wish_place];
  const size_t call = Begin(Call::Kind::kGet, wish);
  engine->Get({.caller = wish.caller, .topup_id = "", .ref = wish.ref},
              [this, call](absl::StatusOr<core::Topup> answer) {
                End(call, answer.status());
                if (answer.ok()) world_.run().history.calls[call].topup = *answer;
              });
}

void Workload::AskForOffers(size_t wish_place) {
  engine::TopupEngine* engine = world_.engine();
  if (engine == nullptr) return;
  const Wish& wish = wishes_[wish_place];
  if (wish.phone.NetworkOperator() != core::Operator::kMobilis) return;
  const size_t call = Begin(Call::Kind::kOffers, wish);
  engine->ListOffers({.caller = wish.caller,
                      .phone = wish.phone,
                      .answer_by = world_.run().clock.Now() + absl::Seconds(20)},
                     [this, call](const absl::StatusOr<std::vector<engine::PricedOffer>>& answer) {
                       End(call, answer.status());
                     });
}

void Workload::Watch(std::shared_ptr<Watcher> watcher) {
  if (watcher->subscription != nullptr) return;
  const auto later = [this, watcher] {
    world_.clients().PostAfter(dice().Between(absl::Seconds(1), absl::Seconds(60)),
                               [this, watcher] { Watch(watcher); });
  };
  watch::TopupFeed* feed = world_.feed();
  if (feed == nullptr) return later();
  auto subscription = feed->Subscribe(
      {.caller = watcher->caller, .statuses = watcher->statuses, .topup_id = watcher->topup_id},
      watcher->token);
  if (!subscription.ok()) return later();
  watcher->subscription = *std::move(subscription);
  std::vector<WatcherSession>& sessions = world_.run().history.watchers;
  watcher->session = sessions.size();
  sessions.push_back({.caller = watcher->caller,
                      .topup_id = watcher->topup_id,
                      .statuses = watcher->statuses,
                      .after_sequence = watcher->token,
                      .through_sequence = watcher->token});
  Next(watcher);
}

void Workload::Next(const std::shared_ptr<Watcher>& watcher) {
  watcher->subscription->Next(
      [this, watcher, session = watcher->session](const absl::StatusOr<watch::FeedBatch>& batch) {
        if (watcher->subscription != nullptr && watcher->session == session) {
          Deliver(watcher, batch);
        }
      });
}

void Workload::Deliver(const std::shared_ptr<Watcher>& watcher,
                       const absl::StatusOr<watch::FeedBatch>& batch) {
  if (!batch.ok()) {
    // Not inside its own call.
    world_.clients().Post([this, watcher] { Disconnect(watcher); });
    return;
  }
  WatcherSession& session = world_.run().history.watchers[watcher->session];
  for (const auto& event : batch->events) {
    session.deliveries.push_back({world_.run().NextStep(), *event});
    world_.run().trace.Add(static_cast<uint64_t>(event->sequence));
  }
  session.through_sequence = std::max(session.through_sequence, batch->through_sequence);
  watcher->token = batch->through_sequence;
  const bool leaves = dice().Chance(30);
  const bool is_slow =
      dice().Chance(100) && world_.run().Elapsed() < world_.run().options.fault_time;
  const absl::Duration pause =
      is_slow ? dice().Between(absl::Seconds(1), absl::Minutes(5)) : absl::Milliseconds(1);
  world_.clients().PostAfter(pause, [this, watcher, leaves, place = watcher->session] {
    if (watcher->subscription == nullptr || watcher->session != place) return;
    leaves ? Disconnect(watcher) : Next(watcher);
  });
}

void Workload::Disconnect(const std::shared_ptr<Watcher>& watcher) {
  if (watcher->subscription == nullptr) return;
  WatcherSession& session = world_.run().history.watchers[watcher->session];
  // What a heartbeat would have said now.
  const int64_t through = watcher->subscription->through_sequence();
  session.through_sequence = std::max(session.through_sequence, through);
  if (dice().Chance(500)) watcher->token = session.through_sequence;
  if (dice().Chance(100)) watcher->token = static_cast<int64_t>(dice().Below(watcher->token + 1));
  watcher->subscription->Cancel();
  watcher->subscription.reset();
  world_.clients().PostAfter(dice().Between(absl::Seconds(1), absl::Minutes(1)),
                             [this, watcher] { Watch(watcher); });
}

void Workload::ProcessDied() {
  for (const std::shared_ptr<Watcher>& watcher : watchers_) Disconnect(watcher);
}

void Workload::Finish() {
  for (const std::shared_ptr<Watcher>& watcher : watchers_) {
    if (watcher->subscription == nullptr) continue;
    world_.run().history.watchers[watcher->session].open_at_end = true;
  }
  ProcessDied();
}

}  // namespace topup::sim
