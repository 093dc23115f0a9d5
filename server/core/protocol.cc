// Taking and sending: from QUEUED to an answer, or to doubt.
#include "server/core/protocol.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/core/observation.h"
#include "server/core/row_change.h"

namespace topup::core {
namespace {

// When the socket of this POST was closed. Where that was not recorded, what is certain is
// that it is closed now.
absl::Time TransmissionEnd(const Exchange& exchange, absl::Time now) {
  return exchange.end_time > absl::UnixEpoch() ? exchange.end_time : now;
}

Attempt DescribeAttempt(const Topup& topup, const ProtocolRules& rules, const SendAnswer& answer,
                        SendMeaning meaning, absl::Time now) {
  const Exchange& exchange = answer.exchange;
  Attempt attempt{.topup_id = topup.id,
                  .fence = topup.progress.fence,
                  .start_time = topup.progress.next_action_time - rules.provider_timeout,
                  .end_time = TransmissionEnd(exchange, now),
                  .http_status = exchange.http_status,
                  .error_code = exchange.error_code,
                  .request_id = exchange.request_id};
  attempt.evidence = meaning == SendMeaning::kUnsent    ? Attempt::Evidence::kUnsent
                     : meaning == SendMeaning::kInDoubt ? Attempt::Evidence::kInDoubt
                                                        : Attempt::Evidence::kAnswered;
  attempt.detail = absl::StrCat(SendMeaningName(meaning));
  for (const std::string& text : {exchange.transport_error, exchange.error_message}) {
    if (!text.empty()) absl::StrAppend(&attempt.detail, ": ", text);
  }
  return attempt;
}

// The provider cannot have taken this POST. QUEUED again where that holds for all of them.
void ReturnUntaken(Topup& topup, absl::Time now) {
  Progress& progress = topup.progress;
  ++progress.unsent;
  const absl::Time retry = now + UnsentBackoff(progress.unsent);
  if (progress.posts == 0) {
    topup.status = TopupStatus::kQueued;
    Schedule(topup, NextAction::kPost, std::min(retry, topup.send_before));
  } else {
    Schedule(topup, NextAction::kReadByRef, retry);
  }
}

void ApplyRefusal(Topup& topup, const ProtocolRules& rules, const Exchange& exchange,
                  bool first_post, const Situation& situation) {
  Progress& progress = topup.progress;
  if (!first_post) {
    // It says nothing about the POST before it.
    progress.doubtful = true;
    progress.throttled = false;
    ScheduleDoubtRead(topup, situation);
    return;
  }
  progress.provisional_rejection = RefusalReason(exchange.error_code);
  topup.rejection_detail = absl::StrCat(
      exchange.error_code, exchange.error_message.empty() ? "" : ": ", exchange.error_message);
  Schedule(topup, NextAction::kReadByRef, situation.now + rules.refusal_check_after);
}

// What an answer means for a POST that was made and that the provider may have taken.
void ApplyMeaning(Topup& topup, const ProtocolRules& rules, const SendAnswer& answer,
                  SendMeaning meaning, const Situation& situation) {
  const absl::Time now = situation.now;
  Progress& progress = topup.progress;
  const bool first_post = progress.posts == 0;
  ++progress.posts;
  progress.unsent = 0;
  switch (meaning) {
    case SendMeaning::kAccepted:
      MarkAccepted(topup, answer.provider_topup_id, now);
      topup.status = TopupStatus::kPending;
      ScheduleStatusRead(topup, rules, situation);
      break;
    case SendMeaning::kRefused:
    case SendMeaning::kNoMoney:
      ApplyRefusal(topup, rules, answer.exchange, first_post, situation);
      break;
    case SendMeaning::kDuplicate:
      progress.duplicate_seen = true;
      progress.doubtful = true;
      progress.throttled = false;
      Schedule(topup, NextAction::kReadByRef, now);
      break;
    case SendMeaning::kThrottled:
      progress.throttled = !progress.doubtful;
      ScheduleDoubtRead(topup, situation);
      break;
    default:
      progress.doubtful = true;
      progress.throttled = false;
      ScheduleDoubtRead(topup, situation);
      break;
  }
}

}  // namespace

Topup MakeQueued(Topup topup) {
  topup.status = TopupStatus::kQueued;
  topup.advice = RefundAdvice::kWait;
  topup.update_time = topup.create_time;
  topup.revision = 1;
  topup.version = 1;
  topup.progress = {};
  Schedule(topup, NextAction::kPost, topup.create_time);
  return topup;
}

Decision Claim(const Topup& topup, const ProtocolRules& rules, absl::string_view account,
               absl::string_view environment, const Situation& situation) {
  const absl::Time now = situation.now;
  const Progress& progress = topup.progress;
  const bool first = topup.status == TopupStatus::kQueued &&
                     progress.next_action == NextAction::kPost &&
                     progress.next_action_time <= now && now <= topup.send_before;
  const bool again = topup.status == TopupStatus::kSubmitting && !progress.in_flight &&
                     progress.next_action == NextAction::kResend && MayResend(topup, rules, now);
  const bool same_environment =
      topup.provider_environment.empty() || topup.provider_environment == environment;
  if ((!first && !again) || !same_environment) {
    Decision decision = Unchanged(topup);
    if (topup.status == TopupStatus::kSubmitting && progress.next_action == NextAction::kResend &&
        !MayResend(topup, rules, now)) {
      // The window closed while it waited for its turn: back to asking.
      decision.topup.progress.doubtful = true;
      ScheduleDoubtRead(decision.topup, situation);
      return Finish(topup, std::move(decision), now);
    }
    return decision;
  }
  Decision decision{.topup = topup};
  Topup& after = decision.topup;
  after.status = TopupStatus::kSubmitting;
  after.provider_account = std::string(account);
  after.provider_environment = std::string(environment);
  after.progress.in_flight = true;
  ++after.progress.fence;
  Schedule(after, NextAction::kAwaitAnswer, now + rules.provider_timeout);
  decision.attempt =
      Attempt{.topup_id = topup.id, .fence = after.progress.fence, .start_time = now};
  return Finish(topup, std::move(decision), now);
}

Decision Expire(const Topup& topup, absl::Time now) {
  if (topup.status != TopupStatus::kQueued || now <= topup.send_before) {
    return Unchanged(topup);
  }
  Decision decision{.topup = topup};
  Reject(decision.topup, RejectionReason::kExpired, now);
  return Finish(topup, std::move(decision), now);
}

Decision CancelQueued(const Topup& topup, absl::Time now) {
  if (topup.status != TopupStatus::kQueued) {
    return Unchanged(topup);
  }
  Decision decision{.topup = topup};
  decision.topup.status = TopupStatus::kCancelled;
  decision.topup.advice = RefundAdvice::kRefund;
  decision.topup.settle_time = now;
  Schedule(decision.topup, NextAction::kNone, absl::InfiniteFuture());
  return Finish(topup, std::move(decision), now);
}

Decision ApplySendAnswer(const Topup& topup, const ProtocolRules& rules, int64_t fence,
                         const SendAnswer& answer, const Situation& situation) {
  if (!topup.progress.in_flight || topup.progress.fence != fence) {
    return Unchanged(topup);
  }
  const Exchange& exchange = answer.exchange;
  const SendMeaning meaning = JudgeSend(answer, topup.provider_ref);
  Decision decision{.topup = topup};
  decision.attempt = DescribeAttempt(topup, rules, answer, meaning, situation.now);
  Topup& after = decision.topup;
  after.progress.in_flight = false;
  if (meaning != SendMeaning::kUnsent) {
    // Bytes left, even where our configuration kept them from being taken.
    RestartDoubt(after, TransmissionEnd(exchange, situation.now));
  }
  if (meaning == SendMeaning::kUnsent || meaning == SendMeaning::kConfiguration) {
    ReturnUntaken(after, situation.now);
  } else {
    ApplyMeaning(after, rules, answer, meaning, situation);
  }
  return Finish(topup, std::move(decision), situation.now);
}

Decision TakeOver(const Topup& topup, const std::optional<Attempt>& attempt, absl::Time now) {
  if (!topup.progress.in_flight) {
    return Unchanged(topup);
  }
  Decision decision{.topup = topup};
  Progress& progress = decision.topup.progress;
  progress.in_flight = false;
  progress.doubtful = true;
  progress.throttled = false;
  ++progress.posts;
  // A claim is due when its watchdog has run out: the last moment at which it could have sent.
  RestartDoubt(decision.topup, progress.next_action_time);
  Schedule(decision.topup, NextAction::kReadByRef, now);
  if (attempt.has_value() && attempt->fence == progress.fence) {
    decision.attempt = attempt;
    decision.attempt->evidence = Attempt::Evidence::kInDoubt;
    decision.attempt->detail = "IN_DOUBT: the process that made it ended";
  }
  return Finish(topup, std::move(decision), now);
}

}  // namespace topup::core
