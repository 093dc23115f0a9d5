#include "server/core/observation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

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

// The charge belongs to the commit that settles, so that no revision follows the last one.
void RecordCharge(Topup& topup, const ProviderTopup& shown, std::vector<IncidentDraft>& incidents) {
  if (!shown.charge.has_value()) {
    return;
  }
  topup.provider_charge = shown.charge;
  const Money charge = *shown.charge;
  if (topup.purpose == Purpose::kMenu) {
    if (charge != Money()) {
      incidents.push_back(
          {"MENU_CHARGED", absl::StrCat("a request for offers was charged ", charge.ToString())});
    }
    return;
  }
  const bool refunded = topup.status == TopupStatus::kRefunded;
  if (charge != topup.price.cost && !(refunded && charge == Money())) {
    incidents.push_back({"CHARGE_MISMATCH", absl::StrCat("the provider took ", charge.ToString(),
                                                         " where the recorded cost is ",
                                                         topup.price.cost.ToString())});
  }
}

void Settle(Topup& topup, TopupStatus status, RefundAdvice advice, const ProviderTopup& shown,
            std::vector<IncidentDraft>& incidents, absl::Time now) {
  topup.status = status;
  topup.advice = advice;
  topup.settle_time = now;
  topup.review_time.reset();
  topup.progress.next_action = NextAction::kNone;
  topup.progress.next_action_time = absl::InfiniteFuture();
  RecordCharge(topup, shown, incidents);
}

void ObserveUnknownError(Topup& topup, const ProtocolRules& rules, const Exchange& exchange,
                         absl::Time now) {
  Progress& progress = topup.progress;
  if (topup.status != TopupStatus::kUnknownError) {
    topup.status = TopupStatus::kUnknownError;
    progress.unknown_since = now;
    topup.review_time = now + rules.unknown_review_after;
  }
  if (!progress.unknown_since_provider.has_value()) {
    progress.unknown_since_provider = exchange.provider_time;
  }
  // Both clocks have to agree: a jump of one of them must not make a refund look due.
  const bool ours = now >= *progress.unknown_since + rules.unknown_review_after;
  const bool theirs =
      exchange.provider_time.has_value() && progress.unknown_since_provider.has_value() &&
      *exchange.provider_time >= *progress.unknown_since_provider + rules.unknown_review_after;
  if (ours && theirs) {
    topup.advice = RefundAdvice::kReview;
  }
}

// Believed on the second read that says so, a poll interval after the first.
void ObserveRefunded(Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                     std::vector<IncidentDraft>& incidents, absl::Time now) {
  Progress& progress = topup.progress;
  const absl::Time start = answer.exchange.start_time;
  if (!progress.refund_seen_time.has_value()) {
    progress.refund_seen_time = start;
    return;
  }
  if (start < *progress.refund_seen_time + rules.poll_interval) {
    return;
  }
  topup.refund_message = answer.topup->refund_message;
  topup.suggested_offers = answer.topup->suggested_offers;
  Settle(topup, TopupStatus::kRefunded, RefundAdvice::kRefund, *answer.topup, incidents, now);
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
  progress.next_action = NextAction::kReadStatus;
  progress.next_action_time = now;
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
    differing.push_back(absl::StrCat("plan ", shown.plan_code, " instead of ", topup.plan_code));
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
             const ReadAnswer& answer, absl::Time now) {
  Progress& progress = topup.progress;
  const ProviderTopup& shown = *answer.topup;
  if (const std::string mismatch = FieldMismatch(topup, shown); !mismatch.empty()) {
    incidents.push_back({"FIELDS_MISMATCH", mismatch});
    ScheduleStatusRead(topup, rules, now);
    return;
  }
  progress.missing_since.reset();
  const bool stale = progress.last_read_start.has_value() &&
                     answer.exchange.start_time <= *progress.last_read_start;
  const std::optional<TopupStatus> status = ToStatus(shown.status);
  if (stale || !status.has_value() || Rank(*status) < Rank(topup.status)) {
    // Accepted, but shown with a word or rank that says no more than that.
    if (topup.status == TopupStatus::kSubmitting) topup.status = TopupStatus::kPending;
    ScheduleStatusRead(topup, rules, now);
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
      Settle(topup, *status, RefundAdvice::kNone, shown, incidents, now);
      return;
    case TopupStatus::kRefunded:
      ObserveRefunded(topup, rules, answer, incidents, now);
      if (topup.status == TopupStatus::kRefunded) return;
      if (topup.status == TopupStatus::kSubmitting) topup.status = TopupStatus::kPending;
      progress.next_action = NextAction::kReadStatus;
      progress.next_action_time = std::max(now, *progress.refund_seen_time + rules.poll_interval);
      return;
    case TopupStatus::kUnknownError:
      topup.refund_message = shown.refund_message;
      ObserveUnknownError(topup, rules, answer.exchange, now);
      break;
    default:
      topup.status = *status;
      break;
  }
  ScheduleStatusRead(topup, rules, now);
}

