#include "server/core/protocol.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/core/observation.h"

namespace topup::core {
namespace {

// Completes a decision: counts versions, and revisions where a caller sees a difference.
Decision Finish(const Topup& before, Decision decision, absl::Time now) {
  decision.changed = true;
  decision.topup.version = before.version + 1;
  if (!SameToCallers(before, decision.topup)) {
    decision.visible = true;
    decision.topup.revision = before.revision + 1;
    decision.topup.update_time = std::max(now, before.update_time);
  }
  return decision;
}

Decision Unchanged(const Topup& topup) { return {.topup = topup}; }

void Schedule(Topup& topup, NextAction action, absl::Time time) {
  topup.progress.next_action = action;
  topup.progress.next_action_time = time;
}

void Reject(Topup& topup, RejectionReason reason, absl::Time now) {
  topup.status = TopupStatus::kRejected;
  topup.advice = RefundAdvice::kRefund;
  topup.rejection_reason = reason;
  topup.settle_time = now;
  // After a POST the provider could still contradict us.
  const absl::Time look =
      topup.progress.posts > 0 ? NextSettledRead(now, now) : absl::InfiniteFuture();
  Schedule(topup, topup.progress.posts > 0 ? NextAction::kReadSettled : NextAction::kNone, look);
}

// The doubt's clock starts anew: `end` is the last moment at which bytes could have left.
void RestartDoubt(Topup& topup, absl::Time end) {
  Progress& progress = topup.progress;
  progress.last_transmission_end = end;
  progress.valid_not_founds = 0;
  progress.first_valid_not_found.reset();
  progress.last_valid_not_found.reset();
}

void ScheduleDoubtRead(Topup& topup, absl::Time now) {
  const absl::Time end = topup.progress.last_transmission_end.value_or(now);
  Schedule(topup, NextAction::kReadByRef, NextDoubtRead(end, now));
}

Attempt DescribeAttempt(const Topup& topup, const ProtocolRules& rules, const SendAnswer& answer,
                        SendMeaning meaning) {
  const Exchange& exchange = answer.exchange;
  Attempt attempt{.topup_id = topup.id,
                  .fence = topup.progress.fence,
                  .start_time = topup.progress.next_action_time - rules.provider_timeout,
                  .end_time = exchange.end_time,
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

// Nothing of this POST can be at the provider. QUEUED again where that holds for all of them.
void ReturnUnsent(Topup& topup, absl::Time now) {
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

void ApplyRefusal(Topup& topup, const Exchange& exchange, bool first_post, absl::Time now,
                  const ProtocolRules& rules) {
  Progress& progress = topup.progress;
  RestartDoubt(topup, exchange.end_time);
  if (!first_post) {
    // It says nothing about the POST before it.
    progress.doubtful = true;
    ScheduleDoubtRead(topup, now);
    return;
  }
  progress.provisional_rejection = RefusalReason(exchange.error_code);
  topup.rejection_detail = absl::StrCat(
      exchange.error_code, exchange.error_message.empty() ? "" : ": ", exchange.error_message);
  Schedule(topup, NextAction::kReadByRef, now + rules.refusal_check_after);
}

}  // namespace

bool IsInDoubt(const Topup& topup) {
  const Progress& progress = topup.progress;
  return topup.status == TopupStatus::kSubmitting && !progress.in_flight &&
         progress.provisional_rejection == RejectionReason::kNone;
}

bool MayResend(const Topup& topup, const ProtocolRules& rules, absl::Time now) {
  return topup.purpose == Purpose::kSale && !topup.progress.duplicate_seen &&
         topup.progress.posts < rules.max_attempts && now <= topup.create_time + rules.send_window;
}

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
               absl::string_view environment, absl::Time now) {
  const Progress& progress = topup.progress;
  const bool first = topup.status == TopupStatus::kQueued &&
                     progress.next_action == NextAction::kPost && now <= topup.send_before;
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
      ScheduleDoubtRead(decision.topup, now);
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
  decision.attempt = DescribeAttempt(topup, rules, answer, meaning);
  Topup& after = decision.topup;
  Progress& progress = after.progress;
  const bool first_post = progress.posts == 0;
  progress.in_flight = false;
  if (meaning == SendMeaning::kUnsent || meaning == SendMeaning::kConfiguration) {
    ReturnUnsent(after, situation.now);
    return Finish(topup, std::move(decision), situation.now);
  }
  ++progress.posts;
  progress.unsent = 0;
  switch (meaning) {
    case SendMeaning::kAccepted:
      MarkAccepted(after, answer.provider_topup_id, situation.now);
      after.status = TopupStatus::kPending;
      Schedule(after, NextAction::kReadStatus, NextStatusRead(rules, situation.now, situation.now));
      break;
    case SendMeaning::kRefused:
    case SendMeaning::kNoMoney:
      ApplyRefusal(after, exchange, first_post, situation.now, rules);
      break;
    case SendMeaning::kDuplicate:
      progress.duplicate_seen = true;
      progress.doubtful = true;
      RestartDoubt(after, exchange.end_time);
      Schedule(after, NextAction::kReadByRef, situation.now);
      break;
    case SendMeaning::kThrottled:
      progress.throttled = !progress.doubtful;
      RestartDoubt(after, exchange.end_time);
      ScheduleDoubtRead(after, situation.now);
      break;
    default:
      progress.doubtful = true;
      progress.throttled = false;
      RestartDoubt(after, exchange.end_time);
      ScheduleDoubtRead(after, situation.now);
      break;
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
  if (attempt.has_value()) {
    decision.attempt = attempt;
    decision.attempt->evidence = Attempt::Evidence::kInDoubt;
    decision.attempt->detail = "IN_DOUBT: the process that made it ended";
  }
  return Finish(topup, std::move(decision), now);
}

Decision ApplyDoubtRead(const Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                        const Situation& situation) {
  const Progress& before = topup.progress;
  if (topup.status != TopupStatus::kSubmitting || before.in_flight) {
    return Unchanged(topup);
  }
  const absl::Time now = situation.now;
  const Exchange& exchange = answer.exchange;
  const ReadMeaning meaning = JudgeRead(answer);
  Decision decision{.topup = topup};
  Topup& after = decision.topup;
  Progress& progress = after.progress;
  if (meaning == ReadMeaning::kFound) {
    if (const std::string mismatch = FieldMismatch(topup, *answer.topup); !mismatch.empty()) {
      // Whatever it is, the provider has something under our ref.
      progress.duplicate_seen = true;
      progress.doubtful = true;
      progress.provisional_rejection = RejectionReason::kNone;
      decision.incidents.push_back({"FIELDS_MISMATCH", mismatch});
      ScheduleDoubtRead(after, now);
    } else {
      MarkAccepted(after, answer.topup->id, now);
      after.rejection_detail.clear();
      Observe(after, decision.incidents, rules, answer, now);
    }
    return Finish(topup, std::move(decision), now);
  }
  // A read that began before the last byte could have left proves nothing.
  const absl::Time end = progress.last_transmission_end.value_or(now);
  const bool counts =
      meaning == ReadMeaning::kNotFound && situation.key_proven && exchange.start_time >= end;
  decision.check = Check{.topup_id = topup.id,
                         .time = now,
                         .http_status = exchange.http_status,
                         .error_code = exchange.error_code,
                         .valid_not_found = counts,
                         .detail = exchange.transport_error};
  ScheduleDoubtRead(after, now);
  if (counts) {
    ApplyValidNotFound(after, decision.incidents, rules, now);
  }
  if (after.status == TopupStatus::kRejected) {
    after.progress.provisional_rejection = RejectionReason::kNone;
  }
  return Finish(topup, std::move(decision), now);
}

Decision ApplyStatusRead(const Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                         const Situation& situation) {
  if (topup.progress.next_action != NextAction::kReadStatus) {
    return Unchanged(topup);
  }
  const absl::Time now = situation.now;
  Decision decision{.topup = topup};
  switch (JudgeRead(answer)) {
    case ReadMeaning::kFound:
      Observe(decision.topup, decision.incidents, rules, answer, now);
      break;
    case ReadMeaning::kNotFound:
      ObserveMissing(decision.topup, decision.incidents, situation.key_proven, now);
      ScheduleStatusRead(decision.topup, rules, now);
      break;
    default:
      ScheduleStatusRead(decision.topup, rules, now);
      break;
  }
  return Finish(topup, std::move(decision), now);
}

Decision ApplySettledRead(const Topup& topup, const ReadAnswer& answer,
                          const Situation& situation) {
  if (!IsSettled(topup.status)) {
    return Unchanged(topup);
  }
  Decision decision{.topup = topup};
  if (JudgeRead(answer) == ReadMeaning::kFound) {
    CompareSettled(topup, *answer.topup, decision.incidents);
  }
  if (topup.progress.next_action == NextAction::kReadSettled &&
      topup.progress.next_action_time <= situation.now) {
    const absl::Time next =
        NextSettledRead(topup.settle_time.value_or(situation.now), situation.now);
    Schedule(decision.topup,
             next == absl::InfiniteFuture() ? NextAction::kNone : NextAction::kReadSettled, next);
  } else if (decision.incidents.empty()) {
    return Unchanged(topup);
  }
  return Finish(topup, std::move(decision), situation.now);
}

}  // namespace topup::core
