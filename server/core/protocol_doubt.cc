// Settling doubt: what a read by ref proves.
#include <algorithm>
#include <utility>

#include "server/core/observation.h"
#include "server/core/protocol.h"
#include "server/core/row_change.h"

namespace topup::core {
namespace {

// A first not-found this soon after the last transmission stands at the horizon's beginning.
constexpr absl::Duration kHorizonSlack = absl::Minutes(1);

// Nothing that is shown names a top-up, so that nothing says that it is ours.
bool IsNameless(const ProviderTopup& shown) {
  return shown.id.empty() && shown.ref.empty() && shown.phone.empty();
}

void CountNotFound(Progress& progress, const Exchange& exchange) {
  ++progress.valid_not_founds;
  progress.last_valid_not_found = exchange.start_time;
  if (!progress.first_valid_not_found.has_value()) {
    progress.first_valid_not_found = exchange.start_time;
    progress.unknown_since_provider = exchange.provider_time;
  }
}

// Not found at both ends of the horizon. Our clock alone may have been set forward while nobody
// ran, so the provider's has to agree wherever it shows one.
bool HorizonHasPassed(const Topup& topup, const ProtocolRules& rules, const Exchange& exchange,
                      const Situation& situation) {
  const Progress& progress = topup.progress;
  const absl::Duration slack = std::max(rules.resend_grace, kHorizonSlack);
  const absl::Time first = situation.clock.Redate(*progress.first_valid_not_found);
  const absl::Time end = situation.clock.Redate(*progress.last_transmission_end);
  const absl::Time begin = first <= end + slack ? end : first;
  if (progress.valid_not_founds < 2 ||
      StartOf(exchange, situation) < begin + rules.never_accepted_after) {
    return false;
  }
  return !exchange.provider_time.has_value() || !progress.unknown_since_provider.has_value() ||
         *exchange.provider_time - *progress.unknown_since_provider >=
             rules.never_accepted_after - slack;
}

// A not-found that counts. Its time is its read's start: what came later it cannot know.
void ApplyValidNotFound(Topup& topup, std::vector<IncidentDraft>& incidents,
                        const ProtocolRules& rules, const Exchange& exchange,
                        const Situation& situation) {
  Progress& progress = topup.progress;
  const absl::Time now = situation.now;
  const absl::Time certain_end = CertainDate(*progress.last_transmission_end, situation);
  const absl::Time start = StartOf(exchange, situation);
  if (progress.duplicate_seen) {
    if (now - situation.clock.Redate(*progress.last_transmission_end) >= kMissingIncidentAfter) {
      incidents.push_back(
          {"DUPLICATE_NOT_FOUND", "the provider says that it has our ref, and does not show it"});
    }
    return;
  }
  if (progress.provisional_rejection != RejectionReason::kNone) {
    // Asked too early, a repeat of the POST by some middlebox may still be on its way.
    if (start < certain_end + rules.refusal_check_after) return;
    CountNotFound(progress, exchange);
    Reject(topup, progress.provisional_rejection, now);
    return;
  }
  CountNotFound(progress, exchange);
  if (MayResend(topup, rules, now)) {
    const bool after_grace =
        progress.valid_not_founds >= 2 && start >= certain_end + rules.resend_grace;
    if (progress.throttled || after_grace) Schedule(topup, NextAction::kResend, now);
    return;
  }
  progress.throttled = false;
  progress.doubtful = true;
  if (HorizonHasPassed(topup, rules, exchange, situation)) {
    Reject(topup, RejectionReason::kNeverAccepted, now);
  }
}

void ApplyFound(Decision& decision, const ProtocolRules& rules, const ReadAnswer& answer,
                const Situation& situation) {
  Topup& after = decision.topup;
  after.rejection_detail.clear();
  if (const std::string mismatch = FieldMismatch(after, *answer.topup); !mismatch.empty()) {
    // Whatever it is, the provider has something under our ref.
    after.progress.duplicate_seen = true;
    after.progress.doubtful = true;
    after.progress.provisional_rejection = RejectionReason::kNone;
    decision.incidents.push_back({"FIELDS_MISMATCH", mismatch});
    ScheduleDoubtRead(after, situation);
    return;
  }
  MarkAccepted(after, answer.topup->id, situation.now);
  Observe(after, decision.incidents, rules, answer, situation);
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

Decision DoubtAfterRestore(const Topup& topup, const std::optional<Attempt>& attempt,
                           const ProtocolRules& rules, absl::Time now) {
  if (IsSettled(topup.status)) return Unchanged(topup);
  Decision decision =
      topup.progress.in_flight ? TakeOver(topup, attempt, now) : Decision{.topup = topup};
  Topup& after = decision.topup;
  Progress& progress = after.progress;
  if (Rank(after.status) > Rank(TopupStatus::kSubmitting)) {
    // The provider has it. Only how far it has come is not known.
    if (progress.next_action_time <= now) return Unchanged(topup);
    Schedule(after, progress.next_action, now);
    return Finish(topup, std::move(decision), now);
  }
  after.status = TopupStatus::kSubmitting;
  progress.unsent = 0;
  // As if all its POSTs had been made: its caller may have been told that it was cancelled or
  // refused, and has given the money back.
  progress.posts = std::max(progress.posts, rules.max_attempts);
  if (progress.provisional_rejection == RejectionReason::kNone) {
    progress.doubtful = true;
    progress.throttled = false;
    // The last claim that is not in this copy was made before now.
    RestartDoubt(after, now + rules.provider_timeout);
  }
  Schedule(after, NextAction::kReadByRef, now);
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
  if (meaning == ReadMeaning::kFound && !IsNameless(*answer.topup)) {
    ApplyFound(decision, rules, answer, situation);
    return Finish(topup, std::move(decision), now);
  }
  // A read that began before the last byte could have left proves nothing.
  const bool counts =
      meaning == ReadMeaning::kNotFound && situation.key_proven &&
      before.last_transmission_end.has_value() &&
      StartOf(exchange, situation) >= situation.clock.Redate(*before.last_transmission_end);
  decision.check = Check{.topup_id = topup.id,
                         .time = now,
                         .http_status = exchange.http_status,
                         .error_code = exchange.error_code,
                         .valid_not_found = counts,
                         .detail = exchange.transport_error};
  ScheduleDoubtRead(decision.topup, situation);
  if (counts) {
    ApplyValidNotFound(decision.topup, decision.incidents, rules, exchange, situation);
  }
  return Finish(topup, std::move(decision), now);
}

}  // namespace topup::core