void ObserveMissing(Topup& topup, std::vector<IncidentDraft>& incidents, bool key_proven,
                    absl::Time now) {
  Progress& progress = topup.progress;
  if (!key_proven) {
    return;
  }
  if (!progress.missing_since.has_value()) {
    progress.missing_since = now;
  } else if (now - *progress.missing_since >= kMissingIncidentAfter) {
    incidents.push_back(
        {"ACCEPTED_NOT_FOUND", "the provider accepted it and does not know it any more"});
  }
}

void ApplyValidNotFound(Topup& topup, std::vector<IncidentDraft>& incidents,
                        const ProtocolRules& rules, absl::Time now) {
  Progress& progress = topup.progress;
  const absl::Time end = progress.last_transmission_end.value_or(now);
  if (progress.duplicate_seen) {
    if (now - end >= kMissingIncidentAfter) {
      incidents.push_back(
          {"DUPLICATE_NOT_FOUND", "the provider says that it has our ref, and does not show it"});
    }
    return;
  }
  ++progress.valid_not_founds;
  progress.last_valid_not_found = now;
  if (!progress.first_valid_not_found.has_value()) progress.first_valid_not_found = now;
  const auto reject = [&](RejectionReason reason) {
    topup.status = TopupStatus::kRejected;
    topup.advice = RefundAdvice::kRefund;
    topup.rejection_reason = reason;
    topup.settle_time = now;
    progress.next_action = NextAction::kReadSettled;
    progress.next_action_time = NextSettledRead(now, now);
  };
  if (progress.provisional_rejection != RejectionReason::kNone) {
    reject(progress.provisional_rejection);
    return;
  }
  const bool after_grace = progress.valid_not_founds >= 2 && now >= end + rules.resend_grace;
  if (MayResend(topup, rules, now)) {
    if (progress.throttled || after_grace) {
      progress.next_action = NextAction::kResend;
      progress.next_action_time = now;
    }
    return;
  }
  progress.throttled = false;
  progress.doubtful = true;
  // Not found all through the horizon: at its end, and at least a grace before.
  if (now >= end + rules.never_accepted_after && progress.valid_not_founds >= 2 &&
      now - *progress.first_valid_not_found >=
          std::min(rules.resend_grace, rules.never_accepted_after)) {
    reject(RejectionReason::kNeverAccepted);
  }
}

void ScheduleStatusRead(Topup& topup, const ProtocolRules& rules, absl::Time now) {
  Progress& progress = topup.progress;
  progress.next_action = NextAction::kReadStatus;
  progress.next_action_time =
      topup.status == TopupStatus::kUnknownError
          ? NextUnknownRead(rules, progress.unknown_since.value_or(now), now)
          : NextStatusRead(rules, progress.accept_time.value_or(topup.create_time), now);
}

void CompareSettled(const Topup& topup, const ProviderTopup& shown,
                    std::vector<IncidentDraft>& incidents) {
  if (topup.status == TopupStatus::kRejected || topup.status == TopupStatus::kCancelled) {
    if (!shown.ref.empty() && !IsOurRef(shown.ref, topup.provider_ref)) return;
    incidents.push_back({"ACCEPTED_AFTER_REJECTED",
                         absl::StrCat("settled as ", StatusName(topup.status),
                                      ", and the provider shows it as ", shown.status_word)});
    return;
  }
  const bool reversed =
      (topup.status == TopupStatus::kFulfilled &&
       shown.status == ProviderTopup::Status::kRefunded) ||
      (topup.status == TopupStatus::kRefunded && shown.status == ProviderTopup::Status::kFulfilled);
  if (reversed) {
    incidents.push_back(
        {"LATE_REVERSAL", absl::StrCat("settled as ", StatusName(topup.status),
                                       ", and the provider now says ", shown.status_word)});
  }
}

}  // namespace topup::core
