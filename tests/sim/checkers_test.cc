// Histories that are wrong in one way each: every checker has to object to its own, and none to
// the good one. A checker that cannot fail proves nothing.
#include "tests/sim/checkers/checkers.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/topup_builder.h"

namespace topup::sim {
namespace {

using core::RefundAdvice;
using core::TopupStatus;
using Shown = core::ProviderTopup::Status;

// Commits `topup` as its next revision.
void Commit(History& history, core::Topup& topup, int64_t step) {
  topup.revision += topup.status == TopupStatus::kQueued ? 0 : 1;
  history.events.push_back({.step = step,
                            .elapsed = absl::Seconds(step),
                            .event = {static_cast<int64_t>(history.events.size()) + 1, topup}});
}

// Two top-ups, asked for, quoted, sent, read and watched: one FULFILLED, one REFUNDED.
History GoodHistory() {
  History history;
  history.healed = true;
  history.balance_before = core::Money::Centimes(1'000'000);
  WatcherSession watcher{.caller = "shop"};
  int64_t step = 0;
  for (const bool refunded : {false, true}) {
    core::Topup topup = support::MakeQueuedTopup(refunded ? "b" : "a");
    topup.phone = *core::PhoneNumber::Parse(refunded ? "0612345602" : "0612345601");
    topup.provider_environment = "SANDBOX";
    const std::string phone = topup.phone.National();
    history.secrets.push_back(phone);
    Call quote{.kind = Call::Kind::kQuote, .result = Call::Result::kOk};
    quote.quote_id = absl::StrCat("quote", refunded);
    quote.quoted = topup.price;
    history.calls.push_back(quote);
    Call send{.kind = Call::Kind::kSend, .result = Call::Result::kOk};
    send.caller = topup.caller;
    send.ref = topup.ref;
    send.phone = phone;
    send.plan_code = topup.plan_code;
    send.amount_dzd = topup.amount_dzd;
    send.quote_id = quote.quote_id;
    send.begin_step = ++step;
    Commit(history, topup, ++step);
    send.end_step = ++step;
    send.topup = topup;
    history.calls.push_back(send);
    topup.status = TopupStatus::kSubmitting;
    Commit(history, topup, ++step);
    history.posts.push_back({.step = ++step,
                             .provider_ref = topup.provider_ref,
                             .phone = phone,
                             .plan_code = topup.plan_code,
                             .amount_dzd = topup.amount_dzd,
                             .accepted = true,
                             .committed_attempts = 1,
                             .environment = "SANDBOX",
                             .begin = absl::Seconds(step),
                             .end = absl::Seconds(step + 1)});
    history.accepted.push_back({.step = ++step,
                                .id = absl::StrCat("id", refunded),
                                .provider_ref = topup.provider_ref,
                                .phone = phone,
                                .plan_code = topup.plan_code,
                                .amount_dzd = topup.amount_dzd,
                                .charge = topup.price.cost,
                                .given_back = refunded,
                                .status = refunded ? Shown::kRefunded : Shown::kFulfilled});
    for (int i = 0; i < 2; ++i) {
      step += 10;
      history.reads.push_back({.step = step,
                               .provider_ref = topup.provider_ref,
                               .status = refunded ? Shown::kRefunded : Shown::kFulfilled,
                               .begin = absl::Seconds(step)});
    }
    topup.status = refunded ? TopupStatus::kRefunded : TopupStatus::kFulfilled;
    topup.advice = refunded ? RefundAdvice::kRefund : RefundAdvice::kNone;
    Commit(history, topup, ++step);
    history.topups.push_back(topup);
  }
  for (const LoggedEvent& logged : history.events) {
    watcher.deliveries.push_back({++step, logged.event});
  }
  watcher.through_sequence = static_cast<int64_t>(history.events.size());
  history.watchers.push_back(watcher);
  history.balance_after = core::Money::Centimes(1'000'000 - 49'625);
  history.log_lines = {"{\"event\":\"topup.settled\",\"phone\":\"06******01\"}"};
  return history;
}

// The first top-up stays open for five minutes, read as long after its event as given.
void KeepOpen(History& history, TopupStatus status, const std::vector<absl::Duration>& reads) {
  history.healed = false;
  history.reads_are_clean = true;
  core::Topup& topup = history.topups[0];
  LoggedEvent& last = history.events[2];
  last.event.topup.status = topup.status = status;
  last.event.topup.advice = topup.advice = RefundAdvice::kWait;
  history.end = last.elapsed + absl::Minutes(5);
  history.reads.clear();
  for (const absl::Duration read : reads) {
    history.reads.push_back(
        {.step = 900, .provider_ref = topup.provider_ref, .begin = last.elapsed + read});
  }
}

struct WrongHistory {
  const char* checker;
  const char* what;
  std::function<void(History&)> spoil;
};

std::vector<WrongHistory> WrongHistories() {
  return {
      {"at_most_one_acceptance", "one ref accepted twice",
       [](History& h) { h.accepted.push_back(h.accepted[0]); }},
      {"at_most_one_acceptance", "one top-up under two refs",
       [](History& h) {
         h.accepted.push_back(h.accepted[0]);
         h.accepted.back().provider_ref += "R";
       }},
      {"at_most_one_acceptance", "a provider ref that changes",
       [](History& h) { h.events[1].event.topup.provider_ref = "other"; }},
      {"write_ahead", "a POST without a claim",
       [](History& h) { h.posts[0].committed_attempts = 0; }},
      {"write_ahead", "two POSTs for one attempt",
       [](History& h) { h.posts.push_back(h.posts[0]); }},
      {"acked_survives", "an acknowledged send that is gone",
       [](History& h) { h.topups.erase(h.topups.begin()); }},
      {"acked_survives", "an acknowledged send that is there twice",
       [](History& h) {
         h.topups.push_back(h.topups[0]);
         h.topups.back().id = "another";
       }},
      {"acked_survives", "an acknowledged send that became another request",
       [](History& h) { h.topups[0].amount_dzd = 600; }},
      {"no_means_no", "a refused send that was recorded",
       [](History& h) {
         h.calls[1].result = Call::Result::kRefused;
         h.calls[1].topup.reset();
       }},
      {"no_means_no", "a ref that was denied and then recorded",
       [](History& h) {
         h.calls_arrive_at_once = true;
         Call get = h.calls[1];
         get.kind = Call::Kind::kGet;
         get.result = Call::Result::kRefused;
         get.reason = "TOPUP_NOT_FOUND";
         get.begin_step = get.end_step = h.events[0].step;
         h.events[0].step += 1;
         h.calls[1].begin_step -= 1;
         h.calls.push_back(get);
       }},
      {"no_means_no", "a repeat that was refused while it was there",
       [](History& h) {
         h.calls_arrive_at_once = true;
         h.calls.push_back(h.calls[1]);
         h.calls.back().result = Call::Result::kRefused;
         h.calls.back().reason = "QUOTE_EXPIRED";
         h.calls.back().begin_step = h.calls.back().end_step = h.events[0].step + 1;
       }},
      {"no_means_no", "a refused number that was sold to",
       [](History& h) {
         h.accepted.push_back(h.accepted[0]);
         h.accepted.back().phone = "0699999998";
       }},
      {"same_request_same_topup", "a repeat that got another top-up",
       [](History& h) {
         h.calls.push_back(h.calls[1]);
         h.calls.back().topup->id = "another";
       }},
      {"same_request_same_topup", "a repeat at another price",
       [](History& h) {
         h.calls.push_back(h.calls[1]);
         h.calls.back().topup->price.price = core::Money::Centimes(1);
       }},
      {"same_request_same_topup", "a repeat that was refused",
       [](History& h) {
         h.calls.push_back(h.calls[1]);
         h.calls.back().result = Call::Result::kRefused;
         h.calls.back().begin_step = 900;
         h.calls.back().reason = "OVERLOADED";
       }},
      {"no_orphans", "accepted and not recorded",
       [](History& h) {
         h.accepted.push_back(h.accepted[0]);
         h.accepted.back().provider_ref = "unknown";
       }},
      {"truth_converges", "FULFILLED here, REFUNDED there",
       [](History& h) { h.accepted[0].status = Shown::kRefunded; }},
      {"truth_converges", "open here, settled there",
       [](History& h) { h.topups[0].status = TopupStatus::kPending; }},
      {"truth_converges", "released here, taken there",
       [](History& h) { h.topups[0].status = TopupStatus::kRejected; }},
      {"truth_converges", "open without a next action",
       [](History& h) {
         h.topups[0].status = TopupStatus::kUnknownError;
         h.topups[0].progress.next_action = core::NextAction::kNone;
       }},
      {"settled_is_final", "an event after the last one",
       [](History& h) {
         core::Topup topup = h.topups[0];
         topup.status = TopupStatus::kRefunded;
         Commit(h, topup, 900);
       }},
      {"settled_is_final", "a rank that falls",
       [](History& h) { h.events[1].event.topup.status = TopupStatus::kFulfilled; }},
      {"settled_is_final", "a row that its events do not tell of",
       [](History& h) { h.topups[1].status = TopupStatus::kFulfilled; }},
      {"streams_monotone_complete", "an event that a watcher missed",
       [](History& h) { h.watchers[0].deliveries.pop_back(); }},
      {"streams_monotone_complete", "an event given twice",
       [](History& h) {
         h.watchers[0].deliveries.insert(h.watchers[0].deliveries.begin(),
                                         h.watchers[0].deliveries[0]);
       }},
      {"streams_monotone_complete", "an open stream that went silent",
       [](History& h) {
         h.watchers[0].deliveries.pop_back();
         --h.watchers[0].through_sequence;
         h.watchers[0].open_at_end = true;
       }},
      {"streams_monotone_complete", "an event given changed",
       [](History& h) { h.watchers[0].deliveries[0].event.topup.amount_dzd = 1; }},
      {"event_before_effect", "shown before the commit",
       [](History& h) { h.calls[1].end_step = 1; }},
      {"event_before_effect", "a status that was never committed",
       [](History& h) { h.calls[1].topup->status = TopupStatus::kFulfilled; }},
      {"refund_only_when_allowed", "REFUNDED read once", [](History& h) { h.reads.pop_back(); }},
      {"refund_only_when_allowed", "REFUNDED read twice in a moment",
       [](History& h) { h.reads[3].begin = h.reads[2].begin + absl::Seconds(1); }},
      {"refund_only_when_allowed", "REFUND for what was taken",
       [](History& h) {
         h.events[2].event.topup.status = TopupStatus::kRejected;
         h.events[2].event.topup.advice = RefundAdvice::kRefund;
       }},
      {"refund_only_when_allowed", "REVIEW too early",
       [](History& h) {
         h.reads[0].status = h.reads[1].status = Shown::kUnknownError;
         h.events[2].event.topup.status = TopupStatus::kUnknownError;
         h.events[2].event.topup.advice = RefundAdvice::kReview;
       }},
      {"refund_only_when_allowed", "REFUNDED read twice, and the clock set in between",
       [](History& h) {
         h.reads[3].begin = h.reads[2].begin + absl::Seconds(1);
         h.clock_settings.push_back(h.reads[2].begin);
       }},
      {"no_read_stuck", "an accepted top-up that is read too late",
       [](History& h) { KeepOpen(h, TopupStatus::kPending, {}); }},
      {"no_read_stuck", "an accepted top-up that is not read any more",
       [](History& h) {
         KeepOpen(h, TopupStatus::kPending, {absl::Seconds(5), absl::Seconds(10)});
       }},
      {"no_read_stuck", "UNKNOWN_ERROR that is forgotten for hours",
       [](History& h) {
         KeepOpen(h, TopupStatus::kUnknownError, {absl::Minutes(5)});
         h.end += absl::Hours(4);
       }},
      {"charged_is_quoted", "another price than quoted",
       [](History& h) { h.calls[1].topup->price.price = core::Money::Centimes(1); }},
      {"charged_is_quoted", "a price that changes",
       [](History& h) { h.events[2].event.topup.price.price = core::Money::Centimes(1); }},
      {"sent_is_ordered", "another number",
       [](History& h) { h.posts[0].phone = h.posts[1].phone; }},
      {"sent_is_ordered", "another amount fulfilled",
       [](History& h) { h.accepted[0].amount_dzd = 5000; }},
      {"environment_purity", "a key of the other environment",
       [](History& h) { h.posts[0].environment = "PRODUCTION"; }},
      {"environment_purity", "two environments in one database",
       [](History& h) { h.topups[0].provider_environment = "PRODUCTION"; }},
      {"conservation", "money that went nowhere",
       [](History& h) { h.balance_after = core::Money(); }},
      {"conservation", "a charge that is not our cost",
       [](History& h) { h.topups[0].price.cost = core::Money::Centimes(1); }},
      {"bounded_blast_radius", "nine POSTs at once",
       [](History& h) {
         for (int i = 0; i < 8; ++i) h.posts.push_back(h.posts[0]);
       }},
      {"quiet_logs", "a number in the log",
       [](History& h) { h.log_lines.push_back("sent to +213612345601"); }},
      {"quiet_logs", "a number in an error",
       [](History& h) { h.calls[1].error_text = "0612345601 is not Djezzy's"; }},
      {"quiet_logs", "an entry of two lines",
       [](History& h) { h.log_lines.push_back("one\ntwo"); }},
  };
}

TEST(CheckersTest, ObjectToNothingInAGoodHistory) {
  for (const Violation& violation : CheckAll(GoodHistory())) {
    ADD_FAILURE() << violation.checker << ": " << violation.detail;
  }
}

TEST(CheckersTest, ObjectToEveryWrongHistory) {
  for (const WrongHistory& wrong : WrongHistories()) {
    History history = GoodHistory();
    wrong.spoil(history);
    bool noticed = false;
    for (const Violation& violation : CheckAll(history)) {
      noticed = noticed || violation.checker == wrong.checker;
    }
    EXPECT_TRUE(noticed) << wrong.checker << " did not notice " << wrong.what;
  }
}

TEST(CheckersTest, AReadThatNobodyCouldMakeIsNotMissed) {
  History history = GoodHistory();
  KeepOpen(history, TopupStatus::kPending, {absl::Minutes(4)});
  const absl::Duration since = history.events[2].elapsed;
  history.idle = {{since, since + absl::Minutes(4)}};
  history.end = since + absl::Minutes(4);
  Breaches breaches;
  CheckNoReadStuck(history, breaches);
  EXPECT_TRUE(breaches.empty()) << breaches[0];
}

TEST(CheckersTest, NoneIsWithoutAWrongHistory) {
  for (const Checker& checker : AllCheckers()) {
    bool tried = false;
    for (const WrongHistory& wrong : WrongHistories()) {
      tried = tried || std::string(wrong.checker) == checker.name;
    }
    EXPECT_TRUE(tried) << checker.name;
  }
}

}  // namespace
}  // namespace topup::sim
