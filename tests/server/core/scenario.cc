#include "tests/server/core/scenario.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/topup_builder.h"

namespace topup::core {
namespace {

Exchange Complete(int http_status) {
  Exchange exchange;
  exchange.response_complete = true;
  exchange.http_status = http_status;
  return exchange;
}

Exchange Enveloped(int http_status, bool success) {
  Exchange exchange = Complete(http_status);
  exchange.enveloped = true;
  exchange.success = success;
  return exchange;
}

RefundAdvice AdviceFor(TopupStatus status) {
  if (status == TopupStatus::kFulfilled) return RefundAdvice::kNone;
  return IsSettled(status) ? RefundAdvice::kRefund : RefundAdvice::kWait;
}

}  // namespace

SendAnswer Accepted(std::string echoed_ref) {
  SendAnswer answer;
  answer.exchange = Enveloped(200, true);
  answer.provider_topup_id = "provider-id-1";
  answer.echoed_ref = std::move(echoed_ref);
  return answer;
}

SendAnswer Unsent() {
  SendAnswer answer;
  answer.exchange.request_left = false;
  answer.exchange.transport_error = "connect failed";
  return answer;
}

SendAnswer TimedOut() {
  SendAnswer answer;
  answer.exchange.transport_error = "timed out";
  return answer;
}

SendAnswer Refused(int http_status, std::string code, std::string message) {
  SendAnswer answer;
  answer.exchange = Enveloped(http_status, false);
  answer.exchange.error_code = std::move(code);
  answer.exchange.error_message = std::move(message);
  return answer;
}

SendAnswer WithoutEnvelope(int http_status) {
  SendAnswer answer;
  answer.exchange = Complete(http_status);
  return answer;
}

ReadAnswer NotFound() { return {.exchange = Refused(404, "NOT_FOUND").exchange, .topup = {}}; }

ReadAnswer ReadFailed() { return {.exchange = TimedOut().exchange, .topup = {}}; }

ReadAnswer Shown(const Topup& topup, ProviderTopup::Status status) {
  ProviderTopup shown;
  shown.id = topup.provider_topup_id.empty() ? "provider-id-1" : topup.provider_topup_id;
  shown.ref = "API-+213600000000-" + topup.provider_ref;
  shown.status = status;
  shown.status_word = "A_WORD";
  shown.plan_code = topup.plan_code;
  shown.phone = topup.phone.National();
  shown.amount_dzd = topup.amount_dzd;
  shown.charge = status == ProviderTopup::Status::kRefunded ? Money() : topup.price.cost;
  return {.exchange = Enveloped(200, true), .topup = shown};
}

Scenario::Scenario(Purpose purpose)
    : row(MakeQueued(purpose == Purpose::kMenu ? support::MakeMenuTopup("1")
                                               : support::MakeQueuedTopup("1"))),
      now(row.create_time) {}

Scenario& Scenario::After(absl::Duration time) {
  now += time;
  return *this;
}

Exchange Scenario::Timed(Exchange exchange) const {
  exchange.start_time = exchange.end_time = now;
  if (provider_clock.has_value() && exchange.response_complete) {
    exchange.provider_time = now + *provider_clock;
  }
  return exchange;
}

Scenario& Scenario::Commit(Decision decision) {
  last = std::move(decision);
  const Topup before = std::exchange(row, last.topup);
  if (!last.changed) {
    EXPECT_EQ(row, before);
    return *this;
  }
  EXPECT_EQ(row.version, before.version + 1);
  EXPECT_EQ(last.visible, !SameToCallers(before, row));
  EXPECT_EQ(row.revision, before.revision + (last.visible ? 1 : 0));
  EXPECT_GE(row.update_time, before.update_time);
  EXPECT_EQ(row.provider_ref, before.provider_ref);
  if (IsSettled(before.status)) {
    EXPECT_FALSE(last.visible) << "settled is final";
  } else {
    EXPECT_EQ(row.settle_time.has_value(), IsSettled(row.status));
    EXPECT_TRUE(IsSettled(row.status) || row.progress.next_action != NextAction::kNone)
        << "an open top-up is never forgotten";
  }
  if (row.advice != RefundAdvice::kReview) {
    EXPECT_EQ(row.advice, AdviceFor(row.status));
  }
  return *this;
}

Scenario& Scenario::Claim() {
  return Commit(core::Claim(row, rules, "main", "SANDBOX", situation()));
}

Scenario& Scenario::Answer(SendAnswer answer) {
  answer.exchange = Timed(std::move(answer.exchange));
  if (answer.exchange.success && answer.echoed_ref.empty()) answer.echoed_ref = row.provider_ref;
  return Commit(ApplySendAnswer(row, rules, row.progress.fence, answer, situation()));
}

Scenario& Scenario::TakeOver() {
  const Attempt attempt{.topup_id = row.id, .fence = row.progress.fence};
  return Commit(core::TakeOver(row, attempt, now));
}

Scenario& Scenario::Restore() {
  const Attempt attempt{.topup_id = row.id, .fence = row.progress.fence};
  return Commit(DoubtAfterRestore(row, attempt, rules, now));
}

Scenario& Scenario::Expire() { return Commit(core::Expire(row, now)); }

Scenario& Scenario::Cancel() { return Commit(CancelQueued(row, now)); }

Scenario& Scenario::Doubt(ReadAnswer answer) {
  answer.exchange = Timed(std::move(answer.exchange));
  return DoubtAsTimed(answer);
}

Scenario& Scenario::Status(ReadAnswer answer) {
  answer.exchange = Timed(std::move(answer.exchange));
  return StatusAsTimed(answer);
}

Scenario& Scenario::Settled(ReadAnswer answer) {
  answer.exchange = Timed(std::move(answer.exchange));
  return Commit(ApplySettledRead(row, answer, situation()));
}

Scenario& Scenario::DoubtAsTimed(const ReadAnswer& answer) {
  return Commit(ApplyDoubtRead(row, rules, answer, situation()));
}

Scenario& Scenario::StatusAsTimed(const ReadAnswer& answer) {
  return Commit(ApplyStatusRead(row, rules, answer, situation()));
}

std::vector<std::string> Scenario::incidents() const {
  std::vector<std::string> kinds;
  for (const IncidentDraft& draft : last.incidents) kinds.push_back(draft.kind);
  return kinds;
}

}  // namespace topup::core
