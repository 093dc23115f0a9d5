#include "server/core/observation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/core/provider_words.h"
#include "server/core/row_change.h"

namespace topup::core {
namespace {

using Shown = ProviderTopup::Status;

std::optional<TopupStatus> ToStatus(Shown shown) {
  switch (shown) {
    case Shown::kPending:
      return TopupStatus::kPending;
    case Shown::kHandling:
      return TopupStatus::kHandling;
    case Shown::kFulfilled:
      return TopupStatus::kFulfilled;
    case Shown::kRefunded:
      return TopupStatus::kRefunded;
    case Shown::kUnknownError:
      return TopupStatus::kUnknownError;
    case Shown::kUnrecognised:
      return std::nullopt;
  }
  return std::nullopt;
}

bool IsExpectedCharge(const Topup& topup, Money charge) {
  if (topup.purpose == Purpose::kMenu) return charge == Money();
  const bool refunded =
      topup.status == TopupStatus::kRefunded || topup.status == TopupStatus::kRejected;
  return charge == topup.price.cost || (refunded && charge == Money());
}

IncidentDraft ChargeIncident(const Topup& topup, Money charge) {
  if (topup.purpose == Purpose::kMenu) {
    return {"MENU_CHARGED", absl::StrCat("a request for offers was charged ", charge.ToString())};
  }
  return {"CHARGE_MISMATCH",
          absl::StrCat("the provider took ", charge.ToString(), " where the recorded cost is ",
                       topup.price.cost.ToString())};
}

// A charge is recorded together with a change of status, at the latest with the one that
// settles, so that no revision follows the last one. A wrong one is recorded at once.
void RecordCharge(Topup& topup, const ProviderTopup& shown, std::vector<IncidentDraft>& incidents,
                  TopupStatus status_before) {
  if (!shown.charge.has_value()) {
    return;
  }
  const Money charge = *shown.charge;
  const bool settled = IsSettled(topup.status);
  // Before the end, nothing may only mean not yet; and a menu's charge may still come back.
  if (!settled && (charge == Money() || topup.purpose == Purpose::kMenu)) {
    return;
  }
  const bool news = topup.provider_charge != shown.charge;
  const bool expected = IsExpectedCharge(topup, charge);
  if (news && !expected) incidents.push_back(ChargeIncident(topup, charge));
  if (!expected || topup.status != status_before) topup.provider_charge = charge;
}

void Settle(Topup& topup, TopupStatus status, RefundAdvice advice, const ProviderTopup& shown,
            absl::Time now) {
  topup.status = status;
  topup.advice = advice;
  topup.settle_time = now;
  topup.review_time.reset();
  // What was said while its fate was unknown is no longer true.
  topup.refund_message = shown.refund_message;
  Schedule(topup, NextAction::kNone, absl::InfiniteFuture());
}

void ObserveUnknownError(Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                         const Situation& situation) {
  const absl::Time now = situation.now;
  Progress& progress = topup.progress;
  const std::optional<absl::Time> provider_time = answer.exchange.provider_time;
  if (topup.status != TopupStatus::kUnknownError || !progress.unknown_since.has_value()) {
    topup.status = TopupStatus::kUnknownError;
    progress.unknown_since = now;
    topup.review_time = now + rules.unknown_review_after;
  }
  if (!answer.topup->refund_message.empty()) topup.refund_message = answer.topup->refund_message;
  if (!progress.unknown_since_provider.has_value()) {
    progress.unknown_since_provider = provider_time;
  }
  // Both clocks have to agree: a jump of one of them must not make a review look due.
  const absl::Time since = situation.clock.Redate(*progress.unknown_since);
  const bool ours = now >= since + rules.unknown_review_after &&
                    now >= topup.review_time.value_or(absl::InfinitePast());
  const bool theirs =
      provider_time.has_value() && progress.unknown_since_provider.has_value() &&
      *provider_time >= *progress.unknown_since_provider + rules.unknown_review_after;
  if (ours && theirs) {
    topup.advice = RefundAdvice::kReview;
  }
}

// Believed on the second read that says so, a poll interval after the first.
void ObserveRefunded(Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                     const Situation& situation) {
  Progress& progress = topup.progress;
  const absl::Time start = StartOf(answer.exchange, situation);
  // Where the clock was set back since the first one, this one is the first.
  const bool is_first = !progress.refund_seen_time.has_value() ||
                        start < situation.clock.Redate(*progress.refund_seen_time);
  if (is_first) progress.refund_seen_time = answer.exchange.start_time;
  if (!is_first &&
      start >= CertainDate(*progress.refund_seen_time, situation) + rules.poll_interval) {
    topup.suggested_offers = answer.topup->suggested_offers;
    Settle(topup, TopupStatus::kRefunded, RefundAdvice::kRefund, *answer.topup, situation.now);
  } else if (topup.status == TopupStatus::kSubmitting) {
    topup.status = TopupStatus::kPending;
  }
}

// A read that began before the last applied one. A mark in the future was made by a clock
// that has been set back since; it orders nothing.
bool IsStale(const Progress& progress, const Exchange& exchange, const Situation& situation) {
  if (!progress.last_read_start.has_value()) return false;
  const absl::Time last = situation.clock.Redate(*progress.last_read_start);
  return last <= situation.now && StartOf(exchange, situation) <= last;
}

}  // namespace

void MarkAccepted(Topup& topup, absl::string_view provider_topup_id, absl::Time now) {
  Progress& progress = topup.progress;
  if (topup.provider_topup_id.empty()) {
    topup.provider_topup_id = std::string(provider_topup_id);
  }
  progress.accept_time = now;
  progress.doubtful = false;
  progress.throttled = false;
  progress.provisional_rejection = RejectionReason::kNone;
  progress.unknown_since_provider.reset();
  Schedule(topup, NextAction::kReadStatus, now);
}

std::string FieldMismatch(const Topup& topup, const ProviderTopup& shown) {
  std::vector<std::string> differing;
  if (!shown.ref.empty() && !IsOurRef(shown.ref, topup.provider_ref)) {
    differing.push_back("another ref");
  }
  if (!shown.phone.empty() && shown.phone != topup.phone.National()) {
    differing.push_back("another number");
  }
  if (!shown.plan_code.empty() && shown.plan_code != topup.plan_code) {
    differing.push_back(
        absl::StrCat("plan ", PlainName(shown.plan_code), " instead of ", topup.plan_code));
  }
  // What a menu request is recorded with is not documented.
  if (topup.purpose == Purpose::kSale && shown.amount_dzd.has_value() &&
      *shown.amount_dzd != topup.amount_dzd) {
    differing.push_back(
        absl::StrCat("amount ", *shown.amount_dzd, " DZD instead of ", topup.amount_dzd, " DZD"));
  }
  if (!shown.id.empty() && !topup.provider_topup_id.empty() &&
      shown.id != topup.provider_topup_id) {
    differing.push_back("another provider id");
  }
  std::string text;
  for (const std::string& difference : differing) {
    absl::StrAppend(&text, text.empty() ? "the provider shows " : ", ", difference);
  }
  return text;
}

void Observe(Topup& topup, std::vector<IncidentDraft>& incidents, const ProtocolRules& rules,
             const ReadAnswer& answer, const Situation& situation) {
  const absl::Time now = situation.now;
  Progress& progress = topup.progress;
  const ProviderTopup& shown = *answer.topup;
  if (const std::string mismatch = FieldMismatch(topup, shown); !mismatch.empty()) {
    incidents.push_back({"FIELDS_MISMATCH", mismatch});
    ScheduleStatusRead(topup, rules, situation);
    return;
  }
  progress.missing_since.reset();
  const TopupStatus before = topup.status;
  const std::optional<TopupStatus> status = ToStatus(shown.status);
  if (IsStale(progress, answer.exchange, situation) || !status.has_value() ||
      Rank(*status) < Rank(before)) {
    // Adopted, but shown with a word that says no more than that.
    if (before == TopupStatus::kSubmitting) topup.status = TopupStatus::kPending;
    ScheduleStatusRead(topup, rules, situation);
    return;
  }
  progress.last_read_start = answer.exchange.start_time;
  if (topup.provider_topup_id.empty()) topup.provider_topup_id = shown.id;
  if (topup.purpose == Purpose::kMenu && !shown.suggested_offers.empty()) {
    topup.suggested_offers = shown.suggested_offers;
  }
  if (*status != TopupStatus::kRefunded) progress.refund_seen_time.reset();
  switch (*status) {
    case TopupStatus::kFulfilled:
      Settle(topup, *status, RefundAdvice::kNone, shown, now);
      break;
    case TopupStatus::kRefunded:
      ObserveRefunded(topup, rules, answer, situation);
      break;
    case TopupStatus::kUnknownError:
      ObserveUnknownError(topup, rules, answer, situation);
      break;
    default:
      topup.status = *status;
      break;
  }
  RecordCharge(topup, shown, incidents, before);
  if (!IsSettled(topup.status)) ScheduleStatusRead(topup, rules, situation);
}

void ObserveMissing(Topup& topup, std::vector<IncidentDraft>& incidents,
                    const Situation& situation) {
  const absl::Time now = situation.now;
  Progress& progress = topup.progress;
  if (!situation.key_proven) {
    return;
  }
  if (!progress.missing_since.has_value()) {
    progress.missing_since = now;
  } else if (now - situation.clock.Redate(*progress.missing_since) >= kMissingIncidentAfter) {
    incidents.push_back(
        {"ACCEPTED_NOT_FOUND", "the provider accepted it and does not know it any more"});
  }
}

void ScheduleStatusRead(Topup& topup, const ProtocolRules& rules, const Situation& situation) {
  const Progress& progress = topup.progress;
  const ClockRecord& clock = situation.clock;
  const absl::Time now = situation.now;
  const absl::Time accepted = clock.Redate(progress.accept_time.value_or(topup.create_time));
  absl::Time next = NextStatusRead(rules, accepted, now);
  if (progress.refund_seen_time.has_value()) {
    // The second read is wanted soon, however old the top-up is.
    next = NextStatusRead(rules, clock.Redate(*progress.refund_seen_time), now);
  } else if (topup.status == TopupStatus::kUnknownError) {
    next = NextUnknownRead(rules, clock.Redate(progress.unknown_since.value_or(now)), now);
  }
  Schedule(topup, NextAction::kReadStatus, next);
}

void CompareSettled(const Topup& topup, const ProviderTopup& shown,
                    std::vector<IncidentDraft>& incidents) {
  // A person may have rejected what the provider is known to have: then only its end tells.
  const bool known_to_have = topup.rejection_reason == RejectionReason::kResolvedByPerson &&
                             topup.progress.accept_time.has_value();
  if (topup.status == TopupStatus::kCancelled ||
      (topup.status == TopupStatus::kRejected && !known_to_have)) {
    if (!shown.ref.empty() && !IsOurRef(shown.ref, topup.provider_ref)) return;
    incidents.push_back({"ACCEPTED_AFTER_REJECTED",
                         absl::StrCat("settled as ", StatusName(topup.status),
                                      ", and the provider shows it as ", shown.status_word)});
    return;
  }
  if (const std::string mismatch = FieldMismatch(topup, shown); !mismatch.empty()) {
    incidents.push_back({"FIELDS_MISMATCH", mismatch});
    return;
  }
  const std::optional<TopupStatus> status = ToStatus(shown.status);
  if (!status.has_value() || !IsSettled(*status)) {
    return;  // A word that nobody knows, or a copy that lags behind.
  }
  const TopupStatus agreeing = known_to_have ? TopupStatus::kRefunded : topup.status;
  if (*status != agreeing) {
    incidents.push_back(
        {"LATE_REVERSAL", absl::StrCat("settled as ", StatusName(topup.status),
                                       ", and the provider now says ", shown.status_word)});
  } else if (shown.charge.has_value() && shown.charge != topup.provider_charge &&
             !IsExpectedCharge(topup, *shown.charge)) {
    incidents.push_back(ChargeIncident(topup, *shown.charge));
  }
}

}  // namespace topup::core
